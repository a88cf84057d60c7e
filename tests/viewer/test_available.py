"""Whether there can be a window, asked before anything heavy is imported."""

import subprocess
import sys

from duopose import viewer
from tests.places import ROOT


def test_no_window_without_a_display_and_the_reason_is_one_line(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert viewer.available() == "there is no display"
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "PyQt6" in viewer.available()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert viewer.available() is None


def test_asking_imports_neither_qt_nor_opengl():
    code = (
        "import sys; from duopose import viewer; viewer.available();"
        "print([m for m in sys.modules if 'PyQt' in m or 'vispy' in m])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
