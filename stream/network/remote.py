"""A run on another machine, followed: its scenes, and its pictures where it gives them away.

What comes in is decoded as messages of their type and nothing else; what is no such message is counted and dropped.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import zmq
from zmq.utils.monitor import parse_monitor_message

from duopose.stream import wire
from duopose.stream.network.address import END, SERVED, check, prepare
from duopose.stream.network.keys import client_keys

QUEUE = 20  # messages that wait here for a reader that is slow
LARGEST = 1 << 24  # bytes of a message: a picture of 8000x6000 takes less
RECONNECT = 500, 5000  # ms, the first and the longest pause
PATIENCE = 10.0  # s until a run that was never reached is an error


class Remote:
    """
    address  tcp://HOST:PORT
    topics   of address.SERVED
    key      file that `duopose keys --add` wrote; None = the run is to be one without keys
    Raises UsageError if one of them is none. A run that goes away and comes back is followed further.
    """

    def __init__(self, address: str, topics: Sequence[str], key: str | Path | None = None) -> None:
        check(address)
        self.address, self.key = address, None if key is None else client_keys(key)
        self.rubbish = 0  # messages that were none
        self.ended = False  # the run has said that it is over
        self.reached = False
        self.context = zmq.Context()
        socket = self.socket = self.context.socket(zmq.SUB)
        prepare(socket, address)
        socket.rcvhwm, socket.maxmsgsize, socket.linger = QUEUE, LARGEST, 0
        socket.reconnect_ivl, socket.reconnect_ivl_max = RECONNECT
        if self.key is not None:
            socket.curve_publickey, socket.curve_secretkey = self.key.public.encode(), self.key.secret.encode()
            socket.curve_serverkey = self.key.server.encode()
        for topic in topics:
            socket.subscribe(topic.encode() + b"\0")
        socket.subscribe(END)
        self.events = socket.get_monitor_socket()
        self.give_up = time.monotonic() + PATIENCE
        socket.connect(address)

    def __enter__(self) -> "Remote":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self):
        self.socket.disable_monitor()
        self.events.close(0)
        self.socket.close()
        self.context.term()

    def poll(self, timeout: float = 0.0) -> list[tuple[str, Any]]:
        """[(topic, message)] that have come, [] after `timeout` s. ConnectionError if the run can't be reached."""
        self._look()
        messages = []
        self.socket.poll(timeout * 1000)
        while len(messages) < QUEUE:
            try:
                topic, _, data = self.socket.recv(zmq.NOBLOCK).partition(b"\0")
            except zmq.Again:
                break
            if topic + b"\0" == END:
                self.ended = True
                continue
            try:
                topic = topic.decode()
                messages.append((topic, wire.decode(SERVED[topic], data)))
            except (wire.Malformed, KeyError, UnicodeDecodeError):
                self.rubbish += 1
        return messages

    def _look(self):
        """Raise ConnectionError if the run does not let us in, or never answered."""
        while self.events.poll(0):
            event = parse_monitor_message(self.events.recv_multipart())
            if event["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.reached = True
            elif event["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                raise ConnectionError(f"{self.address} does not let {self.key.name if self.key else 'us'} in")
            elif event["event"] == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
                raise ConnectionError(
                    f"{self.address} wants {'no key: it is a run with --insecure' if self.key else 'a key'}"
                )
        if not self.reached and time.monotonic() > self.give_up:
            raise ConnectionError(
                f"{self.address}: no answer, or {'not to this key' if self.key else 'it wants a key'}"
            )
