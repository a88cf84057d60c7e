"""Lines of `--record` back into scenes."""

from functools import lru_cache

import msgspec
import numpy as np

from duopose.stream.messages import Camera, Frame, Scene
from duopose.stream.record.reading import frames, last_run, places, unreadable

SOURCES = {"top_down": 1, "bottom_up": 2, "both": 3}


def scenes(path, since=0):
    """Yield a Scene for each frame of a record below line `since`. ValueError, with its number, for any other line."""
    for number, line in frames(path, since):
        try:
            yield scene_of(line)
        except (KeyError, TypeError, ValueError) as error:
            raise unreadable(path, number, repr(error)) from None


def scene_of(line):
    """A parsed line -> Scene. `joints2d` is not needed: it follows from `coco2d`."""
    camera = line["camera"]
    width, height, people = line["width"], line["height"], line["people"]
    count, none = len(people), np.full((17, 3), np.nan).tolist()
    focal_and_centre = (camera[name] for name in ("fx", "fy", "cx", "cy"))
    pose = tuple(camera["pose"]) if "pose" in camera else None
    lens = Camera(*focal_and_centre, camera["from"], tuple(camera.get("distortion", (0.0,) * 5)), pose)
    frame = Frame(
        line["frame"], line["file"], line["stamp"], 0.0, width, height, lens, "", 0, 0, still=False,
        camera_name=line.get("camera_name", ""),
    )  # fmt: skip

    def column(values, *shape):
        return np.array(list(values), np.float32).reshape(count, *shape)

    return Scene(
        frame=frame,
        fused_at=(line.get("latency_ms") or 0.0) / 1000,
        ids=np.array([person["id"] for person in people], np.int32),
        scores=column(person["score"] for person in people),
        sources=np.array([SOURCES[person["source"]] for person in people], np.uint8),
        boxes=column((person["box"] for person in people), 4),
        coco=column((person["coco2d"] for person in people), 17, 3),
        joints=column((person["joints3d"] for person in people), 17, 3),
        top_down=column((person["branches"].get("top_down") or none for person in people), 17, 3),
        bottom_up=column((person["branches"].get("bottom_up") or none for person in people), 17, 3),
        depth_sd=column(person.get("depth_sd", np.nan) for person in people),
        joint_sd=column((person.get("joint_sd") or none[0][:1] * 17 for person in people), 17) / 1000,
    )


class Recording:
    """The scenes of the last run in a record, by their place in it, read when they are asked for.

    Raises ValueError for a file that is no record, OSError for one that can't be read.
    """

    def __init__(self, path):
        self.path = path
        self._places = places(path, last_run(path))
        self.scene = lru_cache(maxsize=1024)(self._read)

    def __len__(self):
        return len(self._places)

    def stamp(self, place):
        """Media time of the scene at a place, s."""
        return self.scene(place).frame.stamp

    def _read(self, place):
        number, offset = self._places[place]
        with open(self.path, "rb") as file:
            file.seek(offset)
            text = file.readline()
        try:
            return scene_of(msgspec.json.decode(text))
        except (KeyError, TypeError, ValueError) as error:
            raise unreadable(self.path, number, repr(error)) from None
