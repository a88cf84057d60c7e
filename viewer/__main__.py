"""Recorded poses as a picture, without a screen.

    python run_live.py CLIP --headless --record RECORD.jsonl
    python -m viewer RECORD.jsonl --video CLIP --frame 40 --out scene.png
    python -m viewer RECORD.jsonl --video CLIP --frame 40 --out scene.png --view side

Views: orbit (as the window opens), front (through the camera's lens, over the video), side (from the right, level with
the floor), above (straight down). The floor is estimated from all lines up to the frame, as it is live.
"""

import argparse
import sys

import cv2

from duopose.viewer.offscreen import VIEWS, Camera, Unavailable
from duopose.viewer.record import picture, scenes


def main():
    parser = argparse.ArgumentParser(
        prog="python -m viewer", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("record", metavar="RECORD.jsonl", help="what run_live.py --record wrote")
    parser.add_argument(
        "--video", metavar="CLIP", help="the video, image or folder it was made from (default: no pictures)"
    )
    parser.add_argument("--frame", type=int, metavar="N", help="number of the frame, as recorded (default: the last)")
    parser.add_argument("--out", required=True, metavar="FILE.png", help="picture to write")
    parser.add_argument("--view", choices=VIEWS, default="orbit")
    parser.add_argument("--size", default="1280x720", metavar="WxH", help="of the picture (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        width, height = (int(part) for part in arguments.size.lower().split("x"))
        image = shot(arguments.record, arguments.video, arguments.frame, arguments.view, width, height)
    except (OSError, ValueError, Unavailable) as error:
        parser.error(str(error))
    if not cv2.imwrite(arguments.out, cv2.cvtColor(image, cv2.COLOR_RGBA2BGR)):
        parser.error(f"{arguments.out} can't be written")
    print(f"{arguments.out}: {width}x{height}, view {arguments.view}")
    return 0


def shot(record, video, frame, view, width, height):
    """-> uint8 RGBA [height, width, 4]. ValueError if the frame is not in the record."""
    camera, scene = Camera(width, height), None
    for scene in scenes(record):
        if scene.frame.number == frame:
            break
        camera.stage.floor.update(scene)
    if scene is None or frame not in (None, scene.frame.number):
        raise ValueError(f"{record} has no frame {frame}" if scene else f"{record} is empty")
    camera.show(scene, picture(video, scene.frame) if video else None)
    return camera.shoot(view)


if __name__ == "__main__":
    sys.exit(main())
