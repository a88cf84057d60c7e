"""The pictures that a record was made from, by the frame."""

from pathlib import Path

import av
import cv2
import numpy as np

SAME = 1e-3  # s between two stamps of one frame: a record rounds them
AHEAD = 2.0  # s that are decoded rather than skipped


class Pictures:
    """source: the video, image or folder of images. A video is read on where the frames go on, else it is sought."""

    def __init__(self, source):
        self.source = Path(source)
        self._container = self._frames = None
        self._shown = self._next = None  # av.VideoFrame

    def of(self, frame):
        """A frame's upright pixels, uint8 RGB [H, W, 3]; None if they are not there.

        In a video it is found by its stamp, so that frames which could not be decoded shift nothing.
        """
        if frame.file is not None:
            path = self.source / frame.file if self.source.is_dir() else self.source
            image = cv2.imread(str(path))
            return None if image is None else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        self._go_to(frame.stamp)
        while self._next is not None and (self._next.time or 0.0) <= frame.stamp + SAME:
            self._shown, self._next = self._next, next(self._frames, None)
        if self._shown is None:
            return None
        image = self._shown.to_ndarray(format="rgb24")
        return np.ascontiguousarray(np.rot90(image, round(self._shown.rotation / 90)))

    def _go_to(self, stamp):
        """Have the video stand at or before a stamp."""
        here = None if self._shown is None else self._shown.time or 0.0
        if here is not None and here <= stamp + SAME and stamp - here < AHEAD:
            return
        if here is not None and self._seek(stamp):
            return
        self._open()

    def _seek(self, stamp):
        """Go to the key frame before a stamp -> whether that is where the video stands now."""
        try:
            self._container.seek(round(stamp * av.time_base))
        except av.error.FFmpegError:
            return False
        self._frames, self._shown = decodable(self._container), None
        self._next = next(self._frames, None)
        return self._next is not None and (self._next.time or 0.0) <= stamp + SAME

    def _open(self):
        if self._container is not None:
            self._container.close()
        self._container = av.open(str(self.source), metadata_errors="ignore")
        self._frames, self._shown = decodable(self._container), None
        self._next = next(self._frames, None)


def decodable(container):
    """The frames of a video but for the damaged ones."""
    for packet in container.demux(video=0):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue
