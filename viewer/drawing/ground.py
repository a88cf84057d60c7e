"""The floor: a metre grid, the camera's field of view with its distance arcs, and the shadow of everyone."""

import math

import numpy as np
from vispy import gloo

REACH = 2.5  # half the side of the square that is drawn, in lengths of the fade
GRID_FADE = 14.0  # m from the middle of the action to where the grid is gone
RING = 0.34  # m, radius of the coloured ring under a person

GRID_VERTEX = """
uniform mat4 u_matrix;
uniform vec2 u_middle;
uniform float u_reach;
attribute vec2 a_corner;
varying vec2 v_floor;
void main() {
    v_floor = u_middle + u_reach * a_corner;
    gl_Position = u_matrix * vec4(v_floor, 0.0, 1.0);
}
"""

GRID_FRAGMENT = """
uniform vec2 u_middle;
uniform vec2 u_left;          // u_left, u_right: inward normals of the sides of the field of view
uniform vec2 u_right;
uniform float u_fade;
uniform float u_seen;         // 1 once the field of view is known
uniform float u_opacity;
uniform float u_line;         // pixels of a line of width 1
uniform vec3 u_colour;        // of the floor; the others are added to it
uniform vec3 u_inside;
uniform vec3 u_grid;
uniform vec3 u_arc;
varying vec2 v_floor;

float stroke(float coordinate, float pixels) {      // 1 on whole numbers, anti-aliased, gone where too dense
    float across = fwidth(coordinate);
    float off = abs(fract(coordinate - 0.5) - 0.5) / across;
    float line = 1.0 - smoothstep(0.5 * pixels * u_line, 0.5 * pixels * u_line + 1.0, off);
    return line * (1.0 - smoothstep(0.15, 0.45, across));
}

void main() {
    float far = length(v_floor - u_middle), range = length(v_floor);
    float fade = exp(-far * far / (u_fade * u_fade));
    if (fade < 0.003) discard;
    float side = min(dot(v_floor, u_left), dot(v_floor, u_right));
    float inside = u_seen * smoothstep(-0.7, 0.7, side / fwidth(side)) * smoothstep(0.0, 0.6, range);
    float grid = max(stroke(v_floor.x, 0.4), stroke(v_floor.y, 0.4));
    float arc = stroke(range, 0.6) * inside;
    float edge = u_seen * (1.0 - smoothstep(0.3 * u_line, 0.3 * u_line + 1.0, abs(side) / fwidth(side)));
    vec3 colour = u_colour + inside * u_inside + grid * mix(1.0, 0.67, inside) * u_grid + (arc + edge) * u_arc;
    float grain = fract(52.9829 * fract(dot(gl_FragCoord.xy, vec2(0.0671, 0.00584)))) - 0.5;     // hides banding
    gl_FragColor = vec4(colour + grain / 255.0, fade * u_opacity);
}
"""

SOFT_VERTEX = """
uniform mat4 u_matrix;
attribute vec2 a_floor;
attribute vec2 a_from;
attribute vec2 a_to;
attribute vec4 a_colour;
attribute float a_radius;
attribute float a_ring;
varying vec2 v_floor;
varying vec2 v_from;
varying vec2 v_to;
varying vec4 v_colour;
varying float v_radius;
varying float v_ring;
void main() {
    v_floor = a_floor; v_from = a_from; v_to = a_to;
    v_colour = a_colour; v_radius = a_radius; v_ring = a_ring;
    gl_Position = u_matrix * vec4(a_floor, 0.0, 1.0);
}
"""

SOFT_FRAGMENT = """
varying vec2 v_floor;
varying vec2 v_from;
varying vec2 v_to;
varying vec4 v_colour;
varying float v_radius;
varying float v_ring;
uniform float u_line;
void main() {
    vec2 along = v_to - v_from, here = v_floor - v_from;
    float share = clamp(dot(here, along) / max(dot(along, along), 1e-6), 0.0, 1.0);
    float off = length(here - share * along) / v_radius;
    float pixel = fwidth(off);
    float soft = pow(max(1.0 - off * off, 0.0), 3.0);
    float line = 1.0 - smoothstep(0.5 * u_line, 0.5 * u_line + 1.0, abs(off - 0.86) / pixel);
    float glow = 0.30 * (1.0 - smoothstep(0.0, 0.86, off)) + 0.10 * step(off, 0.86);
    gl_FragColor = vec4(v_colour.rgb, v_colour.a * mix(soft, max(line, glow), v_ring));
}
"""

SPOTS = np.dtype(
    [
        ("a_floor", "f4", 2),
        ("a_from", "f4", 2),
        ("a_to", "f4", 2),
        ("a_colour", "f4", 4),
        ("a_radius", "f4"),
        ("a_ring", "f4"),
    ]
)
CORNERS = np.float32([(-1, -1), (1, -1), (1, 1), (-1, 1)])


def spots(ends, middles, colours, shade):
    """The shadows and rings of people on the floor, as quads.

    ends     float32 [M, 2, 3]   their tubes, m, world: each casts a shadow, paler and softer the higher it is
    middles  float32 [N, 2]      where each stands
    colours  float32 [N, 3]
    shade    red, green, blue, opacity of a shadow on the floor
    ->       vertices [M + N, 4] of SPOTS
    """
    height = np.clip(ends[..., 2].mean(1), 0, 3)
    quads = np.empty((len(ends) + len(middles), 4), SPOTS)
    shadow, ring = quads[: len(ends)], quads[len(ends) :]
    shadow["a_from"], shadow["a_to"] = ends[:, None, 0, :2], ends[:, None, 1, :2]
    shadow["a_radius"] = (0.12 + 0.22 * height)[:, None]
    shadow["a_colour"][..., :3] = shade[:3]
    shadow["a_colour"][..., 3] = (shade[3] / (1 + 5 * height))[:, None]
    shadow["a_ring"] = 0
    ring["a_from"] = ring["a_to"] = middles[:, None]
    ring["a_radius"], ring["a_ring"] = RING / 0.86, 1
    ring["a_colour"][..., :3], ring["a_colour"][..., 3] = colours[:, None], 0.75

    axis = quads["a_to"][:, 0] - quads["a_from"][:, 0]
    length = np.linalg.norm(axis, axis=1, keepdims=True)
    axis = np.where(length > 1e-6, axis / np.maximum(length, 1e-6), np.float32((1, 0)))
    side = np.stack([-axis[:, 1], axis[:, 0]], 1)
    middle = (quads["a_from"][:, 0] + quads["a_to"][:, 0]) / 2
    long, wide = length / 2 + quads["a_radius"][:, :1], quads["a_radius"][:, :1]
    reach = np.stack([axis * long, side * wide], 1)
    quads["a_floor"] = middle[:, None] + CORNERS @ reach
    return np.concatenate([quads[len(ends) :], quads[: len(ends)]])  # shadows fall on the rings


class Ground:
    """Drawn first and without depth: a foot that sinks below the floor stays visible. Needs an OpenGL context."""

    def __init__(self):
        self.grid = gloo.Program(GRID_VERTEX, GRID_FRAGMENT, count=4)
        self.grid["a_corner"] = CORNERS
        self.grid["u_left"], self.grid["u_right"], self.grid["u_seen"] = (1, 0), (1, 0), 0
        self.soft = gloo.Program(SOFT_VERTEX, SOFT_FRAGMENT)
        self.triangles = None
        self.fade = GRID_FADE
        self.middle = np.zeros(2, np.float32)

    def update(self, frame, ends, middles, colours, shade):
        """frame: its camera gives the field of view, None = there is none. The rest: arguments of `spots`."""
        self.grid["u_seen"] = float(frame is not None)
        if frame is not None:
            camera = frame.camera
            left, right = math.atan(camera.cx / camera.fx), math.atan((frame.width - 1 - camera.cx) / camera.fx)
            self.grid["u_left"] = math.cos(left), math.sin(left)
            self.grid["u_right"] = -math.cos(right), math.sin(right)
        self.triangles = None
        if len(middles):
            self.middle = np.median(middles, 0)
            self.fade = max(GRID_FADE, 2 * float(np.median(np.linalg.norm(middles - self.middle, axis=1))) + 8)
            quads = spots(ends, middles, colours, shade)
            self.soft.bind(gloo.VertexBuffer(quads.reshape(-1)))
            first = 4 * np.arange(len(quads), dtype=np.uint32)[:, None, None]
            self.triangles = gloo.IndexBuffer((first + np.uint32([(0, 1, 2), (0, 2, 3)])).reshape(-1, 3))

    def draw(self, view, projection, height, theme, opacity=1.0):
        """Into the current viewport, `height` pixels high."""
        gloo.set_state(depth_test=False, blend=True, blend_func=("src_alpha", "one_minus_src_alpha", "one", "one"))
        matrix = (projection @ view).T
        self.grid["u_matrix"] = matrix
        self.grid["u_middle"], self.grid["u_fade"], self.grid["u_opacity"] = self.middle, self.fade, opacity
        self.grid["u_reach"] = REACH * self.fade
        self.grid["u_colour"], self.grid["u_inside"] = theme.floor, theme.seen
        self.grid["u_grid"], self.grid["u_arc"] = theme.grid, theme.arc
        self.grid["u_line"] = self.soft["u_line"] = height / 720
        self.grid.draw("triangle_fan")
        if self.triangles is not None:
            self.soft["u_matrix"] = matrix
            self.soft.draw("triangles", self.triangles)
