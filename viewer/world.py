"""What stands in space: the people of each branch, their trails, the floor, the camera with its picture."""

from typing import NamedTuple

import numpy as np
from vispy import gloo

from duopose.stream.skeleton import PELVIS
from duopose.viewer.controls import trails
from duopose.viewer.drawing import bodies, frustum
from duopose.viewer.drawing.ground import Ground
from duopose.viewer.drawing.ribbons import Ribbons
from duopose.viewer.drawing.sprites import Sprites
from duopose.viewer.drawing.together import colours_of, distances_of, eyes_of, frames_of
from duopose.viewer.drawing.tubes import Tubes
from duopose.viewer.floor import Floor, to_world

BONE_PIXELS, EDGE_PIXELS = 2.4, 1.1  # tubes get no thinner than this in a picture 720 pixels high
PATH_PIXELS, TRAIL_PIXELS = 3.0, 1.8  # width of a trail on the floor and in the air
PATH_HEIGHT = 0.012  # m over the floor
TRAIL_OPACITY = 0.85  # of its fresh end
BAR_PIXELS, BAR_OPACITY = 2.0, 0.4  # of the bar along the ray that says how sure a distance is
FLOOR_OPACITY = 0.45  # of the floor over the video, in the view through the lens
SLOW = 0.05  # share of the way to its new place that the picture plane moves with each scene


class Shape(NamedTuple):
    """A camera as it stands in the world."""

    name: str
    plane: np.ndarray  # float32 [4, 3], corners of its picture plane, m
    eye: np.ndarray  # float32 [3], m
    colour: tuple[float, float, float] | None  # its own, where there are several


class World:
    """`show` takes a scene in, `draw` paints it. Needs a current OpenGL context throughout."""

    def __init__(self):
        self.floor = Floor()
        self.scene = None
        self.depth = None  # m, of the picture plane before the camera
        self.ground, self.screen = Ground(), Sprites()
        self.people = {name: Tubes(BONE_PIXELS) for name in ("fused", "top_down", "bottom_up")}
        self.camera = Tubes(EDGE_PIXELS)
        self.path, self.trails, self.bars = Ribbons(PATH_PIXELS), Ribbons(TRAIL_PIXELS), Ribbons(BAR_PIXELS)
        self._drawn = {}  # what each of these was last given

    def show(self, scene, past=(), learn=True):
        """past: the scenes before it, for trails. learn: the floor is estimated from it."""
        if learn:
            self.floor.update(scene)
        self.scene, self.matrix = scene, self.floor.camera_to_world()
        self.joints = {
            "fused": to_world(self.matrix, scene.joints),
            "top_down": to_world(self.matrix, scene.top_down),
            "bottom_up": to_world(self.matrix, scene.bottom_up),
        }
        self.there = {name: np.isfinite(joints[:, PELVIS, 0]) for name, joints in self.joints.items()}
        self.colours = colours_of(scene.ids, scene)
        depth = frustum.depth_before(distances_of(scene))
        self.depth = depth if self.depth is None else self.depth + SLOW * (depth - self.depth)
        self.cameras = [self._shape(*each) for each in frames_of(scene)]
        self.plane = self.cameras[0].plane
        self._drawn.clear()
        self._trace(past)
        self._measure()

    def _shape(self, frame, matrix, colour):
        matrix = self.matrix @ matrix
        plane = frustum.corners(frame, matrix, self.depth)
        return Shape(frame.camera_name, plane, to_world(matrix, np.zeros(3)), colour)

    def _trace(self, past):
        """Where everyone went, on the floor, and where their hands were."""
        ids, joints, seen, fresh = trails.pieces([*past, self.scene])
        opacity = TRAIL_OPACITY * fresh[:, None] ** 1.5
        colours = np.concatenate([colours_of(ids, self.scene), opacity], 1).astype(np.float32)
        joints = to_world(self.matrix, joints).transpose(0, 2, 1, 3)  # [M, joint, from and to, 3]
        self.path.update(joints[:, 0] * np.float32((1, 1, 0)) + np.float32((0, 0, PATH_HEIGHT)), colours)
        hands = seen[:, 1:]
        self.trails.update(joints[:, 1:][hands], colours[np.nonzero(hands)[0]])

    def _measure(self):
        """How sure each distance is: from one standard deviation nearer to one farther, along the ray."""
        root, sd = self.scene.joints[:, PELVIS], self.scene.depth_sd
        sure = np.isfinite(sd)
        eye = eyes_of(self.scene)[sure, None]
        ends = eye + (root[sure, None] - eye) * np.exp(sd[sure, None, None] * np.float32([[[-1], [1]]]))
        opacity = np.full((sure.sum(), 1), BAR_OPACITY, np.float32)
        self.bars.update(to_world(self.matrix, ends), np.concatenate([self.colours[sure], opacity], 1))

    def draw(self, view, projection, width, height, look, branches, picture):
        """Into the current viewport.

        branches   names of the poses to draw
        picture    uint8 RGB [h, w, 3] for the camera's picture plane, or None
        """
        theme, lens = look.theme, look.eye == "camera"
        if self.scene is None:
            self.ground.draw(view, projection, height, theme)
            return
        if lens and picture is not None:  # the video itself is the background, behind everything
            self._draw_picture(picture, projection @ view, 1.0)
            gloo.clear(color=False, depth=True)
        self._update_floor(theme)
        self.ground.draw(view, projection, height, theme, FLOOR_OPACITY if lens and picture is not None else 1.0)
        if not lens:
            self.camera.draw(view, projection)
            if picture is not None:
                self._draw_picture(picture, projection @ view, frustum.OPACITY)
        for name in branches:
            self._update_people(name, name == "fused" or len(branches) == 1, theme)
            self.people[name].draw(view, projection)
        if not lens:
            self.bars.draw(view, projection, width, height)
        if look.trails:
            self.path.draw(view, projection, width, height)
            self.trails.draw(view, projection, width, height)

    def _draw_picture(self, picture, matrix, opacity):
        corner, right, down = self.plane[0], self.plane[1] - self.plane[0], self.plane[3] - self.plane[0]
        self.screen.draw_in_space(picture, matrix, corner, right, down, opacity)

    def _update_floor(self, theme):
        if self._drawn.get("floor") != theme.name:
            self._drawn["floor"] = theme.name
            joints = self.joints["fused"]
            ends, _, _ = bodies.tubes(joints, self.scene.coco, self.scene.sources, self.colours, theme.unseen)
            ends = ends[(ends[:, 0] != ends[:, 1]).any(-1)]  # joints have no shadow of their own
            frame = self.scene.frame if len(self.cameras) == 1 else None
            self.ground.update(frame, ends, joints[:, PELVIS, :2], self.colours, theme.shadow)
            poles = len(self.cameras) > 1
            tubes = [frustum.tubes(one.plane, one.eye, one.colour or theme.camera, poles) for one in self.cameras]
            self.camera.update(*map(np.concatenate, zip(*tubes, strict=True)))

    def _update_people(self, name, solid, theme):
        if self._drawn.get(name) == (solid, theme.name):
            return
        self._drawn[name] = solid, theme.name
        there, scene = self.there[name], self.scene
        sources = scene.sources[there] if name == "fused" else np.full(there.sum(), bodies.BOTH, np.uint8)
        tubes = bodies.tubes(self.joints[name][there], scene.coco[there], sources, self.colours[there], theme.unseen)
        if not solid:
            tubes = (bodies.line if name == "top_down" else bodies.dashes)(*tubes)
        self.people[name].update(*tubes)
