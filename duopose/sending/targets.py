"""Where poses are sent to: what `--send` may say."""

import ipaddress
import re
import socket
from typing import NamedTuple

from duopose.stream.errors import UsageError

FORM = re.compile(r"(ws|vmc)://(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})")
LSL = re.compile(r"lsl:([\w-]*)")
NAME = "Duopose"  # of the stream, unless it is told
HERE = ("localhost", "127.0.0.1", "::1")


class Target(NamedTuple):
    kind: str  # "ws", "vmc" or "lsl"
    host: str  # of lsl: the name of the stream
    port: int


def parse(address):
    """UsageError for what is none.

    >>> parse("vmc://127.0.0.1:39539")
    Target(kind='vmc', host='127.0.0.1', port=39539)
    >>> parse("lsl:kitchen")
    Target(kind='lsl', host='kitchen', port=0)
    """
    if stream := LSL.fullmatch(address):
        return Target("lsl", stream[1] or NAME, 0)
    found = FORM.fullmatch(address)
    if not found or not 0 < int(found[3]) < 65536:
        raise UsageError(f"--send {address}: neither ws://127.0.0.1:PORT nor vmc://HOST:PORT nor lsl:NAME")
    return Target(found[1], found[2].strip("[]"), int(found[3]))


def check(addresses):
    """Raise UsageError, before the run, for an address that poses can't be sent to."""
    for address in addresses:
        target = parse(address)
        if target.kind == "vmc":
            resolve(target)
            continue
        if target.kind == "lsl":
            check_lsl(address)
            continue
        if target.host not in HERE:
            raise UsageError(f"--send {address}: WebSockets are for this machine, as ws://127.0.0.1:{target.port}; "
                             "--listen is for others")  # fmt: skip
        try:
            socket.create_server((target.host, target.port), family=_family(target.host)).close()
        except OSError as error:
            raise UsageError(f"can't listen at {address}: {error.strerror}") from None


def check_lsl(address):
    try:
        import pylsl  # noqa: F401
    except ImportError:
        raise UsageError(f"--send {address}: pylsl is not installed: pip install 'duopose[lsl]'") from None
    except (RuntimeError, OSError) as error:  # its library can't be loaded here
        raise UsageError(f"--send {address}: {error}") from None


def resolve(target):
    """-> (family, address) for a UDP socket. UsageError for a host that is not known."""
    try:
        family, _, _, _, address = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)[0]
    except OSError as error:
        raise UsageError(f"--send vmc://{target.host}:{target.port}: {error.strerror}") from None
    return family, address


def _family(host):
    try:
        return socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        return socket.AF_INET
