"""BVH, Biovision's hierarchy: a skeleton and the turns of its bones, a line a frame. Centimetres, degrees.

Channels of the root: X Y Z position, then Z X Y rotation; of each other bone: Z X Y rotation, each about the axes that
those before it have turned. The file begins with the first frame in which the person was seen.
"""

import warnings

import numpy as np
from scipy.spatial.transform import Rotation

from duopose.exporting.skeleton import BONES, CROWN, NAMES, PARENTS, TIPS

CM = 100.0  # in a metre
MOVING = [bone for bone in range(len(BONES)) if bone != CROWN]  # the head top is an end without channels


def write(path, people):
    """One Person into one file."""
    (person,) = people
    fitted, motion = person.fitted, person.motion
    with open(path, "w", encoding="ascii") as file:
        file.write("HIERARCHY\n")
        file.writelines(_bone(0, 0, CM * fitted.offsets))
        file.write(f"MOTION\nFrames: {len(fitted.root)}\nFrame Time: {1 / motion.rate:.10f}\n")
        np.savetxt(file, np.concatenate([CM * fitted.root, _angles(fitted.rotations)], 1), fmt="%.5f")


def _bone(bone, depth, offsets):
    """Lines of the hierarchy from this bone on."""
    inset = "  " * depth
    place = "0 0 0" if depth == 0 else _three(offsets[bone])
    channels = "3 Zrotation Xrotation Yrotation"
    if depth == 0:
        channels = "6 Xposition Yposition Zposition Zrotation Xrotation Yrotation"
    yield f"{inset}{'JOINT' if depth else 'ROOT'} {NAMES[bone]}\n{inset}{{\n"
    yield f"{inset}  OFFSET {place}\n{inset}  CHANNELS {channels}\n"
    for child in (child for child, parent in enumerate(PARENTS) if parent == bone and child != CROWN):
        yield from _bone(child, depth + 1, offsets)
    tip = offsets[CROWN] if bone == PARENTS[CROWN] else CM * TIPS[NAMES[bone]] if NAMES[bone] in TIPS else None
    if tip is not None:
        yield f"{inset}  End Site\n{inset}  {{\n{inset}    OFFSET {_three(tip)}\n{inset}  }}\n"
    yield f"{inset}}}\n"


def _three(numbers):
    return " ".join(f"{number:.5f}" for number in numbers)


def _angles(rotations):
    """[T, 18, 4] quaternions -> degrees [T, 17 * 3], without jumps of whole turns."""
    moving = rotations[:, MOVING]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Gimbal lock")  # any of the equal solutions will do
        angles = Rotation.from_quat(moving.reshape(-1, 4)).as_euler("ZXY", degrees=True)
    return np.unwrap(angles.reshape(len(moving), -1), axis=0, period=360)
