"""Two people in one world: real couples of motion capture, pairs put together from people who never met, and pairs that
can't be.

Frames of reference as in training/mocap/cameras.py. B pairs, S frames; two people are [B, S, 2, 17, 3], the second axis
but two counting them.
"""

import numpy as np

from duopose.stream.skeleton import BODY_BONES, BODY_MIRROR, PELVIS
from duopose.training.mocap import bodies, cameras, rotations
from duopose.training.mocap.clips import LEFT_OUT, Clips, load_clips, opened, sample

HELD_OUT = ("60_14", "60_15")  # takes that nothing learns from: `duopose evaluate discriminator` looks at them
APART = 30  # frames at least between the moments that a shuffled pair is made of, within one clip
LOOSE = 0.05  # m, along each axis of the ground: how well it is known where partners stand
CLEAR = 0.3  # m: the nearest joints of two people who have nothing to do with each other
FURTHEST = 5.0  # m between them
THICK = 0.08  # m that the flesh of an impossible pair overlaps by at least
# Half the thickness (m) of the bone that ends in each joint of BODY17, and of the pelvis.
RADIUS = np.array(
    [0.12, 0.10, 0.07, 0.05, 0.10, 0.07, 0.05, 0.13, 0.13, 0.07, 0.09, 0.10, 0.05, 0.04, 0.10, 0.05, 0.04], np.float32
)
ARMS_AND_SHINS = [3, 6, 12, 13, 15, 16]  # they may touch anything; the rest of two bodies can't share a place


def singles(mocap):
    """Clips of single people of the folder `mocap` to learn from: without the partners' own clips of the takes
    HELD_OUT."""
    takes = [take.replace("60_", f"{subject}_") for take in HELD_OUT for subject in (60, 61)]
    return load_clips([mocap / name for name in ("train.npz", "train_extra.npz")], without=takes)


def load(path, held_out=False):
    """The couples of pairs.npz, as Clips with joints [F, 34, 3], the second person's 17 after the first's: those of the
    takes that are HELD_OUT, or the others. Takes whose retargeting broke are left out."""
    file = opened(path)
    everyone = file["pos"].astype(np.float32) * file["scale"]
    joints, start, length, offset = [], [], [], 0
    for first, count, name in zip(file["start"], file["length"], file["name"].tolist(), strict=True):
        take = name.split("+")[0]
        if take not in LEFT_OUT and (take in HELD_OUT) == held_out:
            joints.append(everyone[first : first + count].reshape(count, 34, 3))
            start.append(offset)
            length.append(count)
            offset += count
    return Clips(np.concatenate(joints), np.array(start), np.array(length))


def meeting(couples, times, rng):
    """Couples as they were: [B, S, 2, 17, 3] at `times` [B, S] frames around a random moment each."""
    ends = rng.integers(len(couples.joints), size=len(times))
    return sample(couples, ends, times).reshape(*times.shape, 2, 17, 3)


def composed(clips, times, rng):
    """Two people of single clips, at random turned and placed beside each other, never touching."""
    batch = len(times)
    both = np.stack(
        [sample(clips, rng.integers(len(clips.joints), size=batch), times) for _ in range(2)], 2
    )  # [B, S, 2, 17, 3]
    ground = both[:, -1:, :, PELVIS : PELVIS + 1] * np.float32([1, 0, 1])
    turn = rotations.rotation_y(rng.uniform(0, 2 * np.pi, (batch, 2)))  # [B, 2, 3, 3]
    both = np.einsum("bpij,bspkj->bspki", turn, both - ground)
    distance = np.exp(rng.uniform(np.log(0.7), np.log(FURTHEST), batch)).astype(np.float32)
    for _ in range(12):
        moved = both + np.float32([0, 1])[:, None, None] * distance[:, None, None, None, None] * np.float32([1, 0, 0])
        near = nearest(moved[:, ..., 0, :, :], moved[:, ..., 1, :, :]).min(1) < CLEAR
        distance = np.where(near, 1.25 * distance, distance)
    return moved.astype(np.float32)


def nearest(a, b):
    """Distance of the nearest joints of two people [..., 17, 3] -> [...]"""
    return np.linalg.norm(a[..., :, None, :] - b[..., None, :, :], axis=-1).min((-2, -1))


def shuffled(couples, count, rng):
    """Couples [count, 1, 2, 17, 3] of whom one, named second, is replaced by what they did at another moment, in the
    same place and turned the same way: each pose and where it stands is real, and they don't belong together."""
    now = np.zeros((count, 1))
    ends = rng.integers(len(couples.joints), size=count)
    moments = np.stack([ends, other_moments(couples, ends, rng)])
    pairs, others = (sample(couples, at, now).reshape(count, 1, 2, 17, 3) for at in moments)
    flip = (rng.random(count) < 0.5)[:, None, None, None, None]
    pairs, others = (np.where(flip, both[:, :, ::-1], both) for both in (pairs, others))
    other = others[:, :, 1]
    root = other[:, :, PELVIS : PELVIS + 1] * np.float32([1, 0, 1])
    there = pairs[:, :, 1, PELVIS : PELVIS + 1] * np.float32([1, 0, 1])
    turn = rotations.rotation_y(rotations.heading(pairs[:, 0, 1]) - rotations.heading(other[:, 0]))
    return np.stack([pairs[:, :, 0], rotations.turned(other - root, turn) + there], 2)


def loosened(pairs, rng):
    """Pairs [B, S, 2, 17, 3] whose second person stands some centimetres elsewhere: how large the couple's two
    skeletons are was guessed, so how near they stand is not known better."""
    shift = rng.normal(0, LOOSE, (len(pairs), 1, 1, 1, 3)) * np.float32([0, 1])[:, None, None] * np.float32([1, 0, 1])
    return (pairs + shift).astype(np.float32)


def other_moments(couples, ends, rng):
    """A random frame for each of `ends`, of another clip or at least APART frames away."""
    piece = np.searchsorted(couples.start, ends, side="right") - 1
    others = rng.integers(len(couples.joints), size=len(ends))
    for _ in range(50):
        same = np.searchsorted(couples.start, others, side="right") - 1 == piece
        again = same & (np.abs(others - ends) < APART)
        others = np.where(again, rng.integers(len(couples.joints), size=len(ends)), others)
    return others


def overlap(a, b):
    """How deep the flesh of two people [B, 17, 3] interpenetrates at most, m; negative: how far they are apart. -> [B]

    Round limbs, looked at in the joints and the middles of the bones; forearms and shins may touch anything.
    """
    (points_a, radius), (points_b, _) = _flesh(a), _flesh(b)
    apart = np.linalg.norm(points_a[:, :, None] - points_b[:, None], axis=-1)
    return (radius[:, None] + radius - apart).max((1, 2))


def _flesh(pose):
    """Joints and middles of bones [B, M, 3] of the trunk, thighs, upper arms and head, with their radii [M]."""
    core = [joint for joint in range(17) if joint not in ARMS_AND_SHINS]
    bones = [(parent, joint) for parent, joint in BODY_BONES if joint in core]
    middles = np.stack([(pose[:, parent] + pose[:, joint]) / 2 for parent, joint in bones], 1)
    radius = np.concatenate([RADIUS[core], RADIUS[[joint for _, joint in bones]]])
    return np.concatenate([pose[:, core], middles], 1), radius


def interpenetrating(pairs, rng):
    """Pairs [B, 1, 2, 17, 3] of whom the second is pushed along the ground into the first, by at least THICK."""
    a, b = pairs[:, 0, 0], pairs[:, 0, 1].copy()
    (points_a, _), (points_b, _) = _flesh(a), _flesh(b)
    rows = np.arange(len(a))
    left = rows
    for _ in range(30):
        i, j = rng.integers(points_a.shape[1], size=(2, len(left)))
        shift = (points_a[left, i] - points_b[left, j]) * np.float32([1, 0, 1])
        shift += rng.normal(0, 0.04, shift.shape) * [1, 0, 1]
        b[left] = pairs[left, 0, 1] + shift[:, None]
        left = left[overlap(a[left], b[left]) < THICK]
        if len(left) == 0:
            break
    b[left] = pairs[left, 0, 1] + ((a - pairs[:, 0, 1])[left, PELVIS] * np.float32([1, 0, 1]))[:, None]
    return np.stack([a, b], 1)[:, None]


# ---- the same people in front of a camera


def other_bodies(pairs, rng):
    """Mirrored or not, of other sizes and proportions, both partners alike so that hands that meet still do -> the
    pairs, and bool [B]: whose joints are where annotators of photographs put them."""
    batch, slots = pairs.shape[:2]
    convention = rng.choice(3, batch, p=bodies.CONVENTIONS)
    annotated = convention == bodies.ANNOTATED
    one = pairs.transpose(0, 2, 1, 3, 4).reshape(batch, 2 * slots, 17, 3)  # partners as frames of one person
    flip = rng.random(batch) < 0.5
    one = np.where(flip[:, None, None, None], one[:, :, BODY_MIRROR] * np.float32([-1, 1, 1]), one)
    one = bodies.rebuilt(one, convention, rng)
    one[annotated] = bodies.as_annotated(one[annotated], rng)
    return one.reshape(batch, 2, slots, 17, 3).transpose(0, 2, 1, 3, 4), annotated


def filmed(pairs, rng, at=-1):
    """World -> camera frame, with the cameras users have; the first person's pelvis in frame `at` is what they are
    aimed at."""
    batch, slots = pairs.shape[:2]
    joined = pairs.reshape(batch, slots, 34, 3)
    joined = cameras.filmed(joined, cameras.any_cameras(joined, rng), at)
    return joined.reshape(pairs.shape).astype(np.float32)
