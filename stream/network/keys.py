"""Who may follow a run from another machine: keys of the server and of its clients, and the list of those let in.

    FOLDER/server.json   the server's pair of keys; never leaves the folder
    FOLDER/allowed.json  {name: public key} of the clients that are let in
    FOLDER/NAME.key      what client NAME is handed: its pair of keys and the server's public one

Keys are CURVE's (Curve25519), 40 characters each in ZeroMQ's Z85.
"""

import os
import re
from pathlib import Path
from typing import Annotated

import msgspec
import zmq

from duopose.stream.errors import UsageError

Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-zA-Z.:+=^!/*?&<>()\[\]{}@%$#-]{40}$")]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class ServerKeys(msgspec.Struct, frozen=True):
    public: Key
    secret: Key


class ClientKeys(msgspec.Struct, frozen=True):
    name: str
    public: Key
    secret: Key
    server: Key  # the server's public one: the client talks to nobody else


def default_folder():
    """Where the keys lie unless the user names a folder."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "duopose", "keys")


def make(folder):
    """Make the folder and the server's keys, unless they are there. Raises UsageError."""
    folder = Path(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from None
    _check_private(folder)
    if not (folder / "server.json").exists():
        _write(folder / "server.json", ServerKeys(*_pair()))


def add(folder, name):
    """Let in a new client -> the file to hand to it. Raises UsageError."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a client: letters, digits, - and _")
    known, server, path = allowed(folder), server_keys(folder), Path(folder, f"{name}.key")
    if name in known or path.exists():
        raise UsageError(f"there is a client {name} already: remove it, or take another name")
    keys = ClientKeys(name, *_pair(), server.public)
    _write(path, keys)
    _write_allowed(folder, known | {name: keys.public})
    return path


def remove(folder, name):
    """Let a client in no more: connections that are open stay until the run ends. Raises UsageError."""
    known = allowed(folder)
    if name not in known:
        raise UsageError(f"there is no client {name}: {', '.join(known) or 'nobody is let in'}")
    _write_allowed(folder, {other: key for other, key in known.items() if other != name})
    Path(folder, f"{name}.key").unlink(missing_ok=True)


def allowed(folder):
    """{name: public key} of the clients that are let in."""
    path = Path(folder, "allowed.json")
    return _read(path, dict[str, Key]) if path.exists() else {}


def server_keys(folder):
    """The server's pair. Raises UsageError where there is none, or where others may read it."""
    path = Path(folder, "server.json")
    if not path.exists():
        raise UsageError(f"no keys in {folder}: duopose keys makes them, or --insecure lets everybody listen")
    _check_private(folder)
    return _read(path, ServerKeys)


def client_keys(path):
    """What `add` wrote. Raises UsageError."""
    return _read(Path(path), ClientKeys)


def _pair():
    return (key.decode() for key in zmq.curve_keypair())


def _check_private(folder):
    status = os.stat(folder)
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise UsageError(f"{folder} can be entered by others: chmod 700 {folder}, or name a folder of your own")


def _read(path, kind):
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except msgspec.MsgspecError:  # its words might hold a key
        raise UsageError(f"{path} is no file of keys as duopose keys writes it") from None


def _write(path, content):
    """A new file that only its user can read."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(content)) + b"\n")
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from None


def _write_allowed(folder, known):
    """At once: a run that is going on reads it for each client that comes."""
    new, path = Path(folder, f"allowed.{os.getpid()}"), Path(folder, "allowed.json")
    _write(new, known)
    os.replace(new, path)
