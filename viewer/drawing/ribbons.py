"""Lines of a width in pixels that fade: the trails of people."""

import numpy as np
from vispy import gloo

VERTEX = """
uniform mat4 u_matrix;
uniform vec2 u_size;            // half the viewport, pixels
uniform float u_width;          // pixels
attribute vec3 a_from;
attribute vec3 a_to;
attribute vec2 a_corner;        // 0 or 1 along, -1 or 1 across
attribute vec4 a_colour;
varying vec4 v_colour;
varying float v_across;
void main() {
    vec4 from = u_matrix * vec4(a_from, 1.0), to = u_matrix * vec4(a_to, 1.0);
    vec2 along = (to.xy / to.w - from.xy / from.w) * u_size;
    along = length(along) > 1e-4 ? normalize(along) : vec2(1.0, 0.0);
    vec4 here = mix(from, to, a_corner.x);
    here.xy += vec2(-along.y, along.x) * a_corner.y * (0.5 * u_width + 1.0) / u_size * here.w;
    gl_Position = here;
    v_colour = a_colour;
    v_across = a_corner.y * (0.5 * u_width + 1.0);
}
"""

FRAGMENT = """
uniform float u_width;
varying vec4 v_colour;
varying float v_across;
void main() {
    float cover = clamp(0.5 * u_width + 0.5 - abs(v_across), 0.0, 1.0);
    gl_FragColor = vec4(v_colour.rgb, v_colour.a * cover);
}
"""

VERTICES = np.dtype([("a_from", "f4", 3), ("a_to", "f4", 3), ("a_corner", "f4", 2), ("a_colour", "f4", 4)])
CORNERS = np.float32([(0, -1), (1, -1), (1, 1), (0, 1)])


class Ribbons:
    """`update` with pieces of lines, then `draw`. Needs a current OpenGL context."""

    def __init__(self, width):
        """width: pixels, in a picture 720 pixels high."""
        self.width = width
        self.program = gloo.Program(VERTEX, FRAGMENT)
        self.triangles = None

    def update(self, pieces, colours):
        """pieces float32 [M, 2, 3] from and to, m, world; colours float32 [M, 4]."""
        self.triangles = None
        if len(pieces) == 0:
            return
        quads = np.empty((len(pieces), 4), VERTICES)
        quads["a_from"], quads["a_to"] = pieces[:, None, 0], pieces[:, None, 1]
        quads["a_corner"], quads["a_colour"] = CORNERS, colours[:, None]
        self.program.bind(gloo.VertexBuffer(quads.reshape(-1)))
        first = 4 * np.arange(len(quads), dtype=np.uint32)[:, None, None]
        self.triangles = gloo.IndexBuffer((first + np.uint32([(0, 1, 2), (0, 2, 3)])).reshape(-1, 3))

    def draw(self, view, projection, width, height):
        if self.triangles is None:
            return
        gloo.set_state(depth_test=True, blend=True, blend_func=("src_alpha", "one_minus_src_alpha", "one", "one"))
        gloo.set_depth_mask(False)  # pieces that cross hide nothing
        self.program["u_matrix"] = (projection @ view).T
        self.program["u_size"] = width / 2, height / 2
        self.program["u_width"] = self.width * height / 720
        self.program.draw("triangles", self.triangles)
        gloo.set_depth_mask(True)
