"""python -m benchmarks NAME ... : runs benchmarks/NAME.py. Each prints a table and, as its last line, the same as JSON."""

import importlib
import sys
from pathlib import Path


def programs():
    """Names of the modules here that can be run: those that define main(argv)."""
    files = sorted(Path(__file__).parent.glob("[!_]*.py"))
    return [file.stem for file in files if "\ndef main(argv" in file.read_text(encoding="utf-8")]


def main():
    known = programs()
    if len(sys.argv) < 2 or sys.argv[1] not in known:
        print(f"usage: python -m benchmarks NAME ...\nNAME: {', '.join(known)}", file=sys.stderr)
        raise SystemExit(2)
    importlib.import_module(f"duopose.benchmarks.{sys.argv[1]}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
