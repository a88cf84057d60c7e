"""The scenes that can be gone back to: the last seconds of a run."""

from collections import deque
from typing import NamedTuple

import cv2
import numpy as np

from duopose.stream.messages import Scene

SPAN = 30.0  # s
WIDEST = 640  # pixels of a picture that is kept
QUALITY = 85  # of its JPEG: half a minute takes some 30 MB


class Moment(NamedTuple):
    scene: Scene
    jpeg: bytes | None  # its picture, smaller


class Recent:
    """The last seconds that were shown. `live`: its end moves on."""

    live = True

    def __init__(self):
        self.moments = deque()

    def add(self, scene, video):
        """video: uint8 RGB [H, W, 3] or None. What is older than SPAN goes; so does all where time jumps back."""
        if self.moments and scene.frame.stamp < self.stamp(-1):
            self.moments.clear()
        self.moments.append(Moment(scene, None if video is None else compress(video)))
        while scene.frame.stamp - self.stamp(0) > SPAN:
            self.moments.popleft()

    def __len__(self):
        return len(self.moments)

    def stamp(self, place):
        """Media time of the scene at a place, s."""
        return self.moments[place].scene.frame.stamp

    def scene(self, place):
        return self.moments[place].scene

    def video(self, place):
        """uint8 RGB [h, w, 3], at most WIDEST pixels wide, or None where there is none."""
        jpeg = self.moments[place].jpeg
        return None if jpeg is None else cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)


def before(film, place, span):
    """The scenes of a film from `span` seconds before a place up to it, in the order of time."""
    end, scenes = film.stamp(place), []
    while place >= 0 and end - span <= film.stamp(place) <= end:
        scenes.append(film.scene(place))
        place -= 1
    return scenes[::-1]


def compress(video):
    if video.shape[1] > WIDEST:
        height = max(1, round(video.shape[0] * WIDEST / video.shape[1]))
        video = cv2.resize(video, (WIDEST, height), interpolation=cv2.INTER_AREA)
    video = cv2.cvtColor(video, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", video, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1].tobytes()
