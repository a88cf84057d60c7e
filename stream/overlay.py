"""The frame with what was found in it: boxes, 2D joints, identities, distances. For the saved video and the viewer.

Also the owner of the colour of an identity, so that a person has the same colour in the picture and in the 3D scene.
"""

import colorsys

import cv2
import numpy as np

from duopose.stream.skeleton import COCO_BONES, PELVIS

SHOWN = 0.2  # joints below this score are not drawn
GOLDEN = 0.618034  # of the colour circle: identities that follow each other lie far apart on it


def colour_of(identity):
    """Identity -> (red, green, blue), 0..255, bright on dark and on light ground."""
    hue = (identity * GOLDEN) % 1.0
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(hue, 0.75, 1.0))


def name_of(identity, scene):
    """What a person is called: the identity, behind the camera's name where the run has several.

    >>> from types import SimpleNamespace as Of
    >>> name_of(3, Of(frame=Of(camera_name="door"))), name_of(3, Of(frame=Of(camera_name="")))
    ('door/3', '3')
    """
    camera = scene.frame.camera_name
    return f"{camera}/{identity}" if camera else str(identity)


def draw(image, scene):
    """Draw everyone of `scene` into `image`, in place.

    image   uint8 [H, W, 3]  RGB, the frame that the scene belongs to
    scene   stream.messages.Scene
    """
    size = min(image.shape[:2])
    thick = max(1, round(size / 360))
    distances = np.linalg.norm(scene.joints[:, PELVIS], axis=-1)
    for person, identity in enumerate(scene.ids.tolist()):
        colour = colour_of(identity)
        draw_skeleton(image, scene.coco[person], colour, thick)
        draw_label(
            image, f"{name_of(identity, scene)}  {distances[person]:.1f} m", scene.boxes[person], colour, size, thick
        )


def draw_skeleton(image, joints, colour, thick):
    """joints  float32 [17, 3]  COCO17: x, y pixels, score"""
    points = _pixels(joints[:, :2])
    seen = (joints[:, 2] >= SHOWN).tolist()
    for start, end in COCO_BONES:
        if seen[start] and seen[end]:
            cv2.line(image, points[start], points[end], colour, thick, cv2.LINE_AA)
    for point, visible in zip(points, seen, strict=True):
        if visible:
            cv2.circle(image, point, thick + 1, (255, 255, 255), -1, cv2.LINE_AA)
            cv2.circle(image, point, thick + 1, colour, 1, cv2.LINE_AA)


def draw_label(image, text, box, colour, size, thick):
    """`text` on its own ground at the top left corner of `box`, kept inside the picture.

    box  float32 [4]  pixels: x, y, width, height
    """
    scale = max(0.35, size / 1100)
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    ((left, top),) = _pixels(box[None, :2])
    left = min(max(left, 0), max(image.shape[1] - width - 4, 0))
    bottom = min(max(top, height + base + 2), image.shape[0])
    cv2.rectangle(image, (left, bottom - height - base - 2), (left + width + 4, bottom), colour, -1)
    cv2.putText(
        image, text, (left + 2, bottom - base), cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), thick, cv2.LINE_AA
    )  # fmt: skip


def _pixels(points):
    """float32 [N, 2] -> [(x, y)] whole pixels; a wild number can't overflow what OpenCV takes."""
    return [tuple(point) for point in np.rint(np.clip(np.nan_to_num(points), -30000, 30000)).astype(int).tolist()]
