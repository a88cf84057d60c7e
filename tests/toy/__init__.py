"""Small nodes for the tests of the live system: numbers instead of pictures, real processes and sockets."""

from stream.messages import Camera, Frame

CAMERA = Camera(500.0, 500.0, 31.5, 23.5, "default")


def frame(number, slot=("", 0, 0)):
    """A Frame of 64 x 48 pixels."""
    return Frame(number, None, number / 30, 0.0, 64, 48, CAMERA, *slot, False)
