"""MediaPipe in a virtual environment of its own: made when it is not there, asked line by line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from duopose.evaluation.baselines.blazepose import COCO
from duopose.evaluation.runs.records import Found
from duopose.stream.errors import UsageError

VERSION = "0.10.21"
PROGRAM = Path(__file__).with_name("mediapipe_pose.py")


def environment(folder):
    """The Python of the environment in that folder, with MediaPipe; makes it. Raises UsageError where that fails."""
    python = Path(folder) / "bin" / "python"
    if not python.exists():
        called([sys.executable, "-m", "venv", folder], f"can't make a virtual environment in {folder}")
    if subprocess.run([python, "-c", "import mediapipe"], capture_output=True).returncode:
        asked = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"mediapipe=={VERSION}"]
        called(asked, f"can't install mediapipe {VERSION} in {folder}")
    return python


def called(command, trouble):
    ended = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if ended.returncode:
        lines = (ended.stderr + ended.stdout).strip().splitlines()
        raise UsageError(f"{trouble}: {lines[-1] if lines else ended.returncode}")


class MediaPipe:
    """MediaPipe Pose as a process of its own; close it."""

    def __init__(self, folder):
        command = [environment(folder), PROGRAM]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def ask(self, **what):
        """What mediapipe_pose.py takes -> what it answers."""
        try:
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        except (BrokenPipeError, ValueError):
            raise UsageError(f"{PROGRAM.name} ended with {self.process.wait(10)}: remove the environment") from None

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


def person(marks):
    """Landmarks [33][3] of a picture, or None -> `records.Found` with one person or none, its box around the joints."""
    joints = np.array(marks)[COCO][None] if marks else np.zeros((0, 17, 3))
    low, high = joints[..., :2].min(1), joints[..., :2].max(1)
    scores, ids = joints[..., 2].mean(1), np.arange(len(joints))
    boxes = np.concatenate([low, high - low], 1)
    return Found(0, None, 0.0, ids, scores, boxes, joints, np.zeros((len(joints), 17, 3)), {})
