"""Who may import whom: one way only, and no torch on the way to a `lite` run."""

import ast
import subprocess
import sys

import pytest

from duopose.stream.graph import NODES
from tests.places import ROOT

BELOW = {
    "stream": (),
    "kernels": ("stream.skeleton",),
    "networks": ("kernels", "stream.skeleton"),
    "nodes": ("networks", "kernels", "stream"),
    "viewer": ("networks", "kernels", "stream"),
    "training": ("nodes", "viewer", "networks", "kernels", "stream"),
    "evaluation": ("training", "nodes", "viewer", "networks", "kernels", "stream"),
    "benchmarks": ("evaluation", "training", "nodes", "viewer", "networks", "kernels", "stream"),
}


def imported(file):
    """Full names of what a file imports, `from a import b` giving a.b."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: write relative imports out"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", BELOW)
def test_imports_point_one_way(package):
    for file in (ROOT / package).rglob("*.py"):
        for name in imported(file):
            if name.split(".")[0] in ("duopose", "tests"):
                allowed = (package, *BELOW[package])
                assert any(f"{name}.".startswith(f"duopose.{prefix}.") for prefix in allowed), f"{file} imports {name}"


@pytest.mark.parametrize(
    "module",
    [
        "duopose.networks.runtime",
        "duopose.live",
        "duopose.stream.processes.supervisor",
        *(node.module for node in NODES),
    ],
)
def test_a_lite_run_needs_no_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr or f"{module} imports torch"
