"""Who has no key gets nothing and disturbs nobody; what is no message is counted and dropped."""

import os
import socket
import threading
import time

import numpy as np
import pytest
import zmq

from duopose.stream import wire
from duopose.stream.errors import UsageError
from duopose.stream.network import address, keys
from duopose.stream.network.remote import Remote
from duopose.stream.network.server import QUEUE, Server
from duopose.stream.subscribe import subscribe
from tests.viewer.scenes import make_scene, person
from tests.waiting import LONG, until

SCENE = make_scene([person(0, 4), person(1, 5)], number=7)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "keys"
    keys.make(folder)
    for name in ("laptop", "gone"):
        keys.add(folder, name)
    os.rename(folder / "gone.key", folder / "old.key")
    keys.remove(folder, "gone")
    return folder


@pytest.fixture
def serve(folder):
    """serve(keys) -> (Server, its address)."""
    servers = []

    def serve(keys=folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            where = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        servers.append(Server(where, keys))
        return servers[-1], where

    yield serve
    for server in servers:
        server.close()


def exchange(server, remote, data=None):
    """Send the scene until something comes -> [(topic, message)]."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        server.send("scene", wire.encode(SCENE) if data is None else data)
        if messages := remote.poll(0.01):
            return messages
    raise AssertionError("nothing came")


def refused(server, where, key, patience=None):
    """Why a client with this key is not let in; it must not have got a message until then. patience: s, not its own"""
    with Remote(where, ["scene"], key) as remote:
        end = time.monotonic() + LONG
        remote.give_up = time.monotonic() + patience if patience else remote.give_up
        while time.monotonic() < end:
            server.send("scene", wire.encode(SCENE))
            try:
                assert remote.poll(0.01) == []
            except ConnectionError as error:
                return error
    raise AssertionError("it waits for ever")


def test_a_client_with_a_key_gets_the_scene_as_it_was_sent(serve, folder):
    server, where = serve()
    with Remote(where, ["scene"], folder / "laptop.key") as remote:
        topic, scene = exchange(server, remote)[0]
    assert topic == "scene"
    assert scene.frame == SCENE.frame
    for name in ("ids", "joints", "top_down", "bottom_up", "coco"):
        np.testing.assert_array_equal(getattr(scene, name), getattr(SCENE, name))


def test_without_a_key_on_the_list_there_is_nothing_and_the_others_are_not_disturbed(serve, folder, monkeypatch):
    monkeypatch.setattr("duopose.stream.network.remote.PATIENCE", 1.5)
    keys.make(folder.parent / "other")
    stranger = keys.add(folder.parent / "other", "laptop")
    server, where = serve()
    with Remote(where, ["scene"], folder / "laptop.key") as remote:
        exchange(server, remote)
        assert "wants a key" in str(refused(server, where, None))
        assert "does not let gone in" in str(refused(server, where, folder / "old.key"))
        assert "no answer, or not to this key" in str(refused(server, where, stranger))
        exchange(server, remote)


def test_a_client_that_is_removed_while_the_run_goes_on_is_not_let_in_again(serve, folder):
    server, where = serve()
    with Remote(where, ["scene"], folder / "laptop.key") as remote:
        exchange(server, remote)
    os.rename(folder / "laptop.key", folder / "kept.key")
    keys.remove(folder, "laptop")
    assert "does not let laptop in" in str(refused(server, where, folder / "kept.key"))


def test_a_list_that_cannot_be_read_lets_nobody_in(serve, folder):
    server, where = serve()
    (folder / "allowed.json").write_text("[")
    assert "does not let laptop in" in str(refused(server, where, folder / "laptop.key"))


def test_a_run_without_keys_lets_everybody_in_and_a_key_is_told_so(serve, folder):
    server, where = serve(None)
    with Remote(where, ["scene"]) as remote:
        exchange(server, remote)
    assert "it is a run with --insecure" in str(refused(server, where, folder / "laptop.key", patience=LONG))


@pytest.mark.parametrize("data", [b"", b"\x80\x04K\x01.", b"\xff" * 300, wire.encode(SCENE)[:-1]])
def test_what_is_no_message_is_counted_and_dropped(serve, folder, data):
    server, where = serve()
    with Remote(where, ["scene"], folder / "laptop.key") as remote:
        exchange(server, remote)
        before = remote.rubbish
        for _ in range(3):
            server.send("scene", data)
        until(lambda: not remote.poll(0.01) and remote.rubbish >= before + 3)
        exchange(server, remote)


def test_what_a_stranger_sends_is_counted_or_refused(serve):
    server, where = serve(None)
    host, port = where.removeprefix("tcp://").split(":")
    for data in (b"GET / HTTP/1.0\r\n\r\n", os.urandom(10_000), b"\xff" + b"\0" * 9):
        with socket.create_connection((host, int(port))) as stranger:
            stranger.sendall(data)
    context = zmq.Context()
    odd = context.socket(zmq.XSUB)
    odd.connect(where)
    odd.send(b"\1" + b"\xff" * 200)  # a subscription to what is no topic
    until(lambda: odd.send(b"\xfe odd") or server.wanted("scene") or server.rubbish > 3)
    assert server.topics == set()
    with Remote(where, ["scene"]) as remote:
        exchange(server, remote)
    odd.close(0)
    context.term()


def test_a_client_that_does_not_read_costs_nothing(serve, folder):
    server, where = serve()
    slow, quick = (Remote(where, ["scene"], folder / "laptop.key") for _ in range(2))
    exchange(server, slow), exchange(server, quick)
    large = wire.encode(make_scene([person(0, 4)] * 200))
    seconds, got = [], 0
    for _ in range(300):  # 66 MB, were they kept
        begun = time.perf_counter()
        server.send("scene", large)
        seconds.append(time.perf_counter() - begun)
        got += len(quick.poll(0.002))
    assert max(seconds) < 0.5
    assert got > 10 * QUEUE
    kept = 0
    while messages := slow.poll(0.2):
        kept += len(messages)
    assert kept < 150  # what fits into the queues of both ends and into the system's buffers
    slow.close(), quick.close()


def test_a_program_follows_until_the_run_ends(serve, folder):
    server, where = serve()
    scenes = subscribe("scene", where, key=folder / "laptop.key")
    with Remote(where, ["scene"], folder / "laptop.key") as remote:
        exchange(server, remote)  # the server is up
    numbers = []
    follower = threading.Thread(target=lambda: numbers.extend(scene.frame.number for scene in scenes))
    follower.start()
    until(lambda: server.send("scene", wire.encode(SCENE)) or numbers)
    server.socket.send(address.END)
    follower.join(LONG)
    assert not follower.is_alive()
    assert set(numbers) == {7}


def test_a_topic_that_is_not_served_is_said():
    with pytest.raises(
        LookupError, match="no topic 'boxes' is to be had from another machine; there are: scene, picture"
    ):
        next(subscribe("boxes", "tcp://127.0.0.1:5570"))


@pytest.mark.parametrize(
    "where", ["tcp://", "tcp://host", "tcp://host:0", "tcp://host:99999", "udp://host:1", "tcp://*:5"]
)
def test_an_address_that_is_none_is_said(where):
    with pytest.raises(UsageError, match="is no address: tcp://HOST:PORT"):
        address.check(where)


def test_an_address_that_is_taken_is_said(serve):
    _, where = serve()
    with pytest.raises(UsageError, match=f"can't listen at {where}: Address already in use"):
        address.check_free(where)
