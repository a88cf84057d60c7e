"""The colours of the window, dark and light. Those of identities are the same in both: stream/overlay.py has them."""

from typing import NamedTuple

Colour = tuple[float, float, float]  # red, green, blue, 0..1


class Theme(NamedTuple):
    """Floor colours add up: what lies in the field of view, or on a line, adds its own to `floor`."""

    name: str
    background: Colour
    floor: Colour
    seen: Colour  # added in the field of view
    grid: Colour  # added on the lines of the metre grid
    arc: Colour  # added on the arcs of distance and the edges of the field of view
    shadow: tuple[float, float, float, float]  # with its opacity
    unseen: Colour  # where the colour of a limb goes that was not measured
    camera: Colour  # of the camera's edges
    bright: Colour  # words that count
    dim: Colour  # words beside them
    faint: Colour  # small print
    alert: Colour  # words that must be seen
    ground: Colour  # under words
    value: Colour  # under the value of a tag
    rim: Colour  # of the video


DARK = Theme(
    "dark",
    background=(0.055, 0.066, 0.085),
    floor=(0.115, 0.137, 0.172),
    seen=(0.022, 0.034, 0.044),
    grid=(0.075, 0.085, 0.10),
    arc=(0.10, 0.165, 0.195),
    shadow=(0.015, 0.02, 0.03, 0.42),
    unseen=(0.0, 0.0, 0.0),
    camera=(0.62, 0.74, 0.82),
    bright=(0.93, 0.95, 0.97),
    dim=(0.62, 0.68, 0.74),
    faint=(0.45, 0.51, 0.57),
    alert=(1.0, 0.72, 0.35),
    ground=(0.055, 0.066, 0.085),
    value=(0.15, 0.175, 0.21),
    rim=(0.30, 0.36, 0.42),
)
LIGHT = Theme(
    "light",
    background=(0.905, 0.92, 0.935),
    floor=(0.84, 0.86, 0.88),
    seen=(0.05, 0.055, 0.06),
    grid=(-0.10, -0.095, -0.085),
    arc=(-0.24, -0.20, -0.16),
    shadow=(0.25, 0.28, 0.32, 0.24),
    unseen=(0.76, 0.78, 0.81),
    camera=(0.30, 0.38, 0.46),
    bright=(0.09, 0.11, 0.14),
    dim=(0.29, 0.34, 0.40),
    faint=(0.40, 0.45, 0.51),
    alert=(0.72, 0.36, 0.02),
    ground=(0.97, 0.975, 0.98),
    value=(0.985, 0.988, 0.992),
    rim=(0.62, 0.67, 0.72),
)
