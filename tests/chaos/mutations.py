"""Messages that are nearly right: a real one, changed as a broken program, a torn write or a stranger would."""

import pickle
import struct

BOMBS = (  # MessagePack that promises more than it holds, or nests without end
    b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\x91" * 5000,
    b"\x81\xa1a" * 3000, b"\xc1", b"\xd6\xff\x00\x00\x00\x00",
)  # fmt: skip
NUMBERS = (float("nan"), float("inf"), -1e30, 1e30, 0.0, -1.0, 2.0**63)


def flip(data, chance):
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data, chance):
    return data[: chance.randrange(len(data))]


def insert(data, chance):
    place = chance.randrange(len(data))
    return data[:place] + chance.randbytes(chance.randrange(1, 40)) + data[place:]


def repeat(data, chance):
    start = chance.randrange(len(data))
    return data[:start] + data[start : start + chance.randrange(200)] * chance.randrange(2, 5) + data[start:]


def absurd(data, chance):
    """A number that can't be, in the place of eight or four bytes."""
    kind = chance.choice(("<f", ">d"))
    number = chance.choice(NUMBERS if kind == ">d" else NUMBERS[:-1])
    packed = struct.pack(kind, number)
    place = chance.randrange(max(len(data) - len(packed), 1))
    return data[:place] + packed + data[place + len(packed) :]


def foreign(data, chance):
    return chance.choice((b"", b"\0", chance.randbytes(chance.randrange(300)), pickle.dumps({"a": [1]}), *BOMBS))


KINDS = (flip, flip, absurd, absurd, cut, insert, repeat, foreign)


def mutated(data, chance):
    """bytes, not empty -> other bytes, which may still be a message."""
    return chance.choice(KINDS)(data, chance)
