"""A session is readable up to where it was torn, and by its own version alone."""

import pytest

from duopose.stream import wire
from duopose.stream.errors import UsageError
from duopose.stream.messages import Done, Frame, Scene
from duopose.stream.session.file import PIXELS, Session, SessionWriter, fields_of

ABOUT = {"version": "1", "profile": "lite"}


def written(path, frames=5, close=True):
    writer = SessionWriter(path, ABOUT, "h264")
    for number in range(frames):
        writer.write([("done", number, wire.encode(Done(number))), (PIXELS, number, b"x" * 100)])
    if close:
        writer.close()
    return writer


def test_what_was_written_is_read_in_order(tmp_path):
    path = tmp_path / "a.mcap"
    written(path)
    session = Session(path)
    assert (session.about, session.total()) == (ABOUT, 5)
    entries = list(session.entries())
    assert [(entry.topic, entry.number) for entry in entries[:4]] == [
        ("done", 0),
        (PIXELS, 0),
        ("done", 1),
        (PIXELS, 1),
    ]
    assert wire.decode(Done, entries[8].data).number == 4
    assert {entry.encoding for entry in entries} == {"msgpack", "h264"}


def test_what_is_written_is_there_before_the_file_is_closed(tmp_path):
    path = tmp_path / "a.mcap"
    writer = written(path, close=False)
    assert len(list(Session(path).entries())) == 10
    assert Session(path).total() is None
    writer.close()


def test_a_file_cut_anywhere_is_read_up_to_there(tmp_path):
    path, cut = tmp_path / "a.mcap", tmp_path / "cut.mcap"
    written(path, close=False).close()
    data, counts = path.read_bytes(), []
    for length in [*range(0, len(data), 97), len(data)]:
        cut.write_bytes(data[:length])
        try:
            counts.append(len(list(Session(cut).entries())))
        except UsageError:
            assert not counts or counts[-1] == 0
    assert counts == sorted(counts)
    assert counts[-1] == 10


@pytest.mark.parametrize("content", [b"", b"words", bytes(range(256)) * 20])
def test_a_file_that_is_no_session_is_said(tmp_path, content):
    path = tmp_path / "a.mcap"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"a\.mcap is not a session"):
        Session(path)


def test_a_session_with_other_messages_is_refused_with_its_version(tmp_path, monkeypatch):
    path = tmp_path / "a.mcap"
    monkeypatch.setattr("duopose.stream.session.file.fields_of", lambda kind: "number: float")
    written(path)
    monkeypatch.undo()
    with pytest.raises(UsageError, match="by duopose 1, whose messages were others"):
        Session(path)


def test_what_is_there_is_not_written_over(tmp_path):
    path = tmp_path / "a.mcap"
    path.write_text("precious")
    with pytest.raises(UsageError, match="holds something already"):
        SessionWriter(path, ABOUT, "h264")
    assert path.read_text() == "precious"


def test_fields_tell_types_shapes_and_units():
    told = fields_of(Scene).splitlines()
    assert "boxes: f4 [N 4] pixels: x, y, width, height of the visible person" in told
    assert next(line for line in told if line.startswith("frame: (number: int; file: str | None; stamp: float"))
    assert fields_of(Frame) != fields_of(Scene)
