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
TIMEOUT = (12.0, 10.0)  # s to open and to read; `live` mostly gives up earlier, this ends its thread
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


def stream(url, counts):
    """Pictures of a network stream, None first. One that goes on for ever has no end, only faults; a file there ends.

    The None says that the server has answered and described what it sends.
    """
    options = QUICK | (RTSP if url.lower().startswith("rtsp") else {})
    try:
        with av.open(url, options=options, timeout=TIMEOUT, metadata_errors="ignore") as container:
            if not container.streams.video:
                raise Lost("there is no video in it")
            yield None
            frames = decoded(container, counts, av.error.InvalidDataError)
            if container.duration:  # a file on a server: at its own pace
                yield from paced(pictures_of(frames, rate_of(container.streams.video[0])))
                return
            for frame in frames:
                yield picture_of(frame, time.monotonic(), time.monotonic())
    except (av.error.FFmpegError, OSError) as error:
        raise Lost(_reason(error)) from None
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
