"""What is asked of each camera of a fleet: the file of `duopose cameras.toml`, as other machines need it."""

import os
from pathlib import Path
from typing import Any

import msgspec

from duopose.running.cameras.file import asked
from duopose.stream.camera_file import Cameras
from duopose.stream.errors import UsageError

# Options of a run that a fleet has none of: its head has them for all cameras, or nobody could tell the cameras apart.
NEVER = ("web", "listen", "listen_frames", "keys", "insecure", "metrics", "log_file", "stats", "send")


class Asked(msgspec.Struct, frozen=True):
    """Of one camera, complete: nothing has to be read on the machine where it runs."""

    arguments: dict[str, Any]  # as the parser of the command line has them
    pose: tuple[float, ...] | None  # in the world, see messages.Camera
    lens: str | None  # what stands in its camera file


def read(path):
    """A file of cameras -> {name: Asked}. Raises UsageError."""
    return {one.name: asked_of(path, one) for one in asked([os.path.abspath(path)])}


def asked_of(path, one):
    """-> Asked. one: running.cameras.file.Asked"""
    arguments = vars(one.arguments) | {"headless": True, "log": "json", "only": None}
    if not one.name:
        raise UsageError(f"{path} is no file of cameras, as cameras.toml")
    for name in NEVER:
        if arguments[name]:
            option = name.replace("_", "-")
            raise one.located(UsageError(f"--{option} is for a run by itself: ask the fleet for it, if it has it"))
    lens = arguments["camera"]
    if lens is None:
        return Asked(arguments, one.pose, None)
    try:
        Cameras(lens)  # is it one?
    except UsageError as error:
        raise one.located(error) from None
    return Asked(arguments | {"camera": None}, one.pose, Path(lens).read_text(encoding="utf-8"))
