"""duopose bench kernels [options]: our kernels beside NumPy, SciPy, OpenCV and torch, on inputs like
those of a live frame.

Milliseconds a call, one thread, the median of several rounds in which the contenders take turns;
then how many times as long as ours the best other one takes. Contenders whose package is not
installed are left out.
"""

import importlib.util
import json
import time
from typing import NamedTuple

import cv2
import numpy as np
import scipy.ndimage
import scipy.optimize

from duopose.kernels import assignment, boxes, camera, crop, grouping, oks, peaks, render
from duopose.stream.arguments import Parser, count
from duopose.stream.skeleton import COCO_SIGMAS

ROUNDS = 7
ROUND_S = 0.05  # s that one contender runs in one round


class Task(NamedTuple):
    name: str
    contenders: dict  # name -> function without arguments; the first one is ours


def milliseconds(tasks, rounds=ROUNDS, seconds=ROUND_S):
    """{task: {contender: ms a call}}: medians over rounds."""
    out = {}
    for task in tasks:
        times = {name: [] for name in task.contenders}
        for function in task.contenders.values():
            function()  # first calls build caches
        for _ in range(rounds):
            for name, function in task.contenders.items():
                calls, start = 0, time.perf_counter()
                while (now := time.perf_counter()) < start + seconds or not calls:
                    function()
                    calls += 1
                times[name].append((now - start) / calls * 1e3)
        out[task.name] = {name: float(np.median(values)) for name, values in times.items()}
    return out


def people_maps(people, height, width, seed=0):
    """17 heatmaps and tag maps of so many people, with some noise -> float32 [17, H, W] twice."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    heat, tags = rng.random((17, height, width), np.float32) * 0.05, np.zeros((17, height, width), np.float32)
    for person in range(people):
        for j in range(17):
            cx, cy = rng.uniform(0, width), rng.uniform(0, height)
            gaussian = rng.uniform(0.4, 1) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 8)
            tags[j][gaussian > heat[j]] = 2 * person
            heat[j] = np.maximum(heat[j], gaussian)
    return heat, tags


def peaks_task(name, maps, threshold=0.1, top_k=30):
    def with_scipy():
        top = np.where(scipy.ndimage.maximum_filter(maps, (1, 5, 5), mode="nearest") == maps, maps, 0)
        return best(top)

    def with_opencv():
        window = np.ones((5, 5), np.uint8)
        return best(np.where(np.stack([cv2.dilate(plane, window) for plane in maps]) == maps, maps, 0))

    def best(top):
        flat = top.reshape(len(top), -1)
        return np.take_along_axis(flat, np.argpartition(flat, -top_k)[:, -top_k:], 1)

    contenders = {"ours": lambda: peaks.find_peaks(maps, threshold, top_k), "scipy": with_scipy, "opencv": with_opencv}
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        tensor = torch.from_numpy(maps)[None]

        def with_torch():
            top = torch.nn.functional.max_pool2d(tensor, 5, 1, 2)
            return torch.where(top == tensor, tensor, 0.0).flatten(2).topk(top_k)

        contenders["torch"] = with_torch
    return Task(name, contenders)


def grouping_task(people):
    heat, tagmaps = people_maps(people, 128, 192)
    values, cells, _ = peaks.find_peaks(heat, 0.1)
    tags = peaks.read(tagmaps, cells)[..., None]
    xy = cells.astype(np.float32)

    def with_scipy():
        """The same rule in NumPy, one assignment a joint type: what `tests/kernels/naive.py` spells out."""
        means, sizes, owners = [], [], []
        for j in grouping.COCO_ORDER:
            rows = np.flatnonzero(values[j] > 0.1)
            cost = np.full((len(rows), max(len(rows), len(means))), 1e10)
            if means:
                distance = np.abs(tags[j, rows] - np.array(means)[:, 0])
                cost[:, : len(means)] = np.where(distance < 1, distance * 100 - values[j, rows, None], 100)
            known = len(means)
            for row, column in zip(*scipy.optimize.linear_sum_assignment(cost), strict=True):
                if column < known and distance[row, column] < 1:
                    sizes[column] += 1
                    means[column] += (tags[j, rows[row]] - means[column]) / sizes[column]
                    owners.append((column, j, rows[row]))
                else:
                    means.append(tags[j, rows[row]].copy())
                    sizes.append(1)
                    owners.append((len(means) - 1, j, rows[row]))
        return owners

    return Task(
        f"group 17 joints of {people} people",
        {"ours": lambda: grouping.group(values, xy, tags), "numpy + scipy": with_scipy},
    )


def assignment_task(size):
    cost = np.random.default_rng(size).random((size, size))
    return Task(
        f"assign {size} x {size}",
        {"ours": lambda: assignment.assign(cost), "scipy": lambda: scipy.optimize.linear_sum_assignment(cost)},
    )


def similarity_tasks(people=10):
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0, 300, (2, people, 17, 3)).astype(np.float32)
    size, sigma = np.full(people, 90, np.float32), 2 * COCO_SIGMAS
    some, scores = np.ascontiguousarray(rng.uniform(0, 200, (100, 4)), np.float32), rng.random(100, np.float32)

    def oks_numpy():
        d2 = ((a[:, None, :, :2] - b[None, :, :, :2]) ** 2).sum(-1)
        seen = (a[:, None, :, 2] > 0) & (b[None, :, :, 2] > 0)
        similar = np.exp(-d2 / (2 * (size[:, None, None] * sigma) ** 2)) * seen
        return similar.sum(-1) / np.maximum(seen.sum(-1), 1)

    return [
        Task(
            f"OKS of {people} x {people} people",
            {"ours": lambda: oks.oks_matrix(a, b, size, sigma), "numpy": oks_numpy},
        ),
        Task(
            "suppress 100 boxes",
            {
                "ours": lambda: boxes.suppress(some, scores, 0.5),
                "opencv": lambda: cv2.dnn.NMSBoxes(some.tolist(), scores.tolist(), 0.0, 0.5),
            },
        ),
    ]


def picture_tasks():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (720, 1280, 3), np.uint8)
    whole = crop.letterbox(1280, 720, 512, 288)
    joints = rng.uniform([0, 0, 0.3], [512, 288, 1], (4, 17, 3)).astype(np.float32)
    sizes = np.full(4, 80, np.float32)
    pixels = rng.uniform(0, [1280, 720], (4 * 17, 2)).astype(np.float32)
    matrix = np.array([[1100.0, 0, 640], [0, 1100, 360], [0, 0, 1]])
    intrinsics, lens = np.array([1100.0, 1100, 640, 360]), np.array([-0.28, 0.08, 0.001, -0.0005, -0.01])

    def draw_numpy():
        y, x = np.mgrid[:288, :512]
        out = np.zeros((17, 288, 512), np.float32)
        for person in joints:
            for j, (cx, cy, score) in enumerate(person):
                np.maximum(out[j], score * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 32), out=out[j])
        return (255 * out).astype(np.uint8)

    return [
        Task(
            "letterbox 1280x720 to 512x288",
            {
                "ours": lambda: crop.warp(image, whole, 288, 512),
                "opencv area": lambda: cv2.resize(image, (512, 288), interpolation=cv2.INTER_AREA),
                "opencv linear, flickers": lambda: cv2.warpAffine(image, whole, (512, 288)),
            },
        ),
        Task(
            "draw 4 people on 17 planes",
            {"ours": lambda: render.draw_joints(joints, sizes, 288, 512), "numpy": draw_numpy},
        ),
        Task(
            "rays of 68 pixels",
            {
                "ours": lambda: camera.undistort(pixels, intrinsics, lens),
                "opencv": lambda: cv2.undistortPoints(pixels[:, None], matrix, lens),
            },
        ),
    ]


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("--rounds", type=count, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=ROUND_S, help="a contender runs so long in each round")
    options = parser.parse_args(argv)
    cv2.setNumThreads(1)
    tasks = [
        peaks_task("peaks, 4 crops of 17x64x48", np.concatenate([people_maps(2, 64, 48, n)[0] for n in range(4)])),
        peaks_task("peaks, 17x128x96", people_maps(5, 128, 96)[0]),
        peaks_task("peaks, 17x256x192", people_maps(10, 256, 192)[0]),
        *(grouping_task(people) for people in (2, 5, 20)),
        *(assignment_task(size) for size in (5, 20)),
        *similarity_tasks(),
        *picture_tasks(),
    ]
    results = milliseconds(tasks, options.rounds, options.seconds)
    for task, times in results.items():
        others = ", ".join(f"{name} {ms:.3f}" for name, ms in times.items() if name != "ours")
        ratio = min(ms for name, ms in times.items() if name != "ours") / times["ours"]
        print(f"{task:32} ours {times['ours']:7.4f} ms   {others}   ({ratio:.1f}x)")
    print(json.dumps({task: {name: round(ms, 5) for name, ms in times.items()} for task, times in results.items()}))
