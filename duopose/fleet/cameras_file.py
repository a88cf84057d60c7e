"""The file of a fleet's cameras, and what is asked of each.

    [defaults]                    # for all of them
    max-people = 5

    [camera.door]
    source = "rtsp://10.0.0.20/live"
    camera = "lens/door.json"     # beside this file; without it, fov

    [camera.yard]
    source = "rtsp://10.0.0.21/live"
    fov = 80

Every other key is an option of `duopose SOURCE`, without the dashes.
"""

import os
import re
import tomllib
from pathlib import Path

import msgspec

from duopose.nodes.capture.sources import WEBCAM
from duopose.running.arguments import parser
from duopose.stream.camera_file import Cameras
from duopose.stream.errors import UsageError
from duopose.stream.passwords import without_passwords

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
FILES = ("record", "save-video", "session", "stats", "secrets")  # options that name files
WHOLE = (  # options that are said of the fleet as a whole, or by it
    "headless", "web", "listen", "listen-frames", "keys", "insecure", "metrics", "log", "log-file", "help", "version",
)  # fmt: skip


class Asked(msgspec.Struct, frozen=True):
    """What is asked of one camera."""

    source: str
    options: tuple[str, ...]  # as on the command line
    lens: str | None  # what stands in its camera file


def read(path):
    """-> {name: Asked}. Raises UsageError, which names the place."""
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None
    if unknown := [name for name in content if name not in ("camera", "defaults")]:
        raise UsageError(f"{path}: there are [defaults] and [camera.NAME], no {unknown[0]}")
    cameras, defaults = content.get("camera", {}), content.get("defaults", {})
    if not isinstance(defaults, dict) or not isinstance(cameras, dict) or not cameras:
        raise UsageError(f"{path} names no camera: it should have lines [camera.NAME] and source = ...")
    found = {}
    for name, own in cameras.items():
        if not NAME.fullmatch(name) or not isinstance(own, dict):
            raise UsageError(f"{path}: camera {name!r}: a name has letters, digits, - and _: [camera.NAME]")
        try:
            found[name] = asked(defaults | own, path.absolute().parent)
        except UsageError as error:
            raise UsageError(f"{path}: camera {name}: {without_passwords(str(error))}") from None
    return found


def asked(keys, folder):
    """What stands below [camera.NAME] -> Asked. Raises UsageError. folder: where paths begin"""
    keys = {key.replace("_", "-"): value for key, value in keys.items()}
    source = str(keys.pop("source", ""))
    if not source:
        raise UsageError("it needs a source")
    if "://" not in source and not WEBCAM.fullmatch(source) and source != "demo":
        source = os.path.join(folder, source)
    lens = keys.pop("camera", None)
    if lens is not None:
        lens = os.path.join(folder, str(lens))
        Cameras(lens)  # is it one?
        lens = Path(lens).read_text(encoding="utf-8")
    options = []
    for key, value in keys.items():
        if key in WHOLE:
            raise UsageError(f"{key} is not for one camera: it is an option of duopose fleet, or none of a fleet")
        options += words(key, os.path.join(folder, str(value)) if key in FILES else value)
    parser().parse_args([source, *options])
    return Asked(source, tuple(options), lens)


def words(key, value):
    """One key as on the command line.

    >>> words("max-people", 5), words("privacy", True), words("also", ["regions"])
    (['--max-people=5'], ['--privacy'], ['--also=regions'])
    """
    if isinstance(value, bool):
        return [f"--{key}"] if value else []
    return [f"--{key}={each}" for each in (value if isinstance(value, list) else [value])]
