"""Message -> bytes, and back. Arrays travel as their raw bytes; what comes in is held to `messages.py`.

MessagePack (msgspec) of the fields in their order, an array being one byte string. Its dtype and fixed axes are those
of its `ArraySpec`; the one free axis follows from the length. Nothing is unpickled, nothing is trusted: `decode` gives
a valid message or raises `Malformed`.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from duopose.stream.messages import ArraySpec, arrays_of

Message = TypeVar("Message", bound=msgspec.Struct)


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


class _Codec:
    """Both directions of one message type, by way of a twin that has bytes where the message has arrays."""

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        self.kind = kind
        types, arrays = get_type_hints(kind), arrays_of(kind)
        self.fields = [
            (name, _Field(kind.__name__, name, arrays[name]) if name in arrays else None)
            for name in kind.__struct_fields__
        ]
        twin = [(name, bytes if field else types[name]) for name, field in self.fields]
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

    def decode(self, data: bytes) -> msgspec.Struct:
        try:
            twin = self.decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(f"not a {self.kind.__name__}: {error}") from None
        return self.kind(*self._convert(twin, _Field.unpack))


_codec = cache(_Codec)


def encode(message: msgspec.Struct) -> bytes:
    """A message of `messages.py` -> bytes. ValueError, with both shapes, if an array is not what its line says."""
    return _codec(type(message)).encode(message)


def decode(kind: type[Message], data: bytes) -> Message:
    """bytes -> a message of type `kind`, its arrays read-only views of the bytes. Malformed if it is not one."""
    return cast(Message, _codec(kind).decode(data))
