"""What lies flat over the scene: the video with its 2D joints, a tag for everyone, lines of words.

Words are (words, role, bold) with a role of theme.py: "bright", "dim", "faint", "alert".
"""

from functools import lru_cache

import cv2
import numpy as np

from duopose.stream import overlay
from duopose.viewer.drawing import text

AREA, TALLEST = 0.40, 0.52  # of the video: root of its area, and height, in heights of the window
GROUND = 0.6  # opacity under the status line
CARD = 0.94  # and under what covers the scene when asked for
BETWEEN = ("   ·   ", "faint", False)


def text_size(height):
    """Pixels of text in a window of this height."""
    return max(11, round(height / 46))


def shrink(image, window_height):
    """A copy of the picture, uint8 [H, W, 3] -> [h, w, 3] of the same shape, of a size that suits the window."""
    aspect = image.shape[1] / image.shape[0]
    height = window_height * min(AREA / aspect**0.5, TALLEST)
    width, height = max(1, round(aspect * height)), max(1, round(height))
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def annotate(picture, scene):
    """Draw everyone's 2D joints into a shrunken copy of the scene's frame, uint8 RGB [h, w, 3], in place."""
    scale = picture.shape[1] / scene.frame.width
    thick = max(1, round(min(picture.shape[:2]) / 170))
    for coco, identity in zip(scene.coco, scene.ids.tolist(), strict=True):
        joints = coco * np.float32((scale, scale, 1))
        joints[:, :2] += (scale - 1) / 2  # a pixel's position is its centre
        overlay.draw_skeleton(picture, joints, overlay.colour_of(identity), thick)


@lru_cache(maxsize=4)
def _frame_of_card(height, width, radius):
    """-> coverage of the card and of its inside, float32 [height, width]."""
    inner = np.zeros((height, width), np.float32)
    inner[1:-1, 1:-1] = text.rounded(height - 2, width - 2, radius - 1)
    return text.rounded(height, width, radius), inner


def card(picture, radius, theme):
    """The picture with round corners and a thin rim, uint8 RGB [h, w, 3] -> RGBA [h, w, 4]."""
    outer, inner = _frame_of_card(*picture.shape[:2], radius)
    colour = np.float32(theme.rim) * 255 * (1 - inner[..., None])
    colour += picture * inner[..., None]
    return np.concatenate([colour, 255 * outer[..., None]], -1).astype(np.uint8)


def tags(identities, distances, colours, points, depths, size, theme):
    """Tags over people, the nearest in their place, others moved up until none covers another.

    points [N, 2] pixels where the lower edge of a tag is centred, depths [N] metres from the onlooker (behind: no tag)
    -> list of (RGBA picture, left, top), far ones first
    """
    placed = []
    for person in np.argsort(depths):
        if depths[person] <= 0:
            continue
        colour = tuple(colours[person].tolist())
        tag = text.pill(str(identities[person]), f"{distances[person]:.1f} m", size, colour, theme)
        height, width = tag.shape[:2]
        left, top = round(points[person, 0] - width / 2), round(points[person, 1] - height)
        while hits := [y for other, x, y in placed if _overlap(left, top, width, height, x, y, other)]:
            top = min(hits) - height - 1
        placed.append((tag, left, top))
    return placed[::-1]


def _overlap(left, top, width, height, x, y, other):
    return x - width < left < x + other.shape[1] and y - height < top < y + other.shape[0]


def note(words, size, theme, ground=0.0):
    """Faint small print -> RGBA picture of one line."""
    return block((((words, "faint", False),),), size, theme, ground)


def status(parts, size, theme):
    """[(words, role)] -> RGBA picture of one line, the first part bold."""
    row = []
    for place, (words, role) in enumerate(parts):
        row += [BETWEEN] * (place > 0) + [(words, role, place == 0)]
    return block((tuple(row),), size, theme, GROUND)


@lru_cache(maxsize=64)
def block(rows, size, theme, ground=CARD):
    """Lines, tuples of (words, role, bold) -> RGBA picture. ground: opacity of what is under them, 0 = none."""
    inked = [tuple((words, getattr(theme, role), bold) for words, role, bold in row) for row in rows]
    return text.lines(inked, size, (*theme.ground, ground) if ground else None)


def count_words(count):
    """How many people, as in "1 person"."""
    return f"{count} {'person' if count == 1 else 'people'}"


def lens_words(frame):
    """What the metres rest on: the field of view and where it came from, as in "lens 60° assumed"."""
    degrees = 2 * np.degrees(np.arctan(frame.width / 2 / frame.camera.fx))
    lens, anchor, _ = frame.camera.origin.partition("+")
    origin = {"file": "from the camera file", "fov": "as given", "exif": "about, by EXIF"}.get(lens, "assumed")
    return f"lens {degrees:.0f}° {origin}" + (", with the camera's height" if anchor else "")
