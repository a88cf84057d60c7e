"""duopose draw RECORD.jsonl --out FILE.png [options]: recorded poses as a picture, without a screen.

    duopose CLIP --headless --record RECORD.jsonl
    duopose draw RECORD.jsonl --video CLIP --frame 40 --out scene.png
    duopose draw RECORD.jsonl --video CLIP --frame 40 --out scene.png --view side

Views: orbit (as the window opens), front (through the camera's lens, over the video), side (from
the right, level with the floor), above (straight down). The floor is estimated from all lines up to
the frame, as it is live. `duopose view RECORD.jsonl` opens a window instead.
"""

from pathlib import Path

import cv2

from duopose.stream.arguments import Parser, size
from duopose.stream.errors import UsageError
from duopose.stream.record.pictures import Pictures
from duopose.stream.record.reading import last_run
from duopose.stream.record.scenes import scenes
from duopose.viewer.offscreen import VIEWS, Camera, Unavailable


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("record", metavar="RECORD.jsonl", help="what duopose --record wrote")
    add("--video", metavar="CLIP", help="the video, image or folder it was made from (default: no pictures)")
    add("--frame", type=int, metavar="N", help="number of the frame in the last run of the record (default: its last)")
    add("--out", required=True, metavar="FILE.png", help="picture to write")
    add("--view", choices=VIEWS, default="orbit")
    add("--size", type=size, default="1280x720", metavar="WxH", help="of the picture (default: %(default)s)")
    arguments = parser.parse_args(argv)
    for path in filter(None, (arguments.record, arguments.video)):
        if not Path(path).exists():
            raise UsageError(f"{path}: no such file or folder")
    width, height = arguments.size
    try:
        image = shot(arguments.record, arguments.video, arguments.frame, arguments.view, width, height)
        written = cv2.imwrite(arguments.out, cv2.cvtColor(image, cv2.COLOR_RGBA2BGR))
    except (OSError, ValueError, Unavailable, cv2.error) as error:
        raise UsageError(error) from None
    if not written:
        raise UsageError(f"{arguments.out} can't be written")
    print(f"{arguments.out}: {width}x{height}, view {arguments.view}")


def shot(record, video, frame, view, width, height):
    """-> uint8 RGBA [height, width, 4]. ValueError if the frame is not in the last run of the record."""
    camera, scene = Camera(width, height), None
    for scene in scenes(record, since=last_run(record)):
        if scene.frame.number == frame:
            break
        camera.stage.world.floor.update(scene)
    if scene is None or frame not in (None, scene.frame.number):
        raise ValueError(f"{record} has no frame {frame}" if scene else f"{record} is empty")
    camera.show(scene, Pictures(video).of(scene.frame) if video else None)
    return camera.shoot(view)
