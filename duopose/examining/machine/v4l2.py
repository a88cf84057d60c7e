"""Asks a webcam what it is and which pictures it gives: Video4Linux by ioctl (linux/videodev2.h). Nothing is set.

`python -m duopose.examining.machine.v4l2 DEVICE...` prints a line a device; where a driver hangs, only this one does.
"""

import errno
import fcntl
import os
import struct
import sys

from duopose.examining.child import tell

# The structures, with their reserved fields.
CAPABILITY = struct.Struct("16s32s32sIII12x")  # driver, card, bus, version, capabilities, of this device
FORMAT = struct.Struct("III32sI16x")  # index, type, flags, description, pixel format
SIZE = struct.Struct("III6I8x")  # index, pixel format, kind, width and height (or least, most, step of each)
INTERVAL = struct.Struct("5I6I8x")  # index, pixel format, width, height, kind, seconds as a fraction (or three of them)
BUFFERS = struct.Struct("IIIIB3x")  # count, type, memory, capabilities, flags


def _request(direction, number, layout):
    return direction << 30 | layout.size << 16 | ord("V") << 8 | number


QUERYCAP = _request(2, 0, CAPABILITY)
ENUM_FMT = _request(3, 2, FORMAT)
REQBUFS = _request(3, 8, BUFFERS)
ENUM_FRAMESIZES = _request(3, 74, SIZE)
ENUM_FRAMEINTERVALS = _request(3, 75, INTERVAL)

CAPTURE, HAS_DEVICE_CAPS = 0x1, 0x80000000  # of the capabilities
VIDEO_CAPTURE, MMAP = 1, 1  # type of buffers and their memory
DISCRETE = 1  # kind of a size or an interval
MOST = 64  # of formats, sizes and rates: a driver that never ends is not believed


def camera(handle, ioctl=fcntl.ioctl):
    """What an open device says -> {"name", "busy", "modes"}, None if it gives no pictures (a webcam's data about them).

    handle   its file descriptor
    ioctl    as fcntl.ioctl
    busy     another program takes pictures from it
    modes    [{"format": "MJPG", "size": [width, height], "rates": [pictures a second, ...]}, ...]
    """
    _, card, _, _, all_of_it, of_device = ask(handle, QUERYCAP, CAPABILITY, (b"", b"", b"", 0, 0, 0), ioctl)
    if not (of_device if all_of_it & HAS_DEVICE_CAPS else all_of_it) & CAPTURE:
        return None
    return {"name": words(card), "busy": is_busy(handle, ioctl), "modes": list(modes(handle, ioctl))}


def ask(handle, request, layout, values, ioctl):
    """One ioctl on a structure of these values -> its values afterwards. Raises OSError."""
    buffer = bytearray(layout.pack(*values))
    ioctl(handle, request, buffer)
    return layout.unpack(buffer)


def each(handle, request, layout, values, ioctl):
    """The answers to index 0, 1, ..., until the driver says that there are no more."""
    for index in range(MOST):
        try:
            yield ask(handle, request, layout, (index, *values), ioctl)
        except OSError:
            return


def modes(handle, ioctl):
    for _, _, _, _, code in each(handle, ENUM_FMT, FORMAT, (VIDEO_CAPTURE, 0, b"", 0), ioctl):
        for _, _, kind, *sides in each(handle, ENUM_FRAMESIZES, SIZE, (code, 0, *[0] * 6), ioctl):
            width, height = sides[:2] if kind == DISCRETE else (sides[1], sides[4])  # of a range the largest
            given = (code, width, height, 0, *[0] * 6)
            fractions = [one[5:7] for one in each(handle, ENUM_FRAMEINTERVALS, INTERVAL, given, ioctl)]
            rates = sorted({round(below / above, 1) for above, below in fractions if above}, reverse=True)
            yield {"format": words(struct.pack("<I", code)), "size": [width, height], "rates": rates}
            if kind != DISCRETE:
                break


def is_busy(handle, ioctl):
    """Whether another program holds its buffers: asking for none of them changes nothing."""
    try:
        ask(handle, REQBUFS, BUFFERS, (0, VIDEO_CAPTURE, MMAP, 0, 0), ioctl)
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


def words(text):
    return text.split(b"\0")[0].decode(errors="replace").strip()


def main(devices):
    for device in devices:
        try:
            handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
            try:
                tell([device, camera(handle)])
            finally:
                os.close(handle)
        except OSError as error:
            tell([device, {"trouble": error.strerror, "busy": error.errno == errno.EBUSY}])


if __name__ == "__main__":
    main(sys.argv[1:])
