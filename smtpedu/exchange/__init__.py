"""Questions from and for other programs: jupyterquiz, Moodle, GIFT, Anki."""
