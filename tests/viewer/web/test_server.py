"""What is served and what is refused over a real socket; pages that read slowly or never hold nothing up."""

import json
import os
import socket
import time
import tracemalloc
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from duopose.viewer.web import page
from duopose.viewer.web.door import Door, bind
from duopose.viewer.web.newest import Newest
from duopose.viewer.web.server import AT_ONCE, LARGEST, Server
from tests.viewer.web.client import exchange, get, stream
from tests.waiting import until


def test_a_page_gets_the_newest_of_each_kind_once():
    newest, seen = Newest(), {}
    assert newest.after(seen, ("scene", "news")) == []
    newest.put("scene", "1")
    newest.put("news", "a")
    newest.put("scene", "2")
    newest.put("picture", "p")
    assert newest.after(seen, ("scene", "news")) == ["a", "2"]
    assert newest.after(seen, ("scene", "news")) == []
    assert newest.after(seen, ("scene", "news", "picture")) == ["p"]
    assert newest.after({}, ("scene",)) == ["2"]


def path_of(server):
    return "/" + server.address.split("/", 3)[3]


def test_the_page_comes_with_a_policy_that_lets_it_do_nothing_else(server):
    host = f"127.0.0.1:{server.port}"
    status, headers, body = get(server.port, path_of(server), Host=host)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith("<!doctype html>")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert policy == f"{page.policy(f'ws://{host}')}; frame-ancestors 'none'"
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert path_of(server).strip("/") not in body  # the token stands in the address alone


def test_strangers_are_refused_in_the_same_words_whatever_they_guess(server):
    host, path = f"127.0.0.1:{server.port}", path_of(server)
    refused = [
        get(server.port, "/", Host=host),
        get(server.port, "/x/", Host=host),
        get(server.port, path, Host="evil.example"),
        get(server.port, path),
    ]
    assert [(status, body) for status, _, body in refused] == [(403, "Forbidden\n")] * 4
    assert get(server.port, f"{path}style.css", Host=host)[0] == 404


@pytest.mark.parametrize("how", [{"origin": "http://evil.example"}, {"origin": None}])
def test_the_stream_is_for_our_page_alone(server, how):
    with pytest.raises(InvalidStatus) as refusal:
        stream(server.address, **how)
    assert refusal.value.response.status_code == 403
    with pytest.raises(InvalidStatus):
        stream(server.address.replace(path_of(server), "/guessed/"))


def test_what_is_no_request_or_too_long_is_cut_off(server):
    assert exchange(server.port, "POST / HTTP/1.1\r\n\r\n").startswith("HTTP/1.1 4")
    assert "200" not in exchange(server.port, f"GET /{'x' * 20_000} HTTP/1.1\r\n\r\n")[:20]
    with stream(server.address) as talker:
        talker.send("x" * (LARGEST + 1))
        with pytest.raises(ConnectionClosed):
            talker.recv(30)
    with stream(server.address) as talker:
        talker.send("what is this")
        with pytest.raises(ConnectionClosed):
            talker.recv(30)


def test_connections_are_few(server):
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(AT_ONCE)]
    time.sleep(0.2)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as more, suppress(ConnectionResetError):
        assert more.recv(1) == b""
    for one in idle:
        one.close()
    until(lambda: get_page(server) == 200)


def get_page(server):
    try:
        return get(server.port, path_of(server), Host=f"127.0.0.1:{server.port}")[0]
    except (ConnectionError, IndexError):
        return None


def test_several_pages_see_the_same_scene_and_a_new_one_the_last(server):
    server.show("scene", b'{"frame":1}')
    with stream(server.address) as one, stream(server.address) as other:
        assert [json.loads(page.recv(30))["frame"] for page in (one, other)] == [1, 1]
        server.show("scene", b'{"frame":2}')
        assert [json.loads(page.recv(30))["frame"] for page in (one, other)] == [2, 2]


def test_pictures_go_to_pages_that_show_them(server):
    with stream(server.address) as one, stream(server.address) as other:
        until(lambda: len(server.pages) == 2)
        assert not server.wants_pictures()
        one.send("pictures")
        until(server.wants_pictures)
        server.show("picture", memoryview(b"jpeg"))
        server.show("scene", b"{}")
        assert (one.recv(30), one.recv(30)) == (b"jpeg", "{}")
        assert other.recv(30) == "{}"
        one.send("no pictures")
        until(lambda: not server.wants_pictures())
    until(lambda: not server.pages)


def test_a_page_shows_one_camera_at_a_time_and_names_no_other():
    door = Door()
    server = Server(bind(0), door, page.about("two", live=True, pictures=True, cameras=("door", "yard")))
    try:
        with stream(door.address(server.port)) as tab:
            server.show("scene", b'{"of":"yard"}', "yard")
            server.show("scene", b'{"of":"door"}', "door")
            assert tab.recv(30) == '{"of":"door"}'
            tab.send("camera yard")
            assert tab.recv(30) == '{"of":"yard"}'
            tab.send("camera attic")
            with pytest.raises(ConnectionClosed):
                tab.recv(30)
    finally:
        server.close()


def test_a_page_that_never_reads_holds_up_nobody_and_keeps_little(server):
    large = b'"' + b"x" * 200_000 + b'"'
    with stream(server.address, max_queue=1) as stuck, stream(server.address, max_size=None) as quick:
        until(lambda: len(server.pages) == 2)
        stuck.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        tracemalloc.start()
        longest, sent = 0.0, 0
        for _ in range(200):  # 40 MB, were they kept
            begun = time.perf_counter()
            server.show("scene", large)
            longest = max(longest, time.perf_counter() - begun)
            quick.recv(30)
            sent += 1
        kept = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert sent == 200
        assert longest < 1.0
        assert kept < 8e6
        os.close(stuck.socket.detach())


def test_the_end_of_the_run_is_said(server):
    with stream(server.address) as page:
        until(lambda: server.pages)
        server.close()
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(30)
        assert closed.value.rcvd.code == 1001
