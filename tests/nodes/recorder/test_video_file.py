import subprocess
import sys

import av
import cv2
import msgspec
import numpy as np
import pytest

from duopose.nodes.recorder.recorder import Recorder
from duopose.nodes.recorder.video_file import VideoFile
from duopose.stream.errors import UsageError
from duopose.stream.settings import Settings
from tests.places import ROOT
from tests.toy import frame
from tests.toy.scenes import scene


def decoded(path):
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def filmed(path, count, **how):
    """A video of `count` pictures at 25 a second, still open."""
    video = VideoFile(str(path), **how)
    for number in range(count):
        video.add(np.full((48, 64, 3), number, np.uint8), number / 25)
    return video


def test_a_video_of_no_known_kind_is_the_users_to_mend(tmp_path):
    with pytest.raises(UsageError, match=r"\.mp4"):
        VideoFile(str(tmp_path / "video.poses"))


def test_a_saved_video_keeps_time_and_shows_every_frame(tmp_path):
    path = str(tmp_path / "video.mp4")
    recorder = Recorder(Settings(save_video=path))
    stamps = [0.0, 0.04, 0.5, 0.5, 2.0]  # two that are the same, as only a broken clock gives them
    for number, stamp in enumerate(stamps):
        one = scene(msgspec.structs.replace(frame(number), stamp=stamp))
        recorder.add(one, np.full((48, 64, 3), 100, np.uint8))
    recorder.close()
    frames = decoded(path)
    np.testing.assert_allclose([frame.time for frame in frames], stamps, atol=0.001)
    image = frames[-1].to_ndarray(format="rgb24").astype(int)
    assert (image.max(-1) - image.min(-1)).max() > 50  # grey went in, something coloured was drawn


def test_pictures_of_other_sizes_go_into_the_same_video(tmp_path):
    writer = VideoFile(str(tmp_path / "video.mp4"))
    for number, shape in enumerate([(49, 65, 3), (100, 20, 3), (2, 300, 3)]):
        writer.add(np.full(shape, 200, np.uint8), number)
    writer.close()
    assert [(frame.width, frame.height) for frame in decoded(tmp_path / "video.mp4")] == [(64, 48)] * 3


KILLED = """
import os, sys
from tests.nodes.recorder.test_video_file import filmed
filmed(sys.argv[1], 110)
os.kill(os.getpid(), 9)
"""


def test_a_killed_video_plays_to_within_a_second_of_the_kill(tmp_path):
    path = tmp_path / "video.mp4"
    subprocess.run([sys.executable, "-c", KILLED, path], cwd=ROOT, check=False)
    assert decoded(path)[-1].time > 110 / 25 - 1
    reader, shown = cv2.VideoCapture(str(path)), 0
    while reader.read()[0]:
        shown += 1
    assert shown == len(decoded(path))


def test_a_video_that_is_there_stays_and_the_new_one_lies_beside_it(tmp_path):
    said, path = [], tmp_path / "seen.mp4"
    for count in (3, 5, 7):
        filmed(path, count, say=said.append).close()
    assert [len(decoded(tmp_path / name)) for name in ("seen.mp4", "seen-2.mp4", "seen-3.mp4")] == [3, 5, 7]
    assert said == [
        f"{path} is there already: the video goes into {tmp_path / name}" for name in ("seen-2.mp4", "seen-3.mp4")
    ]


def test_an_overwritten_video_stays_until_the_first_picture_has_come(tmp_path):
    path = tmp_path / "seen.mp4"
    filmed(path, 9).close()
    video = VideoFile(str(path), overwrite=True)
    video.open()
    assert len(decoded(path)) == 9
    video.close()
    filmed(path, 4, overwrite=True).close()
    assert len(decoded(path)) == 4


def test_two_runs_do_not_film_into_one_file(tmp_path):
    path = tmp_path / "seen.mp4"
    first = filmed(path, 1)
    second = filmed(path, 2)
    second.close()
    first.close()
    assert (len(decoded(path)), len(decoded(tmp_path / "seen-2.mp4"))) == (1, 2)


def test_a_video_whose_file_was_moved_goes_on_in_a_new_one(tmp_path):
    path = tmp_path / "seen.mp4"
    video = filmed(path, 30)
    path.rename(tmp_path / "moved.mp4")
    for number in range(30, 40):
        video.add(np.zeros((48, 64, 3), np.uint8), number / 25)
    video.close()
    assert len(decoded(tmp_path / "moved.mp4")) == 30
    assert len(decoded(path)) == 10
