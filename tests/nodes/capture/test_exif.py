"""The focal length that a photograph names, and nothing from a file that names none."""

import struct
from collections import Counter

import pytest

from duopose.nodes.capture.capture import camera_of
from duopose.nodes.capture.exif import focal_35
from duopose.nodes.capture.files import ImageFiles
from duopose.stream.camera_file import Cameras
from tests.pictures import jpeg, picture


def exif(value, order=">", kind=3, count=1):
    """EXIF whose own part, at byte 26, names this value."""
    start = struct.pack(f"{order}2sHI", b"MM" if order == ">" else b"II", 42, 8)
    first = struct.pack(f"{order}HHHIII", 1, 0x8769, 4, 1, 26, 0)
    packed = struct.pack(f"{order}HH" if kind == 3 else f"{order}I", *([value, 0] if kind == 3 else [value]))
    return start + first + struct.pack(f"{order}HHHI", 1, 0xA405, kind, count) + packed + bytes(4)


def photograph(path, tiff, before=b""):
    content = jpeg(path, picture(0, width=64, height=48)).read_bytes()
    body = b"Exif\0\0" + tiff
    path.write_bytes(content[:2] + before + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + content[2:])
    return path


@pytest.mark.parametrize("how", [{}, {"order": "<"}, {"kind": 4}])
def test_the_focal_length_on_35_mm_film_is_read(tmp_path, how):
    assert focal_35(photograph(tmp_path / "a.jpg", exif(28, **how))) == 28


def test_it_is_read_behind_another_segment(tmp_path):
    before = b"\xff\xe1" + struct.pack(">H", 12) + b"http://ns."
    assert focal_35(photograph(tmp_path / "a.jpg", exif(26), before)) == 26


def test_what_another_library_writes_is_read(tmp_path):
    image_of = pytest.importorskip("PIL.Image")
    tags = image_of.Exif()
    tags[0x10F] = "a maker"
    tags.get_ifd(0x8769).update({0x920A: 4.25, 0xA405: 35})
    image_of.new("RGB", (64, 48)).save(tmp_path / "a.jpg", exif=tags)
    assert focal_35(tmp_path / "a.jpg") == 35


@pytest.mark.parametrize(
    "tiff", [b"", exif(0), exif(28)[:30], exif(28, kind=2), exif(28, count=2), b"MM\0*" + b"\xff" * 40]
)
def test_one_that_is_unknown_or_broken_is_none(tmp_path, tiff):
    assert focal_35(photograph(tmp_path / "a.jpg", tiff)) is None


def test_a_file_without_exif_or_without_content_has_none(tmp_path):
    assert focal_35(jpeg(tmp_path / "a.jpg")) is None
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff\xe1")
    assert focal_35(tmp_path / "b.jpg") is None
    assert focal_35(tmp_path / "nowhere.jpg") is None


def test_it_is_taken_where_the_user_says_nothing_and_the_record_says_so(tmp_path):
    photograph(tmp_path / "a.jpg", exif(28))
    (found,) = ImageFiles(str(tmp_path), Counter()).pictures()
    camera = camera_of(found, Cameras())
    assert (camera.fx, camera.origin) == (pytest.approx(28 / 43.27 * 80, rel=1e-3), "exif")
    assert camera_of(found, Cameras(fov=70)).origin == "fov"


def test_a_photograph_that_says_nothing_is_60_degrees_wide(tmp_path):
    jpeg(tmp_path / "a.jpg")
    (found,) = ImageFiles(str(tmp_path), Counter()).pictures()
    assert camera_of(found, Cameras()).origin == "default"
