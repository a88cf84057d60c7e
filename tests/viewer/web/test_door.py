"""Only our own page on this machine, with the token, is let in."""

import pytest

from duopose.stream.errors import UsageError
from duopose.viewer.web.door import Door, bind

HOST, ORIGIN = ["127.0.0.1:8765"], ["http://127.0.0.1:8765"]


@pytest.fixture
def door():
    return Door()


def test_page_and_stream_are_to_be_had_with_the_token(door):
    assert door.refusal(f"/{door.token}/", HOST, []) is None
    assert door.refusal(f"/{door.token}/scenes", HOST, ORIGIN) is None
    assert door.refusal(f"/{door.token}/", ["localhost:9"], []) is None  # through a tunnel


@pytest.mark.parametrize("token", ["", "x", "ä", "A" * 32])
def test_another_token_is_refused(door, token):
    for path in (f"/{token}/", f"/{token}/scenes", f"/{token}", "/", "", "/favicon.ico"):
        assert door.refusal(path, HOST, ORIGIN) == 403


def test_each_run_has_a_token_of_its_own(door):
    assert len(door.token) == 32
    assert Door().token != door.token


@pytest.mark.parametrize(
    "hosts",
    [[], [""], ["evil.example"], ["127.0.0.1.evil.example"], ["evil.example:8765"], ["0.0.0.0:8765"], ["localhost:x"],
     ["127.0.0.1:8765", "evil.example"], ["127.0.0.1:8765\n"]],
)  # fmt: skip
def test_a_name_that_was_made_to_point_here_gets_nothing(door, hosts):
    for path in (f"/{door.token}/", f"/{door.token}/scenes"):
        assert door.refusal(path, hosts, [f"http://{hosts[0]}"] if hosts else []) == 403


@pytest.mark.parametrize(
    "origins",
    [[], ["null"], ["http://evil.example"], ["http://127.0.0.1:1"], ["https://127.0.0.1:8765"],
     ["http://localhost:8765"], [*ORIGIN, *ORIGIN]],
)  # fmt: skip
def test_a_foreign_page_gets_no_stream(door, origins):
    assert door.refusal(f"/{door.token}/scenes", HOST, origins) == 403


@pytest.mark.parametrize("rest", ["", "/scenes/", "/../etc/passwd", "/style.css", "/?a=b", "/scenes?a=b"])
def test_nothing_else_is_served(door, rest):
    assert door.refusal(f"/{door.token}{rest}", HOST, ORIGIN) == 404


def test_a_port_that_is_taken_is_one_line():
    with bind(0) as taken:
        port = taken.getsockname()[1]
        assert taken.getsockname()[0] == "127.0.0.1"
        with pytest.raises(UsageError, match=f"--web {port}: can't listen at 127.0.0.1:{port}: Address already in use"):
            bind(port)
