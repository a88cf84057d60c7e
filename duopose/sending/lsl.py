"""One person's joints as a stream of the Lab Streaming Layer: `--send lsl:`, with the extra `lsl`.

51 channels: x, y and z of the 17 joints of BODY17, metres, in the camera's frame (x right, y down, z forward). The rate
is irregular: a sample for each frame in which the person is. Its time stamp is when the picture was read, by LSL's
clock, so what the networks take does not shift it against other streams.
"""

import time

from duopose.sending.following import Following
from duopose.stream.skeleton import BODY17

AXES = "xyz"


class Stream:
    """The person who is followed, as samples. Everybody on the network who speaks LSL can read them.

    camera   name of the camera that sees them
    """

    def __init__(self, target, wanted=None, camera=""):
        import pylsl

        self.camera = camera
        self._following = Following(wanted)
        self._outlet = pylsl.StreamOutlet(described(pylsl, target.host))
        self._ahead = pylsl.local_clock() - time.monotonic()  # s, of LSL's clock

    def send(self, scene):
        person = self._following.find(scene) if scene.frame.camera_name == self.camera else None
        if person is not None:
            sample = scene.joints[person].reshape(-1).tolist()
            self._outlet.push_sample(sample, scene.frame.read_at + self._ahead)

    def close(self):
        self._outlet = None


def described(pylsl, name):
    """-> pylsl.StreamInfo that says what each channel is."""
    labels = [f"{joint}_{axis}" for joint in BODY17 for axis in AXES]
    # The last word is how readers find the stream again after a restart of the run.
    info = pylsl.StreamInfo(name, "MoCap", len(labels), pylsl.IRREGULAR_RATE, "float32", f"duopose-{name}")
    info.set_channel_labels(labels)
    info.set_channel_types([f"Position{axis.upper()}" for axis in AXES] * len(BODY17))
    info.set_channel_units("meters")
    info.desc().append_child("setup").append_child_value("frame", "camera: x right, y down, z forward")
    return info
