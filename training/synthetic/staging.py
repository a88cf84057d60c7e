"""Where a scene's camera, people and things stand. World: metres, z up, floor at z = 0, the camera above the origin.

`kind` is one of scene.KINDS, `rng` a numpy Generator.
"""

import numpy as np

from duopose.training.synthetic.drawing.camera import camera
from duopose.training.synthetic.drawing.things import draw_held, draw_seat, draw_shape, draw_thing, sits

SIZES = ((512, 288), (512, 384), (288, 512), (384, 512))  # width, height
SIZE_ODDS = (0.34, 0.3, 0.2, 0.16)
FURNISHED = {
    "room": 0.4,
    "near": 0.2,
    "above": 0.25,
}  # shares of frames with one to three pieces of furniture before people
SHAPED, HELD, SEAT = (
    0.15,
    0.15,
    0.8,
)  # of frames: a flat shape close by; of people: something held; of those who sit: a seat
TILTED = 0.15  # share of cameras that nobody held level
COVERS = (0.28, 1.5)  # a person's height over the picture's
GAP, SMALL_GAP, TRIES = 0.17, 0.08, 20  # m between joints of two people; after so many tries the smaller will do
GROUP = 0.6  # share of frames whose people are close together
NEAREST, FARTHEST = 1.2, 10.0  # m
CLEAR = {"room": 0.7, "near": 0.35, "above": 0.7}  # m between the camera and anyone but the first
CLOSEST = {"room": 0.9, "near": 0.45, "above": 0.3}  # m along the floor from below the camera


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
