"""Webcams: which there are, whether this user may use them, whether another program does, and what they give."""

import grp
import os
from pathlib import Path

from duopose.examining.child import ask
from duopose.examining.findings import read

PATIENCE = 3.0  # s, for all of them; a driver can hang
WANTED = (1280, 720)  # pixels that a run asks for
SLOW = 15  # pictures a second, below which movements are lost
SHOWN = 3  # modes of one camera that are told; JSON has all


def examine(part, root="/", may_open=lambda device: os.access(device, os.R_OK | os.W_OK), ask=ask):
    """root, may_open and ask: of this machine, unless a test has recorded another one."""
    found = devices(root)
    part.facts = {"cameras": found}
    allowed = [camera["device"] for camera in found if may_open(camera["device"])]
    answers, trouble = ask("machine.v4l2", *allowed, seconds=PATIENCE) if allowed else ([], None)
    answers = dict(answers)
    for camera in found:
        device = camera["device"]
        camera |= {"allowed": device in allowed, "answered": device in answers, **(answers.get(device) or {})}
    # A webcam's second device only tells of its pictures.
    part.facts["cameras"] = found = [one for one in found if answers.get(one["device"], one) is not None]
    for camera in found:
        tell_camera(part, camera, root, trouble)
    if not found:
        part.good(
            "no webcam (/dev/video*); streams and files need none. In a container one is handed on with "
            "docker run --device /dev/video0"
        )


def devices(root="/"):
    """[{"device", "name"}] of all /dev/videoN, in the order of N."""
    folder, names = Path(root, "dev"), Path(root, "sys/class/video4linux")
    found = [file for file in folder.glob("video*") if file.name.removeprefix("video").isdecimal()]
    found.sort(key=lambda file: int(file.name.removeprefix("video")))
    return [{"device": str(file), "name": read(names / file.name / "name") or "unknown camera"} for file in found]


def tell_camera(part, camera, root, trouble):
    device, called = camera["device"], f"{camera['device']} ({camera['name']})"
    if not camera["allowed"]:
        part.problem(f"{called}: this user may not open it", permission(device))
    elif not camera["answered"]:
        part.problem(
            f"{called}: it does not answer ({trouble})", "unplug it and plug it in again, or restart the machine"
        )
    elif camera["busy"]:
        users = ", ".join(users_of(device, root)) or "another program"
        part.problem(f"{called}: in use by {users}", "end that program: only one can take pictures from a webcam")
    elif "trouble" in camera:
        part.problem(f"{called}: {camera['trouble']}", "unplug it and plug it in again")
    else:
        tell_modes(part, called, camera["modes"])


def tell_modes(part, called, modes):
    """The largest modes, and whether what a run asks for is among them."""
    largest = sorted(modes, key=lambda mode: (mode["size"], max(mode["rates"], default=0)), reverse=True)
    listed = ", ".join(map(shown, largest[:SHOWN])) + (", ..." if len(modes) > SHOWN else "")
    rates = [rate for mode in modes if tuple(mode["size"]) == WANTED for rate in mode["rates"]]
    told = f"{called}: {listed or 'it does not say what it gives'}"
    if not rates or max(rates) >= SLOW:
        part.good(told)
        return
    part.note(
        f"{told}. At {WANTED[0]}x{WANTED[1]}, which a run asks for, only {max(rates):g} pictures a second",
        "ask for less, as --camera-size 640x480",
    )


def shown(mode):
    width, height = mode["size"]
    return f"{mode['format']} {width}x{height}" + (f" at {mode['rates'][0]:g}/s" if mode["rates"] else "")


def permission(device):
    """What lets this user in."""
    try:
        group = grp.getgrgid(os.stat(device).st_gid).gr_name
    except (OSError, KeyError):
        group = "video"
    return (
        f"sudo usermod --append --groups {group} $USER, then log out and in again; "
        f"in a container: docker run --device {device} --group-add {group}"
    )


def users_of(device, root="/"):
    """Programs of this user that have it open, as "zoom (process 4711)"."""
    found = []
    for handle in Path(root, "proc").glob("[0-9]*/fd/*"):
        try:
            open_there = os.readlink(handle)
        except OSError:  # another user's, or it has just ended
            continue
        if open_there == device:
            process = handle.parents[1]
            found.append(f"{read(process / 'comm')} (process {process.name})")
    return sorted(set(found))
