"""Pictures of any size and frame rate -> a video file with their time stamps, which plays however the run ends.

A fragmented MP4: the head comes first, then a fragment every half second, each with its own index and a key frame. What
has been written is a whole video at any time.
"""

import contextlib
from fractions import Fraction

import av
import cv2
import numpy as np

from duopose.nodes.recorder.growing_file import GrowingFile
from duopose.nodes.recorder.names import numbered
from duopose.stream.errors import UsageError

TIME_BASE = Fraction(1, 10000)  # s; MPEG-4 allows no finer than 1/65535
RATE = 30  # frames a second in the header of the file; players use the time stamps
FRAGMENT = 0.5  # s from key frame to key frame: a kill costs the last fragment
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}


class VideoFile:
    """H.264, or MPEG-4 where FFmpeg was built without x264.

    The first picture sets the size (made even, as the codecs want); others are fitted into it.
    """

    def __init__(self, path, overwrite=False, say=lambda line: None):
        """
        path        a file that holds something stays, and the video goes into NAME-2.mp4, ...
        overwrite   or it is emptied when the first picture has come
        say         called with each line meant for the user

        Raises UsageError as `check_name` does.
        """
        check_name(path)
        self.wanted, self.overwrite, self.say = path, overwrite, say
        self.file = self.container = None
        self.waiting = 0  # pictures that are not in the file yet
        self.lost = 1  # pictures that the last failure has cost

    @property
    def path(self):
        return self.file.path if self.file else self.wanted

    def open(self):
        """Ahead of the first picture. Raises OSError."""
        self.file = open_unused(self.wanted, self.overwrite)

    def add(self, picture, stamp):
        """uint8 [H, W, 3] RGB at `stamp` s -> whether a fragment was completed and written. Raises OSError if not."""
        if self.file is None:
            self.open()
        elif self.file.gone():
            self.lost = 1 + self.waiting
            self._finish()  # it may have been moved
            self._begin_again()
        if self.container is None:
            self._begin(*picture.shape[:2])
        frame = av.VideoFrame.from_ndarray(fit(picture, self.stream.width, self.stream.height), format="rgb24")
        self.last = max(self.last + 1, round(stamp / TIME_BASE))
        frame.pts, frame.time_base = self.last, TIME_BASE
        self.waiting += 1
        if self.last - self.key >= FRAGMENT / TIME_BASE:
            self.key = self.last
            frame.pict_type = av.video.frame.PictureType.I
        try:
            self.container.mux(self.stream.encode(frame))
        except av.error.FFmpegError as error:
            self.lost = self.waiting
            self._begin_again()  # nothing more goes through this encoder
            raise OSError(error.errno, error.strerror) from None
        return self._write(self.waiting - 1)  # this picture begins the next fragment

    def take_error(self):
        return self.file and self.file.take_error()

    def close(self):
        try:
            self._finish()
        finally:
            if self.file is not None:
                self.file.close()

    def _begin(self, height, width):
        if self.overwrite:
            self.file.clear()
            self.overwrite = False
        elif str(self.path) != self.wanted:
            self.say(f"{self.wanted} is there already: the video goes into {self.path}")
        self.made = _Bytes()
        self.container = av.open(self.made, "w", format="mp4", container_options=FRAGMENTED)
        x264 = "libx264" in av.codecs_available
        self.stream = self.container.add_stream("libx264" if x264 else "mpeg4", rate=RATE)
        self.stream.width, self.stream.height = max(width & ~1, 2), max(height & ~1, 2)
        self.stream.pix_fmt = "yuv420p"
        self.stream.codec_context.time_base = TIME_BASE
        self.stream.codec_context.gop_size = 600  # frames; we ask for the key frames
        if x264:  # zerolatency: what was added is in the file when its fragment ends
            options = {"preset": "superfast", "tune": "zerolatency", "crf": "21", "threads": "1", "forced-idr": "1"}
            self.stream.options = options
        self.last = self.key = -(10**9)  # time stamps of the last picture and key frame, in units of TIME_BASE

    def _finish(self):
        """Write what the encoder still holds, and the index."""
        if self.container is None:
            return
        with contextlib.suppress(av.error.FFmpegError):
            self.container.mux(self.stream.encode())
            self.container.close()
        self.container = None
        self._write(self.waiting)

    def _begin_again(self):
        """Begin with the next picture, in a file that is empty."""
        if self.container is not None:
            with contextlib.suppress(av.error.FFmpegError):
                self.container.close()
        self.container, self.waiting = None, 0
        if self.file.size or self.file.gone():
            file = open_unused(self.wanted)
            self.file.close(wait=False)
            self.file = file

    def _write(self, pictures):
        """Write what is complete, `pictures` of them if any -> whether there were any.

        A fragment that can't be written is left out: those after it play without it.
        """
        made, self.made.data = bytes(self.made.data), bytearray()
        if not made:
            return False
        self.lost = max(pictures, 1)
        self.waiting -= pictures
        try:
            self.file.append(made)
        except OSError:
            if not self.file.size:  # the head: without it the rest is nothing
                self._begin_again()
            raise
        return True


class _Bytes:
    """What FFmpeg writes, until it is put into the file. It can't seek, so nothing written is changed later."""

    def __init__(self):
        self.data = bytearray()

    def write(self, data):
        self.data += data
        return len(data)


def check_name(path):
    """Raises UsageError for a name that is none of an MP4."""
    if not path.lower().endswith(".mp4"):
        raise UsageError(f"can't write the video {path}: its name should end in .mp4")


def open_unused(path, overwrite=False):
    """The file of this name or, where that holds something, the first empty or new one of NAME-2, NAME-3, ..."""
    if overwrite:
        return GrowingFile(path)
    for name in numbered(path):
        try:
            file = GrowingFile(str(name))
        except BlockingIOError:  # another run's
            continue
        if not file.size:
            return file
        file.close()


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
