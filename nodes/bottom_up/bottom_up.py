"""The whole frame at once, guided by the top-down joints -> everyone's pose in camera space (paper 3.2)."""

import numpy as np

from duopose.kernels.camera import constants, undistort
from duopose.kernels.crop import apply, invert, letterbox, warp
from duopose.kernels.render import draw_joints
from duopose.nodes.bottom_up.completion import complete
from duopose.nodes.bottom_up.known_people import gather
from duopose.nodes.decoding import decode, to_cells
from duopose.nodes.extents import clip_boxes, extents
from duopose.stream.messages import Poses
from duopose.stream.skeleton import COCO_HIPS, COCO_TRUNK, coco_to_body

LONG, SHORT = 512, 288  # pixels of the network's input, the longer side along the picture's longer side
# m, physical bounds of root depths: nobody is nearer to a lens; farther off a person is less than 13 pixels of the
# input tall (60 degrees, 1.7 m).
NEAREST, FARTHEST = 0.3, 60.0
# Where the top-down branch knows nobody, one of so many frames is looked at: the detector saw nobody there either. In
# 430 such frames of 17 real clips this branch found somebody once, in a test pattern.
NOBODY = 60
# log of Z / f of a person about 140 pixels tall, less which the network answers: around 0 its numbers are finer.
TYPICAL = -4.4


def input_size(width, height):
    """Width and height of the network's input for a picture of that size."""
    return (LONG, SHORT) if width >= height else (SHORT, LONG)


def is_due(people):
    """Whether the branch looks at the frame of these People; of others it needs no pixels, and says nothing."""
    frame = people.frame
    return frame.still or frame.number % (frame.effort.bottom_up if len(people.ids) else NOBODY) == 0


def read_around(maps, points):
    """Median of each map over the 3 x 3 cells around a point, so that one wrong cell has no effect.

    maps    float32 [J, H, W]
    points  float32 [N, J, 2]  x, y in cells
    ->      float32 [N, J]
    """
    joints, height, width = maps.shape
    steps = np.arange(-1, 2)
    columns, rows = np.rint(points).astype(np.int32).transpose(2, 0, 1)[..., None, None]  # [N, J, 1, 1]
    rows = (rows + steps[:, None]).clip(0, height - 1)
    columns = (columns + steps).clip(0, width - 1)
    patches = maps[np.arange(joints)[None, :, None, None], rows, columns]
    return np.median(patches.reshape(*points.shape[:2], 9), -1)


def read_root(root, points, found):
    """The root's map for everyone, read at the mid-hips if both hips were found, else the median over the trunk joints.

    root    float32 [1, H, W]
    points  float32 [N, 17, 2]  joints, in cells
    found   bool [N, 17]
    ->      float32 [N]
    """
    out = np.zeros(len(points), np.float32)
    for n in range(len(points)):
        if found[n, COCO_HIPS].all():
            trunk = points[n, COCO_HIPS].mean(0, keepdims=True)
        else:
            trunk = points[n, COCO_TRUNK][found[n, COCO_TRUNK]]
        out[n] = np.median(read_around(root, trunk[:, None]))
    return out


def prepare(network):
    """The network, compiled for the usual shape of pictures; a portrait's is compiled when the first one comes."""
    network.prepare((1, SHORT, LONG, 3), (1, 17, SHORT, LONG))
    return network


class BottomUp:
    """The bottom-up branch. Knows nothing of sockets, and nothing of earlier frames.

    network     frames uint8 [1, H, W, 3], guides uint8 [1, 17, H, W] -> heatmaps, tags, relative, root, see
                networks/bottom_up.py
    max_people  people at most
    """

    def __init__(self, network, max_people):
        self.network = network
        self.max_people = max_people

    def step(self, image, people):
        """image uint8 [H, W, 3] RGB, People of that frame -> Poses, ids 0."""
        frame = people.frame
        across, down = input_size(frame.width, frame.height)
        affine = letterbox(frame.width, frame.height, across, down)
        guide = people.coco.copy()
        guide[..., :2] = apply(affine, guide[..., :2])
        boxes = np.concatenate([apply(affine, people.boxes[:, :2]), people.boxes[:, 2:] * np.float32(affine[0, 0])], 1)
        sizes = np.sqrt(np.prod(boxes[:, 2:], axis=1))
        planes = draw_joints(guide, sizes, down, across)
        heatmaps, tags, relative, root = (
            maps[0] for maps in self.network(warp(image, affine, down, across)[None], planes[None])
        )
        seen = decode(heatmaps, tags, boxes)
        seen = seen[np.argsort(-seen[..., 2].sum(1), kind="stable")]
        seen = gather(seen, guide, boxes, heatmaps)[: self.max_people]
        coco = seen.copy()
        coco[..., :2] = apply(invert(affine), seen[..., :2]) * (seen[..., 2:] > 0)
        joints, confidence = self.to_camera_space(seen, coco, relative, root, frame.camera, affine[0, 0])
        found = (coco[..., 2] > 0).sum(1)
        scores = coco[..., 2].sum(1) / np.maximum(found, 1)
        extent = clip_boxes(extents(coco), frame.width, frame.height)
        ids = np.zeros(len(coco), np.int32)
        return Poses(frame, ids, scores.astype(np.float32), extent, coco, joints, confidence)

    def to_camera_space(self, seen, coco, relative, root, camera, scale):
        """Joints in camera space, from the depth maps.

        seen      float32 [N, 17, 3]  joints in pixels of the network's input
        coco      float32 [N, 17, 3]  the same in pixels of the frame
        relative  float32 [17, h, w]  metres: depth of each joint minus that of the root
        root      float32 [1, h, w]   log of the root's Z / f, less TYPICAL
        scale     pixels of the network's input per pixel of the frame
        ->        float32 [N, 17, 3] BODY17 metres, complete; float32 [N, 17] confidence
        """
        found = seen[..., 2] > 0
        cells = to_cells(seen[..., :2])
        focal = (camera.fx + camera.fy) / 2 * scale
        depth = np.exp(read_root(root, cells, found) + TYPICAL) * focal
        z = depth.clip(NEAREST, FARTHEST)[:, None] + read_around(relative, cells)
        z = np.maximum(z, NEAREST)
        pixels = np.ascontiguousarray(coco[..., :2].reshape(-1, 2))
        rays = undistort(pixels, *constants(camera)).reshape(-1, 17, 2)
        points = np.concatenate([rays * z[..., None], z[..., None], seen[..., 2:]], -1)
        body = coco_to_body(np.where(found[..., None], points, 0))
        confidence = np.ascontiguousarray(body[..., 3])
        return complete(body[..., :3], confidence), confidence
