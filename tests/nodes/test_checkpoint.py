"""What a node has kept is there for its next life, to the bit, and harms nobody."""

import errno
from pathlib import Path

import numpy as np
import pytest

from duopose.nodes.checkpoint import Checkpoint
from duopose.nodes.fusion.identities import Identities, Known
from duopose.nodes.tracking import Found, Tracker, Tracks


def people(count, shift=0.0):
    """So many people side by side, each in a colour of their own."""
    coco = np.zeros((count, 17, 3), np.float32)
    coco[..., 0] = 100 * np.arange(count)[:, None] + np.arange(17) + shift
    coco[..., 1], coco[..., 2] = 10 * np.arange(17) + 20, 0.8
    boxes = np.float32([[100 * person + shift, 20, 40, 180] for person in range(count)]).reshape(count, 4)
    appearance = np.zeros((count, 2, 18), np.float32)
    appearance[np.arange(count), :, np.arange(count)] = 1
    return Found(coco, boxes, np.full(count, 0.8, np.float32), appearance)


def test_a_tracker_goes_on_as_the_one_before(tmp_path):
    first, second = Tracker(first=7), Tracker()
    for number in range(5):
        first.fit(640, 480)
        ids = first.step(number / 30, people(3, shift=number))
        Checkpoint(tmp_path, "top_down", Tracks).save(first.memory)
    second.memory = Checkpoint(tmp_path, "top_down", Tracks).load()
    assert ids.tolist() == [7, 8, 9]
    for number in range(20, 25):  # half a second later; somebody new is somebody new
        found = people(4, shift=number)
        np.testing.assert_array_equal(first.step(number / 30, found), second.step(number / 30, found))
    assert sorted(second.tracks) == [7, 8, 9, 10]
    np.testing.assert_array_equal(first.tracks[7].velocity, second.tracks[7].velocity)


def test_identities_of_the_scene_go_on_with_the_tracks_they_belong_to(tmp_path):
    first, second = Identities(first=50), Identities()
    ids = first.step(0.0, np.int32([3, 9]), people(3))
    Checkpoint(tmp_path, "fusion", Known).save(first.memory)
    second.memory = Checkpoint(tmp_path, "fusion", Known).load()
    np.testing.assert_array_equal(second.step(0.1, np.int32([3, 9]), people(3)), ids)


def test_without_an_earlier_life_there_is_nothing_and_what_kills_a_node_is_not_tried_twice(tmp_path):
    checkpoint = Checkpoint(tmp_path, "top_down", Tracks)
    assert checkpoint.load() is None
    checkpoint.save(Tracker().memory)
    assert checkpoint.load() is not None
    assert checkpoint.load() is None


def test_of_those_who_know_nobody_the_first_is_kept_and_everyone_else(tmp_path):
    tracker, checkpoint = Tracker(first=7), Checkpoint(tmp_path, "top_down", Tracks)

    def kept(number, found):
        tracker.step(number / 30, found)
        checkpoint.save(tracker.memory, nobody=not tracker.tracks)
        return checkpoint.decoder.decode(checkpoint.path.read_bytes())

    assert kept(0, people(0)).last == kept(1, people(0)).last == 0.0
    assert sorted(kept(2, people(2)).tracks) == sorted(kept(3, people(0)).tracks) == [7, 8]
    assert [kept(200, people(0)).tracks, kept(201, people(0)).next_id] == [{}, 9]


@pytest.mark.parametrize("fails", ["write_bytes", "replace"])
def test_where_memory_is_full_nothing_is_kept_that_is_too_old(tmp_path, monkeypatch, fails):
    checkpoint = Checkpoint(tmp_path, "top_down", Tracks)
    checkpoint.save(Tracker().memory)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, fails, full)
    checkpoint.save(Tracker().memory)
    assert list(tmp_path.iterdir()) == []
    assert checkpoint.load() is None
