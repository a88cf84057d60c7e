"""A record as the film of the window: all of it can be gone to, with the pictures of its video."""

from types import SimpleNamespace

from duopose.stream.record.pictures import Pictures
from duopose.stream.record.scenes import Recording


class Film(Recording):
    """video: what the record was made from, None for no pictures. Raises as Recording."""

    live = False

    def __init__(self, path, video=None):
        super().__init__(path)
        self.pictures = None if video is None else Pictures(video)

    def video(self, place):
        """uint8 RGB [H, W, 3], None where there is no picture."""
        frame = self.scene(place).frame
        image = None if self.pictures is None else self.pictures.of(frame)
        return image if image is not None and image.shape[:2] == (frame.height, frame.width) else None


class Nobody:
    """The bus of a window that looks at a file: nothing comes, nobody asks it to stop."""

    node = SimpleNamespace(name="viewer")
    stopping = False

    def poll(self, timeout=0.0):
        return []

    def measure(self, seconds):
        """Nobody asks how long it took."""

    def note(self, text):
        """One line for the user."""
        print(text, flush=True)
