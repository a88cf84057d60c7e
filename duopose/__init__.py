"""Everyone's 3D pose, live, in metres, from one ordinary camera."""

__version__ = "0.1.0"
