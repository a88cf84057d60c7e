"""How Sphinx makes the site of these pages: `make docs`.

Two pages of the reference are written here, from the program itself: what each command says of itself (--help), and the
Python API. They stand in docs/reference/, which is not kept.
"""

import ast
import contextlib
import importlib
import inspect
import io
from pathlib import Path

import duopose
from duopose import command

project, author, release = "Duopose", "the authors of Duopose", duopose.__version__
extensions = ["myst_parser"]
html_theme = "furo"
html_title = f"Duopose {release}"
html_static_path = []
exclude_patterns = ["examples"]
myst_heading_anchors = 3  # headings that can be linked to, named as GitHub names them
suppress_warnings = ["misc.highlighting_failure"]  # an ellipsis in a snippet

API = {  # module: what of it is there for other programs
    "duopose": ("subscribe", "Pipeline"),
    "duopose.stream.messages": ("Scene", "Frame", "Camera", "Regions", "Jpeg", "Health"),
    "duopose.stream.skeleton": ("coco_to_body",),
    "duopose.stream.record.reading": ("frames",),
    "duopose.stream.record.scenes": ("scenes",),
    "duopose.stream.errors": ("UsageError",),
}


def help_of(*words):
    """What `duopose WORDS --help` prints."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        command.main([*words, "--help"])
    return said.getvalue()


def command_line():
    pages = [((), "duopose"), *(((name,), f"duopose {name}") for name in command.COMMANDS)]
    parts = [f"## {title}\n\n```text\n{help_of(*words)}```\n" for words, title in pages]
    return "\n".join(["# Command line\n\nWhat each command says of itself with `--help`.\n", *parts])


def entry(module, name):
    """A heading, how it is called, its docstring as it stands, and the public methods or the fields of a class."""
    found = getattr(importlib.import_module(module), name)
    parts = [f"## {module}.{name}\n", block(found)]
    if hasattr(found, "__struct_fields__"):  # a message: field, type, shape, unit
        parts.append(python(inspect.getsource(found).split('"""')[-1]))
    elif inspect.isclass(found):
        methods = [what for what in vars(found).values() if inspect.isfunction(what) and inspect.getdoc(what)]
        parts += [block(what) for what in methods if not what.__name__.startswith("_")]
    return "\n".join(parts)


def block(found):
    """The head of a function, or of a class's constructor, and the docstring."""
    called = vars(found).get("__init__") if inspect.isclass(found) else found
    head = python(head_of(called)) if inspect.isfunction(called) else ""
    return f"{head}\n```text\n{inspect.getdoc(found)}\n```\n"


def head_of(function):
    source = inspect.cleandoc("\n" + inspect.getsource(function))
    lines = source.splitlines()
    return "\n".join(lines[: ast.parse(source).body[0].body[0].lineno - 1])


def python(text):
    return f"```python\n{inspect.cleandoc(chr(10) + text)}\n```\n"


def python_api():
    parts = [entry(module, name) for module, names in API.items() for name in names]
    return "\n".join(["# Python\n\nWhat other programs may import, in the words of its docstrings.\n", *parts])


def write_reference(app):
    folder = Path(app.srcdir, "reference")
    folder.mkdir(exist_ok=True)
    for name, text in (("command_line", command_line()), ("python", python_api())):
        page = folder / f"{name}.md"
        if not page.exists() or page.read_text() != text:
            page.write_text(text)


def setup(app):
    app.connect("builder-inited", write_reference)
