"""`python -m smtpedu` is `smtpedu`."""

import sys


def main() -> int:
    """Run one command; Ctrl-C ends it with status 130, whenever it comes."""
    try:
        from smtpedu.cli import main as run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
