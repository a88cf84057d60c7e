"""What a picture is, which kind of source the user named, and what can be said of it before anything is started."""

import os
import re
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from duopose.stream.errors import UsageError
from duopose.stream.messages import Frame
from duopose.stream.passwords import without_password

STREAMS = ("rtsp", "rtsps", "http", "https")
IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
HEIC = (".heic", ".heif", ".hif")
NO_HEIC = "HEIC pictures can't be read: save them as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"
REPLAYED = {".mcap": "session", ".jsonl": "record"}
WEBCAM = re.compile(r"(?:/dev/video)?([0-9]{1,3})")
INHERITED = ("/dev/stdin", "/dev/fd/", "/proc/")  # what the command has open, its nodes have not
DEMO = Path(__file__).parent / "demo" / "corridor_three_people.mp4"


class Picture(NamedTuple):
    """One picture on its way into the ring. It is converted when `pixels` is called: one that is dropped costs less."""

    stamp: float  # s, media time
    read_at: float  # s, time.monotonic() when it was read
    file: str | None  # name of the image, for folders
    width: int  # pixels, upright
    height: int
    pixels: Callable[[], np.ndarray]  # -> uint8 [height, width, 3], RGB
    focal_35: float | None = None  # mm, the lens on 35 mm film, about, as a photograph's EXIF says
    frame: Frame | None = None  # that is played again: its number and its camera hold


def kind_of(source):
    """ "webcam", "stream", "video", "images", "session" or "record". Raises UsageError for what can't be one."""
    if WEBCAM.fullmatch(source) and not Path(source).is_file():
        return "webcam"
    scheme, separator, _ = source.partition("://")
    if separator:
        if scheme.lower() not in STREAMS:
            raise UsageError(f"{without_password(source)}: streams are {', '.join(s + '://' for s in STREAMS)}")
        return "stream"
    path = Path(source_path(source))
    if source and path.is_dir():
        return "images"
    if not source or not path.exists():
        raise UsageError(f"{source}: no such file or folder")
    if not path.is_file() or str(path).startswith(INHERITED):
        raise UsageError(f"{source} is no file but a pipe or a device: write it into a file first, or name its URL")
    if path.suffix.lower() in HEIC:
        raise UsageError(f"{source}: {NO_HEIC}")
    return "images" if path.suffix.lower() in IMAGES else REPLAYED.get(path.suffix.lower(), "video")


def source_path(source):
    """Where the file or folder lies; "demo" is the clip that comes with the project."""
    return str(DEMO) if source == "demo" and not Path(source).exists() else source


def webcam_index(source):
    """ "0" or "/dev/video0" -> 0. Raises UsageError where the system says that there is no such camera."""
    index = int(WEBCAM.fullmatch(source)[1])
    if sys.platform == "linux" and not Path(f"/dev/video{index}").exists():
        raise UsageError(f"webcam {source}: there is no /dev/video{index}")
    return index


def images_of(path):
    """The images of a folder in natural order (2 before 10), or the one image. Raises UsageError if there is none."""
    path = Path(path)
    if path.is_file():
        return [path]
    try:
        entries = [entry for entry in path.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    known = (*IMAGES, *HEIC)  # a HEIC among others counts as unreadable
    images = sorted((entry for entry in entries if entry.suffix.lower() in known and entry.is_file()), key=natural)
    if images and all(image.suffix.lower() in HEIC for image in images):
        raise UsageError(f"{path}: {NO_HEIC}")
    if not images:
        raise UsageError(f"{path}: no images in this folder ({' '.join(IMAGES)})")
    return images


def natural(path):
    """Key that sorts numbers inside names by value.

    >>> sorted(["10.jpg", "9.jpg", "a2.jpg", "A1.jpg"], key=natural)
    ['9.jpg', '10.jpg', 'A1.jpg', 'a2.jpg']
    """
    name = getattr(path, "name", path)
    parts = re.split(r"([0-9]+)", name.lower())
    return [int(part) if position % 2 else part for position, part in enumerate(parts)], name


def silence_libraries():
    """FFmpeg and OpenCV write to stderr by themselves; the user gets our own lines instead."""
    import av
    import cv2

    av.logging.set_level(av.logging.PANIC)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@contextmanager
def quiet_stderr():
    """Nothing reaches the process's stderr inside: for libjpeg and libpng, which can't be told to be silent."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
