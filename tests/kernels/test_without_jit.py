import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT
from tests.waiting import LONG

HERE = Path(__file__).parent
KERNELS = sorted(
    file.stem for file in (ROOT / "kernels").glob("*.py") if file.stem not in ("__init__", "cache", "types")
)


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_has_its_tests(kernel):
    assert (HERE / f"test_{kernel}.py").exists()


def test_kernels_mean_the_same_without_the_compiler():
    files = [str(HERE / f"test_{kernel}.py") for kernel in KERNELS]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *files]
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=LONG,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
