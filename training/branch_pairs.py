"""duopose train branch_pairs SOURCE ... --out FILE.npz [options]: what both branches really say of
rendered people, beside the truth.

SOURCE: a folder of shards (`training/synthetic/make.py`; each picture stands alone) or of clips
(`training/synthetic/clips.py`). The nodes run with their shipped weights, as they run live; a pair
is what fusion would hand to the integration network: matched, with a branch that has no pose, and
people whom only the bottom-up branch saw. Found people who are nobody are left out.

    top, bottom                         float32 [P, 17, 3]  metres, camera frame; NaN where a branch
                                        has no pose (never in both)
    top_confidence, bottom_confidence   float32 [P, 17]     as the branches say; 0 = not measured
    rays, confidence                    float32 [P, 17, 2], [P, 17]  the 2D pose: x / z, y / z;
                                        score, 0 = not found
    truth                               float32 [P, 17, 3]  metres, camera frame
    picture                             int [P]             people of one picture have one number
    partner                             int [P]             the row of the nearest other person of
                                        the picture, -1 = nobody
    run                                 int [P]             pictures of one clip have one number:
                                        they are much alike
"""

import json
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from duopose.kernels.assignment import assign
from duopose.kernels.camera import constants, undistort
from duopose.nodes.capture.files import VideoFile
from duopose.nodes.chain import Chain, load_networks
from duopose.nodes.fusion.integration import unsure
from duopose.nodes.fusion.matching import image_similarity
from duopose.stream.arguments import Parser, existing
from duopose.stream.messages import Camera, Frame
from duopose.stream.skeleton import PELVIS, coco_to_body
from duopose.training.datasets.reading.errors import reading

SHOWN = 0.1  # share of a person that must be seen
SAME = 0.3  # OKS in the image from which a found person is a true one


class Shot(NamedTuple):
    """One picture and who is in it."""

    image: np.ndarray  # uint8 [H, W, 3] RGB
    frame: Frame
    coco: np.ndarray  # float32 [T, 17, 3]  x, y pixels; 1 = in the picture
    body: np.ndarray  # float32 [T, 17, 3]  BODY17, metres, camera frame


def shard(path):
    """Yields a list of one Shot for each picture of a shard."""
    with reading(path, "rendered people"), np.load(path) as file:
        data = {name: file[name] for name in file.files}
    for f, number in enumerate(data["number"].tolist()):
        coded = data["image"][data["image_start"][f] : data["image_start"][f + 1]]
        (width, height), (fx, fy, cx, cy) = data["size"][f].tolist(), data["camera"][f].tolist()
        frame = Frame(number, None, 0.0, 0.0, width, height, Camera(fx, fy, cx, cy, "file"), "", 0, 0, True)
        people = slice(data["person_start"][f], data["person_start"][f + 1])
        shown = data["share"][people] >= SHOWN
        inside = (data["visibility"][people] > 0)[..., None]
        coco = np.concatenate([data["coco2d"][people], inside], -1).astype(np.float32)
        image = cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB)
        yield [Shot(image, frame, coco[shown], data["body3d"][people][shown])]


def clip(path):
    """Yields one list: the Shots of a clip, as they are read."""
    with reading(path.with_suffix(".json"), "the truth of a clip"):
        known = json.loads(path.with_suffix(".json").read_text())
        camera = Camera(*(known["camera"][name] for name in ("fx", "fy", "cx", "cy")), "file")
    yield shots(path, known["frames"], camera)


def shots(path, known, camera):
    pictures = VideoFile(path, Counter()).pictures()
    for number, (picture, people) in enumerate(zip(pictures, known, strict=True)):
        frame = Frame(number, None, picture.stamp, 0.0, picture.width, picture.height, camera, "", 0, 0, False)
        people = [person for person in people if person["share"] >= SHOWN]
        coco = np.array([person["coco2d"] for person in people], np.float32).reshape(-1, 17, 3)
        coco[..., 2] = coco[..., 2] > 0
        body = np.array([person["body3d"] for person in people], np.float32).reshape(-1, 17, 3)
        yield Shot(np.ascontiguousarray(picture.pixels()), frame, coco, body)


def runs(folder):
    """Yields iterables of Shots that belong together: a clip each, or a picture each."""
    for path in sorted(folder.glob("shard_*.npz")):
        yield from shard(path)
    for path in sorted(folder.glob("*.mp4")):
        if path.with_suffix(".json").exists():
            yield from clip(path)


class Listener:
    """Stands where the integration network stands and keeps what it is asked."""

    def __call__(self, *pair):
        self.pair = pair
        return unsure(np.where(np.isfinite(pair[0]), pair[0], pair[2]))


def pairs(networks, run):
    """Shots of one run through fresh nodes -> list of {name of an array: rows}, one a picture, `partner` counting from
    its first."""
    chain, listener = Chain.of(networks), Listener()
    chain.fusion.integrate = listener
    out = []
    for shot in run:
        scene = chain.play(shot.image, shot.frame)
        alike = image_similarity(scene.coco, scene.boxes, shot.coco)
        person = np.array(assign(-alike.astype(np.float64)), int)
        met = np.array([p >= 0 and alike[n, p] >= SAME for n, p in enumerate(person)], bool)
        top, top_confidence, bottom, bottom_confidence = (array[met] for array in listener.pair)
        body = coco_to_body(scene.coco[met])
        pixels = np.ascontiguousarray(body[..., :2].reshape(-1, 2), np.float32)
        truth = shot.body[person[met]]
        out.append({
            "top": top, "top_confidence": top_confidence, "bottom": bottom, "bottom_confidence": bottom_confidence,
            "rays": undistort(pixels, *constants(shot.frame.camera)).reshape(-1, 17, 2), "confidence": body[..., 2],
            "truth": truth, "partner": nearest(truth),
        })  # fmt: skip
    return out


def nearest(truth):
    """Who stands nearest to each of [N, 17, 3] -> int [N], -1 without anybody else."""
    if len(truth) < 2:
        return np.full(len(truth), -1)
    roots = truth[:, PELVIS]
    apart = np.linalg.norm(roots[:, None] - roots[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    return apart.argmin(1)


def join(pictures, runs):
    """Rows of all pictures, as `pairs` gives them, and the number of each one's run -> the arrays of the file."""
    starts = np.cumsum([0] + [len(rows["truth"]) for rows in pictures])
    out = {name: np.concatenate([rows[name] for rows in pictures]) for name in pictures[0]}
    out["picture"] = np.repeat(np.arange(len(pictures)), np.diff(starts))
    out["run"] = np.array(runs, int)[out["picture"]]
    out["partner"] = np.where(out["partner"] >= 0, out["partner"] + starts[out["picture"]], -1)
    return {name: array if array.dtype == int else array.astype(np.float32) for name, array in out.items()}


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("sources", nargs="+", type=existing, metavar="SOURCE")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.npz")
    parser.add_argument("--minutes", type=float, default=np.inf, help="stop after so long (default: when all is seen)")
    parser.add_argument("--profile", default="lite", help="whose branches are asked (default: lite)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args(argv)
    networks = load_networks(options.profile, options.device, without=("integration",))
    pictures, numbers, started = [], [], time.monotonic()
    for number, run in enumerate(run for folder in options.sources for run in runs(folder)):
        pictures += pairs(networks, run)
        numbers += [number] * (len(pictures) - len(numbers))
        minutes = (time.monotonic() - started) / 60
        if minutes >= options.minutes:
            break
    if not pictures:
        parser.error(f"no shard_*.npz and no clip with its truth in {', '.join(map(str, options.sources))}")
    arrays = join(pictures, numbers)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.out, **arrays)
    there = [np.isfinite(arrays[branch]).all((1, 2)) for branch in ("top", "bottom")]
    summary = {
        "pictures": len(pictures), "people": len(arrays["truth"]), "by_both": int((there[0] & there[1]).sum()),
        "top_down_only": int((there[0] & ~there[1]).sum()), "bottom_up_only": int((there[1] & ~there[0]).sum()),
        "people_a_minute": round(len(arrays["truth"]) / minutes),
    }  # fmt: skip
    print(json.dumps(summary))
