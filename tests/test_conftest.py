import subprocess
import sys

import pytest

from tests.places import ROOT
from tests.waiting import LONG

SKIPPING = """
import pytest

def test_of_something():
    pass

@pytest.mark.skipif(True, reason="needs a wand")
def test_of_magic():
    pass
"""


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--strict-skips"], 1)])
def test_a_skip_that_nobody_expects_fails_a_strict_run_and_is_told_in_any(tmp_path, options, code):
    (tmp_path / "test_it.py").write_text(SKIPPING)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -rs\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", *options, str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONG)
    assert run.returncode == code, run.stdout
    assert "needs a wand" in run.stdout
    told = "SKIPPED though nobody expects it (tests/conftest.py): test_it.py::test_of_magic: needs a wand" in run.stdout
    assert told == bool(code)
