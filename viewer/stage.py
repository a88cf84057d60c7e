"""Everything in the picture, put together: the same for the window and for files."""

import math

import cv2
import numpy as np
from vispy import gloo

from duopose.stream.skeleton import HEAD_TOP, PELVIS
from duopose.viewer import panel
from duopose.viewer.controls.look import WORDS
from duopose.viewer.drawing import text
from duopose.viewer.drawing.bodies import HEAD_RADIUS
from duopose.viewer.drawing.sprites import Sprites
from duopose.viewer.drawing.together import eyes_of, name_of
from duopose.viewer.floor import to_world
from duopose.viewer.orbit import through_lens, to_pixels
from duopose.viewer.world import World

FAR_OFF = 3.0  # times the median distance: whoever is farther is left out when the view is framed
MARGIN = 0.45  # m of air around a person when the view is framed
ASIDE = 0.05  # of its width that the view is moved right of the video
RANGES = (2, 4, 6, 8, 10, 15, 20)  # m, arcs that have their distance written beside them
CLEAR = 4.0  # sizes of the text from a joint to the distance of an arc, or it is not written
TAG_GAP = 9.0  # pixels between a tag and its person, in a picture 720 pixels high


class Stage:
    """`show` takes a scene in, `draw` paints it as one looks at it. Needs a current OpenGL context throughout."""

    def __init__(self):
        self.world, self.sprites = World(), Sprites()
        self.video = None  # the frame of the scene, uint8 RGB [H, W, 3]
        self.picture = None  # the same, smaller, with its 2D joints
        self._card = self._card_of = None

    @property
    def scene(self):
        return self.world.scene

    @property
    def joints(self):
        """Everyone's fused joints in the world, float32 [N, 17, 3], m."""
        return self.world.joints["fused"]

    def show(self, scene, video, height, past=(), learn=True):
        """Take in a scene and its frame, uint8 RGB [H, W, 3] or None, for a window so many pixels high.

        past    the scenes of the last seconds, for trails
        learn   False: it was shown before
        """
        self.world.show(scene, past, learn)
        self.show_video(video, height)

    def clear(self):
        """Nobody is there, until the next scene."""
        self.world.scene = self.video = self.picture = None

    def show_video(self, video, height):
        """Take in the frame again, for a picture so many pixels high."""
        self.video, self.picture = video, None
        if video is not None:
            self.picture = panel.shrink(video, height)
            panel.annotate(self.picture, self.scene)

    def landmarks(self):
        """Points that a good view shows, float64 [N, 3]: the camera, and everyone who is not far off, with some air."""
        matrix = self.world.matrix
        eyes = np.stack([camera.eye for camera in self.world.cameras])
        if len(self.joints) == 0:
            ahead = to_world(matrix, np.float64([(-1.5, 0, 5), (1.5, 0, 5)])) * (1, 1, 0)
            return np.concatenate([eyes, self.world.plane, ahead])
        distance = np.linalg.norm((self.joints[:, PELVIS] - self._eyes())[:, :2], axis=1)
        near = distance <= max(FAR_OFF * np.median(distance), FAR_OFF)
        spread = np.array([(x, y, z) for x in (-MARGIN, MARGIN) for y in (-MARGIN, MARGIN) for z in (0, MARGIN)])
        joints = self.joints[near].astype(np.float64)
        middle = joints[:, PELVIS]
        tops = np.concatenate([middle[:, :2], joints[..., 2].max(1, keepdims=True)], 1)
        feet = middle * (1, 1, 0)
        around = (np.concatenate([tops, feet])[:, None] + spread).reshape(-1, 3)
        return np.concatenate([eyes, around])

    def aim(self, orbit, aspect, aside=ASIDE):
        """Move the orbit so that all landmarks are in the picture, and right of the video by `aside` of its width."""
        orbit.frame(self.landmarks(), aspect)
        orbit.zoom(1 + 2 * aside)
        orbit.shift(-aside * aspect, 0)

    def views(self, width, height, look, orbit):
        """[(left edge, width, view, projection, branches)] of the parts of a window, in pixels from left to right."""
        panes = look.panes
        edges = [round(width * place / len(panes)) for place in range(len(panes) + 1)]
        found = []
        for branches, left, right in zip(panes, edges, edges[1:], strict=False):
            if look.eye == "camera" and self.scene is not None:
                frame = self.scene.frame
                size = frame.width, frame.height, self.world.matrix, right - left, height
                view, projection = through_lens(frame.camera, *size)
            else:
                view, projection = orbit.matrices(right - left, height)
            found.append((left, right - left, view, projection, branches))
        return found

    def draw(self, width, height, size, look, orbit, flat=(), status=()):
        """Paint a picture of width x height pixels, with text of `size` pixels.

        flat     more to lay over it: (RGBA picture, left, top) from far to near
        status   (words, role) of the status line
        """
        theme, over = look.theme, []
        gloo.clear(color=(*theme.background, 1.0), depth=True)
        views = self.views(width, height, look, orbit)
        for left, wide, view, projection, branches in views:
            gloo.set_viewport(left, 0, wide, height)
            picture = self.video if look.eye == "camera" else self.picture
            self.world.draw(view, projection, wide, height, look, branches, picture)
            if self.scene is not None:
                labels = self._names(view, projection, wide, height, size, look)
                labels += self._labels(view, projection, wide, height, size, look, branches[0])
                over += [(label, left + x, y) for label, x, y in labels]
            if look.apart:
                over += self._heading(left, wide, height, size, theme, branches[0])
        gloo.set_viewport(0, 0, width, height)
        self.sprites.draw([*over, *self._panels(height, size, look, status), *flat], width, height)

    def _heading(self, left, wide, height, size, theme, branch):
        """The name of a branch over its part of the window, and the line left of it."""
        line = np.empty((height, max(1, round(size / 12)), 4), np.uint8)
        line[:] = (*np.uint8(255 * np.float32(theme.rim)), 150)
        word = panel.block((((WORDS[branch], "bright", True),),), round(1.1 * size), theme, panel.GROUND)
        return [(line, left, 0)] * (left > 0) + [(word, left + (wide - word.shape[1]) // 2, round(1.2 * size))]

    def _names(self, view, projection, width, height, size, look):
        """The name of each camera beside it, where there are several."""
        found = []
        for camera in self.world.cameras:
            (pixel,), (depth,) = to_pixels(camera.eye[None], view, projection, width, height)
            if camera.colour is not None and depth > 0:
                words = ((camera.name, camera.colour, True),)
                name = text.lines([words], round(0.85 * size), (*look.theme.ground, panel.GROUND))
                x, y = pixel.round().astype(int).tolist()
                found.append((name, x - name.shape[1] // 2, y + round(0.9 * size)))
        return found

    def _labels(self, view, projection, width, height, size, look, branch):
        """Distances of the arcs, and a tag over the highest point that each person has in the picture."""
        labels = self._ranges(view, projection, width, height, size, look)
        there = self.world.there[branch]
        if not there.any():
            return labels
        joints = self.world.joints[branch][there]
        pixels, depths = to_pixels(joints.reshape(-1, 3), view, projection, width, height)
        labels = [label for label in labels if np.abs(pixels - label[1:]).sum(1).min() > CLEAR * size]
        pixels, depths = pixels.reshape(-1, 17, 2), depths.reshape(-1, 17)
        head = HEAD_RADIUS * projection[1, 1] * height / 2 / np.maximum(depths[:, HEAD_TOP], 0.1)
        top = np.minimum(pixels[..., 1].min(1), pixels[:, HEAD_TOP, 1] - head) - TAG_GAP * height / 720
        points = np.stack([pixels[:, HEAD_TOP, 0], top], 1)
        ids = [name_of(identity, self.scene) for identity in self.scene.ids[there].tolist()]
        distances = np.linalg.norm(joints[:, PELVIS] - self._eyes()[there], axis=1)
        tags = panel.tags(ids, distances, self.world.colours[there], points, depths.min(1), size, look.theme)
        return labels + tags

    def _eyes(self):
        """Where the camera of each person is in the world, float32 [N, 3]."""
        return to_world(self.world.matrix, eyes_of(self.scene))

    def _ranges(self, view, projection, width, height, size, look):
        """The distance of each arc, written beside the field of view: right, unless most are hidden there."""
        if len(self.world.cameras) > 1:
            return []
        frame, camera = self.scene.frame, self.scene.frame.camera
        farthest = np.linalg.norm(self.joints[:, PELVIS, :2], axis=1).max(initial=5.0) + 2.5
        ranges = np.array([metres for metres in RANGES if metres < farthest])
        shape = np.concatenate([self.world.plane, [self.world.cameras[0].eye]])
        camera_shape = to_pixels(shape, view, projection, width, height)[0]
        camera_shape = cv2.convexHull(camera_shape.astype(np.float32))
        sides = []
        for side in (-camera.cx / camera.fx, (frame.width - 1 - camera.cx) / camera.fx):
            angles = math.atan(side) + np.copysign(0.02 + 0.12 / ranges, side)
            points = np.stack([ranges * np.sin(angles), ranges * np.cos(angles), np.zeros(len(ranges))], 1)
            pixels, depths = to_pixels(points, view, projection, width, height)
            sides.append([])
            for metres, (x, y), depth in zip(ranges.tolist(), pixels, depths, strict=True):
                inside = depth > 0 and 0.02 < x / width < 0.98 and 0.04 < y / height < 0.9
                if inside and (look.eye == "camera" or cv2.pointPolygonTest(camera_shape, (x, y), False) < 0):
                    words = panel.note(f"{metres} m", round(0.85 * size), look.theme)
                    sides[-1].append((words, round(x - 0.9 * size), round(y - 0.55 * size)))
        left, right = sides
        return left if len(left) > len(right) + 1 else right

    def _panels(self, height, size, look, status):
        """The video card top left, the status line bottom left."""
        margin, pieces = round(1.2 * size), []
        if self.picture is not None and look.eye != "camera" and not look.apart:
            if self._card_of != (id(self.picture), look.light):
                self._card = panel.card(self.picture, round(0.6 * size), look.theme)
                self._card_of = id(self.picture), look.light
            pieces.append((self._card, margin, margin))
        if status:
            line = panel.status(status, size, look.theme)
            pieces.append((line, margin, height - margin - line.shape[0]))
        return pieces
