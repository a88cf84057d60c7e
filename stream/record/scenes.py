"""Lines of `--record` back into scenes, and the pictures they were made from."""

from pathlib import Path

import av
import cv2
import numpy as np

from duopose.stream.messages import Camera, Frame, Scene
from duopose.stream.record.reading import frames, unreadable

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
    lens = Camera(*focal_and_centre, camera["from"], tuple(camera.get("distortion", (0.0,) * 5)))
    frame = Frame(line["frame"], line["file"], line["stamp"], 0.0, width, height, lens, "", 0, 0, still=False)

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


def picture(source, frame):
    """The frame's upright pixels, uint8 RGB [H, W, 3], from its video or the folder of its images; None if not there.

    In a video it is found by its stamp, so that frames which could not be decoded shift nothing.
    """
    source = Path(source)
    if frame.file is not None:
        image = cv2.imread(str(source / frame.file if source.is_dir() else source))
        return None if image is None else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    found = None
    with av.open(str(source), metadata_errors="ignore") as container:
        for shown in _decodable(container):
            if found is not None and (shown.time or 0.0) > frame.stamp + 1e-3:
                break
            found = shown
    if found is None:
        return None
    return np.ascontiguousarray(np.rot90(found.to_ndarray(format="rgb24"), round(found.rotation / 90)))


def _decodable(container):
    for packet in container.demux(video=0):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:  # a damaged frame
            continue
