"""duopose calibrate --print FILE.png | SOURCE --out FILE.json | RECORD.jsonl --from-people --out FILE.json:
the lens of a camera, for --camera.

    duopose calibrate --print board.png             print it at 100 %, glue it onto something flat
    duopose calibrate 0 --out camera.json           hold it in front of the webcam
    duopose calibrate PHOTOS/ --out camera.json     or a folder of pictures, a clip, a stream
    duopose 0 --camera camera.json
    duopose calibrate poses.jsonl --from-people --out camera.json   no board: people seen from above

Zoom and focus must be those of the runs. docs/calibrate.md tells how to hold the board.
"""

import math
import os
import sys
import time
from pathlib import Path

from duopose.running.outputs import check_output
from duopose.stream.arguments import Parser, positive
from duopose.stream.camera_file import write
from duopose.stream.errors import UsageError

SECONDS = 120.0


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("source", nargs="?", metavar="SOURCE", help="pictures of the board: a folder, a clip, a webcam, a stream")
    add("--print", metavar="FILE.png", dest="page", help="write the board as a page to print, nothing else")
    add("--paper", choices=("a4", "letter"), default="a4", help="(default: %(default)s)")
    add("--out", metavar="FILE.json", help="camera file to write")
    add("--seconds", type=positive, default=SECONDS, metavar="S",
        help="of a camera or a clip, at most (default: %(default)g)")  # fmt: skip
    add("--secrets", metavar="FILE", help="where rtsp://NAME is looked up")
    add("--from-people", action="store_true", help="SOURCE is a record: focal length from people who stand or walk")
    arguments = parser.parse_args(argv)
    if arguments.page:
        return print_board(arguments.page, arguments.paper)
    if not arguments.source:
        raise UsageError("name a SOURCE, or --print FILE.png (--help tells more)")
    if not arguments.out:
        raise UsageError("name the camera file to write: --out FILE.json")
    if os.path.realpath(arguments.out) == os.path.realpath(arguments.source):
        raise UsageError(f"{arguments.out} is named twice")
    check_output(arguments.out)  # before somebody holds a board for two minutes
    return (from_people if arguments.from_people else from_board)(arguments)


def print_board(path, paper):
    from duopose.calibrate.board import COLUMNS, DOTS, ROWS, SQUARE, page, write_png

    if not path.lower().endswith(".png"):
        raise UsageError(f"{path}: the board is written as FILE.png")
    write_png(path, page(paper), 1000 * DOTS)
    print(f"{path}: {COLUMNS}x{ROWS} squares of {SQUARE} mm on {paper}, for printing at 100 %")


def from_board(arguments):
    from duopose.calibrate.lens import LEAST_VIEWS, fit
    from duopose.calibrate.looking import look

    views = look(arguments.source, arguments.seconds, say, arguments.secrets)
    if len(views.kept) < LEAST_VIEWS:
        raise UsageError(
            f"the board is seen in {views.found} of {views.looked_at} pictures, {len(views.kept)} of them differ, and "
            f"{LEAST_VIEWS} are needed: {views.wishes()[0]}"
        )
    lens = fit(views.chosen())
    write(
        arguments.out,
        lens.intrinsics,
        error_px=round(lens.error, 3),
        focal_sd=round(lens.focal_sd, 5),
        views=len(lens.views),
        date=today(),
    )
    tell(lens, views)
    print(f"{arguments.out}: use it with --camera {arguments.out}")


def from_people(arguments):
    from duopose.calibrate.people import STEP, camera_of, focal_from, steps_of
    from duopose.stream.record.reading import last_run
    from duopose.stream.record.scenes import scenes

    if not Path(arguments.source).is_file():
        raise UsageError(f"{arguments.source}: no such record (duopose CLIP --record FILE.jsonl writes one)")
    try:
        steps, size = steps_of(scenes(arguments.source, since=last_run(arguments.source)))
    except ValueError as error:
        raise UsageError(error) from None
    found = focal_from(steps, *size)
    camera = camera_of(found, *size)
    write(arguments.out, camera, made_from="people", focal_sd=round(found.focal_sd, 4), date=today())
    print(f"people   {found.people}, {found.steps} observations of {STEP:g} s")
    print(f"lens     fx {camera.fx:.0f} (+- {100 * found.focal_sd:.1f} %), no distortion, the axis in the middle")
    print(f"tilt     {math.degrees(found.tilt):.1f} degrees down")
    print(f"{arguments.out}: use it with --camera {arguments.out}; a board would be ten times as sure")


def tell(lens, views):
    """What was found, how sure it is, and what would make it better."""
    from duopose.calibrate.views import coverage

    one = lens.intrinsics
    across, down = lens.fields
    print(f"views    {len(lens.views)} used of {len(views.kept)} that differ; board seen in {views.found} pictures")
    if lens.bad:
        print(f"left out {', '.join(lens.bad)}")
    print(f"error    {lens.error:.2f} pixels")
    print(
        f"lens     fx {one.fx:.1f} (+- {100 * lens.focal_sd:.2f} %)  fy {one.fy:.1f}  cx {one.cx:.1f}  cy {one.cy:.1f}"
    )
    print(f"         k1 {one.k1:.4f}  k2 {one.k2:.4f}  p1 {one.p1:.5f}  p2 {one.p2:.5f}  k3 {one.k3:.4f}")
    print(f"field    {across:.1f} x {down:.1f} degrees, pictures of {one.width}x{one.height}")
    print("corners  in each part of the picture:")
    for row in coverage(lens.views):
        print("         " + "".join(f"{count:6d}" for count in row))
    for wish in views.wishes():
        print(f"better   {wish}")


def today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def say(line):
    print(line, file=sys.stderr, flush=True)
