"""Textures and cloth colours: the pack's own, drawn patterns, patches of photographs, all in one array with
halvings."""

import cv2
import numpy as np

CLOTH = np.array(
    [[22, 22, 24], [235, 235, 232], [120, 122, 125], [60, 62, 68], [38, 48, 82], [92, 72, 54], [176, 164, 140],
     [128, 38, 40], [52, 86, 60], [70, 110, 160], [196, 180, 70], [180, 90, 120]]
) / 255.0  # fmt: skip
CLOTH_ODDS = np.array([5, 5, 4, 3, 3, 2, 2, 1.5, 1.5, 1.5, 0.7, 0.7])
PATTERN_SIDE, TEXTURE_SIDE = 128, 512


class Wardrobe:
    """All textures in one array: `texels` uint8 [K, 4] RGBA, `textures` int32 [n, 3] first row, side, levels."""

    def __init__(self, pack, photos, seed=0):
        rng = np.random.default_rng(seed)
        self.blocks, rows, self.number, self.start = [], [], {}, 0
        self.textures = rows
        for key in pack.index:
            item = pack.item(key)
            if item.texture or item.shading:
                self.number[item.name] = self.add(item_texture(item))
        self.patterns = [self.add(pattern) for pattern in drawn_patterns(rng, 28)]
        self.photo_patterns = [self.add(patch) for patch in photo_patches(photos, rng, 36)] or self.patterns
        self.patterns = self.patterns + self.photo_patterns
        self.texels = np.concatenate(self.blocks)
        self.textures = np.array(rows, np.int32)
        del self.blocks

    def add(self, image):
        """RGBA [S, S, 4], S a power of two -> its number; halved down to 8."""
        first, side, levels = self.start, image.shape[0], 0
        while image.shape[0] >= 8:
            self.blocks.append(np.ascontiguousarray(image).reshape(-1, 4))
            self.start += len(self.blocks[-1])
            levels += 1
            image = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        self.textures.append((first, side, levels))
        return len(self.textures) - 1

    def image(self, number):
        first, side, _ = self.textures[number]
        return self.texels[first : first + side * side].reshape(side, side, 4)


def item_texture(item):
    """Colour, times the baked folds where there are any -> RGBA uint8 [512, 512, 4]."""
    image = np.full((TEXTURE_SIDE, TEXTURE_SIDE, 4), 255, np.uint8)
    if item.texture:
        read = cv2.resize(
            cv2.imread(str(item.texture), cv2.IMREAD_UNCHANGED),
            (TEXTURE_SIDE, TEXTURE_SIDE),
            interpolation=cv2.INTER_AREA,
        )
        image[..., :3] = read[..., 2::-1]
        if read.shape[2] == 4:
            image[..., 3] = read[..., 3]
    if item.shading:
        folds = cv2.resize(
            cv2.imread(str(item.shading), cv2.IMREAD_GRAYSCALE),
            (TEXTURE_SIDE, TEXTURE_SIDE),
            interpolation=cv2.INTER_AREA,
        )
        image[..., :3] = image[..., :3] * (0.45 + 0.55 * folds[..., None] / 255.0)
    return image


def drawn_patterns(rng, count):
    """Stripes, checks, plaid, dots, camouflage and noise that repeat -> RGBA uint8 [128, 128, 4] each."""
    s = PATTERN_SIDE
    y, x = np.mgrid[:s, :s] / s
    for n in range(count):
        a, b, c = (cloth_colour(rng)[:, None, None] for _ in range(3))
        k = 2 ** rng.integers(1, 5)
        kind = n % 7
        if kind in (0, 1):
            mask = ((x if kind else y) * k % 1 < rng.uniform(0.2, 0.6)).astype(float)
        elif kind == 2:
            mask = ((x * k).astype(int) + (y * k).astype(int)) % 2.0
        elif kind == 3:
            mask = 0.5 * (x * k % 1 < 0.4) + 0.5 * (y * k % 1 < 0.4)
        elif kind == 4:
            mask = (np.hypot(x * k % 1 - 0.5, y * k % 1 - 0.5) < rng.uniform(0.2, 0.4)).astype(float)
        else:
            grain = cv2.GaussianBlur(np.tile(rng.normal(size=(s, s)), (3, 3)), (0, 0), 9 if kind == 5 else 1.5)[
                s : 2 * s, s : 2 * s
            ]
            mask = (grain > 0).astype(float) if kind == 5 else (0.5 + 0.2 * grain / grain.std()).clip(0, 1)
        colour = a * (1 - mask) + b * mask
        if kind == 5:
            colour = np.where(np.roll(mask, s // 3, (0, 1)) > 0, colour, c)
        yield rgba(np.moveaxis(colour, 0, -1))


def photo_patches(photos, rng, count):
    for n in range(count if photos else 0):
        photo = cv2.resize(photos[n % len(photos)], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        y, x = (int(rng.integers(0, side - PATTERN_SIDE)) for side in photo.shape[:2])
        yield rgba(photo[y : y + PATTERN_SIDE, x : x + PATTERN_SIDE] / 255.0)


def rgba(colour):
    """RGB 0..1 [S, S, 3] -> uint8 [S, S, 4], opaque."""
    return np.dstack([(colour * 255).clip(0, 255).astype(np.uint8), np.full(colour.shape[:2], 255, np.uint8)])


def cloth_colour(rng):
    colour = (
        CLOTH[rng.choice(len(CLOTH), p=CLOTH_ODDS / CLOTH_ODDS.sum())]
        if rng.random() < 0.8
        else rng.uniform(0.05, 0.95, 3)
    )
    return (colour + rng.normal(0, 0.03, 3)).clip(0.02, 0.97)


def linear(colour):
    return (np.asarray(colour) ** 2.2).astype(np.float32)
