"""What the networks saw of rendered people who walk before cameras that are known: no sticks, real errors.

python -m tests.duopose.calibrate.rendered CLIP.jsonl ...    write rendered.json anew; beside each record its CLIP.json

The clips, 640x360 at 10 pictures a second, their names saying the rest, and the records:

duopose train render_clips --split val --height 2.6 --rate 10 --kind walk --seed 92 --tilt 24 --fov 65 --seconds 60 OUT
duopose CLIP.mp4 --headless --record CLIP.jsonl
"""

import json
import sys
from pathlib import Path

import numpy as np

from duopose.calibrate.people import Steps, steps_of
from duopose.stream.record.scenes import scenes
from tests.places import ROOT

FILE = ROOT / "tests/golden/rendered_walks.json"


def read():
    """{clip: (Steps, (width, height), true focal length in pixels)}"""
    said = json.loads(FILE.read_text())
    return {
        name: (
            Steps(np.array(clip["feet"]), np.array(clip["shoulders"]), np.array(clip["person"])),
            (clip["width"], clip["height"]),
            clip["focal"],
        )
        for name, clip in said.items()
    }


def described(path):
    steps, (width, height) = steps_of(scenes(path))
    camera = json.loads(path.with_suffix(".json").read_text())["camera"]
    return {
        "focal": camera["fx"],
        "width": width,
        "height": height,
        "feet": np.round(steps.feet, 2).tolist(),
        "shoulders": np.round(steps.shoulders, 2).tolist(),
        "person": steps.person.tolist(),
    }


if __name__ == "__main__":
    told = {Path(name).stem: described(Path(name)) for name in sys.argv[1:]}
    FILE.write_text(json.dumps(told, separators=(",", ":")) + "\n")
