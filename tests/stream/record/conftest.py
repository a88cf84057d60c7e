"""The clip of the viewer's tests is here too: its pictures are found again."""

from tests.viewer.conftest import clip

__all__ = ["clip"]
