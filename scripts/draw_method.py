"""python scripts/draw_method.py OUT.jpg: the picture of docs/method.md, from the packaged clip and the shipped weights.

Left: what top-down sees, the enlarged boxes and the joints of everybody in them. Right: the same joints as the
bottom-up network is given them, all 17 planes in one.
"""

import sys
from collections import Counter

import cv2
import numpy as np

from duopose.kernels.crop import ENLARGE
from duopose.kernels.render import draw_joints
from duopose.nodes.capture.files import VideoFile
from duopose.nodes.capture.sources import DEMO
from duopose.nodes.chain import Pipeline
from duopose.stream.overlay import colour_of, draw_skeleton

FRAME = 40  # of the clip
SCALE = 2  # pixels of the picture a pixel of the clip


def main(out):
    pipeline = Pipeline()
    for number, picture in enumerate(VideoFile(DEMO, Counter()).pictures()):
        image = np.ascontiguousarray(picture.pixels())
        pipeline.step(image, picture.stamp)
        if number == FRAME:
            break
    people = pipeline.said["people"]
    height, width = SCALE * image.shape[0], SCALE * image.shape[1]
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    joints, boxes = people.coco * np.float32([SCALE, SCALE, 1]), people.boxes * SCALE
    both = np.concatenate([top_down(large, people.ids, joints, boxes), guides(large, joints, boxes)], 1)
    cv2.imwrite(out, cv2.cvtColor(both, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])


def top_down(image, ids, joints, boxes):
    image = image.copy()
    for identity, person, (x, y, w, h) in zip(ids.tolist(), joints, boxes, strict=True):
        colour = colour_of(identity)
        middle, half = np.array([x + w / 2, y + h / 2]), ENLARGE / 2 * np.array([w, h])
        start, end = np.rint(middle - half).astype(int).tolist(), np.rint(middle + half).astype(int).tolist()
        cv2.rectangle(image, start, end, colour, 2)
        draw_skeleton(image, person, colour, 2)
    return image


def guides(image, joints, boxes):
    planes = draw_joints(joints, np.sqrt(boxes[:, 2] * boxes[:, 3]), *image.shape[:2])
    heat = cv2.cvtColor(cv2.applyColorMap(planes.max(0), cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    return np.maximum(image // 3, heat)


if __name__ == "__main__":
    main(*sys.argv[1:])
