import doctest
import importlib

import pytest

from tests.places import ROOT
from tests.test_imports import module_of

MODULES = [
    module_of(file)
    for package in ("stream", "kernels", "networks", "nodes", "training", "evaluation", "duopose")
    for file in sorted((ROOT / package).rglob("*.py"))
    if ">>> " in (text := file.read_text()) and "+SKIP" not in text
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
