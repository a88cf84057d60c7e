"""One run of a record as one track a person: what they did, by media time."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from duopose.stream.record.reading import frames, runs, unreadable
from duopose.stream.record.scenes import scene_of


class Track(NamedTuple):
    """One person in the T frames in which they were found."""

    identity: int
    rows: np.ndarray  # int [T]             which frames of the run these are
    stamps: np.ndarray  # float64 [T]       s, media time
    joints: np.ndarray  # float32 [T 17 3]  BODY17, metres, camera frame
    coco: np.ndarray  # float32 [T 17 3]    COCO17: x, y pixels, score; a joint that was not found is 0 0 0
    boxes: np.ndarray  # float32 [T 4]      x, y, width, height, pixels
    scores: np.ndarray  # float32 [T]
    sources: np.ndarray  # uint8 [T]        1 top-down, 2 bottom-up, 3 both


class Frames(NamedTuple):
    """The F frames of a run, those without people included."""

    numbers: np.ndarray  # int [F]
    stamps: np.ndarray  # float64 [F]   s, media time
    sizes: np.ndarray  # int [F 2]      width, height, pixels
    files: list  # [F]                  names of the images, None where it was a video or a camera


class Run(NamedTuple):
    name: str  # of the record, without folder and ending
    stills: bool  # unrelated pictures: no track goes from one to another
    frames: Frames
    tracks: tuple[Track, ...]  # by identity


PARTS = ("ids", "joints", "coco", "boxes", "scores", "sources")  # of a scene, that a track keeps


def read(path, number=None):
    """The run of that number, from 1 up, of a record; the last one where no number is given -> Run.

    ValueError, in one line, where the record can't be read or has no such run, no frames or no people.
    """
    begun = runs(path)
    if number is not None and not 1 <= number <= len(begun):
        raise ValueError(f"{path} has no run {number}: {_counted(len(begun), 'run')}")
    place = len(begun) if number is None else number
    since, header = begun[place - 1]
    until = begun[place][0] if place < len(begun) else None
    frames, people = _columns(path, since, until)
    tracks = tuple(_track(identity, frames, people) for identity in np.unique(people["ids"]).tolist())
    settings = header.get("settings")
    return Run(Path(path).stem, isinstance(settings, dict) and settings.get("stills") is True, frames, tracks)


def count_runs(path):
    return len(runs(path))


def _counted(count, word):
    return f"it has {count} {word}{'s' * (count != 1)}"


def _columns(path, since, until):
    """-> Frames, {part: of all people one below the other; "rows": the frame of each}."""
    told, rows, parts = [], [], {name: [] for name in PARTS}
    for line, parsed in frames(path, since, until):
        try:
            scene = scene_of(parsed)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise unreadable(path, line, repr(error)) from None
        frame = scene.frame
        if told and frame.stamp <= told[-1][1]:
            raise unreadable(path, line, "its time is not after that of the frame before")
        if len(set(scene.ids.tolist())) < len(scene.ids):
            raise unreadable(path, line, "two people have one identity")
        if not all(np.isfinite(getattr(scene, name)).all() for name in PARTS):
            raise unreadable(path, line, "a number is missing")
        rows.append(np.full(len(scene.ids), len(told)))
        told.append((frame.number, frame.stamp, (frame.width, frame.height), frame.file))
        for name in PARTS:
            parts[name].append(getattr(scene, name))
    if not told:
        raise ValueError(f"{path} holds no frames")
    people = {name: np.concatenate(arrays) for name, arrays in parts.items()} | {"rows": np.concatenate(rows)}
    if not len(people["rows"]):
        raise ValueError(f"{path}: there is nobody in its {len(told)} frames")
    numbers, stamps, sizes, files = zip(*told, strict=True)
    return Frames(np.array(numbers), np.array(stamps, np.float64), np.array(sizes), list(files)), people


def _track(identity, frames, people):
    theirs = people["ids"] == identity
    parts = {name: array[theirs] for name, array in people.items() if name != "ids"}
    return Track(identity, stamps=frames.stamps[parts["rows"]], **parts)
