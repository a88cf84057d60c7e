"""Session: every message of a camera and its pictures, without loss, into one file. Started with `--session FILE.mcap`.

in   all topics
out  stored  frame k and its picture are in the file: its slot in the ring may be used again

So the file has exactly the frames that the run has worked on, and the run waits for it. When the file can't be written
any more, the run is told and goes on without it.
"""

import os
import platform
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version

from duopose.nodes.per_camera import PerCamera
from duopose.nodes.recorder.names import unused
from duopose.stream import wire
from duopose.stream.messages import Done, camera_of
from duopose.stream.session.file import PIXELS, SessionWriter
from duopose.stream.session.pixels import BEST, Encoder

TOLD_AGAIN = (  # what a replay has to be told again
    "profile", "device", "max_people", "lookahead", "stills", "smooth", "person_height", "camera_height",
)  # fmt: skip


def about(settings):
    """{name: text}: the run, as far as its poses depend on it, and the machine."""
    return {name: str(getattr(settings, name)) for name in TOLD_AGAIN} | {
        "version": version("duopose"),
        "started": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        "source": settings.shown_source,
        "machine": platform.platform(),
        "python": platform.python_version(),
        "openvino": version("openvino"),
    }


def place_for(path):
    """Where this life of the node writes: a file is not added to, so after a restart it is NAME-2.mcap, and so on."""
    begun = os.path.exists(path) and os.path.getsize(path)
    return str(unused(path)) if begun else path


class Recording:
    """The file; nothing more happens once it can't be written any more."""

    def __init__(self, settings, say):
        self.path, self.say = place_for(settings.session), say
        self.writer, self.encoder = SessionWriter(self.path, about(settings), BEST), Encoder()

    def add(self, topic, message, picture):
        """A message; picture: of a frame, uint8 [H, W, 3] RGB, or None."""
        if self.writer is None:
            return
        frame = getattr(message, "frame", message)
        number = getattr(frame, "number", 0)  # a message of no frame, as "health", has none
        entries = [(topic, number, wire.encode(message))]
        if picture is not None:
            entries.append((PIXELS, number, self.encoder.encode(picture)))
        with self._as_long_as_it_can():
            self.writer.write(entries)

    def close(self):
        if self.writer is not None:
            with self._as_long_as_it_can():
                self.writer.close()

    @contextmanager
    def _as_long_as_it_can(self):
        try:
            yield
        except OSError as error:
            self.say(f"session {self.path} ends here, the run goes on: {error.strerror}")
            self.writer.abandon()
            self.writer = None


def renamed(recording, own):
    """The recording of a camera that has another name from now on: its file has it, too."""
    recording.close()
    return Recording(own, recording.say)


def main(bus, settings):
    recordings = PerCamera(bus, settings, lambda own: Recording(own, bus.note), renamed, Recording.close)
    for topic, message in bus.each():
        picture = bus.pixels(message) if topic == "frame" else None
        for recording in recordings if camera_of(message) is None else [recordings.of(message)]:
            recording.add(topic, message, picture)
        if topic == "frame":
            bus.publish("stored", Done(message.number, message.camera_name))
    for recording in recordings:
        recording.close()
