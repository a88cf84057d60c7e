"""Whether a window can be opened here: tried in a process of its own, which may crash or hang in the run's stead."""

import ctypes
import ctypes.util
import os
import signal
import subprocess
import sys
from time import sleep
from typing import NamedTuple

PATIENCE = 20.0  # s that a display may take to open a hidden window, on a busy machine too
AGAIN = (0.1, 0.3, 0.6)  # s between the tries to reach a display
NAME_OF_GL, VERSION_OF_GL = 0x1F01, 0x1F02  # GL_RENDERER, GL_VERSION
LEAST = (2, 1)  # version of OpenGL that the shaders need
LIBRARIES = {  # what GLFW says where a library lacks: the library, and what brings it on Debian
    "Failed to load Xlib": ("libX11.so.6", "libx11-6"),
    "Failed to load GLX": ("libGL.so.1", "libgl1"),
    "Failed to load required entry points": ("libGL.so.1", "libgl1"),
    "Failed to find a suitable GLXFBConfig": ("a driver for OpenGL", "libgl1-mesa-dri"),
    "EGL: Failed to load client library": ("libEGL.so.1", "libegl1"),
    "Failed to load libwayland-client": ("libwayland-client.so.0", "libwayland-client0"),
    "Failed to load libwayland-cursor": ("libwayland-cursor.so.0", "libwayland-cursor0"),
    "Failed to load libwayland-egl": ("libwayland-egl.so.1", "libwayland-egl1"),
    "Failed to load libxkbcommon": ("libxkbcommon.so.0", "libxkbcommon0"),
}


class NoWindow(RuntimeError):
    """Why no window can be opened, in a few words for the user."""


class Renderer(NamedTuple):
    """Who draws."""

    name: str  # as OpenGL says, e.g. "llvmpipe (LLVM 15.0.6, 256 bits)"
    version: tuple[int, int]  # of OpenGL


def why_not():
    """Why no window can be opened, None if one can: opens a hidden one in another process."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    command = [sys.executable, "-P", "-m", "duopose.viewer.probe"]
    how = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True}
    try:
        done = subprocess.run(command, env=environment, timeout=PATIENCE, check=False, errors="replace", **how)
    except subprocess.TimeoutExpired:
        return f"the display does not answer within {PATIENCE:.0f} s"
    if done.returncode < 0:
        return f"the display's OpenGL ends a program with {signal.Signals(-done.returncode).name}"
    return " ".join(done.stdout.split()) or (f"exit code {done.returncode}" if done.returncode else None)


def load_glfw():
    """-> the module glfw, started. Raises NoWindow.

    Where there is an X server it is used, also the one that Wayland brings along: GLFW knows it better.
    """
    if sys.platform.startswith("linux"):
        os.environ["PYGLFW_LIBRARY_VARIANT"] = "x11" if os.environ.get("DISPLAY") else "wayland"
    os.environ.setdefault("PYGLFW_ERROR_REPORTING", "ignore")
    try:
        import glfw
    except ImportError as error:
        raise NoWindow(f"{error} (pip install glfw)") from None
    if not started(glfw):
        raise NoWindow(complaint(glfw, "no display"))
    return glfw


def started(glfw):
    """Whether GLFW reaches a display, tried again for a second where there should be one.

    An X server starts anew when its only program leaves, as the probe does, and turns away who comes then.
    """
    tries = AGAIN if os.environ.get("DISPLAY") else ()
    return glfw.init() or any(sleep(pause) or glfw.init() for pause in tries)


def renderer():
    """-> Renderer of a hidden window, which is closed again. Raises NoWindow."""
    glfw = load_glfw()
    if sys.platform.startswith("linux") and ctypes.util.find_library("GL") is None:
        raise NoWindow(lacking("libGL.so.1", "libgl1"))
    glfw.window_hint(glfw.VISIBLE, 0)
    window = glfw.create_window(16, 16, "Duopose", None, None)
    if not window:
        raise NoWindow(complaint(glfw, "OpenGL fails"))
    glfw.make_context_current(window)
    name, version = (words(glfw, what) for what in (NAME_OF_GL, VERSION_OF_GL))
    glfw.destroy_window(window)
    glfw.default_window_hints()
    numbers = tuple(int(part) for part in version.split()[0].split(".")[:2])
    if numbers < LEAST:
        raise NoWindow(f"OpenGL {version} of this display is too old, {'.'.join(map(str, LEAST))} is needed")
    return Renderer(name, numbers)


def words(glfw, what):
    """What glGetString says of the current context."""
    address = ctypes.cast(glfw.get_proc_address("glGetString"), ctypes.c_void_p).value
    said = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_uint)(address)(what) if address else None
    if not said:
        raise NoWindow("OpenGL fails: it does not say who draws")
    return said.decode(errors="replace")


def complaint(glfw, what):
    """What went wrong as GLFW says it, with the remedy where a library lacks."""
    _, text = glfw.get_error()
    text = (text or b"").decode(errors="replace")
    for part, library in LIBRARIES.items():
        if part in text:
            return lacking(*library)
    return f"{what}: {text.partition(': ')[2] or 'no reason given'}"


def lacking(library, package):
    return f"{library} is missing (Debian: apt-get install {package})"


if __name__ == "__main__":
    try:
        renderer()
    except NoWindow as error:
        print(error)
