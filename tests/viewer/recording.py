"""Scenes as lines of a record."""

from tests.viewer.scenes import HEIGHT, WIDTH


def line_of(scene, people=()):
    frame, camera = scene.frame, scene.frame.camera
    return {
        "frame": frame.number, "file": frame.file, "stamp": frame.stamp, "width": WIDTH, "height": HEIGHT,
        "camera": {"fx": camera.fx, "fy": camera.fy, "cx": camera.cx, "cy": camera.cy, "from": camera.origin},
        "latency_ms": 41.2, "people": list(people),
    }  # fmt: skip


def recorded(scene):
    name = {1: "top_down", 2: "bottom_up", 3: "both"}
    return [
        {
            "id": int(scene.ids[n]), "score": 1.0, "source": name[int(scene.sources[n])],
            "box": scene.boxes[n].tolist(), "coco2d": scene.coco[n].tolist(), "joints2d": [[0, 0, 0]] * 17,
            "joints3d": scene.joints[n].tolist(), "branches": {"top_down": scene.joints[n].tolist()},
        }
        for n in range(len(scene.ids))
    ]  # fmt: skip
