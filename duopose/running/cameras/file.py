"""A file that names several cameras, which one run shares: `duopose cameras.toml`. docs/cameras.md has an example.

    [run]             options of the command line that belong to the whole run: record, headless, profile, ...
    [defaults]        options of each camera that does not say otherwise: fov, smooth, ...
    [camera.NAME]     one camera: source, pose and any option of a camera

The options are those of the command line and are read by its own parser. What the command line itself says wins. Paths
are relative to the file. Each mistake is one line "cameras.toml:LINE: what is wrong".
"""

import argparse
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from duopose.nodes.capture.sources import WEBCAM
from duopose.running.arguments import parser
from duopose.running.cameras.lines import lines_of
from duopose.running.cameras.pose import matrix
from duopose.stream.errors import UsageError

SUFFIX = ".toml"
OWN = ("source", "pose")  # of a camera alone, never a default
OF_CAMERA = ("camera", "fov", "person-height", "camera-height", "camera-size", "camera-fps", "smooth", "stills")
NEVER = ("help", "version", "only")  # of the command line alone
PATHS = ("source", "camera", "record", "save-video", "session", "stats", "log-file", "keys", "secrets", "profile")
EACH = ("record", "save_video", "session")  # files of which each camera writes its own
EXCLUSIVE = (("every_frame", "realtime"), ("camera", "fov"))
NAME = re.compile(r"[A-Za-z0-9_-]{1,16}")  # a name is a part of file names and of sockets'


class Entry(NamedTuple):
    """One key of a table, where it stands, and what it means on the command line."""

    line: int
    key: str
    value: Any
    words: tuple[str, ...]


class Asked(NamedTuple):
    """What was asked of one camera, and of the run that it belongs to."""

    name: str  # "" = the only camera, given on the command line
    arguments: argparse.Namespace
    pose: tuple[float, ...] | None = None
    path: str = ""  # of the file
    entries: Sequence[Entry] = ()  # those that hold for this camera, its own first
    of_run: Mapping[str, Any] = MappingProxyType({})  # arguments of the whole run, files as they are written

    @property
    def own(self) -> dict[str, Any]:
        """What is asked of this camera alone, whatever its name is."""
        told = {name: value for name, value in vars(self.arguments).items() if name not in self.of_run}
        lens = Path(told["camera"]) if told["camera"] else None
        return told | {"pose": self.pose, "lens": lens.read_bytes() if lens and lens.is_file() else None}

    def teller(self, say: Callable[[str], None]) -> Callable[[str], None]:
        """`say` for lines about this camera: they name it."""
        return (lambda line: say(f"{self.name}: {line}")) if self.name else say

    def located(self, error: UsageError) -> UsageError:
        """The error with the line of the file that it is about, if it is about one."""
        if not self.entries:
            return error
        text = str(error)
        named = [entry.line for entry in self.entries if re.search(rf"--{entry.key}(?![\w-])", text)]
        quoted = [entry.line for entry in self.entries if isinstance(entry.value, str) and entry.value in text]
        return UsageError(f"{self.path}:{[*named, *quoted, self.entries[0].line][0]}: {text}")


def asked(argv: Sequence[str]) -> list[Asked]:
    """The words after `duopose` -> what is asked of each camera. Raises UsageError."""
    told = parser().parse_args(argv)
    if told.source.lower().endswith(SUFFIX):
        return File(told.source).cameras(argv, told)
    if told.only:
        raise UsageError(f"--only is for a file of cameras, as cameras{SUFFIX}; {told.source} is none")
    return [Asked("", told)]


class File:
    def __init__(self, path: str) -> None:
        self.path = path
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            self.tables = tomllib.loads(text)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise UsageError(f"{path} is no text") from None
        except tomllib.TOMLDecodeError as error:
            what, _, where = str(error).partition(" (at ")
            line = re.match(r"line (\d+)", where)
            raise self.error(int(line[1]) if line else text.count("\n") + 1, f"{what}: this is no TOML") from None
        self.options = {
            word.removeprefix("--"): action for action in parser()._actions for word in action.option_strings
        }  # fmt: skip
        self.lines = lines_of(text)

    def error(self, line: int, what: str) -> UsageError:
        return UsageError(f"{self.path}:{line}: {what}")

    def line(self, *keys: str) -> int:
        """Where a key stands or, if the file is written in a way that `lines_of` does not know, its table."""
        return next(
            (self.lines[keys[:count]] for count in range(len(keys), 0, -1) if keys[:count] in self.lines), 1
        )  # fmt: skip

    def cameras(self, argv: Sequence[str], told: argparse.Namespace) -> list[Asked]:
        """What is asked of each camera, or of those that --only names. told: `argv`, parsed"""
        for name in self.tables:
            if name not in ("run", "defaults", "camera"):
                raise self.error(self.line(name), f"[{name}] should be [run], [defaults] or [camera.NAME]")
        run, defaults = self.entries("run"), self.entries("defaults")
        cameras = self.tables.get("camera", {})
        if not isinstance(cameras, dict) or not cameras:
            raise self.error(self.line("camera"), "there is no camera in it: write a table [camera.NAME] with a source")
        found = [self.camera(name, run, defaults, argv, told) for name in cameras]
        only = told.only.split(",") if told.only else list(cameras)
        if unknown := [name for name in only if name not in cameras]:
            raise UsageError(f"--only {unknown[0]}: {self.path} names {', '.join(cameras)}")
        return [one for one in found if one.name in only]

    def camera(
        self, name: str, run: list[Entry], defaults: list[Entry], argv: Sequence[str], told: argparse.Namespace
    ) -> Asked:
        if not NAME.fullmatch(name):
            line = self.line("camera", name)
            raise self.error(line, f"{name!r} is no name of a camera: 1 to 16 letters, digits, - and _")
        own = self.entries("camera", name)
        table = self.tables["camera"][name]
        if "source" not in table:
            raise self.error(self.line("camera", name), f"[camera.{name}] has no source: a webcam, stream or file")
        held = {entry.key for entry in own}
        if "camera" in held or "fov" in held:  # its own lens takes the place of that of all
            held |= {"camera", "fov"}
        kept = [entry for entry in defaults if entry.key not in held]
        words = [word for entry in (*run, *kept, *own) for word in entry.words]
        filled = parser().parse_args(words)
        overrule(filled, told)
        arguments = parser().parse_args(argv, filled)
        arguments.source = next(entry.value for entry in own if entry.key == "source")
        of_camera = {option.replace("-", "_") for option in (*OWN, *OF_CAMERA)}
        of_run = {name: value for name, value in vars(arguments).items() if name not in of_camera}
        for output in EACH:
            setattr(arguments, output, named(getattr(arguments, output), name))
        pose = None
        if "pose" in table:
            try:
                pose = matrix(table["pose"])
            except ValueError as error:
                raise self.error(self.line("camera", name, "pose"), f"pose: {error}") from None
        entries = [next(entry for entry in own if entry.key == "source"), *own, *kept, *run]
        return Asked(name, arguments, pose, self.path, entries, of_run)

    def entries(self, *table: str) -> list[Entry]:
        """The keys of a table, each checked by itself. Raises UsageError."""
        content: Any = self.tables
        for part in table:
            content = content.get(part, {})
        if not isinstance(content, dict):
            raise self.error(self.line(*table), f"{table[-1]} should be a table: [{'.'.join(table)}]")
        return [self.entry(table, key, value) for key, value in content.items()]

    def entry(self, table: tuple[str, ...], key: str, value: Any) -> Entry:
        line, option, where = self.line(*table, key), key.replace("_", "-"), f"[{'.'.join(table)}]"
        of_camera = table[0] != "run"
        if option in OWN and table[0] == "camera":
            if option == "source":
                value = self.beside("source", self.text(line, key, value))
            return Entry(line, option, value, ())
        known = OF_CAMERA if of_camera else tuple(
            name for name in self.options if len(name) > 1 and name not in (*OF_CAMERA, *NEVER)
        )  # fmt: skip
        if option not in known:
            if option in OWN:
                raise self.error(line, f"{key} is each camera's own: it belongs into [camera.NAME], not into {where}")
            if option in self.options and option not in NEVER:
                place = "[run]" if of_camera else "[defaults] or [camera.NAME]"
                raise self.error(line, f"{key} belongs into {place}, not into {where}")
            there = ", ".join((*OWN, *known) if table[0] == "camera" else known)
            raise self.error(line, f"{where} knows no {key!r}; it knows {there}")
        words = self.words(line, key, option, value)
        try:
            parser().parse_args(words)
        except UsageError as error:
            what = str(error).removesuffix(" (--help tells more)").removeprefix(f"argument --{option}: ")
            raise self.error(line, f"{key}: {what}") from None
        return Entry(line, option, value, tuple(words))

    def words(self, line: int, key: str, option: str, value: Any) -> list[str]:
        """A key and its value as words of the command line."""
        action = self.options[option]
        if action.nargs == 0 or (action.nargs == "?" and isinstance(value, bool)):
            if not isinstance(value, bool):
                raise self.error(line, f"{key} is true or false, not {value!r}")
            return [f"--{option}"] if value else []
        several = value if isinstance(action, argparse._AppendAction) and isinstance(value, list) else [value]
        return [f"--{option}={self.beside(option, self.text(line, key, one))}" for one in several]

    def text(self, line: int, key: str, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.error(line, f"{key} is a text or a number, not {value!r}")
        return str(value)

    def beside(self, option: str, text: str) -> str:
        """A path, as seen from the folder of this file; any other value as it is."""
        other = option == "source" and ("://" in text or WEBCAM.fullmatch(text) or text == "demo")
        other = other or (option == "profile" and os.sep not in text)
        return text if option not in PATHS or other else os.path.join(os.path.dirname(self.path), text)


def overrule(filled: argparse.Namespace, told: argparse.Namespace) -> None:
    """Take out of what the file has filled in what can't go with what the command line says."""
    plain = parser().parse_args([])
    for pair in EXCLUSIVE:
        for one, other in (pair, pair[::-1]):
            if getattr(told, one) != getattr(plain, one):
                setattr(filled, other, getattr(plain, other))


def named(path: str | None, camera: str) -> str | None:
    """The file of one camera: its name stands for {camera}, else behind the stem.

    >>> named("poses-{camera}.jsonl", "door"), named("poses.jsonl", "door"), named(None, "door")
    ('poses-door.jsonl', 'poses-door.jsonl', None)
    """
    if path is None or "{camera}" in path:
        return path and path.replace("{camera}", camera)
    stem, suffix = os.path.splitext(path)
    return f"{stem}-{camera}{suffix}"
