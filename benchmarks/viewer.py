"""duopose bench viewer [--size WxH] [--frames N]: what a frame of the window costs, drawn off-screen.

People walk about for longer than their trails last; every frame has its picture, the trails and the
graph are on. CPU ms of all threads: in software OpenGL these are what the networks lack.
"""

import json
import math
import time
from types import SimpleNamespace

import cv2
import numpy as np

from duopose.stream.arguments import Parser, size
from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera, Frame, Scene
from duopose.stream.skeleton import BODY17, COCO17
from duopose.viewer.offscreen import Unavailable, hidden_canvas

PEOPLE = (1, 5, 20)
RATE = 10.0  # frames a second, as the window draws in software
WARM = 45  # frames that are not counted: textures, trails of full length
WIDTH, HEIGHT = 1280, 720  # of the camera's picture
LENS = Camera(1108.5, 1108.5, 639.5, 359.5, "default")
STANDING = np.float32(  # right, up, away from the camera; m over the floor, BODY17
    [
        (0, 0.95, 0), (-0.13, 0.93, 0), (-0.14, 0.5, 0.04), (-0.15, 0.09, -0.1), (0.13, 0.93, 0), (0.14, 0.5, 0.02),
        (0.15, 0.09, 0.1), (0, 1.2, 0), (0, 1.45, 0), (0, 1.56, -0.09), (0, 1.74, 0), (0.18, 1.42, 0),
        (0.27, 1.15, 0.03), (0.25, 0.92, -0.1), (-0.18, 1.42, 0), (-0.3, 1.2, 0), (-0.35, 1.45, -0.15),
    ]
)  # fmt: skip


def crowd(count, number):
    """A scene of so many people who walk in circles of 0.6 m, on a grid before the camera."""
    columns = math.ceil(math.sqrt(count))
    place, phase = np.arange(count), 0.15 * number + np.arange(count)
    x = 1.2 * (place % columns - (columns - 1) / 2) + 0.6 * np.cos(phase)
    z = 4 + 1.3 * (place // columns) + 0.6 * np.sin(phase)
    offset = np.stack([x, np.full(count, 1.4), z], 1)[:, None]
    joints = np.float32(STANDING * (1, -1, 1) + offset)
    coco = np.full((count, 17, 3), 0.9, np.float32)
    seen = joints[:, [BODY17.index(name if name in BODY17 else "nose") for name in COCO17]]
    coco[..., :2] = seen[..., :2] / seen[..., 2:] * (LENS.fx, LENS.fy) + (LENS.cx, LENS.cy)
    low, high = coco[..., :2].min(1), coco[..., :2].max(1)
    return Scene(
        frame=Frame(number, None, number / RATE, 0.0, WIDTH, HEIGHT, LENS, "", 0, 0, False),
        fused_at=0.1 + 0.02 * math.sin(number), ids=np.arange(1, count + 1, dtype=np.int32),
        scores=np.ones(count, np.float32), sources=np.full(count, 3, np.uint8),
        boxes=np.concatenate([low, high - low], 1), coco=coco, joints=joints,
        top_down=joints + np.float32((0.05, 0, 0.1)), bottom_up=joints - np.float32((0.05, 0, 0.1)),
        depth_sd=np.full(count, 0.05, np.float32), joint_sd=np.full((count, 17), 0.06, np.float32),
    )  # fmt: skip


class Source:
    """The bus of a window that is fed by `count` people."""

    node, stopping = SimpleNamespace(name="viewer"), False

    def __init__(self, count):
        self.count, self.number = count, 0
        rough = np.random.default_rng(0).integers(0, 255, (HEIGHT // 20, WIDTH // 20, 3), np.uint8)
        self.picture = cv2.resize(rough, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)

    def poll(self, timeout):
        self.number += 1
        return [("scene", crowd(self.count, self.number))]

    def pixels(self, frame):
        return self.picture.copy()

    def measure(self, seconds):
        """The benchmark takes the time itself."""


def measure(count, frames, width, height, keys=""):
    """-> ms of CPU [frames] to take a scene in, and to draw it, with these keys pressed before."""
    from vispy import gloo
    from vispy.app import Application

    from duopose.viewer.window import Window

    window = Window(Source(count), Application("egl"), (width, height))
    for key in keys:
        window.press(key)
    taken, drawn = [], []
    for _ in range(WARM + frames):
        start = time.process_time()
        window.tick()
        middle = time.process_time()
        window.set_current()
        window.events.draw(region=None)
        gloo.gl.glFinish()
        taken.append(1000 * (middle - start))
        drawn.append(1000 * (time.process_time() - middle))
        if window.failure:
            raise window.failure
    window.close()
    return np.array(taken[WARM:]), np.array(drawn[WARM:])


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("--size", type=size, default="1280x720", metavar="WxH", help="of the window (%(default)s)")
    parser.add_argument("--frames", type=int, default=60, metavar="N", help="(default: %(default)s)")
    options = parser.parse_args(argv)
    if options.frames < 1:
        parser.error("--frames must be at least 1")
    try:
        hidden_canvas()
    except Unavailable as error:
        raise UsageError(error) from None
    rows = []
    print("people  shown            CPU ms a frame: take in   draw  together")
    for count in PEOPLE:
        for name, keys in (("fused", "g"), ("all branches", "g23"), ("side by side", "g4")):
            taken, drawn = measure(count, options.frames, *options.size, keys)
            row = {"people": count, "shown": name, "take_in_ms": round(float(np.median(taken)), 1),
                   "draw_ms": round(float(np.median(drawn)), 1)}  # fmt: skip
            rows.append(row)
            together = row["take_in_ms"] + row["draw_ms"]
            print(f"{count:6}  {name:15}{row['take_in_ms']:25.1f}{row['draw_ms']:7.1f}{together:10.1f}", flush=True)
    print(json.dumps({"size": options.size, "frames": options.frames, "rows": rows}))
