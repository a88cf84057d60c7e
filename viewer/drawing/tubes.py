"""Lit capsules: the one solid thing in the picture. Bones, joints and the edges of the camera are made of them."""

from functools import cache

import numpy as np
from vispy import gloo

# Below so many capsules: corners around each, steps over its ends.
DETAILS = ((100, 18, 4), (300, 12, 3), (np.inf, 8, 2))

VERTEX = """
uniform mat4 u_view;
uniform mat4 u_projection;
uniform float u_thinnest;       // metres per metre of depth: no tube gets thinner than some pixels
attribute vec3 a_centre;
attribute vec3 a_normal;
attribute vec4 a_colour;        // a: 1 = lit, 0 = the plain colour
attribute float a_radius;       // m
varying vec3 v_normal;
varying vec3 v_eye;
varying vec4 v_colour;
void main() {
    vec4 centre = u_view * vec4(a_centre, 1.0);
    float radius = max(a_radius, u_thinnest * -centre.z);
    v_normal = mat3(u_view) * a_normal;
    vec4 position = centre + vec4(v_normal * radius, 0.0);
    v_eye = position.xyz;
    v_colour = a_colour;
    gl_Position = u_projection * position;
}
"""

FRAGMENT = """
uniform vec3 u_up;              // of the world, in the eye's frame
varying vec3 v_normal;
varying vec3 v_eye;
varying vec4 v_colour;
void main() {
    vec3 normal = normalize(v_normal), look = normalize(-v_eye);
    vec3 key = normalize(look + 0.9 * u_up + vec3(0.5, 0.0, 0.0));
    float sky = 0.5 + 0.5 * dot(normal, u_up);
    float light = 0.34 + 0.22 * sky + 0.56 * max(dot(normal, key), 0.0);
    float shine = 0.22 * pow(max(dot(normal, normalize(key + look)), 0.0), 40.0);
    float rim = 0.25 * pow(1.0 - max(dot(normal, look), 0.0), 3.0) * sky;
    vec3 lit = v_colour.rgb * (light + rim) + shine;
    gl_FragColor = vec4(mix(v_colour.rgb, lit, v_colour.a), 1.0);
}
"""


@cache
def _template(sides, rings):
    """A capsule: the end each vertex belongs to [V], its normal as (along, across, across) [V, 3], triangles [T, 3]."""
    latitude = np.linspace(-np.pi / 2, np.pi / 2, 2 * rings)
    latitude = np.insert(latitude, rings, [0.0, 0.0])  # both ends meet the straight part at their equator
    end = np.repeat([0, 1], rings + 1)
    around = np.arange(sides) * 2 * np.pi / sides
    normals = np.stack(
        np.broadcast_arrays(
            np.sin(latitude)[:, None],
            np.cos(latitude)[:, None] * np.cos(around),
            np.cos(latitude)[:, None] * np.sin(around),
        ),
        -1,
    )
    ring, side = np.mgrid[0 : len(latitude) - 1, 0:sides]
    a, b = ring * sides + side, ring * sides + (side + 1) % sides
    triangles = np.stack([a, b, a + sides, b, b + sides, a + sides], -1).reshape(-1, 3)
    return np.repeat(end, sides), normals.reshape(-1, 3).astype(np.float32), triangles.astype(np.uint32)


VERTICES = np.dtype([("a_centre", "f4", 3), ("a_normal", "f4", 3), ("a_colour", "f4", 4), ("a_radius", "f4")])


def build(ends, radii, colours):
    """Capsules as vertices and triangles.

    ends     float32 [N, 2, 3]   m, world; two equal ends make a ball
    radii    float32 [N, 2]      m, at each end
    colours  float32 [N, 4]      red, green, blue 0..1 and 1 = lit, 0 = plain
    ->       vertices [N * V] of VERTICES, uint32 [N * T, 3]
    """
    axis = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(axis, axis=1, keepdims=True)
    axis = np.where(length > 1e-6, axis / np.maximum(length, 1e-6), np.float32((0, 0, 1)))
    helper = np.where(np.abs(axis[:, 2:]) < 0.9, np.float32((0, 0, 1)), np.float32((1, 0, 0)))
    across = np.cross(axis, helper)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    basis = np.stack([axis, across, np.cross(axis, across)], 1)  # [N, 3, 3], rows

    end, normals, corners = _template(*next(detail for below, *detail in DETAILS if len(ends) < below))
    vertices = np.empty((len(ends), len(end)), VERTICES)
    vertices["a_centre"] = ends[:, end]
    vertices["a_normal"] = normals @ basis
    vertices["a_colour"] = colours[:, None]
    vertices["a_radius"] = radii[:, end]
    triangles = corners + (np.arange(len(ends), dtype=np.uint32) * len(end))[:, None, None]
    return vertices.reshape(-1), triangles.reshape(-1, 3)


class Tubes:
    """`update` with capsules, then `draw` as often as the view changes. Needs a current OpenGL context."""

    def __init__(self, thinnest):
        """thinnest: least thickness, pixels of a picture 720 pixels high."""
        self.thinnest = thinnest
        self.program = gloo.Program(VERTEX, FRAGMENT)
        self.triangles = None

    def update(self, ends, radii, colours):
        """Take new capsules: the arguments of `build`."""
        if len(ends) == 0:
            self.triangles = None
            return
        vertices, triangles = build(ends, radii, colours)
        self.program.bind(gloo.VertexBuffer(vertices))
        self.triangles = gloo.IndexBuffer(triangles)

    def draw(self, view, projection):
        if self.triangles is None:
            return
        gloo.set_state(depth_test=True, blend=False, cull_face=True)
        self.program["u_view"], self.program["u_projection"] = view.T, projection.T
        self.program["u_up"] = view[:3, 2]
        self.program["u_thinnest"] = self.thinnest / (projection[1, 1] * 720)
        self.program.draw("triangles", self.triangles)
        gloo.set_state(cull_face=False)
