import errno
import os

import numpy as np
import pytest

from duopose.stream.errors import UsageError
from duopose.stream.ring import Ring, RingWriter


def picture(value, height=4, width=6):
    return np.full((height, width, 3), value, np.uint8)


def test_a_picture_comes_back_from_another_mapping(tmp_path):
    slot = RingWriter(tmp_path, slots=3).put(np.arange(72, dtype=np.uint8).reshape(4, 6, 3))
    view = Ring(tmp_path / slot.ring).view(slot.slot, slot.sequence, (4, 6, 3))
    np.testing.assert_array_equal(view.ravel(), np.arange(72))
    assert not view.flags.writeable


def test_a_strided_picture_is_stored_like_any_other(tmp_path):
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    slot = RingWriter(tmp_path, slots=1).put(image[:, ::-1])
    np.testing.assert_array_equal(Ring(tmp_path / slot.ring).view(0, slot.sequence, (4, 6, 3)), image[:, ::-1])


def test_a_reader_that_comes_too_late_gets_nothing(tmp_path):
    writer = RingWriter(tmp_path, slots=2)
    slots = [writer.put(picture(value)) for value in range(3)]
    ring = Ring(tmp_path / slots[0].ring)
    assert ring.view(slots[0].slot, slots[0].sequence, (4, 6, 3)) is None
    assert ring.view(slots[1].slot, slots[1].sequence, (4, 6, 3))[0, 0, 0] == 1


def test_a_reader_overtaken_while_it_reads_can_tell(tmp_path):
    writer = RingWriter(tmp_path, slots=1)
    slot = writer.put(picture(1))
    ring = Ring(tmp_path / slot.ring)
    ring.view(slot.slot, slot.sequence, (4, 6, 3))
    assert ring.holds(slot.slot, slot.sequence)
    writer.put(picture(2))
    assert not ring.holds(slot.slot, slot.sequence)


def test_a_half_written_picture_is_not_given_out(tmp_path):
    slot = RingWriter(tmp_path, slots=1).put(picture(1))
    ring = Ring(tmp_path / slot.ring)

    class Interrupted(np.ndarray):
        """A picture whose copying fails in the middle, as when the writer is killed."""

        @property
        def size(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ring.write(0, picture(2).view(Interrupted))
    assert ring.view(0, slot.sequence, (4, 6, 3)) is None
    assert ring.write(0, picture(3)) % 2 == 0


@pytest.mark.parametrize(("slot", "shape"), [(-1, (4, 6, 3)), (3, (4, 6, 3)), (0, (10**6, 10**6, 3)), (0, (-1, 6, 3))])
def test_a_slot_or_size_the_ring_does_not_have_gives_nothing(tmp_path, slot, shape):
    ring = Ring(tmp_path / "a.ring", create=(3, 72))
    assert ring.view(slot, 0, shape) is None


def test_larger_pictures_get_a_new_ring_and_the_old_one_stays_until_it_is_stale(tmp_path):
    writer = RingWriter(tmp_path, slots=2)
    small = writer.put(picture(1))
    large = writer.put(picture(2, height=400, width=600))
    assert large.ring != small.ring
    assert Ring(tmp_path / small.ring).view(small.slot, small.sequence, (4, 6, 3))[0, 0, 0] == 1
    assert writer.put(picture(3)).ring == large.ring  # smaller ones fit
    assert [path.name for path in tmp_path.glob("*.ring")] == [large.ring]


def test_too_little_shared_memory_is_one_line_with_the_remedy(tmp_path, monkeypatch):
    def full(file, offset, size):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(UsageError, match=r"need 50 MB.*--shm-size") as error:
        RingWriter(tmp_path, slots=8).put(np.zeros((1080, 1920, 3), np.uint8))
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_the_rings_of_two_cameras_leave_each_other_alone(tmp_path):
    door, yard = (RingWriter(tmp_path, 2, f"capture.{name}") for name in ("door", "door-2"))
    first = yard.put(picture(5))
    for number in range(4):
        door.put(picture(number))
    assert Ring(tmp_path / first.ring).view(first.slot, first.sequence, (4, 6, 3))[0, 0, 0] == 5
    assert len(list(tmp_path.glob("*.ring"))) == 2
