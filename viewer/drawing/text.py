"""Words as pictures: text set at the exact pixel size it is shown at, which keeps it sharp at any window size.

VisPy brings both the font (Open Sans, Apache-2.0) and FreeType, so the words look the same on every machine.
"""

from functools import lru_cache
from importlib.resources import files

import numpy as np
from freetype import FT_LOAD_RENDER, FT_LOAD_TARGET_LIGHT, Face

LUMINANCE = (0.2126, 0.7152, 0.0722)
TAB = 5.2  # width of a column, in sizes of the text
ROUND = 0.54  # radius of the corners under words, in sizes of the text


@lru_cache(maxsize=8)
def _face(bold):
    return Face(str(files("vispy") / "util/fonts/data" / f"OpenSans-{'Bold' if bold else 'Regular'}.ttf"))


@lru_cache(maxsize=4096)
def _glyph(character, size, bold):
    """-> coverage float32 [h, w] 0..1, columns from the pen, rows above the base line, pixels to the next pen."""
    face = _face(bold)
    face.set_pixel_sizes(0, size)
    face.load_char(character, FT_LOAD_RENDER | FT_LOAD_TARGET_LIGHT)
    glyph, bitmap = face.glyph, face.glyph.bitmap
    coverage = np.array(bitmap.buffer, np.float32).reshape(bitmap.rows, bitmap.pitch)[:, : bitmap.width] / 255
    return coverage, glyph.bitmap_left, glyph.bitmap_top, round(glyph.advance.x / 64)


@lru_cache(maxsize=512)
def mask(text, size, bold=False):
    """Coverage of one line of text, float32 [h, w] 0..1; h depends on the size only. `size` in pixels."""
    size = int(size)
    glyphs = [_glyph(character, size, bold) for character in text]
    width = sum(advance for *_, advance in glyphs)
    height, base = round(size * 1.3), round(size * 1.02)
    line = np.zeros((height, width + 2), np.float32)
    pen = 1
    for coverage, left, above, advance in glyphs:
        top, start = max(base - above, 0), max(pen + left, 0)
        area = line[top : top + coverage.shape[0], start : start + coverage.shape[1]]
        np.maximum(area, coverage[: area.shape[0], : area.shape[1]], out=area)
        pen += advance
    return line


def rounded(height, width, radius):
    """Coverage of a rectangle with round corners, float32 [height, width] 0..1, anti-aliased."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    dx = np.abs(x - width / 2) - (width / 2 - radius)
    dy = np.abs(y - height / 2) - (height / 2 - radius)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0) - radius
    return np.clip(0.5 - outside, 0, 1)


def lines(rows, size, under=None):
    """Lines of differently coloured words, each a tuple of (text, colour, bold).

    size    pixels
    under   (red, green, blue, opacity) of a ground with round corners, None for none
    ->      uint8 RGBA [h, w, 4]
    """
    inked = [_line(parts, size) for parts in rows]
    width = max(colour.shape[1] for colour, _ in inked)
    colour, words = (
        np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1]), *[(0, 0)] * (part.ndim - 2))) for part in of])
        for of in zip(*inked, strict=True)
    )
    if under is None:
        return _rgba(colour, words)
    across, down = round(0.5 * size), round(size / 6 if len(rows) == 1 else 0.4 * size)
    words = np.pad(words, ((down, down), (across, across)))
    colour = np.pad(colour, ((down, down), (across, across), (0, 0)))
    ground = under[3] * rounded(*words.shape, ROUND * size) * (1 - words)
    cover = words + ground
    mixed = (colour * words[..., None] + np.float32(under[:3]) * ground[..., None]) / np.maximum(cover, 1e-6)[..., None]
    return _rgba(mixed, cover)


def _line(parts, size):
    """-> colour float32 [h, w, 3], coverage [h, w] of one line; "\\t" goes on to the next column."""
    masks, column = [], round(TAB * size)
    for words, _, bold in parts:
        line = mask(words.strip("\t"), size, bold)
        if words == "\t":
            line = np.zeros((line.shape[0], -sum(part.shape[1] for part in masks) % column), np.float32)
        masks.append(line)
    colours = [
        np.broadcast_to(np.float32(colour), (*m.shape, 3)) for m, (_, colour, _) in zip(masks, parts, strict=True)
    ]
    return np.concatenate(colours, 1), np.concatenate(masks, 1)


@lru_cache(maxsize=512)
def pill(name, value, size, colour, theme):
    """A tag: `name` on `colour`, `value` beside it on its own ground, in one rounded shape -> uint8 RGBA [h, w, 4]."""
    left, right = mask(name, size, bold=True), mask(value, size)
    pad = round(size * 0.5)
    height, split = left.shape[0] + 2 * (pad // 3), left.shape[1] + 2 * pad
    width = split + right.shape[1] + round(1.6 * pad)
    fill = np.empty((height, width, 3), np.float32)
    fill[:, :split], fill[:, split:] = colour, theme.value
    bright = np.dot(colour, LUMINANCE) > 0.3
    ink = np.float32((0.03, 0.035, 0.05) if bright else (1, 1, 1))
    for words, start, shade in ((left, pad, ink), (right, split + round(0.6 * pad), np.float32(theme.bright))):
        area = fill[pad // 3 :, start:][: words.shape[0], : words.shape[1]]
        area += words[..., None] * (shade - area)
    shape = rounded(height, width, height * 0.36)
    shape[:, split:] *= 0.94
    return _rgba(fill, shape)


def _rgba(colour, coverage):
    return np.round(np.concatenate([colour, coverage[..., None]], -1) * 255).astype(np.uint8)
