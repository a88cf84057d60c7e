"""How far away people stand of whom a box and a distance are known, and no joints.

True and found people meet by their boxes, one to one for the best sum of overlaps. Found people who meet nobody are not
counted: near the border, behind others and far away such sets do not label everyone. Nor can everyone be seen who is
labelled: a lidar's labels hold small, covered and cut off people too. So the share found is given twice: over all, and
over those who are `clear`.
"""

from typing import NamedTuple

import numpy as np

from duopose.evaluation.measures import identity
from duopose.evaluation.measures.honest import median, share

BORDER = 40  # pixels from the image's edge, nearer to which somebody may be cut off or be labelled no more
TALL = 60  # pixels of height from which a person can be expected to be found
COVERED = 0.5  # share of a box that a nearer person's box covers, from which that person is hidden


class Known(NamedTuple):
    """People of one picture."""

    boxes: np.ndarray  # [P, 4] pixels x, y, w, h
    depths: np.ndarray  # [P] metres, of the middle of the body


def clear(known, size):
    """Who is tall enough, away from the border of an image of this size (width, height) and not hidden -> bool [P]

    >>> boxes = np.array([[100, 100, 50, 100], [110, 110, 50, 90], [300, 100, 20, 59], [2, 100, 50, 100.0]])
    >>> clear(Known(boxes, np.array([4, 5, 9, 4.0])), (640, 480)).tolist()
    [True, False, False, False]
    """
    x, y, w, h = known.boxes.T
    inside = (np.minimum(x, y) >= BORDER) & (x + w <= size[0] - BORDER) & (y + h <= size[1] - BORDER)
    wide = np.minimum(x[:, None] + w[:, None], x + w) - np.maximum(x[:, None], x)
    high = np.minimum(y[:, None] + h[:, None], y + h) - np.maximum(y[:, None], y)
    covered = np.maximum(wide, 0) * np.maximum(high, 0) / (w * h)[:, None]
    nearer = known.depths < known.depths[:, None]
    return inside & (h >= TALL) & ~(nearer & (covered > COVERED)).any(1)


def match(known, found):
    """Index of the found box [Q, 4] for each true person -> int [P], -1 = nobody."""
    return identity.matches(identity.Frame(np.arange(len(known.boxes)), known.boxes, np.arange(len(found)), found))


def figures(depths, true, expected):
    """Depths found (NaN = missed) and true ones [N], who is expected to be found bool [N] -> figures.

    >>> row = figures(np.array([11, np.nan, 19]), np.array([10, 10, 20]), np.array([True, True, False]))
    >>> {name: round(value, 6) for name, value in row.items()}
    {'people': 3, 'found': 66.666667, 'clear': 2, 'found_clear': 50.0, 'depth': 7.5, 'depth_signed': 2.5}
    """
    found = np.isfinite(depths)
    errors = 100 * (depths / true - 1)[found]
    return {
        "people": len(true),
        "found": share(found.sum(), len(true)),
        "clear": int(expected.sum()),
        "found_clear": share(found[expected].sum(), int(expected.sum())),
        "depth": median(np.abs(errors)),
        "depth_signed": median(errors),
    }
