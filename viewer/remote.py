"""A run on another machine as the window's bus: its newest scenes, with pictures where it gives them away."""

import sys
from types import SimpleNamespace

import cv2
import numpy as np

BLANK = 40  # grey where there is no picture
MOST_PIXELS = 1 << 26  # of a picture; more is taken for a mistake


class RemoteBus:
    """What viewer.app asks of a bus. `said` is called with each (topic, message).

    remote   stream.network.remote.Remote of "scene" and "picture"
    """

    def __init__(self, remote):
        self.remote, self.newest = remote, {}  # camera -> its newest picture: stream.messages.Jpeg
        self.node = SimpleNamespace(name="viewer")
        self.stopping = False

    def poll(self, timeout=0.0):
        """[("scene", Scene)] that have come."""
        messages = self.remote.poll(timeout)
        scenes = []
        for topic, message in messages:
            if topic == "picture":
                self.newest[message.frame.camera_name] = message
            elif 0 < message.frame.width * message.frame.height <= MOST_PIXELS and message.frame.height > 0:
                scenes.append((topic, message))
            else:
                self.remote.rubbish += 1
        self.stopping = self.remote.ended
        return scenes

    def pixels(self, frame):
        """uint8 [H, W, 3] RGB; grey if the run shows no pictures, None if this one's is missing."""
        if not self.newest:
            return np.full((frame.height, frame.width, 3), BLANK, np.uint8)
        newest = self.newest.get(frame.camera_name)
        if newest is None or newest.frame.number != frame.number:
            return None
        image = decode(newest.data)
        return image if image is not None and image.shape[:2] == (frame.height, frame.width) else None

    def measure(self, seconds):
        """Nobody asks how long it took."""

    def note(self, text):
        """One line for the user."""
        print(text, file=sys.stderr, flush=True)


def decode(data):
    """bytes of a JPEG -> uint8 [H, W, 3] RGB, or None where they are none."""
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # also for more pixels than OpenCV is allowed
        return None
    return None if image is None else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
