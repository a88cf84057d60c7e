"""Writes a rendered clip with its truth, for measuring identity, windows and speed on video:

    python -m training.synthetic.clips --pack DIR --motion DIR --kind crossing --seed 1 crossing.mp4

crossing   two people walk past each other, twice; the farther one is hidden for some frames
absence    one of two people walks out of the picture and is back after about a second
walk       one person walks about
moving     four people walk about, one of them stays where he is

NAME.mp4 is H.264 at 30 frames a second. NAME.json holds `camera` (as for run_live.py --camera), `people`: for each person a list of
views, each {frame: [x, y, w, h]} of what can be seen while at least VISIBLE of the person can be, and `frames`: for each frame a
list of {id, box, share, coco2d [17][x, y, visibility], body3d [17][x, y, z]} (camera axes, m; share: seen of the whole person;
visibility 0 outside, 1 hidden, 2 seen).
"""

import argparse
import itertools
import json
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from tqdm import tqdm

from training.synthetic.camera import camera
from training.synthetic.gait import Gait
from training.synthetic.gait import Path as Way
from training.synthetic.labels import label
from training.synthetic.lens import develop
from training.synthetic.light import DISPLAY, crop_panorama, panorama_light
from training.synthetic.render import pose, render
from training.synthetic.scene import Generator

RATE = 30  # frames/s
VISIBLE = 0.3  # share of a person that must be seen to count as in view
FIELD = np.deg2rad(60)
NOISE = 1.5  # levels


class Walker(NamedTuple):
    gait: Gait
    path: Way
    start: float = 0.0  # m along the path at the first frame

    def at(self, frame):
        """-> pose [17, 3], place [2], yaw."""
        gone = self.start + frame / RATE * self.gait.speed
        return self.gait.at(gone), *self.path.at(gone)


class Performer(NamedTuple):
    """Plays a captured clip [T, 17, 3] at a spot, forth and back."""

    clip: np.ndarray
    spot: tuple
    yaw: float

    def at(self, frame):
        turn = frame % (2 * len(self.clip) - 2)
        joints = self.clip[min(turn, 2 * len(self.clip) - 2 - turn)]
        x, _, z = joints[0] - self.clip[0, 0]
        cos, sin = np.cos(self.yaw), np.sin(self.yaw)
        return joints, np.array(self.spot) + [cos * x + sin * z, sin * x - cos * z], self.yaw


def crossing(gaits, clips, rng):
    near, far = rng.uniform(3.6, 4.0), rng.uniform(4.7, 5.1)
    return [
        Walker(gaits[0], Way([(-1.5, near), (1.5, near), (1.6, near + 0.1), (1.5, near + 0.5), (-6, near - 0.2)])),
        Walker(gaits[1], Way([(1.7, far), (-1.7, far), (-1.8, far + 0.1), (-1.7, far + 0.6), (6, far)])),
    ]


def absence(gaits, clips, rng):
    depth = rng.uniform(3.7, 4.1)
    edge = depth * np.tan(FIELD / 2)
    turn = (
        edge + 0.1 + 0.55 * gaits[0].speed
    )  # m to the right: turning round there takes the walker about a second out of sight
    ring = [(turn + 0.35 * np.sin(a), depth + 0.35 - 0.35 * np.cos(a)) for a in np.linspace(0, np.pi, 12)]
    still = clips[rng.integers(len(clips))]
    return [
        Walker(gaits[0], Way([(-0.9, depth), *ring, (-4, depth + 0.9)], bend=0.15)),
        Performer(still, (-1.6, depth + 1.1), rng.uniform(-0.5, 0.5)),
    ]


def walk(gaits, clips, rng):
    around = np.linspace(0, 6 * np.pi, 90) + rng.uniform(0, 6)
    return [Walker(gaits[0], Way(np.stack([1.1 * np.cos(around), 4.2 + 0.9 * np.sin(around)], 1)))]


def moving(gaits, clips, rng):
    around = np.linspace(0, 6 * np.pi, 90)
    back = [(x, 6.2 + 0.4 * (n % 4 in (1, 2))) for n, x in enumerate((-2.4, 2.4, 2.4, -2.4, -2.4, 2.4, 2.4, -2.4))]
    return [
        Walker(gaits[0], Way(np.stack([0.9 * np.cos(around) - 0.5, 3.7 + 0.5 * np.sin(around)], 1))),
        Walker(gaits[1], Way(np.stack([1.5 * np.sin(around), 4.9 + 0.35 * np.cos(around)], 1))),
        Walker(gaits[2], Way(back)),
        Performer(clips[rng.integers(len(clips))], (1.4, 3.6), rng.uniform(-0.6, 0.6)),
    ]


KINDS = {scene.__name__: scene for scene in (crossing, absence, walk, moving)}


def straight_walks(motion):
    """Captured walks long enough for a cycle."""
    found = zip(motion.clips, motion.actions, strict=True)
    return [clip for clip, action in found if "walk" in action and len(clip) > 70 and np.ptp(clip[:, 0], 0).max() > 3]


def standing(motion):
    """Captured clips whose person stays within a metre."""
    return [clip for clip in motion.clips if len(clip) > 90 and np.ptp(clip[:, 0, [0, 2]], 0).max() < 1]


def frames(generator, kind, seed, width, height, seconds):
    """Yields (image uint8 [H, W, 3], Camera, [labels.Label]) of a clip."""
    rng = np.random.default_rng([seed, 3])
    walks, still = straight_walks(generator.motion), standing(generator.motion)
    gaits = [Gait(walks[n]) for n in rng.permutation(len(walks))[:3]]
    actors = KINDS[kind](gaits, still, rng)
    figures = grown_up(generator, seed, len(actors))
    view = camera(width, height, FIELD, rng.uniform(1.4, 1.7), np.deg2rad(rng.uniform(5, 9)), 0.0)
    panoramas = generator.backgrounds.panoramas
    panorama, yaw = panoramas[rng.integers(len(panoramas))], rng.uniform(0, 2 * np.pi)
    background, light = crop_panorama(panorama, view, yaw), panorama_light(panorama.light, yaw)
    image = np.empty((height, width, 3), np.uint8)
    for frame in range(int(seconds * RATE)):
        joints, places, yaws = zip(*(actor.at(frame) for actor in actors), strict=True)
        people = [
            person.moved([*place, 0])
            for person, place in zip(pose(generator.pack, figures, np.stack(joints), yaws), places, strict=True)
        ]
        shown = render(people, view, background, light, generator.wardrobe)
        labels = [
            label(view, person.coco, person.body, person.vertices[person.figure.used], shown.nearness, shown.owner,
                  n, shown.alone[n], person.figure.stature)
            for n, person in enumerate(people)
        ]  # fmt: skip
        develop(
            shown.picture, np.ones(3, np.float32), rng.standard_normal((157, 211), np.float32), NOISE, DISPLAY, image
        )
        yield image, view, labels


def grown_up(generator, seed, count):
    """People of alike height, so that the nearer can hide the farther, each dressed in another way."""
    people = (generator.person(1000 * seed + n) for n in itertools.count())
    return list(itertools.islice((person for person in people if 1.66 < person.stature < 1.82), count))


def seen_share(person, width, height):
    """Share of the whole person that the picture shows, what is hidden and what is outside left out."""
    x, y, w, h = person.whole_box
    inside = max(min(x + w, width) - max(x, 0), 0) * max(min(y + h, height) - max(y, 0), 0)
    return person.share * inside / max(w * h, 1e-6) if person.pixels else 0.0


def describe(labels, width, height):
    """Labels of one frame -> what the JSON says of it."""
    return [
        {
            "id": n,
            "box": np.round(person.box.astype(float), 1).tolist(),
            "share": round(float(seen_share(person, width, height)), 3),
            "coco2d": [[round(float(x), 1), round(float(y), 1), int(v)] for (x, y), v in zip(person.coco2d, person.visibility, strict=True)],
            "body3d": np.round(person.body3d.astype(float), 3).tolist(),
        }
        for n, person in enumerate(labels)
    ]  # fmt: skip


def views(described):
    """Frames -> {person: [{frame: box} for each time it is in view]}."""
    out, open_views = {}, {}
    for number, people in enumerate(described):
        for person in people:
            name = f"person {person['id']}"
            out.setdefault(name, [])
            if person["share"] < VISIBLE:
                open_views.pop(name, None)
                continue
            if name not in open_views:
                open_views[name] = {}
                out[name].append(open_views[name])
            open_views[name][str(number)] = person["box"]
    return out


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog="python -m training.synthetic.clips", description="Render a clip with its truth."
    )
    parser.add_argument("--pack", type=Path, required=True, help="folder with pack/, panoramas/ and photos/")
    parser.add_argument("--motion", type=Path, required=True, help="folder with the motion capture")
    parser.add_argument("--kind", choices=KINDS, default="crossing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--split", choices=("train", "val"), default="val", help="val: motion and panoramas training never sees"
    )
    parser.add_argument("--size", default="640x360", help="WxH")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument(
        "--quality", type=int, default=20, help="H.264 constant rate factor: lower is better and larger"
    )
    parser.add_argument("out", type=Path, help="NAME.mp4")
    arguments = parser.parse_args(argv)
    width, height = map(int, arguments.size.split("x"))
    generator = Generator(arguments.pack, arguments.motion, arguments.seed, arguments.split)
    described = []
    with av.open(str(arguments.out), "w") as file:
        stream = file.add_stream("libx264", rate=RATE, options={"crf": str(arguments.quality)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        made = frames(generator, arguments.kind, arguments.seed, width, height, arguments.seconds)
        for image, view, labels in tqdm(  # noqa: B007
            made, total=int(arguments.seconds * RATE), unit="frame"
        ):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            described.append(describe(labels, width, height))
        file.mux(stream.encode())
    intrinsics = {"fx": view.focal, "fy": view.focal, "cx": view.cx, "cy": view.cy, "width": width, "height": height}
    truth = {"kind": arguments.kind, "camera": intrinsics, "people": views(described), "frames": described}
    arguments.out.with_suffix(".json").write_text(json.dumps(truth, separators=(",", ":")))


if __name__ == "__main__":
    main()
