"""duopose evaluate video FOLDER [--clips NAME ...] [--records FOLDER] [options of duopose]: people
found in clips.

Clips of FOLDER whose people are known run with --every-frame, and the rendered ones of
`evaluation/clips`. Known means: noted by eye in `evaluation/video_truth.json`, or with NAME.json
beside NAME.mp4. Both have one form: `{"people": {"somebody": [{"0": [x, y, w, h], "25": [...]},
...]}}`: for each time that the person is in view a set of frame: box of what is visible, in pixels;
between the noted frames the box moves evenly, before the first and after the last the person is not
there. Rendered clips may bear a "camera" as for --camera. Columns as
`evaluation/measures/identity.py` explains them; a person is found if a box overlaps the noted one
with IoU 0.3.
"""

import json
import tempfile
from pathlib import Path

import numpy as np

from duopose.evaluation.measures import identity
from duopose.evaluation.runs import records
from duopose.evaluation.runs.tables import report
from duopose.stream.arguments import Parser, existing
from duopose.stream.errors import UsageError
from duopose.training.datasets.reading.errors import reading

TRUTH = Path(__file__).with_name("clips") / "video_truth.json"
RENDERED = Path(__file__).with_name("clips")


def box_at(views, frame):
    """Box of a person at a frame, or None if it is not in view then.

    >>> views = [{"0": [0, 0, 10, 10], "10": [100, 0, 10, 30]}, {"20": [5, 5, 5, 5]}]
    >>> box_at(views, 5), box_at(views, 15), box_at(views, 20)
    ([50.0, 0.0, 10.0, 20.0], None, [5.0, 5.0, 5.0, 5.0])
    """
    for view in views:
        noted = sorted(map(int, view))
        if noted[0] <= frame <= noted[-1]:
            boxes = np.array([view[str(number)] for number in noted], float)
            return [float(np.interp(frame, noted, boxes[:, side])) for side in range(4)]
    return None


def frames(truth, recorded):
    """A clip's truth and its record -> list of `identity.Frame`."""
    out = []
    for found in recorded:
        there = [(n, box) for n, views in enumerate(truth["people"].values()) if (box := box_at(views, found.frame))]
        people, boxes = np.array([n for n, _ in there], int), np.array([box for _, box in there], float).reshape(-1, 4)
        out.append(identity.Frame(people, boxes, found.ids, found.boxes))
    return out


def known_clips(folder):
    """{name: (file, truth)} of the clips in the folder whose people are known."""
    by_eye = json.loads(TRUTH.read_text())
    clips = {}
    for file in sorted(path for path in folder.iterdir() if path.suffix.lower() in (".mp4", ".avi", ".mkv", ".mov")):
        beside = file.with_suffix(".json")
        with reading(beside, "the truth of a clip"):
            truth = json.loads(beside.read_text()) if beside.exists() else by_eye.get(file.stem)
        if truth is not None:
            clips[file.stem] = file, truth
    return clips


def record_of(file, truth, kept, temporary, live):
    """What the live program finds in a clip -> list of `records.Found`; its record is, or will be, in the folder
    `kept`, or, where that is None, in `temporary`."""
    camera = []
    if "camera" in truth:
        camera = ["--camera", temporary / f"{file.stem}.json"]
        camera[1].write_text(json.dumps(truth["camera"]))
    return records.obtain((kept or temporary) / f"{file.stem}.jsonl", file, "--every-frame", *camera, *live)


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", type=existing)
    parser.add_argument("--clips", nargs="+", metavar="NAME", help="these only (default: all that are known)")
    records.add_options(parser)
    options, live = parser.parse_known_args(argv)
    clips = known_clips(options.folder) | known_clips(RENDERED)
    names = options.clips or list(clips)
    if not names or set(names) - set(clips):
        unknown = ", ".join(set(names) - set(clips)) or "no clip"
        raise UsageError(f"{options.folder}: {unknown} with known people; there are: {', '.join(clips)}")
    rows = {}
    with tempfile.TemporaryDirectory(prefix="duopose-evaluation-") as temporary:
        for name in names:
            file, truth = clips[name]
            recorded = record_of(file, truth, options.records, Path(temporary), live)
            rows[name] = {"frames": len(recorded)} | identity.figures(frames(truth, recorded))
    report(rows)
