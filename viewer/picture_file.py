"""The file that a picture of the window goes into."""

import time
from pathlib import Path

import cv2


def write(image, folder="."):
    """Write uint8 RGB(A) [H, W, 3 or 4] as a PNG that is named by the time (UTC) -> what there is to tell the user."""
    name = time.strftime("duopose-%Y%m%dT%H%M%SZ", time.gmtime())
    path, count = Path(folder) / f"{name}.png", 1
    while path.exists():
        count += 1
        path = Path(folder) / f"{name}-{count}.png"
    data = cv2.imencode(".png", cv2.cvtColor(image[..., :3], cv2.COLOR_RGB2BGR))[1]
    try:
        path.write_bytes(data)
    except OSError as error:
        return f"no picture: {path}: {error.strerror}"
    return f"picture: {path}"
