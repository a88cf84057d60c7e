"""duopose bench peers [[N=]CLIP ...] [options]: Duopose beside MediaPipe Pose, MoveNet and BlazePose.

All play the same clips on all cores, in turns, for several rounds; medians. MediaPipe Pose 0.10.21
(full, one person) runs in a virtual environment of its own in --mediapipe FOLDER, which is made and
filled by pip where it isn't there. MoveNet (MultiPose for boxes, Thunder on each) and BlazePose (on
the boxes of Duopose, which finds them for nothing) run by OpenVINO from --models FOLDER. Who isn't
asked for is left out.

Columns: frames a second; people found; ms a person; CPU ms a frame; `ratio`: frames a second over
MediaPipe's of the same round; OKS-AP and PCK on people with human labels. The last two are what
`duopose evaluate people2d` has printed (--accuracy FILE), or are measured now, on the photographs
of --people2d FOLDER, MediaPipe included: minutes.
"""

import statistics
import tempfile
from pathlib import Path

from duopose.benchmarks.parts import options as common
from duopose.benchmarks.parts import people, runs
from duopose.stream.arguments import Parser, count, existing, size

PEOPLE = (1, 4)
ROUNDS = 3


def contenders(options, clip, start_clip, mediapipe):
    """{name: has play() -> parts.peers.Pass}; Duopose first."""
    from duopose.benchmarks.parts import peers

    found = {"Duopose": peers.Duopose(clip, start_clip)}
    if mediapipe:
        found["MediaPipe"] = peers.MediaPipePose(clip, mediapipe)
    if options.models:
        found["MoveNet"] = peers.InThisProcess(clip, peers.movenet_look(options.models))
        found["BlazePose"] = peers.InThisProcess(
            clip, lambda image, number: peers.blazepose_look(options.models, found["Duopose"].boxes)(image, number)
        )
    return found


def row(passes, reference):
    """[Pass] of the rounds, and MediaPipe's of the same rounds or [] -> medians."""
    fps, seen = (statistics.median(getattr(one, key) for one in passes) for key in ("fps", "people"))
    ratios = [one.fps / other.fps for one, other in zip(passes, reference, strict=False)]
    return {
        "fps": fps,
        "people": seen,
        "ms_a_person": 1000 / fps / seen if seen else None,
        "cpu_ms": statistics.median(one.cpu_ms for one in passes),
        "ratio": statistics.median(ratios) if ratios else None,
    }


def main(argv):
    parser = Parser(__doc__)
    people.add_options(parser, PEOPLE)
    add = parser.add_argument
    add("--mediapipe", type=Path, metavar="FOLDER", help="its virtual environment")
    add("--models", type=existing, metavar="FOLDER", help="movenet-*.json, .bin and pose_landmark_*.tflite")
    add("--accuracy", type=existing, metavar="FILE", help="what evaluate people2d printed")
    add("--people2d", type=existing, metavar="FOLDER", help="measure the accuracy now")
    add("--size", type=size, default=(1280, 720), metavar="WxH", help="of the pictures (1280x720)")
    add("--frames", type=runs.enough, default=200, help="of a clip (%(default)s)")
    add("--rounds", type=count, default=ROUNDS, help="(%(default)s)")
    common.add_options(parser)
    options = parser.parse_args(argv)
    common.begin(options)
    if options.accuracy and options.people2d:
        parser.error("--accuracy and --people2d exclude each other")
    from duopose.benchmarks.parts import accuracy
    from duopose.benchmarks.parts.mediapipe_peer import MediaPipe

    shown, said = people.sources(options)
    scores = accuracy.printed(options.accuracy) if options.accuracy else {}
    mediapipe = MediaPipe(options.mediapipe) if options.mediapipe else None
    print(*said, "", sep="\n", flush=True)
    if options.people2d:
        scores = accuracy.measured(options.people2d, options.models, mediapipe)
    rows = {}
    with tempfile.TemporaryDirectory(prefix="duopose-bench-") as folder:
        for who, images in shown.items():
            clip = runs.written(Path(folder, "clip.mp4"), images, options.size, options.frames, 30)
            start_clip = runs.written(Path(folder, "one.mp4"), images, options.size, 1, 30)
            taking_part = contenders(options, clip, start_clip, mediapipe)
            passes = {name: [] for name in taking_part}
            for _ in range(options.rounds):
                for name, contender in taking_part.items():
                    passes[name].append(contender.play())
            for name, own in passes.items():
                rows[f"{who}: {name}"] = row(own, passes.get("MediaPipe", [])) | scores.get(name, {})
    if mediapipe:
        mediapipe.close()
    common.end(options, rows, ("fps", "ms_a_person", "cpu_ms"), "duopose bench peers")
