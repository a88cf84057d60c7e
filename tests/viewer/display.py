"""An X server without a screen, and a user before it: keys and mouse by xdotool, the button that closes a window."""

import ctypes
import os
import shutil
import subprocess
from contextlib import contextmanager
from ctypes import c_char_p, c_int, c_long, c_ulong, c_void_p

import pytest

from tests.waiting import until

TITLE = "^Duopose$"


@contextmanager
def x_server(*options):
    """-> its DISPLAY, as ":7". Skips the test where there is none."""
    missing = [program for program in ("Xvfb", "xdotool") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no X server to test with: {' and '.join(missing)} missing")
    command = ["Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1400x900x24", "-noreset", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield f":{server.stdout.readline().strip()}"
    finally:
        server.terminate()
        server.communicate()


class User:
    """display: as ":7"; process: the program whose window it is."""

    def __init__(self, display, process):
        self.display, self.process = display, process
        self.environment = {**os.environ, "DISPLAY": display}
        self.window = None

    def look_for_the_window(self):
        """Wait for it, and put the keyboard there: there is no window manager."""

        def seen():
            assert self.process.poll() is None, self.process.communicate()
            self.window = self._do("search", "--onlyvisible", "--name", TITLE)
            return self.window

        until(seen)
        self._do("windowfocus", "--sync", self.window)

    def press(self, *keys):
        self._do("key", "--delay", "50", *keys)

    def click(self, x, y):
        self._do("mousemove", "--sync", str(x), str(y), "click", "1")

    def drag(self, x, y, to_x, to_y):
        move = ("mousemove", "--sync", str((x + to_x) // 2), str((y + to_y) // 2), "sleep", "0.1")
        end = ("mousemove", "--sync", str(to_x), str(to_y), "sleep", "0.1")
        self._do("mousemove", "--sync", str(x), str(y), "mousedown", "1", "sleep", "0.1", *move, *end, "mouseup", "1")

    def close_the_window(self):
        """What the window's cross does: a WM_DELETE_WINDOW."""
        close(self.display, int(self.window))

    def _do(self, *words):
        done = subprocess.run(["xdotool", *words], env=self.environment, capture_output=True, text=True, check=False)
        return done.stdout.strip()


class ClientMessage(ctypes.Structure):
    _fields_ = (
        ("type", c_int), ("serial", c_ulong), ("send_event", c_int), ("display", c_void_p), ("window", c_ulong),
        ("message_type", c_ulong), ("format", c_int), ("data", c_long * 5), ("room", c_long * 24),
    )  # fmt: skip


def close(display, window):
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype, x.XOpenDisplay.argtypes = c_void_p, (c_char_p,)
    x.XInternAtom.restype, x.XInternAtom.argtypes = c_ulong, (c_void_p, c_char_p, c_int)
    x.XSendEvent.argtypes = (c_void_p, c_ulong, c_int, c_long, c_void_p)
    x.XCloseDisplay.argtypes = (c_void_p,)
    connection = x.XOpenDisplay(display.encode())
    protocols, delete = (x.XInternAtom(connection, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    event = ClientMessage(type=33, window=window, message_type=protocols, format=32)
    event.data[0] = delete
    x.XSendEvent(connection, window, 0, 0, ctypes.byref(event))
    x.XCloseDisplay(connection)
