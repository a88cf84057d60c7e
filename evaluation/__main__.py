"""python -m evaluation NAME DATA ... : runs evaluation/NAME.py. Each prints a table and, as its last line, the same as JSON."""

import importlib
import sys
from pathlib import Path

from duopose.stream.errors import UsageError


def programs():
    """Names of the modules here that can be run: those that define main(argv). '-' may stand for '_'."""
    files = sorted(Path(__file__).parent.glob("[!_]*.py"))
    return [file.stem for file in files if "\ndef main(argv" in file.read_text(encoding="utf-8")]


def main():
    known = programs()
    name = sys.argv[1].replace("-", "_") if len(sys.argv) > 1 else ""
    if name not in known:
        print(f"usage: python -m evaluation NAME ...\nNAME: {', '.join(known)}", file=sys.stderr)
        raise SystemExit(2)
    try:
        importlib.import_module(f"duopose.evaluation.{name}").main(sys.argv[2:])
    except UsageError as error:
        print(f"python -m evaluation {name}: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
