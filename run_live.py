#!/usr/bin/env python3
"""Everyone's 3D pose in metres, live, from one ordinary camera: the same as the command `duopose`."""

import sys

from duopose.command import main

if __name__ == "__main__":
    sys.exit(main())
