"""Runs a program on this machine as it would be with other file systems: in a mount namespace of its own."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.places import ROOT
from tests.waiting import LONG

SET_BY_A_RUN = ("NUMBA_CACHE_DIR", "DISPLAY", "WAYLAND_DISPLAY")


def run(mounts, *words, **environment):
    """`python WORDS...` -> subprocess.CompletedProcess.

    mounts   [(options, folder), ...] of tmpfs
    """
    own = {name: value for name, value in os.environ.items() if name not in SET_BY_A_RUN}
    script = "".join(f'mount -t tmpfs -o {options} none "{folder}" || exit 77\n' for options, folder in mounts)
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", f'{script}exec "$0" "$@"'] if mounts else []
    if mounts and not shutil.which("unshare"):
        pytest.skip("this system lets nobody mount")
    done = subprocess.run(
        [*command, sys.executable, *words],
        cwd=ROOT, env=own | environment, capture_output=True, text=True, timeout=LONG,
    )  # fmt: skip
    if mounts and (done.returncode == 77 or "unshare" in done.stderr):
        pytest.skip("this system lets nobody mount")
    return done
