"""duopose train render --pack DIR --motion DIR [options] OUT: rendered people with exact labels, in
shards.

OUT/shard_000.npz, shard_001.npz, ...: 500 frames each; shards that are there already are not made
again. Frame f of a shard:

    image         uint8              JPEG files of all frames, one after the other; frame f:
                                     image[image_start[f] : image_start[f + 1]]
    image_start   int64 [F + 1]
    size          int32 [F, 2]       width, height, px
    camera        float32 [F, 4]     fx, fy, cx, cy, px; pixel (0, 0) is the CENTRE of the top-left
                                     pixel; no distortion
    number        int64 [F]          frame number within the seed
    person_start  int64 [F + 1]      frame f has persons person_start[f] : person_start[f + 1] of
                                     the arrays below

    coco2d        float32 [P, 17, 2] COCO17, px
    visibility    uint8 [P, 17]      0 outside the picture, 1 hidden, 2 seen
    coco3d        float32 [P, 17, 3] COCO17, camera axes (x right, y down, z forward), m
    body3d        float32 [P, 17, 3] body17 (bone heads), camera axes, m
    box           float32 [P, 4]     x, y, w, h of what is seen, px; zeros where nothing is
    whole_box     float32 [P, 4]     x, y, w, h of the whole person, may reach outside the picture
    pixels        int32 [P]          px seen
    share         float32 [P]        share of the person's px inside the picture that others leave
                                     to be seen
    stature       float32 [P]        m
"""

import multiprocessing
import os
import queue
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from duopose.stream.arguments import Parser
from duopose.training.synthetic.labels import Label
from duopose.training.synthetic.options import add_sources, check_sources
from duopose.training.synthetic.scene import Generator

SHARD = 500  # frames
QUALITY = (45, 97)  # JPEG


def pack_frames(frames, seed):
    """[(number, scene.Frame)] -> the arrays of one shard."""
    images = []
    for number, frame in frames:
        quality = int(np.random.default_rng([seed, 2, number]).integers(*QUALITY))
        _, coded = cv2.imencode(
            ".jpg", cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
        )
        images.append(coded)
    cameras = [frame.camera for _, frame in frames]
    people = [person for _, frame in frames for person in frame.people]
    types = {"visibility": np.uint8, "pixels": np.int32}
    return {
        "image": np.concatenate(images),
        "image_start": np.cumsum([0] + [len(image) for image in images]).astype(np.int64),
        "size": np.array([(view.width, view.height) for view in cameras], np.int32),
        "camera": np.array([(view.focal, view.focal, view.cx, view.cy) for view in cameras], np.float32),
        "number": np.array([number for number, _ in frames], np.int64),
        "person_start": np.cumsum([0] + [len(frame.people) for _, frame in frames]).astype(np.int64),
        **{
            name: np.array([getattr(person, name) for person in people], types.get(name, np.float32))
            for name in Label._fields
        },
    }


def work(arguments, shards, done):
    """One worker: its shards, one after the other; `done` gets 1 for each frame."""
    cv2.setNumThreads(1)
    generator = Generator(arguments.pack, arguments.motion, arguments.seed, arguments.split)
    for shard in shards:
        numbers = range(shard * SHARD, min((shard + 1) * SHARD, arguments.frames))
        frames = []
        for number in numbers:
            if not multiprocessing.parent_process().is_alive():
                return  # nobody waits for the rest
            frames.append((number, generator.frame(number)))
            done.put(1)
        path = arguments.out / f"shard_{shard:03d}.npz"
        with open(path.with_suffix(".part"), "wb") as file:
            np.savez(file, **pack_frames(frames, arguments.seed))
        path.with_suffix(".part").rename(path)


def main(argv):
    parser = Parser(__doc__)
    add_sources(parser, "train")
    parser.add_argument("--frames", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args(argv)
    check_sources(parser, arguments)
    if arguments.frames < 1 or arguments.workers < 1:
        parser.error("--frames and --workers must be at least 1")
    arguments.out.mkdir(parents=True, exist_ok=True)
    missing = [n for n in range(-(-arguments.frames // SHARD)) if not (arguments.out / f"shard_{n:03d}.npz").exists()]
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # small products spread over threads fight for the cores
        os.environ[name] = "1"
    context = multiprocessing.get_context("spawn")
    done = context.Queue()
    workers = [
        context.Process(target=work, args=(arguments, missing[n :: arguments.workers], done), daemon=True)
        for n in range(min(arguments.workers, len(missing)))
    ]
    for worker in workers:
        worker.start()
    total = sum(min(SHARD, arguments.frames - n * SHARD) for n in missing)
    with tqdm(total=total, unit="frame") as bar:
        while any(worker.is_alive() for worker in workers) or not done.empty():
            try:
                bar.update(done.get(timeout=0.5))
            except queue.Empty:
                continue
    return max((worker.exitcode or 0 for worker in workers), default=0)
