"""`python -m duopose` is the command `duopose`."""

import sys

from duopose.command import main

if __name__ == "__main__":
    sys.exit(main())
