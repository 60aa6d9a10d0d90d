"""What a notebook shows: one folder per widget, and what all of them share."""
