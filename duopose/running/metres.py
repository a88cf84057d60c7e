"""Checks of what poses rest on: the lens, how tall people are, how high the camera stands, how much is smoothed."""

from duopose.nodes.fusion.motion import lag_ms
from duopose.stream.errors import UsageError
from duopose.stream.settings import SMOOTH


def check_metres(arguments, kind):
    """Raise UsageError for a lens or a height that can't be, or that contradicts another.

    kind   of the source, see stream.settings
    """
    person, camera = arguments.person_height, arguments.camera_height
    if arguments.camera and arguments.fov is not None:
        raise UsageError("--camera and --fov exclude each other")
    if arguments.fov is not None and not 1 <= arguments.fov <= 179:
        raise UsageError(f"--fov {arguments.fov:g}: a horizontal field of view lies between 1 and 179 degrees")
    if person is not None and not 0.5 <= person <= 2.5:
        raise UsageError(f"--person-height {person:g}: people are 0.5 to 2.5 m tall")
    if camera is not None and not 0.3 <= camera <= 30:
        raise UsageError(f"--camera-height {camera:g}: cameras stand 0.3 to 30 m over the floor")
    if person is not None and camera is not None:
        raise UsageError("--camera-height and --person-height exclude each other: both say how large everything is")
    if camera is not None and arguments.stills:
        raise UsageError("--camera-height is for a camera that stands still, --stills for unrelated pictures")
    for option, height in (("--person-height", person), ("--camera-height", camera)):
        if kind == "record" and height is not None:
            raise UsageError(f"{option}: the poses of {arguments.source} are played as they were recorded")
    if kind in ("session", "record") and (arguments.camera or arguments.fov is not None):
        raise UsageError(f"--camera and --fov: {arguments.source} says which camera it was")


def check_smooth(smooth, kind):
    """How much to smooth. Raises UsageError for a record, whose poses are what they are."""
    if smooth is not None and kind == "record":
        raise UsageError("--smooth: the poses of a record stay as they were recorded")
    return SMOOTH if smooth is None else smooth


def tell_lag(smooth, say):
    """Say how much later joints follow, where smoothing was asked for."""
    if smooth is not None:
        say(f"--smooth {smooth:g}: at 30 frames a second joints follow {lag_ms(smooth)} ms later than without")
