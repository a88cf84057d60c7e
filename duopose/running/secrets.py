"""Addresses of cameras with their passwords, kept out of the command line: what `--secrets FILE` names.

    # ~/.config/duopose/secrets, mode 0600
    door = rtsp://user:password@192.168.1.20/stream

`duopose rtsp://door --secrets FILE` reads the stream of that line, and says "rtsp://door" wherever it names it. The
environment's DUOPOSE_SECRETS holds such lines themselves, or the name of such a file.
"""

import os
import re
import stat

from duopose.nodes.capture.sources import STREAMS
from duopose.stream.errors import UsageError

VARIABLE = "DUOPOSE_SECRETS"
NAMED = re.compile(r"(?:\w+)://([\w.-]+)")  # a source that names a line
LINE = re.compile(r"([\w.-]+)\s*=\s*(\S+)")


def look_up(source, file):
    """-> the address that a source stands for, and the name to show in its place or None. Raises UsageError.

    source   "rtsp://door", or any other source, which stands for itself
    file     of --secrets, None without
    """
    return find(source, *read(file))


def find(source, where, lines):
    """As `look_up`, in what `read` gives."""
    named = NAMED.fullmatch(source)
    if lines is None or named is None:
        return source, None
    known = parse(where, lines)
    if named[1] not in known:
        raise UsageError(f"{source}: {where} names no such source; it names: {', '.join(known) or 'none'}")
    return known[named[1]], source


def read(file):
    """-> what to call the place of the secrets, their lines or None where there are none.

    The variable is taken out of the environment: the nodes are not to inherit it.
    """
    told = os.environ.pop(VARIABLE, None)
    if file is None and told and "=" in told:
        return VARIABLE, told.splitlines()
    path = file or told
    return path, read_private(path) if path else None


def read_private(path):
    """Lines of a file that nobody but its owner may read. Raises UsageError for any other."""
    try:
        with open(path, encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise UsageError(f"{path} is no file of secrets")
            if mode & 0o077:
                raise UsageError(f"{path} holds passwords and others may read it: chmod 600 {path}")
            return file.read().splitlines()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text") from None


def parse(where, lines):
    """Lines "name = address" -> {name: address}. Empty ones and those that begin with # say nothing."""
    known = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if found is None or found[2].partition("://")[0].lower() not in STREAMS:
            raise UsageError(
                f"{where}, line {number}: should read NAME = ADDRESS, the address of a stream (rtsp://...)"
            )
        known[found[1]] = found[2]
    return known
