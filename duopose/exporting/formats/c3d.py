"""C3D, the biomechanics laboratories' binary file: a point a joint. Millimetres; residual -1 in a gap.

Format: https://www.c3d.org/HTML/default.htm. Little-endian, floats. Frame 1 is the first frame of the run. Frames that
16 bits can't number are numbered by TRIAL:ACTUAL_START_FIELD and ACTUAL_END_FIELD.
"""

import struct

import numpy as np

from duopose import __version__
from duopose.stream.skeleton import BODY17

MM = 1000.0  # in a metre
BLOCK = 512  # bytes
SCALE = -1.0  # negative: coordinates are floats
INTEL = 84  # byte order and floats
MOST = 0xFFFF  # of a word
PARAMETERS_AT = 2  # block, the first is 1
CHARACTERS, WORDS, FLOATS = -1, 2, 4  # types of parameters


def write(path, people):
    """One Person into one file."""
    (person,) = people
    motion = person.motion
    first, last = motion.first + 1, motion.first + len(motion.times)
    length = len(_parameters(motion, first, last, 0)) // BLOCK
    data_at = PARAMETERS_AT + length
    with open(path, "wb") as file:
        file.write(_header(motion, first, last, data_at))
        file.write(_parameters(motion, first, last, data_at))
        points = np.zeros((len(motion.times), len(BODY17), 4), "<f4")
        points[..., :3] = np.nan_to_num(MM * motion.joints)
        points[~motion.seen, :, 3] = -1
        file.write(points.tobytes())
        file.write(bytes(-file.tell() % BLOCK))


def _header(motion, first, last, data_at):
    words = (len(BODY17), 0, min(first, MOST), min(last, MOST), 0)
    head = struct.pack("<BB5HfHHf", PARAMETERS_AT, 0x50, *words, SCALE, data_at, 0, motion.rate)
    return head.ljust(BLOCK, b"\0")


def _parameters(motion, first, last, data_at):
    """The parameter section, whole blocks."""
    count = len(motion.times)
    groups = {
        "POINT": {
            "USED": _words(len(BODY17)), "FRAMES": _words(min(count, MOST)), "LONG_FRAMES": _floats(count),
            "SCALE": _floats(SCALE), "RATE": _floats(motion.rate), "DATA_START": _words(data_at),
            "UNITS": _text("mm"), "LABELS": _texts(BODY17), "DESCRIPTIONS": _texts(BODY17),
            "X_SCREEN": _text("+X"), "Y_SCREEN": _text("+Y"),
        },
        "ANALOG": {"USED": _words(0), "RATE": _floats(0.0), "GEN_SCALE": _floats(1.0)},
        "FORCE_PLATFORM": {"USED": _words(0)},
        "TRIAL": {"ACTUAL_START_FIELD": _words(*_halves(first)), "ACTUAL_END_FIELD": _words(*_halves(last))},
        "MANUFACTURER": {"SOFTWARE": _text("duopose"), "VERSION_LABEL": _text(__version__)},
    }  # fmt: skip
    entries = [_entry(-number, name, b"\0") for number, name in enumerate(groups, 1)]
    for number, parameters in enumerate(groups.values(), 1):
        entries += [_entry(number, name, value + b"\0") for name, value in parameters.items()]
    body = b"".join(entries) + b"\0\0"
    blocks = -(-(len(body) + 4) // BLOCK)
    return (struct.pack("<4B", 1, 0x50, blocks, INTEL) + body).ljust(blocks * BLOCK, b"\0")


def _entry(number, name, content):
    """A group (its number negative) or a parameter; its content ends with the length of a description, 0."""
    return struct.pack("<bb", len(name), number) + name.encode() + struct.pack("<H", len(content) + 2) + content


def _words(*values):
    return struct.pack(f"<bB{'B' * (len(values) > 1)}", WORDS, *_shape(values)) + struct.pack(
        f"<{len(values)}H", *values
    )


def _floats(value):
    return struct.pack("<bBf", FLOATS, 0, value)


def _text(value):
    return struct.pack("<bBB", CHARACTERS, 1, len(value)) + value.encode()


def _texts(values):
    width = max(map(len, values))
    return struct.pack("<bBBB", CHARACTERS, 2, width, len(values)) + "".join(v.ljust(width) for v in values).encode()


def _shape(values):
    return (0,) if len(values) == 1 else (1, len(values))


def _halves(number):
    return number & MOST, number >> 16
