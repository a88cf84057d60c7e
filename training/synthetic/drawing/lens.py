"""From linear light to the picture a camera gives: exposure, colour cast, blur, noise, gamma."""

import cv2
import numpy as np
from numba import njit

from duopose.training.synthetic.drawing.light import DISPLAY

DEFOCUS, MOTION, ENLARGED = 0.25, 0.15, 0.12  # shares of frames


@njit("void(f4[:,:,::1], f4[::1], f4[:,::1], f4, f4[::1], u1[:,:,::1])", cache=True, fastmath=True)
def develop(picture, gain, grain, noise, curve, out):
    """Linear light [H, W, 3] times gain [3] through `curve` [4096], plus grain [h, w] (repeated) times noise in levels
    -> uint8."""
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            for c in range(3):
                light = min(max(picture[y, x, c] * gain[c], np.float32(0)), np.float32(1))
                speck = grain[(y + 17 * c) % grain.shape[0], (x + 29 * c) % grain.shape[1]] * noise
                out[y, x, c] = int(min(max(curve[int(light * 4095)] + speck, np.float32(0)), np.float32(255)))


def photograph(picture, rng, plain=False):
    """Linear light float32 [H, W, 3] -> uint8 RGB. `plain`: only the gamma."""
    gain, noise = np.ones(3, np.float32), 0.0
    grain = np.zeros((1, 1), np.float32)
    if not plain:
        gain *= np.float32(2 ** rng.normal(0.0, 0.35))
        gain *= rng.normal(1, 0.05, 3).clip(0.8, 1.2).astype(np.float32)
        noise = float(rng.choice([1.0, 3.0, 8.0], p=[0.5, 0.35, 0.15]) * rng.uniform(0.5, 1.3))
        grain = rng.standard_normal((157, 211), np.float32)
        blur = rng.random()
        if blur < DEFOCUS:
            picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.4))
        elif blur < DEFOCUS + MOTION:
            picture = cv2.filter2D(picture, -1, streak(rng.uniform(2, 7), rng.uniform(0, np.pi)))
        elif blur < DEFOCUS + MOTION + ENLARGED:  # videos are often shown larger than they were taken
            height, width = picture.shape[:2]
            scale = rng.uniform(0.35, 0.8)
            small = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
            picture = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    out = np.empty(picture.shape, np.uint8)
    develop(np.ascontiguousarray(picture, np.float32), gain, grain, noise, DISPLAY, out)
    return out


def streak(length, angle):
    """The kernel of a straight movement of `length` px."""
    side = int(np.ceil(length)) | 1
    kernel = np.zeros((side, side), np.float32)
    for t in np.linspace(-0.5, 0.5, 4 * side):
        kernel[
            round(side // 2 + t * (side - 1) * np.sin(angle)), round(side // 2 + t * (side - 1) * np.cos(angle))
        ] += 1
    return kernel / kernel.sum()
