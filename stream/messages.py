"""Every message that crosses a process boundary: field, type, shape, unit. Nothing else documents a payload.

Array fields say what they hold: `Array("f4", "N 17 3", "m")` is float32 of any N, metres. `wire.decode` holds each
array to its line, and to the same N within one message, before a node sees it.

Positions: pixels count from the CENTRE of the top-left pixel of the original upright frame. The camera frame is x
right, y down, z forward, metres. Joint orders are in `skeleton.py`.
"""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, NamedTuple, TypeVar, get_type_hints

import msgspec
import numpy as np

Message = TypeVar("Message")


Limit = float | tuple[float, ...] | None


class ArraySpec(NamedTuple):
    dtype: str
    shape: str
    unit: str
    least: Limit = None
    most: Limit = None
    may_lack: bool = False


def Array(dtype: str, shape: str, unit: str, least: Limit = None, most: Limit = None, may_lack: bool = False) -> Any:
    """The type of an array field: NumPy dtype, axes (a letter = any length, the same in the whole message), unit.

    least, most  bounds of every number, or of each along the last axis; far beyond what can be true, they keep what is
                 absurd out of the nodes (`wire.decode`)
    may_lack     NaN is allowed: somebody has none
    """
    return Annotated[np.ndarray, ArraySpec(dtype, shape, unit, least, most, may_lack)]


# Bounds: pixels far outside any picture, metres far beyond any view, shares with room for networks that exceed 1.
PX, M, SHARE = 1e5, 1e4, 100.0


@cache
def arrays_of(kind: type) -> dict[str, ArraySpec]:
    """{name of an array field: its ArraySpec} of a message type."""
    hints = get_type_hints(kind, include_extras=True)
    specs = {name: next(iter(getattr(hint, "__metadata__", ())), None) for name, hint in hints.items()}
    return {name: spec for name, spec in specs.items() if isinstance(spec, ArraySpec)}


def empty(kind: Callable[..., Message], frame: "Frame | None", **others: Any) -> Message:
    """A message of that type about nobody. `others`: its fields that are no arrays.

    >>> empty(Boxes, frame=None, fresh=False).boxes.shape
    (0, 4)
    """
    arrays = {
        name: np.zeros((0, *map(int, spec.shape.split()[1:])), spec.dtype) for name, spec in arrays_of(kind).items()
    }
    return kind(frame=frame, **arrays, **others)


def camera_of(message: Any) -> str | None:
    """Name of the run's camera that a message is about, None where it is about none."""
    name: str | None = getattr(getattr(message, "frame", message), "camera_name", None)
    return name


def newest(messages: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """[(topic, message)], oldest first -> the last of each topic and camera, of "health" of each node."""
    kept: dict[Any, tuple[str, Any]] = {}
    for topic, message in messages:
        kind = topic, camera_of(message), getattr(message, "node", None)
        kept.pop(kind, None)  # it goes to the end
        kept[kind] = topic, message
    return list(kept.values())


class Camera(msgspec.Struct, frozen=True):
    """Pinhole with OpenCV's distortion, pixels of the upright frame."""

    fx: float
    fy: float
    cx: float
    cy: float
    origin: str  # where it came from: "file", "fov", "exif" (of a photograph, about) or "default"; with "+height"
    # where the height of the camera over the floor was used to put sizes right, and a lens that was not measured
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)  # k1 k2 p1 p2 k3
    # The matrix [3, 4], row by row, that takes a point of the camera frame into the world, metres; None = nobody knows.
    pose: tuple[float, ...] | None = None


class Effort(msgspec.Struct, frozen=True):
    """How much work a frame may be: a step of `nodes/capture/pace.py`."""

    name: str = "full"
    crop: int = 0  # number of the size of crops in nodes/top_down/crops.py: 0 = the largest
    people: int = 1  # each person is looked at in one of so many frames, and predicted in the others
    share: bool = False  # people near each other share a crop
    bottom_up: int = 1  # the bottom-up branch looks at one of so many frames


class Frame(msgspec.Struct, frozen=True):
    """One picture: where its pixels lie and when it was taken. Travels unchanged inside every later message."""

    number: int  # counts from 0 for each camera, never reused in a run
    file: str | None  # name of the image, for folders
    stamp: float  # s, media time; tracker and windows live by it
    read_at: float  # s, time.monotonic() when it was read; latency counts from here
    width: int  # pixels
    height: int
    camera: Camera
    ring: str  # name of the ring that holds the pixels
    slot: int  # its slot in the ring
    sequence: int  # what the slot's counter must still say after the pixels were read
    still: bool  # stands alone: no tracking to or from other frames
    camera_name: str = ""  # which of the run's cameras took it; "" = its only one, which has no name
    effort: Effort = Effort()  # less than everything where a live run can't keep up


class Boxes(msgspec.Struct, frozen=True):
    """People found by the detector, no identities."""

    frame: Frame
    boxes: Array("f4", "N 4", "pixels: x, y, width, height of the visible person", (-PX, -PX, 0, 0), PX)
    scores: Array("f4", "N", "0..1", 0, SHARE)
    fresh: bool  # False: the detector did not look at this frame, these are its last boxes


class People(msgspec.Struct, frozen=True):
    """Top-down branch, 2D: everyone found in the crops, grouped, with identity."""

    frame: Frame
    ids: Array("i4", "N", "identity, stable while the person stays, from 1 up")
    scores: Array("f4", "N", "0..1", 0, SHARE)
    boxes: Array("f4", "N 4", "pixels: x, y, width, height of the visible person", (-PX, -PX, 0, 0), PX)
    coco: Array(
        "f4", "N 17 3", "COCO17: x, y pixels, score 0..1; a missing joint is 0 0 0", (-PX, -PX, 0), (PX, PX, SHARE)
    )
    predicted: tuple[int, ...] = ()  # identities of those whom nobody looked at in this frame


class Poses(msgspec.Struct, frozen=True):
    """What one branch says of everyone in camera space."""

    frame: Frame
    ids: Array("i4", "N", "identity; 0 = this branch knows none")
    scores: Array("f4", "N", "0..1", 0, SHARE)
    boxes: Array("f4", "N 4", "pixels: x, y, width, height of the visible person", (-PX, -PX, 0, 0), PX)
    coco: Array(
        "f4", "N 17 3", "COCO17: x, y pixels, score 0..1; a missing joint is 0 0 0", (-PX, -PX, 0), (PX, PX, SHARE)
    )
    joints: Array("f4", "N 17 3", "BODY17: x, y, z metres, camera frame; always complete", -M, M)
    confidence: Array("f4", "N 17", "0..1; 0 = not measured, filled in", 0, SHARE)
    predicted: tuple[int, ...] = ()  # identities of those whom nobody looked at in this frame


class Scene(msgspec.Struct, frozen=True):
    """Fused: everyone once. `top_down` and `bottom_up` are the branches' own poses, NaN where a branch has none."""

    frame: Frame
    fused_at: float  # s, time.monotonic() when this was ready
    ids: Array("i4", "N", "identity")
    scores: Array("f4", "N", "0..1", 0, SHARE)
    sources: Array("u1", "N", "1 = top-down, 2 = bottom-up, 3 = both", 1, 3)
    boxes: Array("f4", "N 4", "pixels: x, y, width, height of the visible person", (-PX, -PX, 0, 0), PX)
    coco: Array(
        "f4", "N 17 3", "COCO17: x, y pixels, score 0..1; a missing joint is 0 0 0", (-PX, -PX, 0), (PX, PX, SHARE)
    )
    joints: Array("f4", "N 17 3", "BODY17: x, y, z metres, camera frame; always complete", -M, M)
    top_down: Array("f4", "N 17 3", "BODY17: x, y, z metres, camera frame", -M, M, may_lack=True)
    bottom_up: Array("f4", "N 17 3", "BODY17: x, y, z metres, camera frame", -M, M, may_lack=True)
    # How sure fusion is: 68 % of errors are smaller. NaN where nobody says.
    depth_sd: Array("f4", "N", "of the log of the root's depth", 0, SHARE, may_lack=True)
    joint_sd: Array("f4", "N 17", "metres, of each joint's place relative to the root", 0, M, may_lack=True)
    predicted: tuple[int, ...] = ()  # identities of those whom nobody looked at in this frame


class Regions(msgspec.Struct, frozen=True):
    """How many people are in each third of the picture."""

    frame: Frame
    counts: tuple[int, int, int]  # left, middle, right


class Jpeg(msgspec.Struct, frozen=True):
    """A frame's picture for other machines."""

    frame: Frame
    data: bytes  # JPEG


class Done(msgspec.Struct, frozen=True):
    """The recorder has written this frame, or the session stored it. When all have, its slot may be used again."""

    number: int
    camera_name: str = ""  # as the frame's


class Health(msgspec.Struct, frozen=True):
    """How a node is doing, every half second and at its end."""

    node: str
    pid: int
    state: str  # "starting", "running", "finished" (its source is at the end), "stopping"
    handled: int  # messages worked on since the node started
    ms_p50: float | None  # ms of work per message, of the last 512
    ms_p95: float | None
    cpu_s: float  # user + system seconds of the process
    rss_peak_mb: float
    counts: dict[str, int]  # what was lost and why: "overtaken", "rubbish", "skipped", "unreadable", ...
    backends: tuple[str, ...] = ()  # what runs the node's networks, e.g. "OpenVINO bf16"
    note: str = ""  # one line for the user, e.g. "rtsp://... lost, trying again"
    change: int = 0  # which change of the run's cameras it has taken in
