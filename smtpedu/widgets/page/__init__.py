"""How widgets reach a page: what is there for all of them, and what carries it there."""
