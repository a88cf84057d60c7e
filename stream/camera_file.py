"""Intrinsics: from a JSON file, from a horizontal field of view, or the default; scaled to the picture at hand.

    {"fx": 1108.5, "fy": 1108.5, "cx": 639.5, "cy": 359.5, "width": 1280, "height": 720, "k1": 0.01, ...}

or, for folders of unrelated images, {"name.jpg": such an object, ...}. Pixels count from the CENTRE of the top-left
pixel of the upright picture; k1 k2 p1 p2 k3 (all optional) are OpenCV's distortion. Other keys of an object are for
people: how sure it is, when it was made.
"""

import json
import math
from pathlib import Path

import msgspec

from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.stream.wire import Malformed, check_camera

DEFAULT_FOV = 60.0  # degrees, horizontal: what phones and webcams are near
FILM = 43.27  # mm, diagonal of a picture on 35 mm film (24 x 36 mm)


class Intrinsics(msgspec.Struct, frozen=True):
    """One camera of a camera file."""

    fx: float
    fy: float
    cx: float
    cy: float
    width: float
    height: float
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0

    def __post_init__(self):
        if min(self.fx, self.fy, self.width, self.height) <= 0:
            raise ValueError("fx, fy, width and height must be above 0")

    def scaled_to(self, width, height):
        """The same camera for a picture of the same shape in another size, or None where the shape differs.

        Pixel centres lie at whole numbers, so the picture reaches from -0.5 to width - 0.5.
        """
        x, y = width / self.width, height / self.height
        if abs(self.width * y - width) > 1 and abs(self.height * x - height) > 1:  # more than rounding explains
            return None
        return Camera(
            self.fx * x, self.fy * y, (self.cx + 0.5) * x - 0.5, (self.cy + 0.5) * y - 0.5, "file",
            (self.k1, self.k2, self.p1, self.p2, self.k3),
        )  # fmt: skip


class Cameras:
    """The camera of any picture of a run.

    path   JSON file, or None
    fov    horizontal field of view in degrees where there is no file, or None for the default
    pose   where it stands in the world, as messages.Camera has it; None = nobody knows
    """

    def __init__(self, path=None, fov=None, pose=None):
        self.path = path
        self.fov = fov
        self.pose = pose
        self.one, self.per_file = (None, None) if path is None else read(path)

    def of(self, width, height, file=None, focal_35=None):
        """Camera of a picture of this size, where it stands.

        As `lens`, which says the rest.
        """
        camera = self.lens(width, height, file, focal_35)
        return camera if self.pose is None else msgspec.structs.replace(camera, pose=self.pose)

    def lens(self, width, height, file=None, focal_35=None):
        """Camera of a picture of this size.

        file      its name where it is one of many images
        focal_35  mm, its lens on 35 mm film as far as its EXIF says: better than nothing, no more

        Raises UsageError where the camera file has none for it, or one for another shape of picture.
        """
        if self.path is None:
            if focal_35 and not self.fov:
                focal = focal_35 / FILM * math.hypot(width, height)
                return Camera(focal, focal, (width - 1) / 2, (height - 1) / 2, "exif")
            return from_fov(width, height, self.fov or DEFAULT_FOV, "fov" if self.fov else "default")
        intrinsics = self.one
        if self.per_file is not None:
            intrinsics = self.per_file.get(file)
            if intrinsics is None:
                raise UsageError(f"{self.path}: no camera for {file or 'a source that is no folder of images'}")
        camera = intrinsics.scaled_to(width, height)
        if camera is None:
            turned = " (turned on its side?)" if intrinsics.scaled_to(height, width) else ""
            raise UsageError(
                f"{self.path}: the camera is for pictures of {intrinsics.width:g}x{intrinsics.height:g}, "
                f"{file or 'the source'} has {width}x{height}, which is another shape{turned}"
            )
        try:
            check_camera(camera)
        except Malformed as error:
            raise UsageError(f"{self.path}: {error}") from None
        return camera


def from_fov(width, height, degrees, origin):
    """Square pixels, optical axis through the middle of the picture.

    >>> round(from_fov(1280, 720, 60, "fov").fx, 1)
    1108.5
    """
    focal = width / 2 / math.tan(math.radians(degrees) / 2)
    return Camera(focal, focal, (width - 1) / 2, (height - 1) / 2, origin)


def read(path):
    """Camera file -> (Intrinsics, None), or (None, {file name: Intrinsics}). Raises UsageError with the reason."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    try:
        entries = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        if entries and all(bytes(entry).lstrip().startswith(b"{") for entry in entries.values()):
            return None, msgspec.json.decode(content, type=dict[str, Intrinsics])
        return msgspec.json.decode(content, type=Intrinsics), None
    except (msgspec.MsgspecError, ValueError) as error:
        raise UsageError(f"{path} is not a camera file: {error}") from None


def write(path, intrinsics, **more):
    """Write a camera file; `more`: its other keys. OSError where it can't be written."""
    Path(path).write_text(json.dumps(msgspec.structs.asdict(intrinsics) | more, indent=2) + "\n")
