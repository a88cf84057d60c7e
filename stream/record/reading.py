"""The frames of a record, as every reader takes them: headers and what a kill has torn are passed over.

A record is what `--record` wrote, one JSON object a line. Each run begins with a header, a line without "frame". The
last line of a run may be torn; the next run ends it and writes its own header below.
"""

import json

HEADER = b'{"duopose"'  # how a header begins


def frames(path, since=0, until=None):
    """Yield (line number, parsed line) of each frame below line `since`, and above line `until` where that is given.

    ValueError, with the line's number, for a line that is none of a record.
    """
    torn = None  # number of a line that may be torn: only a header, or nothing, can follow it
    with open(path, "rb") as file:
        for number, text in enumerate(file, 1):
            if number <= since:
                continue
            if number == until:
                return
            header = text.startswith(HEADER)
            if torn and not header:
                raise unreadable(path, torn)
            torn = None
            try:
                line = json.loads(text)
            except ValueError:
                if not may_be_torn(text):
                    raise unreadable(path, number) from None
                torn = number
                continue
            if not isinstance(line, dict):
                raise unreadable(path, number)
            if "frame" in line:
                yield number, line


def places(path, since=0):
    """[(line number, byte at which it begins)] of each frame below line `since`, found without reading them.

    The first line is read, so that a file of something else is found out. ValueError as `frames`.
    """
    found, offset = [], 0
    next(frames(path, since), None)
    with open(path, "rb") as file:
        for number, text in enumerate(file, 1):
            if number > since and text.startswith(b"{") and not text.startswith(HEADER) and text.endswith(b"}\n"):
                found.append((number, offset))
            offset += len(text)
    return found


def last_run(path):
    """Number of the line with which the last run in a record begins; 0 for a record without headers."""
    return runs(path)[-1][0]


def runs(path):
    """The runs of a record -> [(number of the line with which it begins, its header)]; (0, {}) without header."""
    begun = []
    with open(path, "rb") as file:
        for number, text in enumerate(file, 1):
            if text.startswith(HEADER):
                try:
                    header = json.loads(text)
                except ValueError:  # torn
                    continue
                if not (begun and header.get("continued")):
                    begun.append((number, header))
            elif not begun:
                begun.append((0, {}))
    return begun or [(0, {})]


def may_be_torn(text):
    """Whether a line that is no JSON can be the beginning of one, or the zeros that a lost power supply leaves.

    >>> may_be_torn(b'{"frame": 3, "peo'), may_be_torn(bytes(100)), may_be_torn(b"words")
    (True, True, False)
    """
    return text.startswith(b"{") or not text.strip(b"\0\n")


def unreadable(path, number, why="it is no JSON object"):
    """-> ValueError that names the line."""
    return ValueError(f"{path}:{number}: not a line of a record ({why})")
