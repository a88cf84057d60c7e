"""Motion capture -> people moving in front of a camera.

Clips, other bodies that do the same, cameras that film them. World frame of the motion capture: Y up, right-handed,
metres. Camera frame: x right, y down, z forward. B windows of S frames, oldest first, 17 joints in BODY17 order.
"""

from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import BODY_MIRROR, BODY_PARENTS
from duopose.training.datasets.reading.errors import reading

RATE = 30.0  # Hz, of the files and of the window
LEFT_OUT = ("60_06", "60_07")  # takes whose retargeting broke
HEAD_BENT = np.cos(np.radians(80))  # cosine of the angle between trunk and head beyond which a frame is a glitch
SHORTEST = 20  # frames; shorter pieces are not used

(PELVIS, R_HIP, R_KNEE, R_ANKLE, L_HIP, L_KNEE, L_ANKLE, SPINE, THORAX) = range(9)
(NOSE, HEAD_TOP, L_SHOULDER, L_ELBOW, L_WRIST, R_SHOULDER, R_ELBOW, R_WRIST) = range(9, 17)
LEGS = [R_HIP, R_KNEE, R_ANKLE, L_HIP, L_KNEE, L_ANKLE]


class Clips(NamedTuple):
    joints: np.ndarray  # float32 [F, 17, 3], all clips one after the other
    start: np.ndarray  # int [N], first frame of each piece
    length: np.ndarray  # int [N]


def load(paths, replace=True, without=()):
    """Clips of several npz files; a clip that another one `replaces` (the same take on its own skeleton) is left out.

    replace=False keeps everything, as for a validation file; `without` names takes to leave out all the same.
    """
    files = [opened(path) for path in paths]
    replaced = set(LEFT_OUT) if replace else set()
    for file in files:
        if replace and "replaces" in file:
            replaced |= set(file["replaces"].tolist())
    joints, start, length, offset = [], [], [], 0
    for file in files:
        everything = file["pos"].astype(np.float32) * file["scale"]
        sound = ~head_is_bent(everything) if replace else np.ones(len(everything), bool)
        for first, count, name in zip(file["start"], file["length"], file["name"].tolist(), strict=True):
            if name in replaced or (take := name.split("_p")[0]) in without or (replace and take in LEFT_OUT):
                continue
            for a, b in runs(sound[first : first + count]):
                if b - a >= SHORTEST or not replace:
                    joints.append(everything[first + a : first + b])
                    start.append(offset)
                    length.append(b - a)
                    offset += b - a
    return Clips(np.concatenate(joints), np.array(start), np.array(length))


def opened(path):
    """An npz file of motion capture. Raises UsageError where it is none."""
    with reading(path, "motion capture"):
        file = np.load(path)
        if missing := [name for name in ("pos", "scale", "start", "length", "name") if name not in file]:
            raise ValueError(f"it lacks {', '.join(missing)}")
    return file


def head_is_bent(joints):
    """[F, 17, 3] -> bool [F]: the head hangs at more than 80 degrees from the trunk."""
    trunk, head = joints[:, THORAX] - joints[:, SPINE], joints[:, HEAD_TOP] - joints[:, THORAX]
    return (trunk * head).sum(-1) < HEAD_BENT * np.linalg.norm(trunk, axis=-1) * np.linalg.norm(head, axis=-1)


def runs(mask):
    """Stretches of True: [(first, one past the last), ...].

    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def sample(clips, ends, times):
    """Poses around frames `ends` [B] at `times` [B, S] frames from them, linearly interpolated, held at a clip's ends."""
    piece = np.searchsorted(clips.start, ends, side="right") - 1
    at = np.clip(
        ends[:, None] + times, clips.start[piece, None], clips.start[piece, None] + clips.length[piece, None] - 1
    )
    low = np.minimum(at.astype(np.int64), clips.start[piece, None] + np.maximum(clips.length[piece, None] - 2, 0))
    share = (at - low).astype(np.float32)[..., None, None]
    return clips.joints[low] * (1 - share) + clips.joints[np.minimum(low + 1, len(clips.joints) - 1)] * share


# ---- motions


def composed(joints, rng, share=0.12):
    """Some windows [B, S, 17, 3] get the upper body of another window, turned to fit on their hips."""
    take = np.flatnonzero(rng.random(len(joints)) < share)
    if len(take) == 0:
        return joints
    other = rng.integers(len(joints), size=len(take))
    turn = trunk_axes(joints[take]) @ np.swapaxes(trunk_axes(joints[other]), -1, -2)
    upper = joints[other][:, :, SPINE:] - joints[other][:, :, PELVIS : PELVIS + 1]
    joints = joints.copy()
    joints[take, :, SPINE:] = np.einsum("bsij,bskj->bski", turn, upper) + joints[take][:, :, PELVIS : PELVIS + 1]
    return joints


def trunk_axes(joints):
    """[..., 17, 3] -> [..., 3, 3]: columns to the left hip, up the lower back, and forward."""
    left = joints[..., L_HIP, :] - joints[..., R_HIP, :]
    left = left / np.maximum(np.linalg.norm(left, axis=-1, keepdims=True), 1e-6)
    forward = np.cross(left, joints[..., SPINE, :] - joints[..., PELVIS, :])
    forward = forward / np.maximum(np.linalg.norm(forward, axis=-1, keepdims=True), 1e-6)
    return np.stack([left, np.cross(forward, left), forward], -1)


def tilted(joints, rng, share=0.1):
    """Some windows [B, S, 17, 3] lean as a whole, up to lying: the motion capture holds few people off their feet."""
    batch = len(joints)
    angle = rng.normal(0, np.radians(40), batch) * (rng.random(batch) < share)
    about = rng.uniform(0, 2 * np.pi, batch)
    turn = rotation_y(about) @ rotation_x(angle) @ rotation_y(-about)
    root = joints[:, -1:, PELVIS : PELVIS + 1]
    return turned(joints - root, turn) + root


def seated(joints, rng, share=0.08):
    """Some windows [B, S, 17, 3] sit, crouch or kneel: thighs turned forwards about the hips, shins back about the knees.

    Only where knees are fairly straight; both legs about alike, through the whole window.
    """
    joints = joints.copy()
    for hip, knee, ankle in ((R_HIP, R_KNEE, R_ANKLE), (L_HIP, L_KNEE, L_ANKLE)):
        thigh, shin = joints[:, :, knee] - joints[:, :, hip], joints[:, :, ankle] - joints[:, :, knee]
        straight = (thigh * shin).sum(-1) / np.maximum(
            np.linalg.norm(thigh, axis=-1) * np.linalg.norm(shin, axis=-1), 1e-6
        )
        if knee == R_KNEE:
            sits = (rng.random(len(joints)) < share) & (straight.min(1) > 0.85)
            bend = rng.uniform(np.radians(40), np.radians(105), len(joints))
            fold = bend * rng.uniform(0.4, 1.25, len(joints))
        rows = np.flatnonzero(sits)
        axis = joints[rows, :, L_HIP] - joints[rows, :, R_HIP]
        axis /= np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-6)
        forwards = (bend[rows] + rng.normal(0, 0.12, len(rows)))[:, None, None]
        back = (fold[rows] + rng.normal(0, 0.12, len(rows)))[:, None, None]
        joints[rows, :, knee] = joints[rows, :, hip] + about(thigh[rows], axis, -forwards)
        joints[rows, :, ankle] = joints[rows, :, knee] + about(shin[rows], axis, back - forwards)
    return joints


def reaching(joints, rng, share=0.15):
    """In some windows [B, S, 17, 3] an arm is held elsewhere: turned as a whole about the shoulder, up to 60 degrees or so."""
    joints = joints.copy()
    for shoulder, elbow, wrist in ((L_SHOULDER, L_ELBOW, L_WRIST), (R_SHOULDER, R_ELBOW, R_WRIST)):
        rows = np.flatnonzero(rng.random(len(joints)) < share)
        axis = rng.standard_normal((len(rows), 1, 3), np.float32)
        axis /= np.linalg.norm(axis, axis=-1, keepdims=True)
        angle = rng.normal(0, np.radians(40), (len(rows), 1, 1))
        start = joints[rows, :, shoulder]
        for joint in (elbow, wrist):
            joints[rows, :, joint] = start + about(joints[rows, :, joint] - start, axis, angle)
    return joints


def about(vectors, axis, angle):
    """Vectors [..., 3] turned about unit axes [..., 3] by angles [..., 1], right-handed (Rodrigues).

    >>> about(np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), np.array([np.pi / 2])).round(6).tolist()
    [0.0, 1.0, 0.0]
    """
    cos, sin = np.cos(angle), np.sin(angle)
    along = (axis * vectors).sum(-1, keepdims=True)
    return (vectors * cos + np.cross(axis, vectors) * sin + axis * along * (1 - cos)).astype(vectors.dtype)


# ---- bodies


def mirrored(joints, rng):
    """Half of the windows [B, S, 17, 3] seen in a mirror."""
    flip = rng.random(len(joints)) < 0.5
    joints = joints.copy()
    joints[flip] = joints[flip][..., BODY_MIRROR, :] * np.array([-1, 1, 1], np.float32)
    return joints


# Where a bone's ends lie depends on who says so. Mean lengths beside the motion capture's, by convention:
#   MARKERS     the motion capture's own joints
#   SURFACE     Human3.6M's and MPI-INF-3DHP's: hips far apart and high up, so long thighs; narrow shoulders
#   ANNOTATED   what people mark in photographs (COCO) before `as_annotated` lowers the hips
# Measured on the samples of MPI-INF-3DHP, Human3.6M, CMU Panoptic and pose2sim; MuPoTS-3D agrees with MPI-INF-3DHP.
MARKERS, SURFACE, ANNOTATED = range(3)
CONVENTIONS = (0.3, 0.3, 0.4)  # how often each is drawn
#              bones                   MARKERS, SURFACE, ANNOTATED  standard deviation between people
LENGTHS = (
    ((R_HIP, L_HIP),                  (1.00, 1.48, 1.12), 0.14),
    ((R_KNEE, L_KNEE),                (1.00, 1.13, 1.00), 0.06),
    ((R_ANKLE, L_ANKLE),              (1.00, 0.95, 0.98), 0.06),
    ((SPINE,),                        (1.00, 0.93, 0.96), 0.06),
    ((THORAX,),                       (1.00, 0.93, 0.96), 0.06),
    ((L_SHOULDER, R_SHOULDER),        (1.00, 0.81, 0.84), 0.07),
    ((L_ELBOW, R_ELBOW),              (1.00, 1.12, 1.00), 0.06),
    ((L_WRIST, R_WRIST),              (1.00, 0.95, 0.96), 0.06),
    ((NOSE,),                         (1.00, 1.00, 1.05), 0.10),
    ((HEAD_TOP,),                     (1.00, 1.05, 1.05), 0.10),
)  # fmt: skip
HIP_DROP = 0.025  # m: annotators put hips that much below the heads of the thigh bones
TRUNK_AND_LEGS = 0.03  # standard deviations of what the bones of legs and trunk share
# And what all share: adults of both sexes. The motion capture's people are small (1.60 to 1.73 m); whom photographs show
# are that on average, those who were filmed for data sets are taller (MuPoTS-3D was looked at for that, never trained on).
STATURE, STATURE_SPREAD = (1.035, 1.055, 0.985), 0.075


def rebuilt(joints, convention, rng):
    """Other people doing the same, feet at the same height, joints where the convention (int [B]) puts them."""
    batch = len(joints)
    scale = np.ones((batch, 17), np.float32)
    for bones, means, spread in LENGTHS:
        scale[:, bones] = rng.normal(np.array(means)[convention], spread)[:, None]
    for bones in ([R_KNEE, R_ANKLE, L_KNEE, L_ANKLE], [SPINE, THORAX]):
        scale[:, bones] *= rng.normal(1, TRUNK_AND_LEGS, (batch, 1))
    scale *= rng.normal(np.array(STATURE)[convention], STATURE_SPREAD)[:, None]
    scale = np.clip(scale, 0.55, 2.0)
    result = np.empty_like(joints)
    legs = scale[:, [R_KNEE, R_ANKLE]].mean(-1)[:, None]
    result[:, :, PELVIS] = joints[:, :, PELVIS] * legs[..., None]
    for joint, parent in enumerate(BODY_PARENTS):
        if parent >= 0:
            bone = joints[:, :, joint] - joints[:, :, parent]
            result[:, :, joint] = result[:, :, parent] + bone * scale[:, joint, None, None]
    return result


def as_annotated(joints, rng):
    """Joints [B, S, 17, 3] where COCO's annotators put them, who do not agree on the hips."""
    drop = np.clip(rng.normal(HIP_DROP, 0.012, (len(joints), 1, 1, 1)), -0.01, 0.06).astype(np.float32)
    return annotated(joints, drop)


def annotated(joints, drop=HIP_DROP):
    """Joints [..., 17, 3] where annotators put them, mapped as stream.skeleton.coco_to_body does: hips so many metres lower
    than the heads of the thigh bones, pelvis, spine and thorax interpolated from hips and shoulders."""
    joints = joints.copy()
    down = joints[..., PELVIS, :] - joints[..., SPINE, :]
    down /= np.maximum(np.linalg.norm(down, axis=-1, keepdims=True), 1e-6)
    joints[..., [R_HIP, L_HIP], :] += drop * down[..., None, :]
    joints[..., PELVIS, :] = joints[..., [R_HIP, L_HIP], :].mean(-2)
    joints[..., THORAX, :] = joints[..., [R_SHOULDER, L_SHOULDER], :].mean(-2)
    joints[..., SPINE, :] = 0.55 * joints[..., PELVIS, :] + 0.45 * joints[..., THORAX, :]
    return joints


# ---- cameras


def rotation_y(angle):
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return (
        np.stack([cos, zero, sin, zero, one, zero, -sin, zero, cos], -1).reshape(*angle.shape, 3, 3).astype(np.float32)
    )


def rotation_x(angle):
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return (
        np.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], -1).reshape(*angle.shape, 3, 3).astype(np.float32)
    )


def rotation_z(angle):
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return (
        np.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], -1).reshape(*angle.shape, 3, 3).astype(np.float32)
    )


def turned(joints, turn):
    """joints [B, S, 17, 3], rotations [B, 3, 3] -> each window's joints turned."""
    return (joints.reshape(len(joints), -1, 3) @ np.swapaxes(turn, -1, -2)).reshape(joints.shape)


class Cameras(NamedTuple):
    heading: np.ndarray  # rad [B], how the person is turned about the vertical
    distance: np.ndarray  # m [B], on the ground
    aside: np.ndarray  # m [B], to the side of the optical axis' vertical plane
    height: np.ndarray  # m [B], over the ground
    pitch: np.ndarray  # rad [B], looking down
    roll: np.ndarray  # rad [B]


def filmed(joints, cameras, at=-1):
    """World -> camera frame: the pelvis of frame `at` stands in front of the camera as `cameras` says."""
    ground = joints[:, at, PELVIS].copy()[:, None, None]
    ground[..., 1] = 0
    joints = turned(joints - ground, rotation_y(cameras.heading))
    joints = joints * np.array([-1, -1, 1], np.float32)  # Y up, right-handed -> y down, right-handed
    joints += np.stack([cameras.aside, cameras.height, cameras.distance], -1)[:, None, None].astype(np.float32)
    turn = rotation_z(cameras.roll) @ rotation_x(cameras.pitch)
    return turned(joints, turn)


def standard_cameras(joints, rng):
    """Cameras of the standard protocol: eye height, level but for what aims them at the person, 1.8 to 9 m away."""
    batch = len(joints)
    distance = np.exp(rng.uniform(np.log(1.8), np.log(9), batch))
    height = rng.uniform(0.5, 2.5, batch)
    aim = np.arctan2(height - joints[:, -1, PELVIS, 1], distance)
    return Cameras(
        heading=rng.uniform(0, 2 * np.pi, batch),
        distance=distance,
        aside=rng.uniform(-0.5, 0.5, batch) * distance,
        height=height,
        pitch=np.radians(rng.normal(0, 3, batch)) + rng.random(batch) * aim,
        roll=np.radians(rng.normal(0, 2.3, batch)),
    )


def any_cameras(joints, rng):
    """Cameras as users have them: webcams at 1.2 m, cameras under the ceiling that look down, phones held askew.

    What looks down is seldom aimed at the person: on the samples of Human3.6M, MPI-INF-3DHP and pose2sim people lean 16 to
    25 degrees towards the camera, wherever they are in the picture.
    """
    batch = len(joints)
    distance = np.exp(rng.uniform(np.log(1.2), np.log(12), batch))
    root = joints[:, -1, PELVIS, 1]
    looking_down = rng.random(batch) < 0.45
    depression = np.radians(rng.uniform(0, 40, batch))
    height = np.where(looking_down, root + distance * np.tan(depression), rng.uniform(0.4, 2.4, batch))
    aim = np.arctan2(height - root, distance)
    askew = np.where(rng.random(batch) < 0.25, 8.0, 2.5)
    stray = np.radians(rng.normal(0, np.where(looking_down, 8, 4)))
    return Cameras(
        heading=rng.uniform(0, 2 * np.pi, batch),
        distance=distance,
        aside=rng.uniform(-0.55, 0.55, batch) * distance,
        height=height,
        pitch=stray + np.where(looking_down, rng.uniform(0.6, 1.1, batch), rng.random(batch)) * aim,
        roll=np.radians(rng.normal(0, 1, batch) * askew),
    )


def rays_of(joints):
    """Camera frame [..., 3] -> x / z, y / z; what lies behind the camera is put far outside."""
    return joints[..., :2] / np.maximum(joints[..., 2:], 0.1)
