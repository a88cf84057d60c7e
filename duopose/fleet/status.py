"""How each camera is doing, as the head knows it. It lies in the head's run folder, for `duopose fleet status`."""

import os
import time
from pathlib import Path

import msgspec

from duopose.stream.errors import UsageError
from duopose.stream.processes.run_folder import running

FILE = "fleet.json"
SILENT = 3.0  # s without an answer until a pipeline counts as lost; it answers twice a second
STALE = 5.0  # s without a word of the head itself
RUNNING = "running"
COLUMNS = ("camera", "machine", "state", "frames/s", "latency", "people", "restarts")


class Row(msgspec.Struct, frozen=True):
    """One camera."""

    camera: str
    machine: str  # where it runs or ran last, "" = nowhere yet
    state: str
    rate: float | None = None  # scenes a second; None where none come, as the next two
    latency_ms: float | None = None  # from reading a frame to its poses, median of the last 2 s
    people: int | None = None  # in the newest scene
    restarts: int = 0
    frames: int = 0  # scenes that were given out
    dropped: int = 0  # frames read and not processed, in this run of the camera


class Status(msgspec.Struct, frozen=True):
    at: float  # s, time.monotonic() of the head
    file: str  # of the cameras
    listen: str | None
    rows: tuple[Row, ...]


def state(born, answered_at, doing, now):
    """What to say of a camera.

    born          s, when its pipeline was asked for
    answered_at   s, when that last said something, None = never
    doing         run.Doing, None where it has not spoken of the camera yet

    >>> state(0, None, None, 7), state(0, 3, None, 15)
    ('waiting for a machine since 7 s', 'lost since 12 s')
    """
    if answered_at is None:
        return f"waiting for a machine since {now - born:.0f} s"
    if now - answered_at > SILENT:
        return f"lost since {now - answered_at:.0f} s"
    if doing is None:
        return "starting"
    return f"failed: {doing.trouble}" if doing.phase == "failed" else doing.trouble or doing.phase


def of(arguments, rows):
    """Status of now."""
    return Status(time.monotonic(), arguments.file, arguments.listen, rows)


def write(folder, status):
    """Put it where `read` finds it, whole at any moment."""
    hidden = Path(folder, f".{FILE}")
    hidden.write_bytes(msgspec.json.encode(status))
    os.replace(hidden, Path(folder, FILE))


def read(where=None):
    """-> Status of the newest fleet of this user on this machine. UsageError where there is none."""
    for folder in running(where):
        if (folder / FILE).exists():
            return msgspec.json.decode((folder / FILE).read_bytes(), type=Status)
    raise UsageError("no fleet of yours has its head on this machine: duopose fleet CAMERAS.toml starts one")


def as_json(status):
    """For programs: age_s tells how old it is."""
    content = msgspec.to_builtins(status)
    content["age_s"] = round(time.monotonic() - content.pop("at"), 1)
    return msgspec.json.encode(content).decode()


def table(status, now=None):
    """Lines for people."""
    age = (time.monotonic() if now is None else now) - status.at
    cells = [COLUMNS, *map(_cells, status.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
    if age > STALE:
        lines.append(f"the head has not said a word for {age:.0f} s: this is how it was then")
    return lines


def _cells(row):
    rate = "-" if row.rate is None else f"{row.rate:.1f}"
    latency = "-" if row.latency_ms is None else f"{row.latency_ms:.0f} ms"
    people = "-" if row.people is None else str(row.people)
    return row.camera, row.machine or "-", row.state, rate, latency, people, str(row.restarts)
