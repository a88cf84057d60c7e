"""Pictures of any size and frame rate -> a video file with their time stamps."""

from fractions import Fraction

import av
import cv2
import numpy as np

from duopose.stream.errors import UsageError

TIME_BASE = Fraction(1, 10000)  # s; MPEG-4 allows no finer than 1/65535
RATE = 30  # frames a second in the header of the file; players use the time stamps


class VideoWriter:
    """H.264, or MPEG-4 where FFmpeg was built without x264. Raises UsageError if the file can't be written.

    The first picture sets the size (made even, as the codecs want); others are fitted into it.
    """

    def __init__(self, path):
        try:
            open(path, "ab").close()  # FFmpeg opens it with the first picture only
            self.container = av.open(path, "w")
        except (av.error.FFmpegError, OSError) as error:
            raise UsageError(f"can't write the video {path}: {error.strerror}") from None
        except ValueError:
            raise UsageError(f"can't write the video {path}: its name should end in .mp4") from None
        self.stream = None
        self.last = -1  # time stamp of the last picture, in units of TIME_BASE

    def add(self, picture, stamp):
        """uint8 [H, W, 3] RGB at `stamp` s."""
        if self.stream is None:
            self._begin(*picture.shape[:2])
        frame = av.VideoFrame.from_ndarray(fit(picture, self.stream.width, self.stream.height), format="rgb24")
        self.last = max(self.last + 1, round(stamp / TIME_BASE))
        frame.pts, frame.time_base = self.last, TIME_BASE
        self.container.mux(self.stream.encode(frame))

    def close(self):
        if self.stream is not None:
            self.container.mux(self.stream.encode())
        self.container.close()

    def _begin(self, height, width):
        x264 = "libx264" in av.codecs_available
        self.stream = self.container.add_stream("libx264" if x264 else "mpeg4", rate=RATE)
        self.stream.width, self.stream.height = max(width & ~1, 2), max(height & ~1, 2)
        self.stream.pix_fmt = "yuv420p"
        self.stream.codec_context.time_base = TIME_BASE
        if x264:
            self.stream.options = {"preset": "superfast", "crf": "21", "threads": "1"}


def fit(picture, width, height):
    """Picture -> uint8 [height, width, 3], its shape kept, black bars where it needs them."""
    rows, columns = picture.shape[:2]
    if (columns & ~1, rows & ~1) == (width, height):
        return np.ascontiguousarray(picture[:height, :width])
    scale = min(width / columns, height / rows)
    inner = max(round(columns * scale), 1), max(round(rows * scale), 1)
    canvas = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    canvas[top : top + inner[1], left : left + inner[0]] = cv2.resize(picture, inner, interpolation=cv2.INTER_AREA)
    return canvas
