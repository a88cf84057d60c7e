"""What a click means: the joint under it, and what there is to tell of a joint."""

import numpy as np

from duopose.stream.messages import Scene
from duopose.stream.skeleton import BODY17, coco_to_body
from duopose.viewer.drawing.together import eyes_of

REACH = 22.0  # pixels of a picture 720 pixels high that a click may be off


def nearest(pixels, depths, point, height):
    """The joint that a click at a point means.

    pixels  float [N, 17, 2]   where the joints are in a picture `height` pixels high
    depths  float [N, 17]      m from the onlooker, <= 0 behind
    ->      (person, joint) or None
    """
    off = np.linalg.norm(pixels - np.asarray(point), axis=-1)
    off[depths <= 0] = np.inf
    if off.size == 0 or off.min() > REACH * height / 720:
        return None
    person, joint = np.unravel_index(off.argmin(), off.shape)
    return int(person), int(joint)


def words_of(joint):
    """
    >>> words_of(13)
    'left wrist'
    """
    return BODY17[joint].replace("_", " ")


def facts(scene: Scene, world, person, joint):
    """What there is to tell of a joint, a line each.

    world  float32 [N, 17, 3]   the scene's joints in the viewer's world, m
    """
    place, height = scene.joints[person, joint] - eyes_of(scene)[person], float(world[person, joint, 2])
    lines = [f"{np.linalg.norm(place):.2f} m from the camera", f"{max(height, 0.0):.2f} m above the floor"]
    score = float(coco_to_body(scene.coco[person][None])[0, joint, 2])
    lines.append(f"seen, score {score:.2f}" if score > 0 else "not seen: filled in by the networks")
    depth_sd, joint_sd = scene.depth_sd[person], scene.joint_sd[person, joint]
    if np.isfinite(depth_sd):
        lines[0] += f" ± {depth_sd * np.linalg.norm(place):.2f}"
    if np.isfinite(joint_sd):
        lines.append(f"± {1000 * joint_sd:.0f} mm in the body")
    apart = 1000 * float(np.linalg.norm(scene.top_down[person, joint] - scene.bottom_up[person, joint]))
    lines.append(f"the branches are {apart:.0f} mm apart" if np.isfinite(apart) else "one branch only")
    return lines
