"""`python -m smtpedu` is `smtpedu`."""

import sys

from smtpedu.cli import main

sys.exit(main())
