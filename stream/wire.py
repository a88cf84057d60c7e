"""Message -> bytes, and back. Arrays travel as their raw bytes; what comes in is held to `messages.py`.

MessagePack (msgspec) of the fields in their order, an array being one byte string. Its dtype and fixed axes are those
of its `ArraySpec`; the one free axis follows from the length. Nothing is unpickled, nothing is trusted: `decode` gives
a valid message or raises `Malformed`.

Here also is the one place where numbers become sane. A message about a frame or a camera that can't be is `Malformed`;
people whose numbers lie beyond the bounds of their `ArraySpec`, or are none, are left out. So no node and no kernel
needs to expect a box of 1e30 pixels.
"""

import math
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from duopose.stream.messages import ArraySpec, Camera, Frame, arrays_of

Message = TypeVar("Message", bound=msgspec.Struct)


MOST_PEOPLE = 500  # in one message: more than any picture shows, few enough for what grows with their square
LONGEST_SIDE = 65535  # pixels
MOST_FRAMES = 2_000_000_000  # two years at 30 frames/s; identities follow the number and fit into int32
FOCAL = (1e-3, 1e7)  # pixels
FARTHEST_CENTRE = 1e7  # pixels from the picture's corner to the optical axis
STRONGEST_DISTORTION = 1e6


class Malformed(ValueError):
    """These bytes are not the message they should be."""


class _Field:
    """One array field: what it must look like, and how it goes to bytes and back."""

    def __init__(self, message: str, name: str, spec: ArraySpec) -> None:
        self.name = f"{message}.{name}"
        self.wanted = f"{spec.dtype} [{spec.shape.replace(' ', ', ')}]"
        self.dtype = np.dtype(spec.dtype)
        axes = spec.shape.split()
        free = [axis for axis in axes if not axis.isdigit()]
        if free != axes[:1]:
            raise TypeError(f"{self.name}: the first axis, and only it, must be free, got {self.wanted}")
        self.letter = axes[0]
        self.least, self.most, self.may_lack = spec.least, spec.most, spec.may_lack
        self.rest = tuple(int(axis) for axis in axes[1:])
        self.row = self.dtype.itemsize * math.prod(self.rest)

    def pack(self, array: NDArray[Any]) -> tuple[bytes, int]:
        if (
            not isinstance(array, np.ndarray)
            or array.dtype != self.dtype
            or array.shape[1:] != self.rest
            or not array.ndim
        ):
            got = (
                f"{array.dtype.str[1:]} {list(array.shape)}" if isinstance(array, np.ndarray) else type(array).__name__
            )
            raise ValueError(f"{self.name} wants {self.wanted}, got {got}")
        return array.tobytes(), len(array)

    def unpack(self, data: bytes) -> tuple[NDArray[Any], int]:
        count, odd = divmod(len(data), self.row)
        if odd:
            raise Malformed(f"{self.name} wants {self.wanted}: rows of {self.row} bytes, got {len(data)} bytes")
        return np.frombuffer(data, self.dtype).reshape(count, *self.rest), count

    def believable(self, array: NDArray[Any]) -> NDArray[np.bool_]:
        """bool [N]: whose numbers can be true."""
        if self.least is None:
            return np.ones(len(array), np.bool_)
        with np.errstate(invalid="ignore"):  # there are NaNs that raise a warning when they are compared
            inside = (array >= np.asarray(self.least)) & (array <= np.asarray(self.most))
        if self.may_lack:
            inside |= np.isnan(array)
        return cast(NDArray[np.bool_], inside.reshape(len(array), -1).all(1))


class _Codec:
    """Both directions of one message type, by way of a twin that has bytes where the message has arrays."""

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        self.kind = kind
        types, arrays = get_type_hints(kind), arrays_of(kind)
        defaults = {field.name: field.default for field in msgspec.structs.fields(kind)}
        self.fields = [
            (name, _Field(kind.__name__, name, arrays[name]) if name in arrays else None)
            for name in kind.__struct_fields__
        ]
        twin = [(name, bytes if field else types[name], defaults[name]) for name, field in self.fields]
        self.twin = msgspec.defstruct(f"{kind.__name__}Twin", twin, array_like=True, forbid_unknown_fields=True)
        self.encoder = msgspec.msgpack.Encoder()
        self.decoder = msgspec.msgpack.Decoder(self.twin)

    def _convert(self, message: msgspec.Struct, convert: Callable[[_Field, Any], tuple[Any, int]]) -> list[Any]:
        values: list[Any] = []
        lengths: dict[str, int] = {}
        for name, field in self.fields:
            value = getattr(message, name)
            if field is not None:
                value, count = convert(field, value)
                if lengths.setdefault(field.letter, count) != count:
                    raise Malformed(f"{field.name}: {field.letter} is {count} here and {lengths[field.letter]} before")
            values.append(value)
        return values

    def encode(self, message: msgspec.Struct) -> bytes:
        return self.encoder.encode(self.twin(*self._convert(message, _Field.pack)))

    def decode(self, data: bytes) -> tuple[msgspec.Struct, int]:
        """-> the message, how many people were left out."""
        try:
            twin = self.decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(f"not a {self.kind.__name__}: {error}") from None
        message = self.kind(*self._convert(twin, _Field.unpack))
        if isinstance(frame := getattr(message, "frame", message), Frame):
            check_frame(frame)
        arrays = {name: getattr(message, name) for name, field in self.fields if field}
        if not arrays or not len(next(iter(arrays.values()))):
            return message, 0
        if (people := len(next(iter(arrays.values())))) > MOST_PEOPLE:
            raise Malformed(f"{self.kind.__name__}: {people} people, at most {MOST_PEOPLE} can be true")
        kept = np.logical_and.reduce([field.believable(arrays[name]) for name, field in self.fields if field])
        if kept.all():
            return message, 0
        for array in (rest := {name: array[kept] for name, array in arrays.items()}).values():
            array.flags.writeable = False
        return msgspec.structs.replace(message, **rest), people - int(kept.sum())


def check_frame(frame: Frame) -> None:
    """Raise Malformed unless number, stamps, size and camera can be true."""
    if not (0 <= frame.number <= MOST_FRAMES and math.isfinite(frame.stamp) and math.isfinite(frame.read_at)):
        raise Malformed(f"frame {frame.number} of {frame.stamp} s can't be")
    if not (1 <= frame.width <= LONGEST_SIDE and 1 <= frame.height <= LONGEST_SIDE):
        raise Malformed(f"frame {frame.number}: no picture has {frame.width}x{frame.height} pixels")
    check_camera(frame.camera)


def check_camera(camera: Camera) -> None:
    """Raise Malformed unless there can be such a camera."""
    if not all(FOCAL[0] <= focal <= FOCAL[1] for focal in (camera.fx, camera.fy)):
        raise Malformed(f"no camera has the focal lengths {camera.fx:g}, {camera.fy:g}")
    if not all(abs(place) <= FARTHEST_CENTRE for place in (camera.cx, camera.cy)):
        raise Malformed(f"no camera has its axis at {camera.cx:g}, {camera.cy:g}")
    if not all(abs(k) <= STRONGEST_DISTORTION for k in camera.distortion):
        raise Malformed(f"no lens has the distortion {camera.distortion}")
    if camera.pose is not None and not (len(camera.pose) == 12 and all(map(math.isfinite, camera.pose))):
        raise Malformed(f"no camera stands at {camera.pose}")


_codec = cache(_Codec)


def encode(message: msgspec.Struct) -> bytes:
    """A message of `messages.py` -> bytes. ValueError, with both shapes, if an array is not what its line says."""
    return _codec(type(message)).encode(message)


def decode(kind: type[Message], data: bytes, counts: Counter[str] | None = None) -> Message:
    """bytes -> a message of type `kind`, its arrays read-only views of the bytes. Malformed if it is not one.

    counts   how many people were left out, as "absurd"
    """
    message, absurd = _codec(kind).decode(data)
    if absurd and counts is not None:
        counts["absurd"] += absurd
    return cast(Message, message)
