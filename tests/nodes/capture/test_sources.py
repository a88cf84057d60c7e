import os
from collections import Counter
from fractions import Fraction
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from duopose.nodes.capture import files
from duopose.nodes.capture.files import ImageFiles, VideoFile, read_image
from duopose.nodes.capture.sources import images_of, kind_of, source_path, webcam_index
from duopose.stream.errors import UsageError
from duopose.stream.passwords import without_password
from tests.pictures import damage, jpeg, number_of, picture, turn, video


@pytest.fixture
def counts():
    return Counter()


def test_each_source_is_of_its_kind(tmp_path):
    (tmp_path / "clip.mp4").touch()
    (tmp_path / "image.JPG").touch()
    expected = {
        "0": "webcam", "12": "webcam", "/dev/video3": "webcam", "rtsp://camera/live": "stream", "HTTP://x/y": "stream",
        "demo": "video", str(tmp_path / "clip.mp4"): "video", str(tmp_path / "image.JPG"): "images",
        str(tmp_path): "images",
    }  # fmt: skip
    assert {source: kind_of(source) for source in expected} == expected


@pytest.mark.parametrize("source", ["nowhere.mp4", "", "ftp://camera/live", "-1", "nowhere/"])
def test_what_is_no_source_is_refused(source):
    with pytest.raises(UsageError):
        kind_of(source)


def test_a_webcam_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="/dev/video99"):
        webcam_index("99")


def test_the_demo_comes_with_the_project():
    assert VideoFile(source_path("demo"), Counter()).total == 41


@pytest.mark.parametrize(
    "url", ["rtsp://me:secret@camera/live", "rtsp://me:sec@ret/secret@camera/live", "http://camera/?password=secret"]
)
def test_no_password_is_shown(url):
    assert "sec" not in without_password(url)
    assert "camera" in without_password(url)


def test_a_video_gives_every_frame_with_its_time(tmp_path, counts):
    file = VideoFile(video(tmp_path / "clip.mp4", frames=12, rate=25), counts)
    pictures = list(file.pictures())
    assert file.total == len(pictures) == 12
    np.testing.assert_allclose([picture.stamp for picture in pictures], np.arange(12) / 25, atol=1e-6)
    assert [number_of(picture.pixels()) for picture in pictures] == list(range(12))
    assert {(picture.width, picture.height, picture.file) for picture in pictures} == {(64, 48, None)}
    assert counts == {}


def test_a_damaged_frame_is_skipped_and_counted(tmp_path, counts):
    path = video(tmp_path / "clip.mp4", frames=12)
    damage(path, 5)
    numbers = [number_of(picture.pixels()) for picture in VideoFile(path, counts).pictures()]
    assert numbers == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert counts["unreadable"] == 1


def test_a_video_without_a_single_good_frame_is_refused(tmp_path, counts):
    path = video(tmp_path / "clip.mp4", frames=3)
    for number in range(3):
        damage(path, number)
    with pytest.raises(UsageError, match="not a single frame"):
        list(VideoFile(path, counts).pictures())


def test_a_turned_video_stands_upright(tmp_path, counts):
    path = video(tmp_path / "clip.mp4", frames=1)
    turn(path)
    (turned,) = VideoFile(path, counts).pictures()
    assert (turned.width, turned.height) == (48, 64)
    expected = np.rot90(picture(0), 3)
    assert turned.pixels().shape == expected.shape
    assert np.abs(turned.pixels().astype(int) - expected).mean() < 4


def test_time_goes_on_where_time_stamps_do_not(tmp_path, counts, monkeypatch):
    times = [None, 0.04, 0.04, None, 0.01, 0.5]
    frames = [SimpleNamespace(time=time, rotation=0, width=4, height=4) for time in times]
    monkeypatch.setattr(files, "decoded", lambda *_: frames)
    stamps = [picture.stamp for picture in VideoFile(video(tmp_path / "clip.mp4", rate=25), counts).pictures()]
    np.testing.assert_allclose(stamps, [0, 0.04, 0.08, 0.12, 0.16, 0.5])


@pytest.mark.parametrize("content", [b"", b"these are words\n" * 100, bytes(5000)])
def test_a_file_that_is_no_video_is_refused(tmp_path, counts, content):
    (tmp_path / "text.mp4").write_bytes(content)
    with pytest.raises(UsageError, match=r"text\.mp4 .*video"):
        VideoFile(tmp_path / "text.mp4", counts)


def test_words_are_not_played_as_a_video(tmp_path, counts):
    (tmp_path / "notes.txt").write_text("FFmpeg makes pictures of this\n" * 50)
    with pytest.raises(UsageError):
        VideoFile(tmp_path / "notes.txt", counts)


def test_images_come_in_natural_order_with_their_names(tmp_path, counts):
    for name in ("10.jpg", "9.jpg", "1.png", "notes.txt", ".hidden.jpg"):
        (tmp_path / name).write_bytes(cv2.imencode(".png", picture(0))[1].tobytes())
    pictures = list(ImageFiles(str(tmp_path), counts).pictures())
    assert [picture.file for picture in pictures] == ["1.png", "9.jpg", "10.jpg"]
    assert pictures[1].stamp > pictures[0].stamp


def test_images_may_differ_in_size(tmp_path, counts):
    jpeg(tmp_path / "1.jpg", picture(0, 64, 48))
    jpeg(tmp_path / "2.jpg", picture(0, 30, 50))
    pictures = list(ImageFiles(str(tmp_path), counts).pictures())
    assert [(picture.width, picture.height) for picture in pictures] == [(64, 48), (30, 50)]
    assert [picture.pixels().shape for picture in pictures] == [(48, 64, 3), (50, 30, 3)]


def test_a_damaged_image_is_skipped_and_counted_in_silence(tmp_path, counts, capfd):
    whole = jpeg(tmp_path / "1.jpg").read_bytes()
    (tmp_path / "2.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "3.jpg").write_bytes(b"")
    (tmp_path / "4.png").write_bytes(cv2.imencode(".png", picture(0))[1].tobytes()[:-40])
    jpeg(tmp_path / "5.jpg")
    assert [picture.file for picture in ImageFiles(str(tmp_path), counts).pictures()] == ["1.jpg", "5.jpg"]
    assert counts["unreadable"] == 3
    assert capfd.readouterr().err == ""


def test_a_thumbnail_does_not_pass_for_the_end_of_an_image(tmp_path):
    whole = jpeg(tmp_path / "1.jpg", orientation=1).read_bytes()
    thumbnail = b"\xff\xe2\x00\x06\xff\xd8\xff\xd9"  # a segment that holds an end marker
    (tmp_path / "1.jpg").write_bytes(whole[:2] + thumbnail + whole[2:-200])
    assert read_image(tmp_path / "1.jpg") is None
    (tmp_path / "1.jpg").write_bytes(whole[:2] + thumbnail + whole[2:])
    assert read_image(tmp_path / "1.jpg").shape == (48, 64, 3)


def test_a_turned_image_stands_upright(tmp_path, counts):
    jpeg(tmp_path / "1.jpg", orientation=6)
    (turned,) = ImageFiles(str(tmp_path / "1.jpg"), counts).pictures()
    assert (turned.width, turned.height) == (48, 64)
    assert np.abs(turned.pixels().astype(int) - np.rot90(picture(0), 3)).mean() < 4


@pytest.mark.parametrize("image", [np.full((9, 7), 80, np.uint8), np.full((9, 7, 4), 80, np.uint8)])
def test_grey_and_transparent_images_become_rgb(tmp_path, counts, image):
    cv2.imwrite(str(tmp_path / "1.png"), image)
    (one,) = ImageFiles(str(tmp_path), counts).pictures()
    assert one.pixels().shape == (9, 7, 3)
    assert (one.pixels() == 80).all()


def test_a_folder_without_images_is_refused(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match="no images"):
        images_of(tmp_path)


def test_images_none_of_which_can_be_read_are_refused(tmp_path, counts):
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / name).write_bytes(b"noise")
    with pytest.raises(UsageError, match="holds 2 images, none readable"):
        list(ImageFiles(str(tmp_path), counts).pictures())
    with pytest.raises(UsageError, match=r"1\.jpg is not an image"):
        list(ImageFiles(str(tmp_path / "1.jpg"), counts).pictures())


# ---- what is no file, and stamps and pictures that change on the way


def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "clip.mp4")
    for source in (str(tmp_path / "clip.mp4"), "/dev/stdin", "/dev/fd/0"):
        with pytest.raises(UsageError, match="pipe or a device: write it into a file"):
            kind_of(source)


def test_a_pipe_in_a_folder_of_images_is_left_out(tmp_path, counts):
    jpeg(tmp_path / "1.jpg")
    os.mkfifo(tmp_path / "2.jpg")
    (tmp_path / "3.jpg").mkdir()
    assert [picture.file for picture in ImageFiles(str(tmp_path), counts).pictures()] == ["1.jpg"]
    assert counts == {}


def test_heic_is_refused_with_what_to_do(tmp_path, counts):
    heic = b"\0\0\0\x18ftypheic" + bytes(100)
    (tmp_path / "1.HEIC").write_bytes(heic)
    for refused in (lambda: kind_of(str(tmp_path / "1.HEIC")), lambda: images_of(tmp_path)):
        with pytest.raises(UsageError, match="HEIC pictures can't be read: save them as JPEG"):
            refused()
    jpeg(tmp_path / "2.jpg")
    assert [picture.file for picture in ImageFiles(str(tmp_path), counts).pictures()] == ["2.jpg"]
    assert counts["unreadable"] == 1
    (tmp_path / "2.jpg").write_bytes(heic)
    with pytest.raises(UsageError, match="HEIC"):
        list(ImageFiles(str(tmp_path / "2.jpg"), counts).pictures())


def written(path, stamps, codecs=("libx264",), sizes=((64, 48),)):
    """A MPEG transport stream of one part after the other, each of its codec and size, with these stamps in 1/10 s."""
    each = len(stamps) // max(len(codecs), len(sizes))
    content = b""
    for part in range(max(len(codecs), len(sizes))):
        size = sizes[min(part, len(sizes) - 1)]
        with av.open(str(path), "w", format="mpegts") as container:
            stream = container.add_stream(codecs[min(part, len(codecs) - 1)], rate=25)
            (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
            if codecs[0] == "libx264":
                stream.options = {"g": "1", "bf": "0"}
            images = [av.VideoFrame.from_ndarray(picture(n, *size), format="rgb24") for n in range(each)]
            packets = [packet for image in [*images, None] for packet in stream.encode(image)]
            for packet, stamp in zip(packets, stamps[part * each : (part + 1) * each], strict=True):
                packet.pts = packet.dts = stamp * 9000
                packet.time_base = Fraction(1, 90000)
                container.mux(packet)
        content += path.read_bytes()
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("second", [range(1000, 1010), range(10)])  # jumps ahead, starts again
def test_stamps_that_jump_in_the_middle_of_a_file_go_on_growing(tmp_path, counts, second):
    path = written(tmp_path / "clip.ts", [*range(5, 15), *second], sizes=((64, 48), (64, 48)))
    stamps = [picture.stamp for picture in VideoFile(path, counts).pictures()]
    assert len(stamps) >= 18
    assert (np.diff(stamps) > 0).all()


def test_a_stamp_far_ahead_is_no_pause(tmp_path, monkeypatch):
    frames = [SimpleNamespace(time=time, rotation=0, width=4, height=4) for time in [0.0, 0.04, 1e9, 0.08]]
    assert [picture.stamp for picture in files.pictures_of(frames, 25)] == pytest.approx([0, 0.04, 0.08, 0.12])


def test_a_file_whose_pictures_change_size_is_read_to_its_end(tmp_path, counts):
    path = written(tmp_path / "clip.ts", range(5, 25), sizes=((64, 48), (128, 96)))
    pictures = [picture.pixels().shape for picture in VideoFile(path, counts).pictures()]
    assert set(pictures) == {(48, 64, 3), (96, 128, 3)}
    assert len(pictures) >= 18


def test_a_file_whose_codec_changes_ends_in_order(tmp_path, counts):
    path = written(tmp_path / "clip.ts", range(5, 25), codecs=("libx264", "mpeg2video"))
    assert len(list(VideoFile(path, counts).pictures())) >= 9
