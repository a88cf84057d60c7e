"""Asks what may crash or hang, in a process of its own: a driver, OpenVINO, torch, OpenGL."""

import json
import os
import signal
import subprocess
import sys

TOO_LATE = "it did not end in"


def ask(module, *words, seconds, environment=None):
    """Run a module of ours -> JSON values that it printed, one a line, and why there are no more (None: it ended).

    seconds       after which it is ended
    environment   variables that it gets beside our own
    """
    child = subprocess.Popen(
        [sys.executable, "-m", f"duopose.examining.{module}", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | (environment or {}),
        text=True,
        errors="replace",
    )
    trouble = None
    try:
        out, complaint = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        trouble = f"{TOO_LATE} {seconds:.0f} s"
        try:
            out, complaint = child.communicate(timeout=1)
        except subprocess.TimeoutExpired as stuck:  # in the kernel, where nobody can kill it: a driver hangs
            out, complaint = (stuck.stdout or b"").decode(errors="replace"), ""
    except BaseException:
        child.kill()
        child.wait()
        raise
    if trouble is None and child.returncode:
        trouble = reason(child.returncode, complaint)
    return [value for value in map(parsed, out.splitlines()) if value is not None], trouble


def parsed(line):
    """The JSON value of the line; None for what a library has printed, or a line that was cut off."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def reason(code, complaint):
    """Why a process failed, in a few words."""
    if code < 0:
        return f"it was ended by {signal.Signals(-code).name}"
    return (complaint.strip().splitlines() or [f"exit code {code}"])[-1]


def tell(value):
    """What the child calls: one line, at once."""
    print(json.dumps(value), flush=True)
