"""The table that CSV and Parquet hold: a row for each person and frame, by person, then by time.

id, frame, file, stamp [s, media time]; score, source, box_x, box_y, box_width, box_height [pixels]; then of each joint
x, y, z [m] and score (of the 2D joint it comes from; 0 = filled in by the networks). A frame in which a person was not
found, between two in which they were, has a row without values; `--fill` gives positions to short gaps, but no scores.
"""

import numpy as np

from duopose.stream.record.scenes import SOURCES
from duopose.stream.skeleton import BODY17, coco_to_body

BOX = ("box_x", "box_y", "box_width", "box_height")  # pixels
SOURCE_NAMES = {number: name for name, number in SOURCES.items()}
ABOUT = ("id", "frame", "file", "stamp", "score", "source", *BOX)
NAMES = (*ABOUT, *(f"{joint}_{part}" for joint in BODY17 for part in ("x", "y", "z", "score")))


def columns(person):
    """Person -> {name: [T]}: arrays of numbers, NaN where there is none; lists of text, None where there is none."""
    track, frames = person.track, person.run.frames
    motion, rows = person.recorded
    found = np.searchsorted(rows, track.rows)  # rows of the table with what the track measured

    def spread(values):
        wide = np.full((len(rows), *values.shape[1:]), np.nan)
        wide[found] = values
        return wide

    sources = [None] * len(rows)
    for row, source in zip(found.tolist(), track.sources.tolist(), strict=True):
        sources[row] = SOURCE_NAMES[source]
    table = {
        "id": np.full(len(rows), person.identity),
        "frame": frames.numbers[rows],
        "file": [frames.files[row] for row in rows.tolist()],
        "stamp": frames.stamps[rows],
        "score": spread(track.scores),
        "source": sources,
    }
    table |= dict(zip(BOX, spread(track.boxes).T, strict=True))
    joint_scores = spread(coco_to_body(track.coco)[..., 2])
    for place, joint in enumerate(BODY17):
        table |= {f"{joint}_{axis}": motion.joints[:, place, number] for number, axis in enumerate("xyz")}
        table[f"{joint}_score"] = joint_scores[:, place]
    return table
