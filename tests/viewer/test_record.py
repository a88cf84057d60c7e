import json

import numpy as np
import pytest

from duopose.stream.record import scenes as record
from tests.viewer.recording import line_of, recorded
from tests.viewer.scenes import HEIGHT, WIDTH, make_scene, person


def test_a_recorded_line_becomes_the_scene_it_was(tmp_path):
    scene = make_scene([person(0, 4), person(1, 5)], ids=[3, 8], sources=[3, 1], number=7, stamp=0.5)
    path = tmp_path / "record.jsonl"
    path.write_text(json.dumps(line_of(scene, recorded(scene))) + "\n" + json.dumps(line_of(make_scene([]))) + "\n")
    back, empty = record.scenes(path)
    assert back.frame.number == 7
    assert back.ids.tolist() == [3, 8]
    assert back.sources.tolist() == [3, 1]
    np.testing.assert_allclose(back.joints, scene.joints)
    np.testing.assert_allclose(back.top_down, scene.joints)
    assert np.isnan(back.bottom_up).all()
    assert empty.joints.shape == (0, 17, 3)


def test_rubbish_in_a_record_is_named_by_its_line(tmp_path):
    path = tmp_path / "record.jsonl"
    path.write_text(json.dumps(line_of(make_scene([]))) + "\n" + '{"frame": 1}\n')
    with pytest.raises(ValueError, match=r"record\.jsonl:2: not a line of a record"):
        list(record.scenes(path))


def test_the_picture_of_a_recorded_frame_is_found_by_its_stamp(clip):
    for number in (0, 4, 9):
        image = record.picture(clip, make_scene([], number=number, stamp=number / 10).frame)
        assert image.shape == (HEIGHT, WIDTH, 3)
        assert np.abs(image.astype(int) - (20 * number + 20)).max() < 8
