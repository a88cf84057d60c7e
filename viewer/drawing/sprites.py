"""Flat pictures: at pixels of the window (labels, status line, the video), or as a screen in space."""

import numpy as np
from vispy import gloo

VERTEX = """
uniform mat4 u_matrix;
uniform vec3 u_origin;      // corner and sides of the picture
uniform vec3 u_right;
uniform vec3 u_down;
attribute vec2 a_corner;
varying vec2 v_corner;
void main() {
    v_corner = a_corner;
    gl_Position = u_matrix * vec4(u_origin + a_corner.x * u_right + a_corner.y * u_down, 1.0);
}
"""

FRAGMENT = """
uniform sampler2D u_picture;
uniform float u_opacity;
varying vec2 v_corner;
void main() {
    vec4 colour = texture2D(u_picture, v_corner);
    gl_FragColor = vec4(colour.rgb, colour.a * u_opacity);
}
"""


class Sprites:
    """Draws pictures; textures are kept between calls, one for each place in the list. Needs an OpenGL context."""

    def __init__(self):
        self.program = gloo.Program(VERTEX, FRAGMENT, count=4)
        self.program["a_corner"] = np.float32([(0, 0), (1, 0), (1, 1), (0, 1)])
        self.textures = []  # (texture, the picture it holds)

    def draw(self, pictures, width, height):
        """pictures: (uint8 RGBA [h, w, 4], left, top) in pixels of a width x height viewport, one texel to a pixel."""
        flat = np.float64([[2 / width, 0, 0, -1], [0, -2 / height, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1]])
        gloo.set_state(depth_test=False, blend=True, blend_func=("src_alpha", "one_minus_src_alpha", "one", "one"))
        for place, (picture, left, top) in enumerate(pictures):
            rows, columns = picture.shape[:2]
            self._place(place, picture, flat, (left, top, 0), (columns, 0, 0), (0, rows, 0), 1.0)

    def draw_in_space(self, picture, matrix, corner, right, down, opacity=1.0):
        """A picture, uint8 RGB(A), in space: its top-left corner and the vectors along its upper and left side, m."""
        gloo.set_state(depth_test=True, blend=True, blend_func=("src_alpha", "one_minus_src_alpha", "one", "one"))
        self._place(0, picture, matrix, corner, right, down, opacity)

    def _place(self, place, picture, matrix, corner, right, down, opacity):
        if place == len(self.textures):
            self.textures.append([gloo.Texture2D(picture, interpolation="linear", wrapping="clamp_to_edge"), picture])
        texture, held = self.textures[place]
        if held is not picture:
            texture.set_data(picture)
            self.textures[place][1] = picture
        self.program["u_picture"], self.program["u_opacity"] = texture, opacity
        self.program["u_matrix"] = matrix.T
        self.program["u_origin"], self.program["u_right"], self.program["u_down"] = corner, right, down
        self.program.draw("triangle_fan")
