"""Sources that end: a video file, an image, a folder of images. Read picture by picture, as fast as they are asked for.

Both classes have
    total        how many pictures there are, as far as the file says, else None
    pictures()   -> Picture, one after the other, their stamps growing
and count in the Counter they are given what was "unreadable".
"""

import time

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter

from duopose.nodes.capture.exif import focal_35
from duopose.nodes.capture.sources import NO_HEIC, Picture, images_of, quiet_stderr
from duopose.stream.errors import UsageError

IMAGES_PER_SECOND = 30.0  # of a folder of images, which has no time stamps
LONGEST_GAP = 3600.0  # s between two frames of a file: more is a broken stamp, no pause
HOPELESS = 100  # decoding errors in a row after which the rest of a file is given up


class VideoFile:
    """A video file, its rotation honoured, its damaged frames skipped and counted. Raises UsageError if it is none."""

    def __init__(self, path, counts):
        self.path, self.counts = path, counts
        try:
            self.container = av.open(str(path), metadata_errors="ignore")
        except (av.error.FFmpegError, OSError) as error:
            raise UsageError(f"{path} is not a video that can be read: {error.strerror}") from None
        if not self.container.streams.video or self.container.format.name == "tty":  # FFmpeg "plays" text files
            raise UsageError(f"{path} holds no video")
        self.stream = self.container.streams.video[0]
        self.rate = rate_of(self.stream)
        self.total = self.stream.frames or self._total_by_duration()

    def _total_by_duration(self):
        if self.stream.duration:
            return round(self.stream.duration * self.stream.time_base * self.rate)
        return round(self.container.duration / av.time_base * self.rate) if self.container.duration else None

    def pictures(self):
        any_read = False
        for picture in pictures_of(decoded(self.container, self.counts, av.error.FFmpegError), self.rate):
            any_read = True
            yield picture
        self.container.close()
        if not any_read:
            raise UsageError(f"{self.path}: not a single frame of this video can be decoded")


def rate_of(stream):
    """Frames a second of an av.VideoStream, as far as it says."""
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate else IMAGES_PER_SECOND


def pictures_of(frames, rate):
    """av.VideoFrames of a file -> Pictures. Where a stamp is missing, repeats, jumps back or far on, time goes on."""
    last = None
    for frame in frames:
        stamp = frame.time
        if last is not None and (stamp is None or not last < stamp < last + LONGEST_GAP):
            stamp = last + 1 / rate
        last = stamp or 0.0
        yield picture_of(frame, last, time.monotonic())


def decoded(container, counts, forgiven):
    """Every frame of the first video stream that can be decoded.

    After an error of a `forgiven` class (counted as "unreadable") the decoder can be asked again; so only many in a
    row are the end.
    """
    errors = 0
    frames = container.decode(video=0)
    while errors < HOPELESS:
        try:
            frame = next(frames)
        except (StopIteration, av.error.EOFError):
            return
        except forgiven:
            errors += 1
            counts["unreadable"] += 1
            frames = container.decode(video=0)
        else:
            errors = 0
            yield frame


def picture_of(frame, stamp, read_at):
    """av.VideoFrame -> Picture. PyAV does not turn frames; `rotation` counts anticlockwise."""
    turns = round(frame.rotation / 90) % 4
    width, height = (frame.height, frame.width) if turns % 2 else (frame.width, frame.height)
    return Picture(stamp, read_at, None, width, height, lambda: _convert(frame, turns))


_reformatter = VideoReformatter()  # keeps its scaler from frame to frame
_TURNS = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}


def _convert(frame, turns):
    """av.VideoFrame -> uint8 [H, W, 3] RGB, turned anticlockwise `turns` times; a view of FFmpeg's memory if 0."""
    plane = _reformatter.reformat(frame, format="rgb24").planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    pixels = rows[:, : 3 * plane.width].reshape(plane.height, plane.width, 3)
    return cv2.rotate(pixels, _TURNS[turns]) if turns else pixels


class ImageFiles:
    """One image or the images of a folder, in natural order of their names; what can't be decoded is skipped.

    Raises UsageError if there is none, and after the last one if not a single one could be read.
    """

    def __init__(self, path, counts):
        self.path, self.counts = path, counts
        self.files = images_of(path)
        self.total = len(self.files)

    def pictures(self):
        readable = 0
        for number, file in enumerate(self.files):
            image = read_image(file)
            if image is None:
                self.counts["unreadable"] += 1
                continue
            readable += 1
            yield _picture_of_image(image, number / IMAGES_PER_SECOND, file)
        if not readable:
            one = self.path == str(self.files[0])
            if any(is_heic(file) for file in self.files):  # under another name
                raise UsageError(f"{self.path}: {NO_HEIC}")
            what = "is not an image that can be read" if one else f"holds {self.total} images, none readable"
            raise UsageError(f"{self.path} {what}")


def _picture_of_image(image, stamp, file):
    height, width = image.shape[:2]

    def pixels():
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

    return Picture(stamp, time.monotonic(), file.name, width, height, pixels, focal_35(file))


def read_image(path):
    """uint8 [H, W, 3] BGR, turned upright as its EXIF says, or None where it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if not content or _is_cut_jpeg(content):
        return None
    with quiet_stderr():
        try:
            return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        except cv2.error:
            return None


def is_heic(path):
    """Whether the file begins as HEIC does, whatever it is called."""
    try:
        with open(path, "rb") as file:
            start = file.read(12)
    except OSError:
        return False
    return start[4:8] == b"ftyp" and start[8:] in (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1")


def _is_cut_jpeg(content):
    """A JPEG that stops before its end marker; OpenCV would pass it on, the missing part grey."""
    if not content.startswith(b"\xff\xd8"):
        return False
    place = 2
    while content[place : place + 1] == b"\xff" and content[place + 1 : place + 2] != b"\xda":  # to the start of scan
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    return content.find(b"\xff\xd9", place) < 0
