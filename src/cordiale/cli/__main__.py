"""`python -m cordiale.cli`: the same as `cordiale`."""

import sys

from cordiale.cli import main

if __name__ == "__main__":
    sys.exit(main())
