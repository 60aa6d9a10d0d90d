"""Tests and lessons never touch the answers of whoever runs them, and compile the package once."""

import os
import signal
import sys
import tempfile
from pathlib import Path

# Set before any kernel or server is started; gone with the tests.
_folder = tempfile.TemporaryDirectory(prefix="smtpedu-answers-")
os.environ["SMTPEDU_PROGRESS"] = str(Path(_folder.name, "progress.sqlite3"))

# They start hundreds of Pythons; where none may keep what it has compiled, each begins anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shell that starts them in the background has them ignore Ctrl+C, and with them what they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
