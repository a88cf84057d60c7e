"""How good the joints of each contender are on photographs with human labels, as `duopose evaluate people2d` says."""

import json
import subprocess
import sys
from pathlib import Path

from duopose.benchmarks.parts.mediapipe_peer import person
from duopose.evaluation import people2d
from duopose.stream.errors import UsageError
from duopose.training.datasets.reading.errors import reading

ROWS = {"Duopose": "human", "MoveNet": "human: MoveNet"}  # contender -> row of people2d
COLUMNS = {"ap": "oks_ap", "pck": "pck"}


def printed(file):
    """The last line of what people2d printed, kept in a file -> {contender: {column: number}}. Raises UsageError."""
    with reading(file, "what evaluate people2d printed"):
        rows = json.loads(Path(file).read_text().strip().splitlines()[-1])
    if ROWS["Duopose"] not in rows:
        raise UsageError(f"{file} has no row {ROWS['Duopose']!r}: it is not what evaluate people2d prints")
    return chosen(rows)


def chosen(rows):
    found = {who: rows[row] for who, row in ROWS.items() if row in rows}
    return {who: {name: row.get(column) for column, name in COLUMNS.items()} for who, row in found.items()}


def measured(folder, models, mediapipe):
    """The same, measured now, with MediaPipe where it is given, which finds one person in a picture."""
    command = [
        sys.executable,
        "-m",
        "duopose",
        "evaluate",
        "people2d",
        folder,
        *(("--movenet", models) if models else ()),
    ]
    run = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    if run.returncode:
        raise SystemExit(run.returncode)
    scores = chosen(json.loads(run.stdout.strip().splitlines()[-1]))
    if mediapipe:
        truth = [people2d.labels(image) for image in json.loads((folder / "labels_val.json").read_text())["images"]]
        found = mediapipe.ask(pictures=[str(folder / label.file) for label in truth])
        judged = [people2d.judge(label, person(marks)) for label, marks in zip(truth, found, strict=True)]
        row = people2d.figures(judged)["human"]
        scores["MediaPipe"] = {name: row.get(column) for column, name in COLUMNS.items()}
    return scores
