"""Sources are opened before a run starts, so that what can't be read is told at once."""

from collections import Counter

from duopose.nodes.capture.capture import camera_of
from duopose.nodes.capture.opening import FILES, open_camera
from duopose.nodes.capture.sources import source_path, webcam_index
from duopose.stream.errors import UsageError


def check_source(source, kind, cameras):
    """Open a file and read its first picture -> how many pictures there are, None if unknown. Raises UsageError.

    A webcam must be there and the camera file be for one camera; the rest of a live source is seen by capture.
    """
    if kind in ("webcam", "stream"):
        if kind == "webcam":
            webcam_index(source)
        if cameras.per_file is not None:
            raise UsageError(f"{cameras.path} names cameras of image files, the source is no folder of images")
        return None
    file = FILES[kind](source_path(source), Counter())
    if kind == "images" and cameras.per_file is not None:
        for image in file.files:
            if image.name not in cameras.per_file:
                raise UsageError(f"{cameras.path}: no camera for {image.name}")
    first = next(file.pictures())
    camera_of(first, cameras)
    return file.total


def check_camera(settings, say):
    """Wait for a picture of a live source, before anything that takes longer than the user should wait for an error."""
    source = open_camera(settings, Counter(), say)
    while source.newest(0.1) is None:
        pass
    source.close()
