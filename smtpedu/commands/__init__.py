"""What the commands of the command line do; `cli` reads their options."""
