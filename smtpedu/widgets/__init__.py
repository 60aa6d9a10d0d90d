"""What a notebook shows: one widget, one `.py`, `.js` and `.css` of the same name."""
