import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for package in ("stream", "kernels", "networks", "nodes", "training", "evaluation")
    for file in sorted((ROOT / package).rglob("*.py"))
    if ">>> " in (text := file.read_text()) and "+SKIP" not in text
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name):
    if name.startswith(("networks", "training")):
        pytest.importorskip("torch")
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
