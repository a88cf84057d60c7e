"""How the product is put together: who may import whom, and how much a file and a folder hold."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest

from duopose.stream.graph import NODES
from tests.places import ROOT
from tests.waiting import LONG

BELOW = {
    "stream": (),
    "kernels": ("stream.skeleton",),
    "networks": ("kernels", "stream.skeleton"),
    "nodes": ("networks", "kernels", "stream"),
    "viewer": ("networks", "kernels", "stream"),
    "training": ("nodes", "viewer", "networks", "kernels", "stream"),
    "evaluation": ("training", "nodes", "viewer", "networks", "kernels", "stream"),
    "benchmarks": ("evaluation", "training", "nodes", "viewer", "networks", "kernels", "stream"),
    "duopose": ("benchmarks", "evaluation", "training", "nodes", "viewer", "networks", "kernels", "stream"),
}
MOST_FILES = 15  # in a folder
MOST_LINES = 250  # of a file
REASON = "Long because "  # how the head of a longer file begins to say why


def module_of(file):
    """The name by which a file of the product is imported; a package is its folder's __init__.py."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in ("duopose", *parts[parts[0] == "duopose" :]) if part != "__init__")


FILES = {module_of(file): file for folder in BELOW for file in sorted((ROOT / folder).rglob("*.py"))}


@cache
def imported(file):
    """Full names of what a file imports, anywhere in it, `from a import b` giving a.b."""
    names = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: write relative imports out"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def arrows():
    """{module: the modules of ours that it imports}."""
    found = {}
    for module, file in FILES.items():
        names = [name for name in imported(file) if f"{name}.".startswith("duopose.")]
        found[module] = {name if name in FILES else name.rpartition(".")[0] for name in names}
    return found


def circle(graph):
    """A circle in {node: what it points to}, as a list of nodes; [] if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


@pytest.mark.parametrize("package", BELOW)
def test_imports_point_one_way(package):
    for file in (ROOT / package).rglob("*.py"):
        for name in imported(file):
            if name.split(".")[0] == "tests":
                pytest.fail(f"{file} imports {name}")
            if name.split(".")[0] == "duopose" and package != "duopose":
                allowed = (package, *BELOW[package])
                assert any(f"{name}.".startswith(f"duopose.{prefix}.") for prefix in allowed), f"{file} imports {name}"


def test_every_import_of_ours_is_of_a_file_that_is_there():
    assert {name for names in arrows().values() for name in names} <= set(FILES)


def test_no_file_imports_itself_through_others():
    assert circle(arrows()) == []


def test_a_circle_is_found_wherever_it_is():
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}})) == {"b", "c", "d"}


def test_no_folder_of_code_holds_more_files_than_one_can_see_at_once():
    folders = {file.parent for file in FILES.values()}
    counts = {str(folder.relative_to(ROOT)): sum(file.is_file() for file in folder.iterdir()) for folder in folders}
    assert {name: count for name, count in counts.items() if count > MOST_FILES} == {}


def test_a_long_file_says_why_in_its_head():
    long = set()
    for file in FILES.values():
        text = file.read_text()
        head = ast.get_docstring(ast.parse(text)) or ""
        if text.count("\n") > MOST_LINES and not any(line.startswith(REASON) for line in head.splitlines()):
            long.add(str(file.relative_to(ROOT)))
    assert long == set()


def test_a_lite_run_needs_no_torch():
    modules = [
        "duopose.networks.runtime",
        "duopose.live",
        "duopose.stream.processes.supervisor",
        *(node.module for node in NODES),
    ]
    code = (
        "import importlib, sys\n"
        f"for module in {modules}:\n"
        "    importlib.import_module(module)\n"
        "    assert 'torch' not in sys.modules, f'{module} imports torch'"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=LONG)
    assert run.returncode == 0, run.stderr
