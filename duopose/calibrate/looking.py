"""Looks for the board in the pictures of a source, for as long as it takes and no longer."""

import time
from collections import Counter

import cv2

from duopose.calibrate.board import BOARD, find
from duopose.calibrate.views import Views
from duopose.nodes.capture.opening import open_camera, open_file
from duopose.nodes.capture.sources import kind_of, silence_libraries
from duopose.running.secrets import look_up
from duopose.stream.errors import UsageError
from duopose.stream.settings import Settings

STEP = 0.2  # s between two pictures of a clip that are looked at: the board moves little in between
WAIT = 0.1  # s, of one wait for a picture of a camera
TELL = 2.0  # s between two lines while nothing new is seen


def look(source, seconds, say, secrets=None):
    """Views of the board in the pictures of a source. Raises UsageError.

    source   as for a run: a folder of pictures, a clip, a webcam, a stream
    seconds  of a clip or a camera that are looked at, at most
    say      called with a line for the user
    """
    silence_libraries()
    address, name = look_up(source, secrets)
    kind = kind_of(address)
    if kind in ("session", "record"):
        raise UsageError(f"{source}: the board is looked for in pictures, a clip or a camera")
    settings = Settings(source=address, secret_name=name, kind=kind, started_at=time.monotonic())
    views, detector = Views(), cv2.aruco.CharucoDetector(BOARD)
    if kind in ("webcam", "stream"):
        watch(open_camera(settings, Counter(), say), settings.shown_source, seconds, views, detector, say)
    else:
        for picture in some(open_file(settings, Counter()).pictures(), kind, seconds, say):
            name = picture.file or f"the picture at {picture.stamp:.1f} s"
            views.add(find(picture.pixels(), name, detector))
    return views


def some(pictures, kind, seconds, say):
    """All images of a folder; of a clip one every STEP, up to `seconds`."""
    due = 0.0
    for picture in pictures:
        if kind == "video":
            if picture.stamp > seconds:
                say(f"looked at the first {seconds:g} s (--seconds)")
                return
            if picture.stamp < due:
                continue
            due = picture.stamp + STEP
        yield picture


def watch(camera, name, seconds, views, detector, say):
    """Pictures of a camera until there are enough views, `seconds` have passed or the user presses Ctrl-C."""
    say(f"show the board to {name}, for {seconds:g} s at most; Ctrl-C when it is enough")
    ends, told = time.monotonic() + seconds, 0.0
    try:
        while views.wishes() and time.monotonic() < ends and not camera.finished:
            picture = camera.newest(WAIT)
            if picture is None:
                continue
            kept = views.add(find(picture.pixels(), f"the picture at {picture.stamp:.1f} s", detector))
            now = time.monotonic()
            if kept or now > told + TELL:
                told = now
                say(f"views: {len(views.kept)}; {'; '.join(views.wishes()[:2]) or 'that is enough'}")
    except KeyboardInterrupt:
        say("stopped")
    finally:
        camera.close()
