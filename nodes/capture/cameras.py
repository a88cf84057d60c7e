"""Pictures of a webcam (OpenCV) and of a network stream (FFmpeg), each an iterator for `live.Live`.

Their stamp is the moment of reading; capture counts it from the first frame of the run.
"""

import sys
import time

import av
import cv2

from duopose.nodes.capture.files import decoded, picture_of, pictures_of, rate_of
from duopose.nodes.capture.live import Lost, paced
from duopose.nodes.capture.sources import Picture

WEBCAM_SIZE = (1280, 720)  # asked for unless the user wants another; a camera gives what comes near
WEBCAM_RATE = 30.0
# s for a server to answer, for it to send enough that FFmpeg knows the stream, and to read; `live` mostly gives up
# earlier, this ends its thread.
ANSWER, KNOW, READ = 8.0, 20.0, 10.0
# FFmpeg would look at about 28 frames to find out their rate, which nobody needs, and at 5 s of them for the rest. So a
# camera of 1 frame/s would be ready after half a minute.
QUICK = {"fpsprobesize": "0", "analyzeduration": "1000000"}  # us
RTSP = {"rtsp_transport": "tcp", "probesize": "32768"}  # bytes: what is sent was described before


def webcam(index, size=None, rate=None):
    """Pictures of webcam `index`.

    size   (width, height) to ask for
    rate   pictures a second to ask for
    """
    capture = cv2.VideoCapture(index, cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY)
    try:
        if not capture.isOpened():
            raise Lost("can't be opened; does another program use it?")
        width, height = size or WEBCAM_SIZE
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))  # only so do most give large pictures fast
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_FPS, rate or WEBCAM_RATE)
        while True:
            there, image = capture.read()
            if not there:
                raise Lost("it gives no picture")
            yield _picture_of_webcam(image, time.monotonic())
    finally:
        capture.release()


def _picture_of_webcam(image, now):
    height, width = image.shape[:2]
    return Picture(now, now, None, width, height, lambda: cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


class Patience:
    """The time-out of `av.open`, in s. It is asked for twice, before each of the two things that may take long.

    First FFmpeg talks to the server: with RTSP, until PLAY is answered. Then it reads until it knows the stream.
    """

    def __init__(self, answered):
        self.answered, self.asked, self.ends_at = answered, 0, 0.0

    def __float__(self):
        self.asked += 1
        if self.asked == 2:
            self.answered()
        seconds = ANSWER if self.asked == 1 else KNOW
        self.ends_at = time.monotonic() + seconds
        return seconds


def stream(url, counts, answered=lambda: None):
    """Pictures of a network stream. One that goes on for ever has no end, only faults; a file on a server ends.

    counts     Counter: "unreadable"
    answered   called when the server has answered and will send
    """
    options, patience = QUICK | (RTSP if url.lower().startswith("rtsp") else {}), Patience(answered)
    container = None
    try:
        with av.open(url, options=options, timeout=(patience, READ), metadata_errors="ignore") as container:
            if not container.streams.video:
                raise Lost("there is no video in it")
            frames = decoded(container, counts, av.error.InvalidDataError)
            if container.duration:  # a file on a server: at its own pace
                yield from paced(pictures_of(frames, rate_of(container.streams.video[0])))
                return
            for frame in frames:
                yield picture_of(frame, time.monotonic(), time.monotonic())
    except (av.error.FFmpegError, OSError) as error:
        too_late = container is None and time.monotonic() >= patience.ends_at  # FFmpeg may call it something else
        raise Lost("it does not answer" if too_late else _reason(error)) from None
    raise Lost("the stream ended")


def _reason(error):
    """Why FFmpeg gave up, in words for the user. Its full text holds the URL, perhaps with a password."""
    if isinstance(error, av.error.ExitError):
        return "it does not answer"
    if isinstance(error, av.error.PermissionError):  # the -1 of FFmpeg's RTSP client, which is no error of the system
        return "it closed the connection"
    if isinstance(error, av.error.InvalidDataError):
        return "what it sends is no video that can be read"
    return error.strerror
