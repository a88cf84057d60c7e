"""Draws scenes: who stands where, in which pose, before which background, seen by which camera.

Frame n of a seed is the same whenever and wherever it is made: everything about it is drawn from (seed, n), people from
(seed, their number), and neighbouring frames share people so that they need not be dressed anew each time.
"""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from duopose.training.mocap.rotations import heading
from duopose.training.synthetic.bodies.body import Pack
from duopose.training.synthetic.bodies.figure import dress
from duopose.training.synthetic.bodies.wardrobe import Wardrobe
from duopose.training.synthetic.drawing.lens import photograph
from duopose.training.synthetic.drawing.light import crop_panorama, guessed_light, load_panorama, panorama_light
from duopose.training.synthetic.drawing.render import pose, render
from duopose.training.synthetic.labels import label
from duopose.training.synthetic.moves.motion import Motion
from duopose.training.synthetic.moves.postures import varied
from duopose.training.synthetic.staging import draw_camera, furnish, place

KINDS = ("room", "near", "above")  # people about; head and shoulders before a webcam; looked down on
KIND_ODDS = (0.64, 0.14, 0.22)
PEOPLE_ODDS = {  # one person, two, ...
    "room": (0.18, 0.23, 0.19, 0.13, 0.1, 0.07, 0.06, 0.04),
    "near": (0.45, 0.33, 0.15, 0.07),
    "above": (0.08, 0.18, 0.2, 0.17, 0.14, 0.1, 0.07, 0.06),
}
COUPLE, ONE_CLIP = 0.3, 0.3  # shares of frames: a dancing couple; everyone from one clip
PEOPLE_KEPT, FRAMES_A_PERSON = 40, 6  # people in use at a time; one is exchanged every so many frames
# Small passers-by can be seen in these: people without labels would teach a detector to overlook people.
SHOW_PEOPLE = ("potsdamer_platz_1k",)


class Frame(NamedTuple):
    image: np.ndarray  # uint8 [H, W, 3] RGB
    camera: object  # camera.Camera
    people: list  # [labels.Label]


class Backgrounds:
    """Panoramas and photographs of a pack folder."""

    def __init__(self, folder, split="train"):
        panoramas = [path for path in sorted(Path(folder, "panoramas").glob("*.jpg")) if path.stem not in SHOW_PEOPLE]
        photos = sorted(Path(folder, "photos").glob("*.jpg"))
        held_out = split == "val"
        self.panoramas = [load_panorama(path) for n, path in enumerate(panoramas) if (n % 7 == 3) == held_out]
        self.photos = [
            cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
            for n, path in enumerate(photos)
            if (n % 7 == 3) == held_out
        ]


class Generator:
    """frame(n) -> Frame. `folder` holds pack/, panoramas/ and photos/; `motion` the captured clips; split train or
    val."""

    def __init__(self, folder, motion, seed=0, split="train"):
        self.seed = seed
        self.pack = Pack(Path(folder) / "pack")
        self.backgrounds = Backgrounds(folder, split)
        self.wardrobe = Wardrobe(self.pack, self.backgrounds.photos)
        self.motion = Motion(motion, split)
        self.person = lru_cache(PEOPLE_KEPT + 8)(self._person)

    def _person(self, number):
        return dress(self.pack, self.wardrobe, np.random.default_rng([self.seed, 1, number]))

    def frame(self, number, count=None, size=None):
        """Frame `number`, with so many people and of so many pixels (width, height) if they are not to be drawn."""
        rng = np.random.default_rng([self.seed, 0, number])
        people, view, kind = self.cast(number, rng, count, size)
        background, light, floor = self.background(view, kind, rng)
        things = furnish(people, view, kind, self.wardrobe, rng)
        rendered = render(people, view, background, light, self.wardrobe, floor, things)
        labels = [label(view, person, rendered, n) for n, person in enumerate(people)]
        return Frame(photograph(rendered.picture, rng), view, labels)

    def background(self, view, kind, rng):
        """-> uint8 [H, W, 3], Light, whether it has a floor where the camera sees one."""
        if self.backgrounds.photos and rng.random() < (0.5 if kind == "near" else 0.02):
            photo = self.backgrounds.photos[rng.integers(len(self.backgrounds.photos))]
            picture = crop_photo(photo, view.width, view.height, rng)
            return picture, guessed_light(picture, rng), False
        panorama, yaw = (
            self.backgrounds.panoramas[rng.integers(len(self.backgrounds.panoramas))],
            rng.uniform(0, 2 * np.pi),
        )
        return crop_panorama(panorama, view, yaw), panorama_light(panorama.light, yaw), True

    def cast(self, number, rng, count=None, size=None):
        """-> [Posed] people in their places, Camera, kind of scene."""
        kind = KINDS[rng.choice(len(KINDS), p=KIND_ODDS)]
        drawn = 1 + int(rng.choice(len(PEOPLE_ODDS[kind]), p=PEOPLE_ODDS[kind]))
        count = count or drawn
        first = number // FRAMES_A_PERSON
        figures = [self.person(first + int(n)) for n in rng.choice(PEOPLE_KEPT, count, replace=False)]
        captures, partner, yaws = self.poses(count, kind, rng)
        people = pose(self.pack, figures, captures, yaws)
        view, distance, field = draw_camera(people, kind, rng, size)
        people = place(people, partner, distance, field, kind, view.eye, rng)
        return people, view, kind

    def poses(self, count, kind, rng):
        """-> [Capture], offset of a couple's partner from the first [2] or None, yaws [N]."""
        clip = int(rng.choice(len(self.motion.clips), p=self.motion.odds)) if rng.random() < ONE_CLIP else None
        captures = [varied(self.motion.pose(rng, clip), rng) for _ in range(count)]
        yaws = rng.uniform(0, 2 * np.pi, count)
        if kind == "near" or rng.random() < 0.35:  # they face the camera, more or less
            yaws = np.array([-heading(capture.joints) for capture in captures]) + np.deg2rad(rng.normal(0, 45, count))
        if kind != "near" and count > 1 and self.motion.couples and rng.random() < COUPLE:
            captures[:2], yaws[1] = self.motion.couple(rng), yaws[0]
            x, _, z = captures[1].joints[0] - captures[0].joints[0]
            cos, sin = np.cos(yaws[0]), np.sin(yaws[0])
            return captures, np.array([cos * x + sin * z, sin * x - cos * z]), yaws
        return captures, None, yaws


def crop_photo(photo, width, height, rng):
    """A random part of a photograph at the wanted size."""
    rows, columns = photo.shape[:2]
    scale = min(rows / height, columns / width) * rng.uniform(0.6, 1.0)
    h, w = int(height * scale), int(width * scale)
    y, x = int(rng.integers(0, rows - h + 1)), int(rng.integers(0, columns - w + 1))
    part = photo[y : y + h, x : x + w]
    part = part[:, ::-1] if rng.random() < 0.5 else part
    return cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
