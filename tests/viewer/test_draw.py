import json
import subprocess
import sys

import cv2

from tests.places import ROOT
from tests.viewer.recording import line_of, recorded
from tests.viewer.scenes import make_scene, person
from tests.waiting import LONG


def test_the_program_makes_a_picture_of_a_recorded_frame(screen, clip, tmp_path):
    path, out = tmp_path / "record.jsonl", tmp_path / "scene.png"
    scenes = [make_scene([person(0, 4)], number=number, stamp=number / 10) for number in range(3)]
    path.write_text("".join(json.dumps(line_of(scene, recorded(scene))) + "\n" for scene in scenes))
    command = [sys.executable, "-m", "duopose", "draw", path, "--video", clip, "--size", "320x180", "--out", out]
    subprocess.run([*command, "--frame", "1"], cwd=ROOT, check=True, capture_output=True, timeout=LONG)
    assert cv2.imread(str(out)).shape == (180, 320, 3)
    missing = subprocess.run([*command, "--frame", "77"], cwd=ROOT, capture_output=True, text=True, timeout=LONG)
    assert missing.returncode == 2
    assert "has no frame 77" in missing.stderr
