"""Records that cameras of a fleet can play: real runs, but for the networks."""

import json

from tests.viewer.recording import line_of, recorded
from tests.viewer.scenes import make_scene, person


def write_record(path, frames, rate):
    """One person for so many frames, `rate` a second -> its path."""
    with open(path, "w", encoding="utf-8") as file:
        for number in range(frames):
            scene = make_scene([person(0, 4)], number=number, stamp=number / rate)
            file.write(json.dumps(line_of(scene, recorded(scene))) + "\n")
    return path


def write_cameras(path, cameras):
    """A file of cameras at their own pace. cameras: {name: record beside it}"""
    parts = [f'[camera.{name}]\nsource = "{record}"\n' for name, record in cameras.items()]
    path.write_text("[run]\nrealtime = true\n" + "".join(parts))
    return path
