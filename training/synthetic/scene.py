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
from duopose.training.synthetic.bodies.look import dress
from duopose.training.synthetic.bodies.wardrobe import Wardrobe
from duopose.training.synthetic.drawing.camera import camera
from duopose.training.synthetic.drawing.lens import photograph
from duopose.training.synthetic.drawing.light import crop_panorama, guessed_light, load_panorama, panorama_light
from duopose.training.synthetic.drawing.render import pose, render
from duopose.training.synthetic.drawing.things import draw_held, draw_seat, draw_shape, draw_thing, sits
from duopose.training.synthetic.labels import label
from duopose.training.synthetic.moves.motion import Motion
from duopose.training.synthetic.moves.postures import varied

SIZES = ((512, 288), (512, 384), (288, 512), (384, 512))  # width, height
SIZE_ODDS = (0.34, 0.3, 0.2, 0.16)
KINDS = ("room", "near", "above")  # people about; head and shoulders before a webcam; looked down on
KIND_ODDS = (0.64, 0.14, 0.22)
PEOPLE_ODDS = {  # one person, two, ...
    "room": (0.18, 0.23, 0.19, 0.13, 0.1, 0.07, 0.06, 0.04),
    "near": (0.45, 0.33, 0.15, 0.07),
    "above": (0.08, 0.18, 0.2, 0.17, 0.14, 0.1, 0.07, 0.06),
}
# Shares of frames: people close together, a dancing couple among them, all from one clip.
GROUP, COUPLE, ONE_CLIP = 0.6, 0.3, 0.3
FURNISHED = {
    "room": 0.4,
    "near": 0.2,
    "above": 0.25,
}  # shares of frames with one to three pieces of furniture before people
SHAPED, HELD, SEAT = (
    0.15,
    0.15,
    0.8,
)  # of frames: a flat shape close by; of people: something in a hand; of those who sit: a seat
TILTED = 0.15  # share of cameras that nobody held level
COVERS = (0.28, 1.5)  # a person's height over the picture's
GAP, SMALL_GAP, TRIES = 0.17, 0.08, 20  # m between joints of two people; after so many tries the smaller will do
PEOPLE_KEPT, FRAMES_A_PERSON = 40, 6  # people in use at a time; one is exchanged every so many frames
NEAREST, FARTHEST = 1.2, 10.0  # m
CLEAR = {"room": 0.7, "near": 0.35, "above": 0.7}  # m between the camera and anyone but the first
CLOSEST = {"room": 0.9, "near": 0.45, "above": 0.3}  # m along the floor from below the camera
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
    """frame(n) -> Frame. `folder` holds pack/, panoramas/ and photos/; `motion` the captured clips; split train or val."""

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
        labels = [
            label(view, person.coco, person.body, person.vertices[person.figure.used], rendered.nearness, rendered.owner,
                  n, rendered.alone[n], person.figure.stature)
            for n, person in enumerate(people)
        ]  # fmt: skip
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


def draw_camera(people, kind, rng, size=None):
    """-> Camera, distance of the people along the floor, m, horizontal field of view, rad."""
    drawn = SIZES[rng.choice(len(SIZES), p=SIZE_ODDS)]
    width, height = size or drawn
    field = np.deg2rad(rng.uniform(35, 75) if width > height else rng.uniform(28, 55))
    focal = width / 2 / np.tan(field / 2)
    tall = max(person.vertices[person.figure.used, 2].max() for person in people[:2])
    roll = np.deg2rad(rng.normal(0, 14 if rng.random() < TILTED else 1.5))
    if kind == "near":
        distance = rng.uniform(0.5, 1.4)
        eye_height = max(tall - rng.uniform(-0.1, 0.5), 0.25)
        pitch = np.arctan2(eye_height - tall + rng.uniform(0.05, 0.45), distance)
        return camera(width, height, field, eye_height, np.clip(pitch, -0.35, 0.6), roll), distance, field
    share = np.exp(rng.uniform(*np.log(COVERS)))
    distance = float(np.clip(max(tall, 1.0) * focal / (share * height), NEAREST, 8.0))
    aim = tall * rng.uniform(0.3, 0.7)
    if kind == "above":
        pitch = np.deg2rad(rng.uniform(18, 65))
        eye_height, distance = aim + max(distance, 1.8) * np.sin(pitch), distance * np.cos(pitch)
        pitch += np.deg2rad(rng.normal(0, 4))
    else:
        # Panoramas are taken from a man's height: from far below it, feet would stand on the walls.
        eye_height = rng.uniform(0.9, 2.2) if rng.random() > 0.1 else rng.uniform(0.5, 0.9)
        pitch = np.arctan2(eye_height - aim, distance) + np.deg2rad(rng.normal(0, 5))
    pitch = np.clip(pitch, np.deg2rad(-25), np.deg2rad(70))
    return camera(width, height, field, eye_height, pitch, roll), distance, field


def place(people, partner, distance, field, kind, eye, rng):
    """Put people [Posed] on the floor before the camera, `distance` m off; those who find no room are left out."""
    azimuth = rng.uniform(-0.3, 0.3) * field
    spot = distance * np.array([np.sin(azimuth), np.cos(azimuth)])
    together = rng.random() < GROUP
    spread = rng.uniform(0.3, 0.9) * (0.5 if kind == "near" else 1)
    placed = []
    for n, person in enumerate(people):
        for attempt in range(2 * TRIES):
            if n == 0:
                at = spot
            elif n == 1 and partner is not None:
                at = spot + partner
            elif together:
                at = spot + rng.normal(0, spread * (1 + 0.05 * attempt), 2)
            else:
                far = (
                    rng.uniform(0.6, 2.5) if kind == "near" else np.exp(rng.uniform(np.log(NEAREST), np.log(FARTHEST)))
                )
                side = rng.uniform(-0.55, 0.55) * field
                at = far * np.array([np.sin(side), np.cos(side)])
            if at[1] < CLOSEST[kind]:
                continue
            moved = person.moved([*at, 0])
            if n and np.linalg.norm(moved.body - eye, axis=1).min() < CLEAR[kind]:
                continue
            gap = min(
                (np.linalg.norm(moved.body[:, None] - other.body[None], axis=-1).min() for other in placed), default=9.0
            )
            if gap > (GAP if attempt < TRIES else SMALL_GAP) or (n == 1 and partner is not None and attempt >= TRIES):
                placed.append(moved)
                break
    return placed or [people[0].moved([*spot, 0])]


def furnish(people, view, kind, wardrobe, rng):
    """Things about the people that may hide parts of them -> [things.Thing]."""
    things = []
    for person in people:
        if sits(person.body) and rng.random() < SEAT:
            things.append(draw_seat(rng, wardrobe, person))
        if rng.random() < HELD:
            things.append(draw_held(rng, wardrobe, person))
    if rng.random() < FURNISHED[kind]:
        for _ in range(rng.integers(1, 4)):
            person = people[rng.integers(len(people))].body[0, :2]
            spot = person * rng.uniform(0.45, 0.9) + rng.normal(0, 0.35, 2) * [1, 0.3]
            thing = draw_thing(rng, wardrobe, spot, rng.choice([rng.normal(0, 0.3), rng.uniform(0, np.pi)]))
            near = thing.vertices[:, 1].min() < (0.3 if kind == "near" else 0.8)
            if not near and not any(thing.touches(other.body) for other in people):
                things.append(thing)
    if rng.random() < SHAPED:
        aim = people[rng.integers(len(people))].body[rng.integers(17)]
        spot = view.eye + (aim - view.eye) * rng.uniform(0.3, 0.7) + rng.normal(0, 0.12, 3)
        thing = draw_shape(rng, wardrobe, spot)
        if view.see(thing.vertices)[:, 2].min() > 0.3 and not any(thing.touches(other.body) for other in people):
            things.append(thing)
    return things


def crop_photo(photo, width, height, rng):
    """A random part of a photograph at the wanted size."""
    rows, columns = photo.shape[:2]
    scale = min(rows / height, columns / width) * rng.uniform(0.6, 1.0)
    h, w = int(height * scale), int(width * scale)
    y, x = int(rng.integers(0, rows - h + 1)), int(rng.integers(0, columns - w + 1))
    part = photo[y : y + h, x : x + w]
    part = part[:, ::-1] if rng.random() < 0.5 else part
    return cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
