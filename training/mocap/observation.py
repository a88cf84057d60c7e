"""What a 2D network would have seen of a projected pose: noise, confidences, missing joints, gaps, frame rates.

B windows, S observed frames (slots, oldest first), T frames of the 30 Hz grid. Positions are rays (x / z, y / z).
"""

import numpy as np

from duopose.kernels.window import GAP, RATE
from duopose.stream.skeleton import (
    HEAD_TOP,
    L_ANKLE,
    L_HIP,
    L_SHOULDER,
    L_WRIST,
    NOSE,
    PELVIS,
    R_ANKLE,
    R_HIP,
    R_SHOULDER,
    R_WRIST,
    SPINE,
    THORAX,
)

WHITE = CONSTANT = 0.7  # parts of the noise that change every frame, and that stay through the window
ASTRAY = 0.15  # share of the windows in which joints may stand elsewhere
LARGE = 0.9  # x / z, of a person: more than most pictures are high
WIDEST = 2.5  # no camera sees farther from its axis (68 degrees)
# How much worse than the mean a 2D network is at each joint of BODY17.
DIFFICULTY = np.ones(17, np.float32)
DIFFICULTY[[R_HIP, L_HIP]] = 1.4
DIFFICULTY[HEAD_TOP], DIFFICULTY[NOSE] = 1.6, 0.7
DIFFICULTY[[R_WRIST, L_WRIST, R_ANKLE, L_ANKLE]] = 1.2
LIMBS = (
    [12, 13],
    [15, 16],
    [2, 3],
    [5, 6],
    [13],
    [16],
    [3],
    [6],
    [1, 2, 3, 4, 5, 6],
    [11, 12, 13],
    [14, 15, 16],
    [9, 10],
)


def extent(rays):
    """Larger side of the person in the newest frame: [B, S, 17, 2] -> [B]."""
    return np.ptp(rays[:, -1], axis=1).max(-1)


def standard(rays, rng, strength=1.0):
    """The standard noise, for figures that can be compared: [B, S, 17, 2] -> noisy rays, confidence [B, S, 17].

    sigma = 1.2 % of the person's larger extent; 0.7 sigma white, 0.7 sigma constant over the window; 4 % of the joints
    with five times the white part and confidence 0.3; 8 % missing for the whole window. strength: number or [B, 1, 1,
    1].
    """
    batch, slots = rays.shape[:2]
    sigma = 0.012 * strength * extent(rays)[:, None, None, None]
    bad = rng.random((batch, slots, 17)) < 0.04
    white = rng.standard_normal(rays.shape, np.float32) * WHITE * np.where(bad, 5, 1)[..., None]
    constant = rng.standard_normal((batch, 1, 17, 2), np.float32) * CONSTANT
    confidence = np.where(bad, 0.3, 1.0) * (rng.random((batch, 1, 17)) >= 0.08)
    return (rays + sigma * (white + constant)).astype(np.float32), confidence.astype(np.float32)


def lifelike(rays, annotated, rng):
    """As `standard`, but as a live 2D network errs: by joint, with confidences that know a part of the error, swapped
    legs, hidden limbs, people half outside the picture. annotated bool [B]: pelvis, spine, thorax and head top are made
    from other joints, as stream.skeleton.coco_to_body makes them."""
    batch, slots = rays.shape[:2]
    sigma = (0.012 * rng.uniform(0.2, 1.7, batch) * extent(rays)).astype(np.float32)[:, None, None, None]
    bad = rng.random((batch, slots, 17)) < 0.04
    white = rng.standard_normal(rays.shape, np.float32) * WHITE * np.where(bad, 5, 1)[..., None]
    shaky = (rng.random((batch, 1, 17)) < 0.2) & (rng.random((batch, 1, 1)) < 0.3)  # guessed anew in every frame
    white = white * np.where(shaky, 3, 1)[..., None]
    constant = rng.standard_normal((batch, 1, 17, 2), np.float32) * CONSTANT
    constant = (
        constant + rng.standard_normal((batch, 1, 17, 2), np.float32) * np.linspace(-1, 0, slots)[:, None, None] * 0.7
    )
    error = sigma * (white + constant) * np.where(annotated[:, None, None, None], DIFFICULTY[:, None], 1)

    swapped = (rng.random(batch) < 0.04)[:, None] & _stretch(batch, slots, rng)
    truth = rays
    rays = rays.copy()
    rays[swapped] = rays[swapped][:, [0, 4, 5, 6, 1, 2, 3, *range(7, 17)]]
    rays += error

    # Confidence falls with the error, but not reliably; a third of the windows knows nothing of it.
    strayed = np.linalg.norm(rays - truth, axis=-1) / (0.03 * extent(truth)[:, None, None])
    gain = rng.uniform(0.5, 1.0, (batch, 1, 1))
    confidence = gain * (1 - 0.4 * np.minimum(strayed, 2)) + rng.normal(0, 0.08, strayed.shape)
    confidence = np.clip(confidence, 0.1, 1)
    plain = rng.random(batch) < 0.35
    confidence[plain] = np.where(bad[plain], 0.3, 1.0)

    missing = np.broadcast_to(
        rng.random((batch, 1, 17)) < rng.choice([0, 0.04, 0.12], (batch, 1, 1)), confidence.shape
    ).copy()
    for _ in range(2):
        hidden = (rng.random(batch) < 0.15)[:, None] & _stretch(batch, slots, rng)
        limb = np.zeros((batch, 17), bool)
        for i, choice in enumerate(rng.integers(len(LIMBS), size=batch)):
            limb[i, LIMBS[choice]] = True
        missing |= hidden[..., None] & limb[:, None]
    missing |= _outside(rays, rng) | _too_large(rays, rng)
    too_few = (~missing[:, -1]).sum(-1) < 4
    missing[too_few] = False
    missing |= (np.abs(rays) > WIDEST).any(-1)
    confidence[missing] = 0
    _derive(rays, confidence, annotated)
    return rays.astype(np.float32), confidence.astype(np.float32)


def astray(rays, rng):
    """Now and then one or two joints [B, S, 17, 2] stand elsewhere through the whole window, as sure as the others:
    somebody else's, or a wrong annotation."""
    batch = len(rays)
    strays = (rng.random((batch, 17)) < 0.08) & (rng.random((batch, 1)) < ASTRAY)
    offset = rng.uniform(-0.4, 0.4, (batch, 17, 2)) * strays[..., None] * extent(rays)[:, None, None]
    return rays + offset[:, None].astype(np.float32)


def _stretch(batch, slots, rng):
    """bool [B, S]: a random stretch of the window, half of them up to its newest frame."""
    edges = np.sort(rng.integers(0, slots + 1, (batch, 2)), axis=1)
    edges[rng.random(batch) < 0.5, 1] = slots
    index = np.arange(slots)
    return (index >= edges[:, :1]) & (index < edges[:, 1:])


def _outside(rays, rng):
    """bool [B, S, 17]: joints beyond an edge of the picture that runs through the person, in 40 % of the windows."""
    batch = len(rays)
    side = rng.choice(5, size=batch, p=[0.6, 0.22, 0.07, 0.07, 0.04])  # none, bottom, left, right, top
    axis = np.where((side == 1) | (side == 4), 1, 0)
    sign = np.where((side == 1) | (side == 3), 1, -1)
    along = np.take_along_axis(rays, axis[:, None, None, None], -1)[..., 0] * sign[:, None, None]
    through = rng.integers(17, size=batch)
    edge = along[np.arange(batch), -1, through] + rng.normal(0, 0.05, batch) * extent(rays)
    return (side > 0)[:, None, None] & (along > edge[:, None, None])


def _too_large(rays, rng):
    """bool [B, S, 17]: what lies outside the picture of those who stand too near to fit into it, whole or not."""
    batch = len(rays)
    height = rng.uniform(0.35, 0.8, batch)  # x / z from the axis to the edge: 39 to 77 degrees from edge to edge
    width = height * rng.choice([0.6, 1.35, 1.78], batch)
    outside = (np.abs(rays) > np.stack([width, height], -1)[:, None, None]).any(-1)
    return outside & (extent(rays) > LARGE)[:, None, None]


def _derive(rays, confidence, annotated):
    """The joints that annotators don't mark, from those they do; in place."""
    hips, shoulders = [R_HIP, L_HIP], [R_SHOULDER, L_SHOULDER]
    rows = np.flatnonzero(annotated)
    hip, shoulder = rays[rows][:, :, hips].mean(2), rays[rows][:, :, shoulders].mean(2)
    sure_hip, sure_shoulder = confidence[rows][:, :, hips].min(-1), confidence[rows][:, :, shoulders].min(-1)
    for joint, position, sure in (
        (PELVIS, hip, sure_hip),
        (THORAX, shoulder, sure_shoulder),
        (SPINE, 0.55 * hip + 0.45 * shoulder, np.minimum(sure_hip, sure_shoulder)),
    ):
        rays[rows, :, joint] = position
        confidence[rows, :, joint] = sure
    head = np.minimum(confidence[rows, :, HEAD_TOP] * 0.8, sure_shoulder)
    confidence[rows, :, HEAD_TOP] = head


# ---- time


def slot_times(batch, slots, rng):
    """When the frames of each window were taken, in 30ths of a second before the newest: [B, S] <= 0, and how they are
    used: kept bool [B, S], repeated bool [B] (one frame repeated over the window)."""
    rate = np.where(rng.random(batch) < 0.5, RATE, np.exp(rng.uniform(np.log(5), np.log(40), batch)))
    times = np.arange(-slots + 1, 1) * (RATE / rate)[:, None]
    jitter = rng.uniform(-0.3, 0.3, times.shape) * (rng.random(batch) < 0.2)[:, None]
    jitter[:, -1] = 0
    kept = np.ones((batch, slots), bool)
    new = rng.random(batch) < 0.12  # the track began inside the window
    kept &= ~(new[:, None] & (np.arange(slots) < rng.integers(0, slots, batch)[:, None]))
    lost = (rng.random(batch) < 0.12)[:, None] & _stretch(batch, slots, rng)
    kept &= ~lost
    kept[:, -1] = True
    return times + jitter, kept, rng.random(batch) < 0.12


def grid(times, kept, repeated, frames):
    """Linear interpolation from slots to the `frames` points of the 30 Hz grid that ends with the newest slot.

    -> weights [B, T, S] whose rows sum to 1, or to 0 where nothing was seen within GAP; valid [B, T]
    """
    batch, slots = times.shape
    wanted = np.arange(-frames + 1, 1)[None, :, None]
    times = times[:, None]
    before = np.where(kept[:, None] & (times <= wanted + 1e-6), times, -np.inf)
    after = np.where(kept[:, None] & (times >= wanted - 1e-6), times, np.inf)
    older, newer = before.argmax(-1), after.argmin(-1)
    low, high = before.max(-1), after.min(-1)
    valid = high - low <= GAP * RATE
    low, high = np.where(valid, low, 0), np.where(valid, high, 0)
    share = np.where(high > low, (wanted[..., 0] - low) / np.maximum(high - low, 1e-6), 0)
    weights = np.zeros((batch, frames, slots), np.float32)
    b, t = np.ogrid[:batch, :frames]
    np.add.at(weights, (b, t, older), np.where(valid, 1 - share, 0))
    np.add.at(weights, (b, t, newer), np.where(valid, share, 0))
    weights[repeated], valid[repeated] = 0, True
    weights[repeated, :, -1] = 1
    return weights, valid.astype(np.float32)
