"""Tracks of people from tiny copies of the sets, in the layouts as they are published."""

import numpy as np
import pytest

from duopose.stream.errors import UsageError
from duopose.stream.skeleton import BODY17
from duopose.training.datasets.human36m import Human36m
from duopose.training.datasets.jta import Jta
from duopose.training.datasets.mpi_inf_3dhp import MpiInf3dhp
from duopose.training.datasets.muco import Muco
from duopose.training.tracks.reading import read
from tests.evaluation.copies import crowd, standing, write_human36m, write_jta
from tests.training.datasets import folders

NOSE, ANKLES = BODY17.index("nose"), [BODY17.index("left_ankle"), BODY17.index("right_ankle")]


def test_a_track_is_cut_where_frames_are_missing(tmp_path):
    poses = {frame: standing(0.01 * frame, 4) for frame in (0, 1, 2, 3, 8, 9)}
    write_human36m(tmp_path, 1, poses)
    tracks = read(Human36m(tmp_path, (1,)))
    assert (tracks.start.tolist(), tracks.length.tolist()) == ([0, 4], [4, 2])
    assert tracks.rate == pytest.approx([50, 50])
    np.testing.assert_allclose(tracks.joints, list(poses.values()), atol=1e-5)
    assert (tracks.seen == 1).all()


def test_every_person_of_a_clip_has_a_track_and_who_is_hidden_has_none(tmp_path):
    people = crowd(6)
    write_jta(tmp_path, "seq_0", people, split="train", hidden=[1])
    tracks = read(Jta(tmp_path))
    assert tracks.length.tolist() == [6, 6]
    assert tracks.rate == pytest.approx([30, 30])
    limbs = [joint for joint in range(17) if joint != NOSE]
    truth = np.concatenate([people[:, 0], people[:, 2]])[:, limbs]
    np.testing.assert_allclose(tracks.joints[:, limbs], truth, atol=1e-4)
    assert np.isnan(tracks.joints[:, NOSE]).all()  # the set labels none
    assert (tracks.seen[:, NOSE] == 0).all()
    assert (tracks.seen[:6, ANKLES] == 1).all()
    assert (tracks.seen[6:, ANKLES] == 0).all()  # the legs of the third person are below the picture


def test_people_of_pictures_that_stand_alone_are_seen_once(tmp_path):
    tracks = read(Muco(folders.muco(tmp_path)))
    assert tracks.length.tolist() == [1, 1, 1]
    assert sorted(tracks.joints[:, 0, 2].round().tolist()) == [9, 12, 12]


def test_each_camera_of_a_sequence_has_its_own_track(tmp_path):
    tracks = read(MpiInf3dhp(folders.mpi_inf_3dhp(tmp_path), step=1))
    assert tracks.length.tolist() == [11, 12]
    assert tracks.rate == pytest.approx([25, 50])


def test_pictures_without_distances_teach_no_lifting(tmp_path):
    folder, _ = folders.muco_chunk(tmp_path / "chunks")
    with pytest.raises(UsageError, match="nobody in it whose joints are known in metres"):
        read(Muco(folder))
