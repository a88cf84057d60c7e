import json

import pytest

from duopose.evaluation import uncertainty
from duopose.stream.errors import UsageError
from tests.evaluation.copies import last_line, record, standing

CAMERA = {"fx": 500.0, "fy": 500.0, "cx": 319.5, "cy": 239.5, "width": 640, "height": 480}


def write_clip(folder, name, bodies, **said):
    """A rendered clip of one person, and a record that found everyone 2 % too far away and says so much of it."""
    (folder / f"{name}.mp4").touch()
    frames = [[{"share": 1.0, "body3d": body.tolist()}] for body in bodies]
    (folder / f"{name}.json").write_text(json.dumps({"people": {}, "camera": CAMERA, "frames": frames}))
    record(folder / f"{name}.jsonl", [[1.02 * body] for body in bodies])
    lines = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
    for line in lines:
        line["people"][0] |= said
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_shares_within_what_the_record_says(tmp_path, capsys):
    bodies = [standing(0.1 * n, 4) for n in range(4)]
    write_clip(tmp_path, "bold", bodies, depth_sd=0.01)
    write_clip(tmp_path, "shy", bodies, depth_sd=0.03, joint_sd=[500.0] * 17)
    uncertainty.main([str(tmp_path), "--records", str(tmp_path)])
    table = last_line(capsys)
    assert (table["bold"]["depth"], table["bold"]["depth_sd"]) == (0, pytest.approx(1))
    assert table["bold"]["joints"] == table["bold"]["joint_sd"] == "not in this record"
    assert (table["shy"]["depth"], table["shy"]["joints"], table["shy"]["joint_sd"]) == (100, 100, 500)
    assert (table["all"]["people"], table["all"]["depth"]) == (8, 50)


def test_a_clip_without_joints_is_none(tmp_path):
    (tmp_path / "walk.mp4").touch()
    (tmp_path / "walk.json").write_text(json.dumps({"people": {"a": [{"0": [0, 0, 50, 80]}]}}))
    with pytest.raises(UsageError, match="no clip with the truth of its joints"):
        uncertainty.main([str(tmp_path)])
