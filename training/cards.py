"""duopose train cards FOLDER: model cards: NAME.md beside NAME.json, written from it, for people. The
JSON stays the one source of truth; after a JSON was changed by hand this writes the cards anew.
"""

import json
from pathlib import Path

from duopose.stream.arguments import Parser, existing
from duopose.training.datasets.reading.errors import reading

LICENCE = "Apache-2.0; NOTICE names what it was trained from and whom to credit"
PEOPLE = (
    "It says where people's joints are, not who they are or what they feel. Children, wheelchair users and wide robes "
    "are rare in what it learned from: expect larger errors. Not for decisions on which someone's safety hangs."
)

# What each network is for, and where it ends. Key: the class, without its module.
ABOUT = {
    "Detector": (
        "Boxes of the people in a picture, as an annotator draws them.",
        "Judged by people over 64 pixels of its input; "
        "smaller ones, and those of whom little is to be seen, are missed more often.",
    ),
    "TopDown": (
        "Joints and identity tags of everyone in an enlarged box (paper, 3.1).",
        "Joints in COCO17 order at a quarter of the crop's resolution; crops of 192x256 hold their person upright.",
    ),
    "BottomUp": (
        "Joints, tags and depths of everyone in a whole picture, guided by the top-down joints (paper, 3.2).",
        "Root depth is Z / f: without the true focal length every distance is wrong by one factor.",
    ),
    "GCN": (
        "2D joints of one person, some of them missing -> a complete pose in metres (paper, 3.1, eq. 12).",
        "Knows the proportions of people in general, not those of the one it sees.",
    ),
    "JointTCN": (
        "A window of poses of one person -> "
        "the pose of its newest frame, or of one a little before (paper, 3.1, eq. 13).",
        "Frames on a grid of 30 Hz; learned from motion capture, mostly of people on their feet.",
    ),
    "RootTCN": (
        "A window of poses of one person -> how far away the pelvis is (paper, 3.1, eq. 14).",
        "A person's height is unknown to it: 4 to 7 % of the distance is what one camera can know.",
    ),
    "Integration": (
        "The poses of both branches -> one pose (paper, 3.3, eq. 7).",
        "Trusts either branch as far as it did in training; where both err together it can't know.",
    ),
    "Discriminator": (
        "How natural a pose, and two people beside each other, look (paper, 3.3, eq. 8 and 9). For training only.",
        "Knows what motion capture holds: everyday movement, one couple that dances.",
    ),
}


def card(name, record):
    """The text of the card of the weights `name`, from what their JSON says."""
    kind = record["network"].rpartition(".")[2]
    what, limits = ABOUT.get(kind, (f"A network of the class `{record['network']}`.", ""))
    arguments = ", ".join(f"{key}={value!r}" for key, value in record["arguments"].items())
    training = dict(record.get("training", {}))
    lines = [f"# {name}", "", what, "", f"`{record['network']}({arguments})`", "", "## How it was made", ""]
    titles = {"command": "command", "start": "started from", "data": "learned from", "commit": "commit", "date": "date"}
    for key, title in (titles | {key: key for key in training if key not in titles}).items():
        if key in training:
            lines.append(f"- {title}: {told(key, training[key])}")
    lines += [f"- licence: {record.get('licence', LICENCE)}", "", "## Measured", ""]
    lines += measured(record.get("accuracy", {})) or ["Nothing yet."]
    lines += ["", "## Meant for, and not", "", *([limits, ""] if limits else []), PEOPLE, ""]
    return "\n".join(lines)


def told(key, value):
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"`{value}`" if str(value).startswith("duopose ") else str(value)


def measured(accuracy):
    """The `accuracy` of a JSON as a table for each command: its figures, or rows of figures."""
    if "command" in accuracy:  # one command for all
        accuracy = {accuracy["command"]: {key: value for key, value in accuracy.items() if key != "command"}}
    lines = []
    for command, figures in accuracy.items():
        lines += ["", f"`{command}`", "", "| | |", "|---|---|"]
        lines += [f"| {name} | {number} |" for name, number in rows(figures)]
    return lines[1:]


def rows(figures, above=""):
    """(name, number) of every figure, those of a row under its name.

    >>> list(rows({"ap": 0.37579, "fused": {"mpjpe": 86.2}, "none": None}))
    [('ap', '0.376'), ('fused: mpjpe', '86.2'), ('none', '-')]
    """
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from rows(value, f"{above}{name}: ")
        else:
            yield f"{above}{name}", "-" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def write(path):
    """Write the card of the weights at `path` (without suffix)."""
    path = Path(path)
    file = path.with_suffix(".json")
    with reading(file, "the JSON of a weight file"):
        text = card(path.name, json.loads(file.read_text()))
    path.with_suffix(".md").write_text(text)


def add_figures(path, command, figures):
    """Add to the JSON of the weights at `path` (without suffix) what a command found, and write the card anew."""
    file = Path(path).with_suffix(".json")
    record = json.loads(file.read_text())
    accuracy = record.get("accuracy", {})
    if "command" in accuracy:
        accuracy = {accuracy.pop("command"): accuracy}
    record["accuracy"] = accuracy | {command: figures}
    file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    write(path)


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", type=existing, help="folder of weights")
    options = parser.parse_args(argv)
    files = sorted(options.folder.glob("*.json"))
    if not files:
        parser.error(f"{options.folder}: no weights (*.json)")
    for file in files:
        write(file.with_suffix(""))
    print(json.dumps({"cards": [file.stem for file in files]}))
