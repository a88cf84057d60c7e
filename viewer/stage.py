"""Everything in the picture, put together: the same for the window and for files."""

import math

import cv2
import numpy as np
from vispy import gloo

from duopose.stream.overlay import colour_of
from duopose.stream.skeleton import PELVIS
from duopose.viewer import bodies, frustum, panel
from duopose.viewer.floor import Floor, to_world
from duopose.viewer.ground import Ground
from duopose.viewer.orbit import Orbit, through_lens, to_pixels
from duopose.viewer.sprites import Sprites
from duopose.viewer.tubes import Tubes

BACKGROUND = (0.055, 0.066, 0.085, 1.0)
BONE_PIXELS, EDGE_PIXELS = 2.4, 1.1  # tubes get no thinner than this in a picture 720 pixels high
FAR_OFF = 3.0  # times the median distance: whoever is farther is left out when the view is framed
MARGIN = 0.45  # m of air around a person when the view is framed
FLOOR_OPACITY = 0.45  # of the floor over the video, in the view through the lens
RANGES = (2, 4, 6, 8, 10, 15, 20)  # m, arcs that have their distance written beside them
SLOW = 0.05  # share of the way to its new place that the picture plane moves with each scene
TAG_GAP = 9.0  # pixels between a tag and its person, in a picture 720 pixels high


class Stage:
    """`show` takes a scene in, `draw` paints it as seen from `orbit`. Needs a current OpenGL context throughout."""

    def __init__(self):
        self.orbit = Orbit()
        self.floor = Floor()
        self.lens = False  # True: look through the camera instead of from the orbit
        self.scene = None
        self.video = None  # the frame of the scene, uint8 RGB [H, W, 3]
        self.picture = None  # the same, smaller, with its 2D joints
        self.depth = None  # m, of the picture plane before the camera
        self.status = []  # (words, colour) of the status line
        self.help = ""
        self._card = self._card_of = None
        self.ground, self.sprites, self.screen = Ground(), Sprites(), Sprites()
        self.people, self.camera = Tubes(BONE_PIXELS), Tubes(EDGE_PIXELS)

    def show(self, scene, video, height):
        """Take in a scene and its frame, uint8 RGB [H, W, 3] or None, for a window so many pixels high."""
        self.floor.update(scene)
        self.scene, self.matrix = scene, self.floor.camera_to_world()
        if video is not None:
            self.video, self.picture = video, panel.shrink(video, height)
            panel.annotate(self.picture, scene)
        self.joints = to_world(self.matrix, scene.joints)
        self.colours = np.float32([colour_of(identity) for identity in scene.ids.tolist()]).reshape(-1, 3) / 255
        tubes = bodies.tubes(self.joints, scene.coco, scene.sources, self.colours)
        self.people.update(*tubes)
        self.ground.update(scene.frame, tubes[0], self.joints[:, PELVIS, :2], self.colours)
        depth = frustum.depth_before(scene.joints)
        self.depth = depth if self.depth is None else self.depth + SLOW * (depth - self.depth)
        self.plane = frustum.corners(scene.frame, self.matrix, self.depth)
        self.camera.update(*frustum.tubes(self.plane, to_world(self.matrix, np.zeros(3))))

    def landmarks(self):
        """Points that a good view shows, float64 [N, 3]: the camera, and everyone who is not far off, with some air."""
        eye = to_world(self.matrix, np.zeros(3))
        if len(self.joints) == 0:
            ahead = to_world(self.matrix, np.float64([(-1.5, 0, 5), (1.5, 0, 5)])) * (1, 1, 0)
            return np.concatenate([[eye], self.plane, ahead])
        distance = np.linalg.norm(self.joints[:, PELVIS, :2], axis=1)
        near = distance <= max(FAR_OFF * np.median(distance), FAR_OFF)
        spread = np.array([(x, y, z) for x in (-MARGIN, MARGIN) for y in (-MARGIN, MARGIN) for z in (0, MARGIN)])
        joints = self.joints[near].astype(np.float64)
        middle = joints[:, PELVIS]
        tops = np.concatenate([middle[:, :2], joints[..., 2].max(1, keepdims=True)], 1)
        feet = middle * (1, 1, 0)
        around = (np.concatenate([tops, feet])[:, None] + spread).reshape(-1, 3)
        return np.concatenate([[eye], self.plane, around])

    def aim(self, orbit, aspect, aside=0.05):
        """Move the orbit so that all landmarks are in the picture, and right of the video by `aside` of its width."""
        orbit.frame(self.landmarks(), aspect)
        orbit.zoom(1 + 2 * aside)
        orbit.shift(-aside * aspect, 0)

    def draw(self, width, height, size):
        """Paint into the current viewport of width x height pixels, with text of `size` pixels."""
        gloo.clear(color=BACKGROUND, depth=True)
        flat = []
        if self.scene is None:
            self.ground.draw(*self.orbit.matrices(width, height), height)
        else:
            view, projection = self._through_lens(width, height) if self.lens else self._from_orbit(width, height)
            self.people.draw(view, projection)
            flat = [
                *self._ranges(view, projection, width, height, size),
                *self._tags(view, projection, width, height, size),
            ]
        self.sprites.draw(flat + self._panels(width, height, size), width, height)

    def _from_orbit(self, width, height):
        view, projection = self.orbit.matrices(width, height)
        self.ground.draw(view, projection, height)
        self.camera.draw(view, projection)
        if self.picture is not None:
            self._draw_picture(self.picture, self.plane, projection @ view, frustum.OPACITY)
        return view, projection

    def _through_lens(self, width, height):
        """The video itself is the background, drawn first and behind everything."""
        frame = self.scene.frame
        view, projection = through_lens(frame.camera, frame.width, frame.height, self.matrix, width, height)
        if self.video is not None:
            self._draw_picture(self.video, self.plane, projection @ view, 1.0)
            gloo.clear(color=False, depth=True)
        self.ground.draw(view, projection, height, FLOOR_OPACITY if self.video is not None else 1.0)
        return view, projection

    def _draw_picture(self, picture, plane, matrix, opacity):
        self.screen.draw_in_space(picture, matrix, plane[0], plane[1] - plane[0], plane[3] - plane[0], opacity)

    def _tags(self, view, projection, width, height, size):
        """Over the highest point that each person has in the picture."""
        if len(self.joints) == 0:
            return []
        pixels, depths = to_pixels(self.joints.reshape(-1, 3), view, projection, width, height)
        pixels, depths = pixels.reshape(-1, 17, 2), depths.reshape(-1, 17)
        head = bodies.HEAD_RADIUS * projection[1, 1] * height / 2 / np.maximum(depths[:, bodies.HEAD_TOP], 0.1)
        top = np.minimum(pixels[..., 1].min(1), pixels[:, bodies.HEAD_TOP, 1] - head) - TAG_GAP * height / 720
        points = np.stack([pixels[:, bodies.HEAD_TOP, 0], top], 1)
        distances = np.linalg.norm(self.scene.joints[:, PELVIS], axis=1)
        return panel.tags(self.scene.ids.tolist(), distances, self.colours, points, depths.min(1), size)

    def _ranges(self, view, projection, width, height, size):
        """The distance of each arc, written beside the field of view: right, unless most are hidden there."""
        frame, camera = self.scene.frame, self.scene.frame.camera
        farthest = np.linalg.norm(self.joints[:, PELVIS, :2], axis=1).max(initial=5.0) + 2.5
        ranges = np.array([metres for metres in RANGES if metres < farthest])
        eye = to_world(self.matrix, np.zeros((1, 3)))
        camera_shape = to_pixels(np.concatenate([self.plane, eye]), view, projection, width, height)[0]
        camera_shape = cv2.convexHull(camera_shape.astype(np.float32))
        sides = []
        for side in (-camera.cx / camera.fx, (frame.width - 1 - camera.cx) / camera.fx):
            angles = math.atan(side) + np.copysign(0.02 + 0.12 / ranges, side)
            points = np.stack([ranges * np.sin(angles), ranges * np.cos(angles), np.zeros(len(ranges))], 1)
            pixels, depths = to_pixels(points, view, projection, width, height)
            sides.append(
                [
                    (panel.note(f"{metres} m", round(0.85 * size)), round(x - 0.9 * size), round(y - 0.55 * size))
                    for metres, (x, y), depth in zip(ranges.tolist(), pixels, depths, strict=True)
                    if depth > 0
                    and 0.02 < x / width < 0.98
                    and 0.04 < y / height < 0.9
                    and (self.lens or cv2.pointPolygonTest(camera_shape, (x, y), False) < 0)
                ]
            )
        left, right = sides
        return left if len(left) > len(right) + 1 else right

    def _panels(self, width, height, size):
        """The video card top left, the status line bottom left, the keys bottom right."""
        margin, pieces = round(1.2 * size), []
        if self.picture is not None and not self.lens:
            if self._card_of is not self.picture:
                self._card, self._card_of = panel.card(self.picture, round(0.6 * size)), self.picture
            pieces.append((self._card, margin, margin))
        if self.status:
            line = panel.status(self.status, size)
            pieces.append((line, margin, height - margin - line.shape[0]))
            if self.help:
                keys = panel.note(self.help, round(0.85 * size), panel.GROUND)
                if line.shape[1] + keys.shape[1] + 4 * margin < width:
                    pieces.append((keys, width - margin - keys.shape[1], height - margin - keys.shape[0]))
        return pieces
