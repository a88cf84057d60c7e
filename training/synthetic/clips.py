"""duopose train render_clips --pack DIR --motion DIR [options] OUT: rendered clips with their truth,
for measuring identity, windows and speed on video.

    duopose train render_clips --pack DIR --motion DIR --kind crossing --seed 1 crossing.mp4
    duopose train render_clips --pack DIR --motion DIR --kind crossing crowd close --seed 5 6 FOLDER
    duopose train render_clips --pack DIR --motion DIR --tilt 24 --height 2.6 above.mp4

The kinds are described in `actors.py`. Several make a FOLDER of KIND_SEED.mp4; those that are there
already are not made again.

NAME.mp4 is H.264 at --rate frames a second. NAME.json holds `camera` (as for duopose --camera),
`people`: for each person a list of views, each {frame: [x, y, w, h]} of what can be seen while at
least VISIBLE of the person can be, and `frames`: for each frame a list of {id, box, share, coco2d
[17][x, y, visibility], body3d [17][x, y, z]} (camera axes, m; share: seen of the whole person;
visibility 0 outside, 1 hidden, 2 seen).
"""

import itertools
import json
import sys
from pathlib import Path

import av
import numpy as np
from tqdm import tqdm

from duopose.stream.arguments import Parser
from duopose.training.synthetic.drawing.camera import camera
from duopose.training.synthetic.drawing.lens import develop
from duopose.training.synthetic.drawing.light import DISPLAY, crop_panorama, panorama_light
from duopose.training.synthetic.drawing.render import pose, render
from duopose.training.synthetic.drawing.things import draw_thing
from duopose.training.synthetic.labels import label
from duopose.training.synthetic.moves.actors import FIELD, KINDS, RATE, THINGS, cast, webcam
from duopose.training.synthetic.moves.motion import Capture
from duopose.training.synthetic.options import add_sources, check_sources, pixels
from duopose.training.synthetic.scene import Generator

VISIBLE = 0.3  # share of a person that must be seen to count as in view
NOISE = 1.5  # levels
BEFORE = 1.9, 2.8  # m: where furniture stands
ADULT, ALIKE = (1.45, 2.1), (1.66, 1.82)  # m, stature
EQUAL = ("crossing", "absence")  # kinds whose people are alike in height, so that the nearer can hide the farther


def frames(generator, kind, seed, width, height, seconds, rate=RATE, tilt=None, high=None, field=FIELD):
    """Yields (image uint8 [H, W, 3], Camera, [labels.Label]) of a clip.

    The camera looks down by `tilt` rad, stands `high` m above the floor (None: drawn) and sees `field` rad across.
    """
    rng = np.random.default_rng([seed, 3])
    actors = KINDS[kind](cast(generator.motion, rng), rng)
    figures = dressed(generator, seed, len(actors), *(ALIKE if kind in EQUAL else ADULT))
    eye_height, pitch = rng.uniform(1.4, 1.7), np.deg2rad(rng.uniform(5, 9))
    if kind == "desk":
        eye_height, pitch = webcam(actors, rng)
    view = camera(width, height, field, eye_height if high is None else high, pitch if tilt is None else tilt, 0.0)
    panoramas = generator.backgrounds.panoramas
    panorama, yaw = panoramas[rng.integers(len(panoramas))], rng.uniform(0, 2 * np.pi)
    background, light = crop_panorama(panorama, view, yaw), panorama_light(panorama.light, yaw)
    things = [
        draw_thing(rng, generator.wardrobe, [rng.uniform(-0.4, 0.4) * depth, depth], rng.normal(0, 0.3))
        for depth in rng.uniform(*BEFORE, THINGS.get(kind, 0))
    ]
    image = np.empty((height, width, 3), np.uint8)
    for frame in range(0, int(seconds * rate) * RATE // rate, RATE // rate):
        joints, places, yaws = zip(*(actor.at(frame) for actor in actors), strict=True)
        people = [
            person.moved([*place, 0])
            for person, place in zip(
                pose(generator.pack, figures, list(map(Capture, joints)), yaws), places, strict=True
            )
        ]
        shown = render(people, view, background, light, generator.wardrobe, things=things)
        labels = [label(view, person, shown, n) for n, person in enumerate(people)]
        develop(
            shown.picture, np.ones(3, np.float32), rng.standard_normal((157, 211), np.float32), NOISE, DISPLAY, image
        )
        yield image, view, labels


def dressed(generator, seed, count, shortest, tallest):
    """People of these statures, each dressed in another way."""
    people = (generator.person(1000 * seed + n) for n in itertools.count())
    return list(itertools.islice((person for person in people if shortest < person.stature < tallest), count))


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
            "coco2d": [
                [round(float(x), 1), round(float(y), 1), int(seen)]
                for (x, y), seen in zip(person.coco2d, person.visibility, strict=True)
            ],
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


def write(path, kind, made, quality, rate=RATE):
    """What `frames` yields becomes a video file and, beside it and last, its truth."""
    described = []
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=rate, options={"crf": str(quality)})
        stream.pix_fmt = "yuv420p"
        for image, view, labels in made:
            if not described:
                stream.width, stream.height = view.width, view.height
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            described.append(describe(labels, view.width, view.height))
        file.mux(stream.encode())
    intrinsics = {"fx": view.focal, "fy": view.focal, "cx": view.cx, "cy": view.cy}
    intrinsics |= {"width": view.width, "height": view.height}
    truth = {"kind": kind, "camera": intrinsics, "people": views(described), "frames": described}
    path.with_suffix(".json").write_text(json.dumps(truth, separators=(",", ":")))


def main(argv):
    parser = Parser(__doc__)
    add_sources(parser, "val")
    parser.add_argument("--kind", choices=KINDS, nargs="+", default=["crossing"], metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--size", type=pixels, default="640x360", help="WxH")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rate", type=int, choices=(30, 15, 10), default=RATE, help="frames/s (default: 30)")
    parser.add_argument("--tilt", type=float, metavar="DEGREES", help="the camera looks down by (default: 5 to 9)")
    parser.add_argument("--height", type=float, metavar="M", help="of the camera (default: 1.4 to 1.7)")
    parser.add_argument("--fov", type=float, default=60, metavar="DEGREES", help="horizontal (default: 60)")
    parser.add_argument(
        "--quality", type=int, default=20, help="H.264 constant rate factor: lower is better and larger"
    )
    parser.add_argument("out", type=Path, help="NAME.mp4, or a folder for any number of clips")
    arguments = parser.parse_args(argv)
    check_sources(parser, arguments)
    alone = arguments.out.suffix == ".mp4"
    if alone and len(arguments.kind) * len(arguments.seed) > 1:
        parser.error(f"{arguments.out} is one file: several kinds or seeds want a folder")
    (arguments.out.parent if alone else arguments.out).mkdir(parents=True, exist_ok=True)
    width, height = arguments.size
    seen = {
        "tilt": None if arguments.tilt is None else np.deg2rad(arguments.tilt),
        "high": arguments.height,
        "field": np.deg2rad(arguments.fov),
        "rate": arguments.rate,
    }
    total = int(arguments.seconds * arguments.rate)
    for seed in arguments.seed:
        generator = None
        for kind in arguments.kind:
            path = arguments.out if alone else arguments.out / f"{kind}_{seed}.mp4"
            if alone or not path.with_suffix(".json").exists():
                generator = generator or Generator(arguments.pack, arguments.motion, seed, arguments.split)
                made = frames(generator, kind, seed, width, height, arguments.seconds, **seen)
                print(f"{path.name}:", file=sys.stderr)
                write(path, kind, tqdm(made, total=total, unit="frame"), arguments.quality, arguments.rate)
