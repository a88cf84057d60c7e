"""Backgrounds and the light that belongs to them.

A panorama is cropped by the real camera, so horizon and floor agree with the bodies. Its light is nine spherical
harmonics of the panorama less its brightest part, and one key light with the energy and direction of that part.
"""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

KEY_SHARE = 0.12  # of the sphere: what is brighter than the rest becomes the key light
MEAN_LIGHT = (0.3, 1.2)  # a bright sky blows people out, a dark cellar leaves them black
# Cosine-convolved weights of the bands (Ramamoorthi and Hanrahan 2001), over pi: a white surface under light 1 shows 1.
BAND = np.array([1.0, 2 / 3, 2 / 3, 2 / 3, 1 / 4, 1 / 4, 1 / 4, 1 / 4, 1 / 4])
NORM = np.array([0.282095, 0.488603, 0.488603, 0.488603, 1.092548, 1.092548, 0.315392, 1.092548, 0.546274])
LINEAR = (np.arange(256) / 255.0).astype(np.float32) ** 2.2  # texel -> linear light
DISPLAY = (np.linspace(0, 1, 4096) ** (1 / 2.2) * 255).astype(np.float32)  # linear light 0..1 in 4096 steps -> texel


class Light(NamedTuple):
    harmonics: np.ndarray  # float32 [9, 3]  of shading.diffuse
    key: np.ndarray  # float32 [3]           unit, towards the light, world axes
    key_colour: np.ndarray  # float32 [3]    what a white surface facing it adds


class Panorama(NamedTuple):
    name: str
    picture: np.ndarray  # uint8 [512, 1024, 3] RGB
    light: np.ndarray  # float32 [32, 64, 3]  linear, in the exposure of the picture


def basis(x, y, z):
    """The nine polynomials of shading.diffuse at unit directions [...] -> [..., 9]."""
    return np.stack([np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], -1)


def directions(height, width):
    """World directions [height, width, 3] of a panorama's cells; its middle looks along +y, its right half to +x."""
    longitude = ((np.arange(width) + 0.5) / width - 0.5) * 2 * np.pi
    latitude = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    lon, lat = np.meshgrid(longitude, latitude)
    return np.stack([np.sin(lon) * np.cos(lat), np.cos(lon) * np.cos(lat), np.sin(lat)], -1)


def load_panorama(path):
    """NAME.jpg and NAME.npz -> Panorama, its light scaled to the exposure of the picture."""
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    light = np.load(Path(path).with_suffix(".npz"))["light"].astype(np.float32)
    small = cv2.resize(LINEAR[picture], (64, 32), interpolation=cv2.INTER_AREA)
    grey, shown = light.mean(-1), small.mean(-1)
    exposed = (shown > 0.02) & (shown < 0.6)
    ratio = np.median(shown[exposed] / np.maximum(grey[exposed], 1e-6)) if exposed.any() else 1.0
    return Panorama(Path(path).stem, picture, light * np.float32(ratio))


def panorama_light(light, yaw):
    """Radiance [h, w, 3] of a panorama turned by `yaw` rad about the vertical -> Light."""
    height, width = light.shape[:2]
    direction = turned(directions(height, width), yaw)
    area = np.broadcast_to(
        np.cos(np.arcsin(direction[..., 2])) * (2 * np.pi / width) * (np.pi / height), (height, width)
    )
    grey = light.mean(-1)
    order = np.argsort(grey, axis=None)
    edge = grey.ravel()[order[np.searchsorted(np.cumsum(area.ravel()[order]), (1 - KEY_SHARE) * 4 * np.pi)]]
    dim = light * np.minimum(1, edge / np.maximum(grey, 1e-9))[..., None]
    bright = ((light - dim) * area[..., None]).astype(np.float64)
    weight = bright.mean(-1)
    key = (weight[..., None] * direction).sum((0, 1))
    key = key / (np.linalg.norm(key) + 1e-9) if weight.sum() > 1e-9 else np.array([0.0, 0, 1])
    colour = bright.sum((0, 1)) / np.pi
    polynomials = basis(direction[..., 0], direction[..., 1], direction[..., 2])
    harmonics = np.einsum("hwk,hwc,hw->kc", polynomials, dim, area) * (NORM**2 * BAND)[:, None]
    return balanced(harmonics, key, colour)


def balanced(harmonics, key, colour):
    """Keep the mean light within MEAN_LIGHT and the key from drowning the rest."""
    mean = harmonics[0].mean() + colour.mean() / 4
    scale = np.clip(mean, *MEAN_LIGHT) / max(mean, 1e-6)
    harmonics, colour = harmonics * scale, colour * scale
    colour = colour * min(1.0, 2.0 / max(colour.mean(), 1e-6))
    return Light(*(np.ascontiguousarray(part, np.float32) for part in (harmonics, key, colour)))


def guessed_light(picture, rng):
    """A light for a photograph without geometry: its mean colour all round, brighter above, the key's direction
    drawn."""
    mean = LINEAR[picture].mean((0, 1))
    mean = 0.5 * mean + 0.5 * mean.mean()
    harmonics = np.zeros((9, 3))
    harmonics[0] = mean * rng.uniform(0.8, 1.4)
    harmonics[2] = harmonics[0] * rng.uniform(0.1, 0.5)
    azimuth, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.95)
    flat = np.sqrt(1 - height**2)
    key = np.array([np.cos(azimuth) * flat, np.sin(azimuth) * flat, height])
    return balanced(harmonics, key, mean * rng.uniform(0.2, 1.2))


def turned(direction, yaw):
    cos, sin = np.cos(yaw), np.sin(yaw)
    x, y, z = np.moveaxis(direction, -1, 0)
    return np.stack([cos * x - sin * y, sin * x + cos * y, z], -1)


def crop_panorama(panorama, camera, yaw):
    """What the camera sees of a panorama turned by `yaw` rad -> uint8 [H, W, 3]."""
    x, y = np.meshgrid(np.arange(camera.width, dtype=np.float32), np.arange(camera.height, dtype=np.float32))
    ray = np.stack([(x - camera.cx) / camera.focal, (y - camera.cy) / camera.focal, np.ones_like(x)], -1)
    ray = turned(ray @ camera.axes.astype(np.float32), -yaw)  # rows of axes are the camera's axes in the world
    height, width = panorama.picture.shape[:2]
    latitude = np.arctan2(ray[..., 2], np.hypot(ray[..., 0], ray[..., 1]))
    u = (np.arctan2(ray[..., 0], ray[..., 1]) / (2 * np.pi) + 0.5) * width - 0.5
    v = np.clip((0.5 - latitude / np.pi) * height - 0.5, 0, height - 1)
    return cv2.remap(
        panorama.picture, u.astype(np.float32), v.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP
    )
