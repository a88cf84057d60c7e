import pytest

from duopose.stream.record.reading import frames, last_run

HEADER, GOING_ON = b'{"duopose":1,"continued":false}\n', b'{"duopose":1,"continued":true}\n'


def frame(number):
    return b'{"frame":%d}\n' % number


def numbers(path, content, since=0):
    path.write_bytes(content)
    return [line["frame"] for _, line in frames(path, since)]


@pytest.mark.parametrize("torn", [b"", b"{", b'{"frame":2,"people":[', b'{"frame":2,"file":"\xc3', bytes(5000)])
def test_headers_and_torn_lines_are_passed_over(tmp_path, torn):
    first = HEADER + frame(0) + frame(1)
    assert numbers(tmp_path / "a", first + torn) == [0, 1]
    assert numbers(tmp_path / "a", first + torn + b"\n" * bool(torn) + HEADER + frame(0)) == [0, 1, 0]


def test_a_last_line_without_its_end_counts(tmp_path):
    assert numbers(tmp_path / "a", frame(0) + frame(1)[:-1]) == [0, 1]


@pytest.mark.parametrize("content", [b"words\n", b"3\n", b'{"frame": 1, "pe\n' + frame(2)])
def test_a_line_that_is_none_of_a_record_is_named(tmp_path, content):
    with pytest.raises(ValueError, match=r"a:2: not a line of a record"):
        numbers(tmp_path / "a", frame(0) + content)


def test_the_last_run_begins_with_the_last_header_that_does_not_go_on(tmp_path):
    path, two = tmp_path / "a", HEADER + frame(0) + HEADER + frame(5) + GOING_ON + frame(6)
    assert numbers(path, two, since=3) == [5, 6]
    assert last_run(path) == 3
    path.write_bytes(frame(0))
    assert last_run(path) == 0
