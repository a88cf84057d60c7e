"""Addresses of runs on other machines, what is to be had there, and limits that hold for both ends."""

import re

import zmq

from duopose.stream.errors import UsageError
from duopose.stream.messages import Jpeg, Scene

SERVED = {"scene": Scene, "picture": Jpeg}  # topic: its messages
END = b"end\0"  # what a run says last
HEARTBEAT, DEAD = 2000, 8000  # ms between two signs of life; without one, the connection is given up
HANDSHAKE = 5000  # ms that a new connection may take until both know who the other is
TCP = re.compile(r"tcp://(\*|\[[0-9a-fA-F:.%a-z]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")


def is_remote(text: object) -> bool:
    """Whether it names a run on another machine: one that is reached over TCP."""
    return str(text).startswith("tcp://")


def check(address, here=False):
    """Raise UsageError unless it is tcp://HOST:PORT; here: HOST may be * for all networks of this machine."""
    parts = TCP.fullmatch(address)
    if parts is None or not 0 < int(parts[2]) < 65536 or (parts[1] == "*" and not here):
        raise UsageError(f"{address} is no address: tcp://HOST:PORT, as tcp://192.168.1.5:5570")


def prepare(socket, address):
    """What both ends have in common."""
    socket.ipv6 = "[" in address
    socket.heartbeat_ivl, socket.heartbeat_timeout, socket.handshake_ivl = HEARTBEAT, DEAD, HANDSHAKE


def check_free(address):
    """Raise UsageError unless one can listen there."""
    check(address, here=True)
    context = zmq.Context()
    socket = context.socket(zmq.XPUB)
    try:
        prepare(socket, address)
        socket.bind(address)
    except zmq.ZMQError as error:
        raise UsageError(f"can't listen at {address}: {error.strerror}") from None
    finally:
        socket.close(0)
        context.term()
