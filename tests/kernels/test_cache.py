import os
import shutil
import subprocess
import sys

import pytest

from duopose.kernels import cache
from duopose.kernels.cache import fill_cache, find_cache
from tests.places import ROOT
from tests.waiting import LONG


def test_the_cache_goes_to_the_first_folder_that_can_be_written(tmp_path):
    (tmp_path / "file").touch()
    assert find_cache([tmp_path / "file" / "a", tmp_path / "b"]) == str(tmp_path / "b")


def test_a_full_disk_takes_no_kernels_but_keeps_those_that_it_has(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "ROOM", shutil.disk_usage(tmp_path).total + 1)
    there = tmp_path / "there"
    there.mkdir()
    (there / "duopose-1-3.11-0.61.complete").touch()
    assert find_cache([tmp_path / "new", there]) == str(there)


@pytest.mark.parametrize("asked", [False, True])
def test_kernels_work_where_no_folder_of_theirs_can_be_written(tmp_path, asked):
    """A file stands where the folder would be made: that stops even root. asked: the user has named such a folder."""
    (tmp_path / "duopose" / "kernels").mkdir(parents=True)
    (tmp_path / "duopose" / "__init__.py").touch()
    for name in ("__init__.py", "cache.py", "types.py", "assignment.py"):
        (tmp_path / "duopose" / "kernels" / name).write_bytes((ROOT / "kernels" / name).read_bytes())
    (tmp_path / "home").touch()
    (tmp_path / "tmp").mkdir()
    code = "import numpy, duopose.kernels.assignment as a; print(a.assign(numpy.eye(2)).tolist(), a.__file__)"
    environment = {key: value for key, value in os.environ.items() if key not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    environment |= {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"NUMBA_CACHE_DIR": str(tmp_path / "home" / "numba")} if asked else {}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=LONG
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"[1, 0] {tmp_path}")
    assert list((tmp_path / "tmp").iterdir()) == []  # the temporary one is gone with the run
    assert not (tmp_path / "duopose" / "kernels" / "__pycache__").exists()


def test_the_cache_is_filled_once(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # what is compiled is not the point, and would take a minute
    said = []
    fill_cache(said.append)
    fill_cache(said.append)
    assert len(said) == 1
    assert [file.suffix for file in tmp_path.iterdir()] == [".complete"]
