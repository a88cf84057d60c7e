"""Where Ray listens on this machine: read from the system, not from what Ray was asked for."""

import contextlib
import ipaddress
import os
import re
from pathlib import Path

LISTEN = "0A"  # state of a socket in /proc/net/tcp
RAY = re.compile(rb"ray::|.*/site-packages/ray/")  # how a word on the command line of Ray's processes begins
SOCKET = re.compile(r"socket:\[(\d+)\]")


def listening():
    """["ADDRESS PORT NAME-OF-PROCESS"] of Ray's processes of this user, and of this one."""
    sockets = dict(_sockets())
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended, or is another user's
            if int(folder.name) != os.getpid() and not _is_ray((folder / "cmdline").read_bytes()):
                continue
            name = (folder / "comm").read_text().strip()
            for handle in (folder / "fd").iterdir():
                inode = SOCKET.fullmatch(os.readlink(handle))
                if inode and inode[1] in sockets:
                    host, port = sockets[inode[1]]
                    found.add((host, port, name))
    return [f"{host} {port} {name}" for host, port, name in sorted(found)]


def told(ports):
    """What `listening` found, in one line: what matters is whether others can get at it.

    >>> told(["127.0.0.1 6379 gcs_server", "127.0.0.1 4000 raylet", "0.0.0.0 5000 raylet"])
    '127.0.0.1: 4000, 6379; all networks (0.0.0.0): 5000'
    """
    places = {}
    for host, port, *_ in (line.split(" ", 2) for line in ports):
        everywhere = ipaddress.ip_address(host).is_unspecified
        places.setdefault((everywhere, f"all networks ({host})" if everywhere else host), set()).add(int(port))
    parts = [f"{where}: {', '.join(map(str, sorted(numbers)))}" for (_, where), numbers in sorted(places.items())]
    return "; ".join(parts) or "no port"


def _is_ray(command):
    return any(RAY.match(word) for word in command.split(b"\0"))


def _sockets():
    """(inode, (address, port)) of each TCP socket that listens."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTEN:
                    host, _, port = fields[1].partition(":")
                    yield fields[9], (str(_address(host)), int(port, 16))


def _address(text):
    """An address as the kernel writes it: words of 32 bits, each in the order of a small-endian machine.

    >>> str(_address("0100007F"))
    '127.0.0.1'
    """
    words = (bytes.fromhex(text[start : start + 8])[::-1] for start in range(0, len(text), 8))
    address = ipaddress.ip_address(b"".join(words))
    return getattr(address, "ipv4_mapped", None) or address
