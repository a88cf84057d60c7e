import json

import msgspec
import pytest
from jsonschema import Draft202012Validator

from duopose.nodes.recorder.record_format import DECIDING, FORMAT, header_line, record_line
from duopose.stream.record.scenes import scenes
from duopose.stream.settings import Settings
from tests.places import ROOT
from tests.schema import SCHEMA, problems
from tests.viewer.scenes import make_scene, person

SCENE = make_scene([person(0, 4), person(1, 5)], ids=[3, 8], sources=[3, 1])
POSE = (1.0, 0.0, 0.0, 4.0, 0.0, 0.0, 1.0, 5.0, 0.0, -1.0, 0.0, 6.0)
PLACED = msgspec.structs.replace(SCENE.frame.camera, pose=POSE)
SCENE = msgspec.structs.replace(
    SCENE, frame=msgspec.structs.replace(SCENE.frame, camera=PLACED, camera_name="door")
)  # one of several cameras, whose place in the world is known
LINES = [header_line(Settings(camera_size=(640, 360)), SCENE), record_line(SCENE), record_line(make_scene([]))]


def record(path, lines):
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def test_the_schema_is_one_and_is_of_the_format_that_is_written():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$defs"]["header"]["properties"]["duopose"]["const"] == FORMAT
    assert SCHEMA["$defs"]["header"]["properties"]["settings"]["required"] == list(DECIDING)


def test_what_is_written_is_as_the_schema_says(tmp_path):
    assert problems(record(tmp_path / "a.jsonl", LINES)) == []


def told(part):
    """Keys that the schema tells of."""
    return set(SCHEMA["$defs"][part]["properties"])


def test_the_schema_tells_of_every_key_that_is_written():
    header, line, _ = map(json.loads, LINES)
    assert set(header) == told("header")
    assert set(line) == told("frame")
    assert set(line["camera"]) == told("camera")
    assert set(line["people"][0]) <= told("person")


def test_a_camera_s_name_and_place_come_back(tmp_path):
    (frame,) = (scene.frame for scene in scenes(record(tmp_path / "a.jsonl", LINES[:2])))
    assert (frame.camera_name, frame.camera.pose) == ("door", POSE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda line: line["people"][0]["joints3d"].pop(), "too short"),
        (lambda line: line["people"][0].update(source="guess"), "'guess' is not one of"),
        (lambda line: line["people"][1].pop("box"), "'box' is a required property"),
        (lambda line: line["camera"].update(fx=0), "0"),
        (lambda line: line.update(stamp=None), "None is not of type 'number'"),
        (lambda line: line.pop("frame"), "'duopose' is a required property"),
    ],
)
def test_what_is_none_of_a_record_is_told(tmp_path, change, said):
    line = json.loads(LINES[1])
    change(line)
    found = problems(record(tmp_path / "a.jsonl", [json.dumps(line).encode()]))
    assert {number for number, _ in found} == {1}
    assert any(said in message for _, message in found)


def test_the_page_tells_of_every_key():
    text = (ROOT / "docs" / "record.md").read_text()
    parts = ("header", "frame", "camera", "person")
    keys = {key for part in parts for key in told(part)} | set(DECIDING) | {"top_down", "bottom_up"}
    assert sorted(key for key in keys if f"`{key}`" not in text) == []
