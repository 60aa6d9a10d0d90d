"""What reply codes mean: the tables of facts, and the texts about them."""
