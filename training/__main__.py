"""python -m training NAME ... : runs training/NAME.py. Each says with --help what it needs and what it makes."""

import importlib
import sys
from pathlib import Path

from duopose.stream.errors import UsageError


def programs():
    """Names of the modules beside this one that can be run: those that define main(argv)."""
    modules = Path(__file__).parent.glob("[a-z]*.py")
    return sorted(path.stem for path in modules if "\ndef main(argv" in path.read_text(encoding="utf-8"))


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in programs():
        print(f"usage: python -m training NAME ...\nNAME: {', '.join(programs())}", file=sys.stderr)
        raise SystemExit(2)
    try:
        importlib.import_module(f"duopose.training.{sys.argv[1]}").main(sys.argv[2:])
    except UsageError as error:
        print(f"python -m training {sys.argv[1]}: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
