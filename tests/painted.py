"""Painted people, and networks that read them: a picture whose colours say what the real networks would find in it.

Each joint is a disc: red tells which joint it is, green whose. So crops, letterboxes and the way back are tested
without any weights, to a fraction of a pixel.
"""

import cv2
import numpy as np

from duopose.nodes.bottom_up.bottom_up import TYPICAL
from duopose.nodes.bottom_up.completion import UPRIGHT
from duopose.nodes.extents import extents
from duopose.stream.messages import Boxes, Camera, Frame, People
from duopose.stream.skeleton import BODY17, BODY_PARENTS, COCO17

WIDTH, HEIGHT, FOCAL = 640, 480, 600.0
CAMERA = Camera(fx=FOCAL, fy=FOCAL, cx=(WIDTH - 1) / 2, cy=(HEIGHT - 1) / 2, origin="file")
JOINT, PERSON, BLUE = 12, 20, 255  # steps of red, steps of green, blue of every disc


def frame(number=0, stamp=None, still=False, width=WIDTH, height=HEIGHT):
    stamp = number / 10 if stamp is None else stamp
    return Frame(number, None, stamp, 0.0, width, height, CAMERA, "ring", 0, 0, still)


def upright():
    """BODY17 joints [17, 3] in metres, relative to the pelvis, of someone who stands facing us."""
    body = np.zeros((17, 3), np.float32)
    for joint, parent in enumerate(BODY_PARENTS):
        if parent >= 0:
            body[joint] = body[parent] + UPRIGHT[joint]
    return body


def standing(x, y, height=200.0, score=1.0):
    """COCO17 joints [17, 3] of someone who stands facing us, so many pixels from nose to ankles, mid-body at x, y."""
    body, pose = upright(), np.zeros((17, 3), np.float32)
    for k, name in enumerate(COCO17):
        if name in BODY17:
            pose[k, :2] = body[BODY17.index(name), :2]
    pose[1:5, :2] = pose[0, :2] + np.array([[0.07, -0.06], [-0.07, -0.06], [0.16, 0.0], [-0.16, 0.0]])
    pose[7:11, 0] += 0.08, -0.08, 0.16, -0.16  # the hands clear of the hips
    low, high = pose[0, 1], pose[15, 1]
    pose[:, :2] = (pose[:, :2] - (0, (low + high) / 2)) * height / (high - low) + (x, y)
    pose[:, 2] = score
    return pose


def paint(people, clothes=(), width=WIDTH, height=HEIGHT):
    """Picture uint8 [H, W, 3] with one person per row of `people` [N, 17, 3], dressed in colours (red, green, blue)."""
    image = np.full((height, width, 3), 128, np.uint8)
    radius = round(4 * 16 * max(width / WIDTH, height / WIDTH, 1))  # in 16ths of a pixel
    for pose, colour in zip(people, clothes, strict=False):
        torso = np.rint(pose[[5, 6, 12, 11], :2]).astype(np.int32)
        cv2.fillConvexPoly(image, torso, colour)
    for who, pose in enumerate(people):
        for joint in np.flatnonzero(pose[:, 2] > 0).tolist():
            centre = tuple(np.rint(pose[joint, :2] * 16).astype(int).tolist())
            cv2.circle(image, centre, radius, (JOINT * (joint + 1), PERSON * (who + 1), BLUE), -1, cv2.LINE_AA, 4)
    return image


def discs(picture):
    """[(person, joint, x, y)] of the discs that a picture [H, W, 3] shows whole enough to have a middle."""
    rows, columns = np.nonzero(picture[..., 2] >= BLUE - 8)
    red, green = picture[rows, columns, 0].astype(int), picture[rows, columns, 1].astype(int)
    codes = np.rint(green / PERSON).astype(int) * 100 + np.rint(red / JOINT).astype(int)
    clean = (abs(green - PERSON * (codes // 100)) < 5) & (abs(red - JOINT * (codes % 100)) < 4)
    out = []
    for code in np.unique(codes[clean]).tolist():
        mine = clean & (codes == code)
        if code >= 100 and 1 <= code % 100 <= 17 and mine.sum() >= 6:
            out.append((code // 100 - 1, code % 100 - 1, columns[mine].mean(), rows[mine].mean()))
    return out


def maps(picture, heights):
    """Heatmaps and tags [17, H/4, W/4] of a picture; `heights`: {person: peak height}, 0.9 for all others."""
    shape = (17, picture.shape[0] // 4, picture.shape[1] // 4)
    heatmaps, tags = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    v, u = np.mgrid[: shape[1], : shape[2]]
    for person, joint, x, y in discs(picture):
        peak = np.exp(-((u - (x - 1.5) / 4) ** 2 + (v - (y - 1.5) / 4) ** 2) / (2 * 1.2**2))
        peak *= heights.get(person, 0.9)
        mine = peak > np.maximum(heatmaps[joint], 0.01)
        heatmaps[joint][mine] = peak[mine]
        tags[joint][mine] = 10 * person
    return heatmaps, tags


class TopDownNetwork:
    def __init__(self, heights=None):
        self.heights = heights or {}
        self.calls, self.sizes = [], []  # batch sizes, width and height of the crops

    def __call__(self, crops):
        self.calls.append(len(crops))
        self.sizes.append(crops.shape[2:0:-1])
        heatmaps, tags = zip(*(maps(crop, self.heights) for crop in crops), strict=True)
        return np.stack(heatmaps), np.stack(tags)


class BottomUpNetwork:
    """Everyone is flat and stands at `depths[person]` metres, seen with a focal length FOCAL in a frame WIDTH wide."""

    def __init__(self, depths):
        self.depths = depths

    def __call__(self, frames, guides):
        self.guides = guides
        heatmaps, tags = maps(frames[0], {})
        scale = min(frames.shape[2] / WIDTH, frames.shape[1] / HEIGHT)
        whose = tags.max(0).round().astype(int) // 10
        root = (np.log(np.array(self.depths)[whose] / (FOCAL * scale)) - TYPICAL).astype(np.float32)
        for person in range(len(self.depths)):
            columns = [x for who, _, x, _ in discs(frames[0]) if who == person]
            if columns:
                low, high = int(min(columns) / 4) - 2, int(max(columns) / 4) + 3
                root[:, max(low, 0) : high] = np.log(self.depths[person] / (FOCAL * scale)) - TYPICAL
        return heatmaps[None], tags[None], np.zeros_like(heatmaps)[None], root[None, None]


class DetectorNetwork:
    def __init__(self):
        self.calls = 0

    def __call__(self, pictures):
        self.calls += 1
        height, width = pictures.shape[1] // 4, pictures.shape[2] // 4
        centres, sides = np.zeros((1, 1, height, width), np.float32), np.zeros((1, 4, height, width), np.float32)
        seen = discs(pictures[0])
        for person in {who for who, *_ in seen}:
            joints = np.zeros((1, 17, 3), np.float32)
            for who, joint, x, y in seen:
                if who == person:
                    joints[0, joint] = x, y, 1
            left, top, w, h = extents(joints)[0]
            u, v = round((left + w / 2 - 1.5) / 4), round((top + h / 2 - 1.5) / 4)
            centres[0, 0, v, u] = 0.9
            x, y = 4 * u + 1.5, 4 * v + 1.5
            sides[0, :, v, u] = x - left, y - top, left + w - x, top + h - y
        return centres, sides


def boxes(people, of, fresh=True, scores=None):
    """Boxes of painted people [N, 17, 3] in a frame, as a perfect detector would give them."""
    found = extents(np.asarray(people, np.float32).reshape(-1, 17, 3))
    scores = np.full(len(found), 0.9, np.float32) if scores is None else np.array(scores, np.float32)
    return Boxes(of, found, scores, fresh)


def people(poses, of, ids=None):
    """People message of painted people [N, 17, 3]."""
    poses = np.asarray(poses, np.float32).reshape(-1, 17, 3)
    ids = np.arange(1, len(poses) + 1, dtype=np.int32) if ids is None else np.array(ids, np.int32)
    return People(of, ids, np.full(len(poses), 0.9, np.float32), extents(poses), poses)


def pictured(x, z, y=0.0):
    """Someone who stands facing us x m to the right and z m away -> BODY17 [17, 3] metres, COCO17 [17, 3] pixels."""
    body = upright() + np.float32([x, y, z])
    coco = np.ones((17, 3), np.float32)
    for k, name in enumerate(COCO17):
        point = body[BODY17.index(name if name in BODY17 else "nose")]
        coco[k, :2] = point[:2] / point[2] * FOCAL + (CAMERA.cx, CAMERA.cy)
    return body, coco
