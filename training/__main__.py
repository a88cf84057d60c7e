"""python -m training NAME ... : runs training/NAME.py. Each says with --help what it needs and what it makes."""

import importlib
import pkgutil
import sys

import training


def programs():
    """Names of the modules in training/ and its packages that can be run: those that define main(argv)."""
    found = {}
    for module in pkgutil.iter_modules(training.__path__):
        if not module.name.startswith("_"):
            path = training.__path__[0] + "/" + module.name + ("/__main__.py" if module.ispkg else ".py")
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            except FileNotFoundError:
                continue
            if "\ndef main(argv" in text:
                found[module.name] = f"training.{module.name}" + (".__main__" if module.ispkg else "")
    return found


def main():
    known = programs()
    if len(sys.argv) < 2 or sys.argv[1] not in known:
        print(f"usage: python -m training NAME ...\nNAME: {', '.join(sorted(known))}", file=sys.stderr)
        raise SystemExit(2)
    importlib.import_module(known[sys.argv[1]]).main(sys.argv[2:])


if __name__ == "__main__":
    main()
