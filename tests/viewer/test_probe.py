"""Whether there can be a window is found out before anything starts, and the reason is one line."""

import shutil
import socket
import subprocess
import sys
import time

import pytest

from duopose import viewer
from duopose.viewer import probe
from tests.places import ROOT
from tests.viewer.display import x_server
from tests.waiting import LONG


@pytest.fixture
def screen_at(monkeypatch):
    """Have $DISPLAY say something, or nothing where it is None."""

    def have(display):
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        if display is None:
            monkeypatch.delenv("DISPLAY", raising=False)
        else:
            monkeypatch.setenv("DISPLAY", display)

    return have


def test_a_display_with_opengl_takes_a_window(screen_at):
    with x_server() as display:
        screen_at(display)
        assert viewer.available() is None


def test_no_display_is_told(screen_at):
    screen_at(None)
    assert viewer.available() == "there is no display"
    screen_at(":4711")
    assert viewer.available() == "no display: Failed to open display :4711"


class Restarting:
    """A display that turns away who comes first."""

    def __init__(self, turns_away):
        self.left = turns_away

    def init(self):
        self.left -= 1
        return self.left < 0


def test_a_display_that_starts_anew_is_asked_again(monkeypatch):
    monkeypatch.setattr(probe, "AGAIN", (0.0, 0.0, 0.0))
    monkeypatch.setenv("DISPLAY", ":7")
    assert [probe.started(Restarting(turns)) for turns in range(6)] == [True, True, True, True, False, False]
    monkeypatch.delenv("DISPLAY")
    assert [probe.started(Restarting(turns)) for turns in range(2)] == [True, False]


def test_a_display_without_opengl_is_told(screen_at):
    with x_server("-extension", "GLX") as display:
        screen_at(display)
        assert viewer.available() == "OpenGL fails: GLX extension not found"


@pytest.mark.parametrize("broken", [("LIBGL_DRIVERS_PATH", "/nowhere"), ("LIBGL_ALWAYS_INDIRECT", "1")])
def test_an_opengl_that_fails_is_told(screen_at, monkeypatch, broken):
    with x_server() as display:
        screen_at(display)
        monkeypatch.setenv(*broken)
        assert viewer.available().startswith("OpenGL fails: ")


def test_a_display_that_hangs_holds_nobody_up_for_long(screen_at, monkeypatch):
    monkeypatch.setattr(probe, "PATIENCE", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        screen_at(f"127.0.0.1:{port - 6000}")
        begun = time.monotonic()
        assert viewer.available() == "the display does not answer within 2 s"
        assert time.monotonic() - begun < LONG / 4


def test_a_crash_of_the_window_system_is_told(screen_at, monkeypatch, tmp_path):
    (tmp_path / "glfw.py").write_text("import os\nos.abort()\n")
    monkeypatch.syspath_prepend(tmp_path)
    screen_at(":0")
    assert viewer.available() == "the display's OpenGL ends a program with SIGABRT"


@pytest.mark.parametrize(("library", "package"), [("libX11.so.6", "libx11-6"), ("libGLX.so.0", "libgl1")])
def test_a_library_that_is_missing_is_named_with_its_remedy(screen_at, library, package):
    files = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    paths = [line.split()[-1] for line in files.splitlines() if line.split()[:1] == [library]]
    with x_server() as display:
        screen_at(display)
        hide = f'for file in {" ".join(paths)}; do mount --bind /dev/null "$(readlink -f "$file")" || exit 77; done'
        ask = f'{sys.executable} -c "from duopose import viewer; print(viewer.available())"'
        if not shutil.which("unshare"):
            pytest.skip("this system lets nobody mount")
        command = ["unshare", "--map-root-user", "--mount", "sh", "-c", f"{hide}; {ask}"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONG, check=False)
    if run.returncode == 77 or "unshare" in run.stderr:
        pytest.skip("this system lets nobody mount")
    assert run.stdout.strip().endswith(f"is missing (Debian: apt-get install {package})")


def test_asking_imports_neither_a_window_system_nor_opengl():
    code = (
        "import sys; from duopose import viewer; viewer.available();"
        "print([m for m in sys.modules if m.startswith(('glfw', 'vispy'))])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
