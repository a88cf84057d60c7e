"""How near to the end of a track somebody is found who would else be somebody new.

Who vanishes in the middle of the picture has not left it: poses and boxes fail where people hide each other, bend, or
are seen in part. Then neither the last pose nor the prediction, which a wrong box has led astray, fits the person found
next. The place still does: nobody gets far in a moment. So the middle of the box is compared with where the track
ended and with where it was going, whichever is nearer (as OC-SORT, Cao et al. 2023, recovers from last observations).
"""

import numpy as np

# In sizes of the person, the root of the box's area: about a metre for somebody who stands.
# Notes in brackets: what changes at 0.7 and 1.4 times the value (docs/experiments.md, Who is new).
HALF = 0.5  # sizes: half a body, as the middle of a box moves where it shows a part of it only [small]
WALK = 1.5  # sizes a second: how fast people walk [0.7: IDF1 -0.4 at 3 frames/s; 1.4: small]
SIDE = 0.3  # of the box's width: whose box ends so near to the picture's left or right side comes in or leaves [none]


def within_reach(ends, shifts, unseen, boxes, width=np.inf):
    """Nearness of each person found to the end of each track.

    ends    float32 [T, 4]  box of a track's last sighting: x, y, width, height in pixels
    shifts  float32 [T, 2]  pixels that it should have moved since
    unseen  float [T]       s since that sighting
    boxes   float32 [N, 4]  of the people found
    width                   of the picture, pixels
    ->      float [T, N]    1 = in the same place, falling to 0 = too far away for the time
    """
    last, middle = ends[:, :2] + ends[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2
    apart = [np.linalg.norm(place[:, None] - middle, axis=-1) for place in (last, last + shifts)]
    # The larger box of the two: the smaller one may show a part.
    size = np.sqrt(np.maximum(ends[:, 2:].prod(1)[:, None], boxes[:, 2:].prod(1)))
    # Where one has left and one comes in, they are one only if it is the same place: others come in, too.
    inside = ~(at_side(ends, width)[:, None] & at_side(boxes, width))
    reach = size * (HALF + WALK * unseen[:, None] * inside)
    return (1 - np.minimum(*apart) / np.maximum(reach, 1e-6)).clip(0, 1)


def at_side(boxes, width):
    """Who comes into a picture of that width at its left or right side, or leaves it -> bool [N]."""
    margin = SIDE * boxes[:, 2]
    return (boxes[:, 0] <= margin) | (boxes[:, 0] + boxes[:, 2] >= width - 1 - margin)
