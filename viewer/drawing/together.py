"""The people of all cameras whose place in the world is known, as one scene: one space.

Everything is put into the frame of one of them. So what draws the scene of one camera draws that of all, and the floor
is found from everyone's feet: nobody has to say which way is up in the world.
"""

import colorsys

import msgspec
import numpy as np

from duopose.stream import overlay
from duopose.stream.messages import Frame, Scene
from duopose.stream.skeleton import PELVIS

TOGETHER = "one space"  # what stands for a camera's name; no camera can have it
STALE = 2.0  # s since its newest picture was read, after which a camera's people are left out
SHIFT = 64  # identities of the cameras are told apart by this factor: that many cameras at most
TINT = 0.56  # hue of the first camera, 0..1; the others lie a golden section apart
SHADES = ((0.75, 1.0), (0.5, 1.0), (0.8, 0.8), (0.55, 0.8))  # saturation and value of the people of a camera


class Together(Scene, frozen=True):
    """A Scene in the frame of the first of several cameras. Its identities hold number and camera, see `names`."""

    names: tuple[str, ...] = ()  # of each person, CAMERA/IDENTITY
    owners: tuple[int, ...] = ()  # the camera of each person, an index into the following
    frames: tuple[Frame, ...] = ()  # of each camera, the newest
    tints: tuple[int, ...] = ()  # of each camera, its number
    matrices: tuple[np.ndarray, ...] = ()  # float64 [4, 4], from each camera's frame into the first's


def matrix_of(camera):
    """Camera with a pose -> float64 [4, 4], from its frame into the world."""
    return np.vstack([np.reshape(camera.pose, (3, 4)), (0, 0, 0, 1)])


def moved(matrix, points):
    """points float32 [..., 3] by a matrix [4, 4]."""
    return (points @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)


def tint(number, shade=0):
    """(red, green, blue) 0..1 of camera `number`, or of one of its people."""
    saturation, value = SHADES[shade % len(SHADES)]
    return colorsys.hsv_to_rgb((TINT + number * overlay.GOLDEN) % 1.0, saturation, value)


class Gathering:
    """Takes in the scenes of all cameras, one after the other. names: of those that there are, in their order"""

    def __init__(self, names=()):
        self.newest = {}  # name -> Scene, of cameras with a pose
        self.numbers = {name: number for number, name in enumerate(names)}
        self.count = 0

    def add(self, scene):
        """-> whether it belongs into the one space."""
        name = scene.frame.camera_name
        if scene.frame.camera.pose is None:
            self.newest.pop(name, None)
            return False
        self.newest[name] = scene
        self.numbers.setdefault(name, len(self.numbers))
        return True

    def forget(self, names):
        """Only cameras of these names are there."""
        self.newest = {name: scene for name, scene in self.newest.items() if name in names}

    @property
    def is_one(self):
        """Whether there is anything to put together."""
        return len(self.newest) > 1

    def scene(self):
        """Together, as of the newest picture of any camera."""
        now = max(scene.frame.read_at for scene in self.newest.values())
        scenes = list(self.newest.values())  # as they first came: the first stays the first
        into = np.linalg.inv(matrix_of(scenes[0].frame.camera))
        matrices = [into @ matrix_of(scene.frame.camera) for scene in scenes]
        shown = [place for place, scene in enumerate(scenes) if now - scene.frame.read_at <= STALE]
        tints = tuple(self.numbers[scene.frame.camera_name] for scene in scenes)
        self.count += 1

        def all_of(field, move=False):
            parts = [getattr(scenes[place], field) for place in shown]
            if move:
                parts = [moved(matrices[place], part) for place, part in zip(shown, parts, strict=True)]
            return np.concatenate(parts)

        newest = max(scenes, key=lambda scene: scene.fused_at)
        frame = msgspec.structs.replace(
            scenes[0].frame, number=self.count, stamp=now, read_at=newest.frame.read_at, camera_name=TOGETHER
        )  # fmt: skip
        owners = [place for place in shown for _ in scenes[place].ids]
        ids = [SHIFT * identity + tints[place] for place in shown for identity in scenes[place].ids.tolist()]
        return Together(
            frame=frame,
            fused_at=newest.fused_at,
            ids=np.array(ids, np.int32),
            **{name: all_of(name) for name in ("scores", "sources", "boxes", "coco", "depth_sd", "joint_sd")},
            **{name: all_of(name, True) for name in ("joints", "top_down", "bottom_up")},
            names=tuple(overlay.name_of(identity, scenes[place]) for place in shown for identity in scenes[place].ids),
            owners=tuple(owners),
            frames=tuple(scene.frame for scene in scenes),
            tints=tints,
            matrices=tuple(matrices),
        )


# ---- what any scene says of its people, whether they are together or not


def frames_of(scene):
    """[(Frame, matrix [4, 4] from its camera's frame into the scene's, colour or None)] of each camera."""
    if not isinstance(scene, Together):
        return [(scene.frame, np.eye(4), None)]
    return list(zip(scene.frames, scene.matrices, map(tint, scene.tints), strict=True))


def name_of(identity, scene):
    if not isinstance(scene, Together):
        return overlay.name_of(identity, scene)
    return dict(zip(scene.ids.tolist(), scene.names, strict=True)).get(identity, "")


def colours_of(ids, scene):
    """float32 [N, 3] 0..1 of these identities of a scene."""
    if isinstance(scene, Together):
        found = [tint(identity % SHIFT, identity // SHIFT) for identity in ids.tolist()]
    else:
        found = [np.float32(overlay.colour_of(identity)) / 255 for identity in ids.tolist()]
    return np.float32(found).reshape(-1, 3)


def eyes_of(scene):
    """Where the camera is that sees each person, float32 [N, 3] of the scene's frame, metres."""
    if not isinstance(scene, Together):
        return np.zeros((len(scene.ids), 3), np.float32)
    return np.float32([scene.matrices[owner][:3, 3] for owner in scene.owners]).reshape(-1, 3)


def distances_of(scene):
    """From each person to the camera that sees them, metres, float [N]."""
    return np.linalg.norm(scene.joints[:, PELVIS] - eyes_of(scene), axis=1)
