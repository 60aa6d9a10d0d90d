"""Tests and lessons never touch the answers of whoever runs them."""

import os
import tempfile
from pathlib import Path

# Set before any kernel or server is started; gone with the tests.
_folder = tempfile.TemporaryDirectory(prefix="smtpedu-answers-")
os.environ["SMTPEDU_PROGRESS"] = str(Path(_folder.name, "progress.sqlite3"))
