"""The programs of a sub-command: modules that define main(argv), as those of `duopose evaluate` in evaluation/."""

import ast
import importlib.util
import textwrap
from pathlib import Path

from duopose.stream.arguments import WIDTH, Parser, split
from duopose.stream.errors import UsageError


def programs(package, elsewhere=None):
    """{name: module} of every program.

    package     whose modules are looked at, as "duopose.evaluation"
    elsewhere   {name: module below the package} of those that lie deeper
    """
    folder = Path(importlib.import_module(package).__path__[0])
    files = folder.glob("[!_]*.py")
    found = {file.stem: file.stem for file in files if "\ndef main(argv)" in file.read_text(encoding="utf-8")}
    return {name: f"{package}.{module}" for name, module in sorted((found | (elsewhere or {})).items())}


def about(module):
    """What a program does: the first sentence of its docstring, without importing it."""
    file = Path(importlib.util.find_spec(module).origin)
    what = split(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))))[1]
    return " ".join(what.partition("\n\n")[0].split()).partition(". ")[0].removesuffix(".")


def run(told, package, argv, elsewhere=None):
    """Run the program that argv begins with on the words after it -> exit code or None. Raises UsageError.

    told   docstring of the sub-command, as duopose.stream.arguments.Parser takes it
    '-' may stand for '_' in the name.
    """
    known = programs(package, elsewhere)
    name = argv[0].replace("-", "_") if argv else ""
    if name in known:
        return importlib.import_module(known[name]).main(argv[1:])
    if argv and argv[0] in ("-h", "--help"):
        width = max(map(len, known)) + 2
        lines = [
            textwrap.fill(f"  {name:{width}}{about(module)}", WIDTH, subsequent_indent=" " * (2 + width))
            for name, module in known.items()
        ]
        Parser(told, epilog="\n".join(["programs:", *lines])).print_help()
        return 0
    wrong = f"there is no program {argv[0]!r}" if argv else "name a program"
    raise UsageError(f"{wrong}: {', '.join(known)} (--help tells more)")
