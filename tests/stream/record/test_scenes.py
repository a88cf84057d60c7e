import json

import numpy as np
import pytest

from duopose.stream.record import scenes as record
from tests.viewer.recording import line_of, recorded
from tests.viewer.scenes import make_scene, person


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


def test_a_recording_is_read_at_any_place_and_only_its_last_run(tmp_path):
    path, scenes = tmp_path / "record.jsonl", [make_scene([], number=n, stamp=n / 10) for n in range(4)]
    rows = [json.dumps(line_of(scene)) for scene in scenes]
    path.write_text("\n".join([rows[3], '{"duopose": 1}', *rows[:3], rows[3][:40]]))
    recording = record.Recording(path)
    assert [recording.scene(place).frame.number for place in (2, 0, 1)] == [2, 0, 1]
    assert (len(recording), recording.stamp(1)) == (3, 0.1)
    assert recording.scene(1) is recording.scene(1)


def test_what_is_no_recording_is_named_by_its_line(tmp_path):
    path = tmp_path / "record.jsonl"
    path.write_text("words\n")
    with pytest.raises(ValueError, match=r"record\.jsonl:1: not a line of a record"):
        record.Recording(path)
    path.write_text(json.dumps(line_of(make_scene([]))) + "\n" + '{"frame": 1}\n')
    with pytest.raises(ValueError, match=r"record\.jsonl:2: not a line of a record"):
        record.Recording(path).scene(1)
