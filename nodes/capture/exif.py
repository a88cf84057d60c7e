"""What a photograph's EXIF says of its lens: the focal length on 35 mm film, FocalLengthIn35mmFilm.

Only "about": makers round it to whole millimetres and reckon it from the diagonal (CIPA DCG-001) or from the width,
which differ by 4 % at 4:3; and a picture that was cut keeps it.
"""

import struct

HEADER = 1 << 17  # bytes of a JPEG in which its EXIF lies: a segment has 64 kB at most, and few come before it
IFD, FOCAL_35 = 0x8769, 0xA405  # tags: where the camera's own part of EXIF lies; mm, 0 = unknown
SHORT, LONG = 3, 4  # types of a value


def focal_35(path):
    """Focal length in mm on 35 mm film, or None where the file doesn't say."""
    try:
        with open(path, "rb") as file:
            content = file.read(HEADER)
        return focal_in(segment(content))
    except (OSError, struct.error):  # also EXIF that is cut or makes no sense
        return None


def segment(content):
    """JPEG -> the TIFF structure inside its EXIF segment, or nothing."""
    place = 2 if content.startswith(b"\xff\xd8") else len(content)
    while content[place : place + 1] == b"\xff" and content[place + 1 : place + 2] != b"\xda":  # to the start of scan
        length = int.from_bytes(content[place + 2 : place + 4])
        if content[place + 1 : place + 2] == b"\xe1" and content[place + 4 : place + 10] == b"Exif\0\0":
            return content[place + 10 : place + 2 + length]
        place += 2 + length
    return b""


def focal_in(tiff):
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return None
    where = entries(tiff, order, struct.unpack_from(f"{order}I", tiff, 4)[0]).get(IFD)
    return (entries(tiff, order, where).get(FOCAL_35) if where else None) or None


def entries(tiff, order, place):
    """{tag: value} of a directory, of the values that are one whole number."""
    found = {}
    for number in range(struct.unpack_from(f"{order}H", tiff, place)[0]):
        tag, kind, count, short = struct.unpack_from(f"{order}HHIH", tiff, place + 2 + 12 * number)
        if count == 1 and kind in (SHORT, LONG):
            found[tag] = short if kind == SHORT else struct.unpack_from(f"{order}I", tiff, place + 10 + 12 * number)[0]
    return found
