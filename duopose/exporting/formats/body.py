"""The body of a person in glTF and USD, so that any program shows something: an octahedron a bone, stiff."""

from typing import NamedTuple

import numpy as np

from duopose.exporting.skeleton import BONES, NAMES, PARENTS, SHORTEST, TIPS

WIDTH = 0.12  # of a bone, in its lengths
WIDEST = 0.15  # of its length from where it begins
FACES = [(0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 1), (5, 2, 1), (5, 3, 2), (5, 4, 3), (5, 1, 4)]  # seen from outside


class Body(NamedTuple):
    points: np.ndarray  # float32 [N 3]     in the rest pose, hips at the origin, metres
    faces: np.ndarray  # uint32 [M 3]       corners
    bones: np.ndarray  # uint8 [N]          which bone carries each point


def body(offsets):
    """offsets [18, 3] of the rest pose -> Body."""
    joints = rest_places(offsets)
    pieces = [(parent, joints[parent], joints[bone]) for bone, parent in enumerate(PARENTS) if parent >= 0]
    pieces += [
        (NAMES.index(name), joints[NAMES.index(name)], joints[NAMES.index(name)] + tip) for name, tip in TIPS.items()
    ]
    pieces = [piece for piece in pieces if np.linalg.norm(piece[2] - piece[1]) > SHORTEST]
    points = np.concatenate([_octahedron(begin, end) for _, begin, end in pieces])
    faces = np.concatenate([np.array(FACES) + 6 * place for place in range(len(pieces))])
    bones = np.repeat([bone for bone, _, _ in pieces], 6)
    return Body(points.astype(np.float32), faces.astype(np.uint32), bones.astype(np.uint8))


def rest_places(offsets):
    """Where each bone begins in the rest pose, the hips at the origin -> float64 [18, 3]."""
    places = np.zeros((len(BONES), 3))
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            places[bone] = places[parent] + offsets[bone]
    return places


def _octahedron(begin, end):
    along = end - begin
    side = np.cross(along, np.eye(3)[np.abs(along).argmin()])
    side *= WIDTH / 2 * np.linalg.norm(along) / np.linalg.norm(side)
    other = np.cross(along, side) / np.linalg.norm(along)
    middle = begin + WIDEST * along
    return np.array([begin, middle + side, middle - other, middle - side, middle + other, end])
