"""A mail server that one can talk to, and a client for it."""
