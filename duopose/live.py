#!/usr/bin/env python3
"""Everyone's 3D pose in metres, live, from one ordinary camera.

python run_live.py                                     the clip that comes with the project
python run_live.py 0                                   a webcam
python run_live.py rtsp://camera/live --headless       a network stream, without a window
python run_live.py CLIP.mp4 --record POSES.jsonl       a video; everything that was found, a line per frame
"""

# ruff: noqa: E402
import time

STARTED = time.monotonic()  # before the imports: start-up time counts from here

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import msgspec

from duopose import viewer
from duopose.kernels.cache import fill_cache, is_filled
from duopose.networks.runtime import weights_folder
from duopose.nodes import profiles, released
from duopose.nodes.capture.files import ImageFiles, VideoFile
from duopose.nodes.capture.opening import open_camera
from duopose.nodes.capture.sources import kind_of, silence_libraries, source_path, webcam_index, without_password
from duopose.running.progress import Progress
from duopose.stream.camera_file import Cameras
from duopose.stream.errors import UsageError
from duopose.stream.graph import NODES, started
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.settings import Settings

NETWORKS = ("detector", "top_down", "gcn", "joint_tcn", "root_tcn", "bottom_up", "integration")
ASKED = [node.name for node in NODES if node.when == "asked"]
IN_FLIGHT = {"offline": 4, "live": 3}  # frames under way at most: enough to keep two cores busy, few enough to be quick


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(f"{message} (--help tells more)")


def parser():
    width = {"formatter_class": lambda prog: argparse.HelpFormatter(prog, max_help_position=27, width=100)}
    options = Parser(
        "run_live.py", usage="run_live.py [SOURCE] [options]", description=__doc__.partition("\n")[0],
        allow_abbrev=False, **width,
    )  # fmt: skip
    add = options.add_argument
    add("source", nargs="?", default="demo", metavar="SOURCE",
        help="0, 1, ... or /dev/videoN (webcam), rtsp:// or http(s):// (stream), a video, an image, a folder "
        "of images, or demo (default)")  # fmt: skip
    add("--headless", action="store_true", help="no window")
    pace = options.add_mutually_exclusive_group()
    pace.add_argument("--every-frame", action="store_true", help="files: drop no frame (default when headless)")
    pace.add_argument("--realtime", action="store_true", help="files: at their own pace, dropping like a camera")
    add("--stills", action="store_true", help="unrelated images: each stands alone")
    add("--record", metavar="FILE.jsonl", help="write what is found, a line per frame")
    add("--save-video", metavar="FILE.mp4", help="write the frames with joints, identities and distances")
    add("--stats", metavar="FILE.json", help="write rate, latency and the cost of each node at the end")
    add("--profile", metavar="NAME", help="networks: lite, full, released (the paper's authors'), or a folder of your own, "
        "written with a / (default: lite; full on cuda)")  # fmt: skip
    add("--device", choices=("cpu", "cuda"), default="cpu", help="what runs the networks (default: cpu)")
    add("--camera", metavar="FILE", help="intrinsics, JSON: fx fy cx cy width height [k1 k2 p1 p2 k3]")
    add("--fov", type=float, metavar="DEG", help="or the horizontal field of view (default: 60)")
    add("--camera-size", type=size, metavar="WxH", help="picture size to ask of a webcam")
    add("--camera-fps", type=positive, metavar="N", help="frames a second to ask of a webcam")
    add(
        "--lookahead", type=int, default=0, metavar="N", help="frames of delay the temporal window may use (default: 0)"
    )
    add("--also", action="append", default=[], metavar="NAME", help=f"start this node too: {', '.join(ASKED)}")
    add("--max-people", type=count, default=20, metavar="N", help="(default: 20)")
    return options


def size(text):
    """ "1280x720" -> (1280, 720)"""
    width, _, height = text.lower().partition("x")
    return count(width), count(height)


def count(text):
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def positive(text):
    if not 0 < float(text) < float("inf"):
        raise ValueError(text)
    return float(text)


def settings_from(arguments, say):
    """Arguments -> Settings, after everything that can be checked before a node starts. Raises UsageError."""
    kind = kind_of(arguments.source)
    live = kind in ("webcam", "stream")
    if live and (arguments.every_frame or arguments.realtime):
        raise UsageError("--every-frame and --realtime are for files: a camera has its own pace")
    if kind != "webcam" and (arguments.camera_size or arguments.camera_fps):
        raise UsageError("--camera-size and --camera-fps are for webcams")
    if arguments.stills and kind != "images":
        raise UsageError("--stills is for images")
    if arguments.stills and arguments.realtime:
        raise UsageError("--stills and --realtime exclude each other: unrelated images have no pace")
    if arguments.camera and arguments.fov is not None:
        raise UsageError("--camera and --fov exclude each other")
    if arguments.fov is not None and not 1 <= arguments.fov <= 179:
        raise UsageError(f"--fov {arguments.fov:g}: a horizontal field of view lies between 1 and 179 degrees")
    check_also(arguments.also)
    profile = check_weights(arguments.profile, arguments.device, arguments.lookahead, say)
    total = check_source(arguments.source, kind, Cameras(arguments.camera, arguments.fov))
    check_outputs(arguments)
    headless = arguments.headless
    if not headless and (reason := viewer.available()):
        say(f"no window: {reason}")
        headless = True
    every_frame = not live and not arguments.realtime and (arguments.every_frame or headless or kind == "images")
    return Settings(
        source=arguments.source,
        kind=kind,
        every_frame=every_frame,
        stills=arguments.stills,
        record=arguments.record,
        save_video=arguments.save_video,
        profile=profile,
        device=arguments.device,
        camera_file=arguments.camera,
        fov=arguments.fov,
        camera_size=arguments.camera_size,
        camera_fps=arguments.camera_fps,
        lookahead=arguments.lookahead,
        max_people=arguments.max_people,
        in_flight=IN_FLIGHT["offline" if every_frame else "live"] + arguments.lookahead,  # as many wait for others
        headless=headless,
        also=tuple(arguments.also),
        started_at=STARTED,
        total=total,
    )


def check_weights(profile, device, lookahead, say):
    """The profile to use. Raises UsageError where its weights are missing or don't know that look-ahead."""
    if device == "cuda":
        check_cuda()
    suffix = ".xml" if device == "cpu" else ".safetensors"
    chosen = profile or ("full" if device == "cuda" else "lite")
    folder = weights_folder(chosen)
    chosen = str(folder.absolute()) if os.sep in chosen else chosen  # nodes need not start in this folder
    if profiles.is_released(chosen):
        check_released(folder, lookahead)
        return chosen
    missing = [path for name in NETWORKS if not (path := folder / (name + suffix)).exists()]
    if missing and chosen == "full" and profile is None:
        say(f"profile lite: there are no weights of profile full ({missing[0]})")
        return check_weights("lite", device, lookahead, say)
    if missing:
        raise UsageError(f"profile {chosen}: weights are missing: {missing[0]}")
    shipped = json.loads((folder / "joint_tcn.json").read_text())["arguments"]["lookaheads"]
    if lookahead not in shipped:
        raise UsageError(f"--lookahead {lookahead}: there are weights for {', '.join(map(str, shipped))}")
    return chosen


def check_released(folder, lookahead):
    """Raise UsageError unless the weights that the paper's authors released are there, and torch to run them."""
    missing = [path for name in released.NAMES if not (path := folder / f"{name}.safetensors").exists()]
    if missing:
        raise UsageError(
            f"profile released: weights are missing: {missing[0]}; from the authors' checkpoints "
            f"python -m duopose.networks.weights import-released CKPTS_DIR {folder} makes them"
        )
    if lookahead not in released.LOOKAHEADS:
        raise UsageError(f"--lookahead {lookahead}: there are weights for {', '.join(map(str, released.LOOKAHEADS))}")
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("safetensors") is None:
        raise UsageError("profile released needs torch: pip install 'duopose[cuda]'")


def check_cuda():
    try:
        import torch
    except ImportError:
        raise UsageError("--device cuda needs torch: pip install 'duopose[cuda]'") from None
    if not torch.cuda.is_available():
        raise UsageError("--device cuda: torch finds no CUDA device")


def check_also(names):
    """Raise UsageError unless each is a node that is started when it is asked for."""
    if unknown := [name for name in names if name not in ASKED]:
        raise UsageError(f"--also {unknown[0]}: no such node; there are: {', '.join(ASKED)}")


def check_source(source, kind, cameras):
    """Open a file and read its first picture -> how many pictures there are, None if unknown. Raises UsageError.

    A webcam must be there and the camera file be for one camera; the rest of a live source is seen by capture.
    """
    if kind in ("webcam", "stream"):
        if kind == "webcam":
            webcam_index(source)
        if cameras.per_file is not None:
            raise UsageError(f"{cameras.path} names cameras of image files, the source is no folder of images")
        return None
    file = (ImageFiles if kind == "images" else VideoFile)(source_path(source), Counter())
    if kind == "images" and cameras.per_file is not None:
        for image in file.files:
            if image.name not in cameras.per_file:
                raise UsageError(f"{cameras.path}: no camera for {image.name}")
    first = next(file.pictures())
    cameras.of(first.width, first.height, first.file)
    return file.total


def check_camera(settings, say):
    """Wait for a picture of a live source: before something that takes longer than the user should wait for an error."""
    source = open_camera(settings, Counter(), say)
    while source.newest(0.1) is None:
        pass
    source.close()


def check_outputs(arguments):
    """Each output can be written and is no file that is read. Raises UsageError."""
    taken = {os.path.realpath(path): path for path in (source_path(arguments.source), arguments.camera) if path}
    for path in filter(None, (arguments.record, arguments.save_video, arguments.stats)):
        real = os.path.realpath(path)
        if real in taken and (os.path.isfile(real) or not os.path.exists(real)):
            raise UsageError(f"{path} is named twice")
        taken[real] = path
        try:
            open(path, "ab").close()
        except OSError as error:
            raise UsageError(f"can't write {path}: {error.strerror}") from None


def statistics(settings, reports, measured):
    """What `--stats` writes.

    reports    {node: stream.processes.process.Report}
    measured   what the recorder left, see nodes/recorder/measures.py; {} if it could not
    """
    counts = reports["capture"].counts
    return {
        "frames_read": counts.get("read", 0),
        "frames_processed": measured.get("frames_processed", reports["recorder"].handled),
        "frames_dropped": dropped(counts),
        "fps": measured.get("fps"),
        "latency_ms": measured.get("latency_ms", {"p50": None, "p95": None, "p99": None}),
        "nodes": {
            name: {
                "ms_p50": rounded(report.ms_p50),
                "ms_p95": rounded(report.ms_p95),
                "cpu_s": rounded(report.cpu_s),
                "rss_peak_mb": rounded(report.rss_peak_mb, 1),
                "restarts": report.restarts,
            }
            for name, report in reports.items()
        },
        "startup_s": measured.get("startup_s"),
        "profile": settings.profile,
        "device": settings.device,
        "backend": backend(settings),
    }


def dropped(counts):
    """Frames that were read and not processed: for want of time, or lost with a node that died."""
    return counts.get("dropped", 0) + counts.get("lost", 0) + counts.get("ill_fitting", 0)


def rounded(value, digits=2):
    return None if value is None else round(value, digits)


def backend(settings):
    """What ran the networks, e.g. "OpenVINO bf16"; some may run in another precision than others."""
    return ", ".join(sorted(profiles.backends(settings)))


def summary(settings, counts, measured):
    """What was found, in two lines for the user.

    counts     of capture, see nodes/capture/capture.py
    """
    latency = measured["latency_ms"]
    parts = [f"{measured['frames_processed']} frames"]
    for what, number in (("dropped", dropped(counts)), ("unreadable", counts.get("unreadable"))):
        parts += [f"{number} {what}"] if number else []
    parts += [f"{measured['fps']:.1f} a second"] if measured["fps"] else []
    parts += [f"latency {latency['p50']:.0f} ms (95 %: {latency['p95']:.0f} ms)"] if latency["p50"] else []
    lines = [f"{without_password(settings.source)}: {', '.join(parts)}"]
    if measured["identities"]:
        places = ", ".join(f"{identity} at {distance:.1f} m" for identity, distance in measured["last_people"])
        lines.append(f"up to {measured['most_people']} people at a time; last seen: {places}")
    else:
        lines.append("nobody was seen")
    return "\n".join(lines)


def run(settings, stats_file, say):
    """Run the pipeline to its end -> exit code. Raises UsageError if a node did."""
    nodes = started(settings)
    if profiles.is_released(settings.profile):
        nodes = [node._replace(stall=released.PATIENCE * node.stall) for node in nodes]
    with Progress(settings.total, say) as progress:
        outcome = Supervisor(settings, nodes, say=progress.say).run(on_tick=progress.tick)
    if outcome.code == 2:
        raise UsageError(outcome.message)
    left = Path(settings.stats).read_bytes()
    measured = json.loads(left) if left else {}  # the recorder writes it at its end, unless it was killed
    if stats_file:
        Path(stats_file).write_text(json.dumps(statistics(settings, outcome.reports, measured), indent=2) + "\n")
    if outcome.code:
        say(outcome.message)
    elif measured:
        print(summary(settings, outcome.reports["capture"].counts, measured), flush=True)
    return outcome.code


def to_stderr(line):
    print(f"run_live.py: {line}", file=sys.stderr, flush=True)


def main(argv=None):
    try:
        silence_libraries()
        arguments = parser().parse_args(argv)
        settings = settings_from(arguments, to_stderr)
        if not is_filled():
            if settings.kind in ("webcam", "stream"):
                check_camera(settings, to_stderr)
            fill_cache(to_stderr)
        with tempfile.NamedTemporaryFile(prefix="duopose-", suffix=".json") as measures:
            settings = msgspec.structs.replace(settings, stats=measures.name)
            return run(settings, arguments.stats, to_stderr)
    except UsageError as error:
        to_stderr(" ".join(str(error).split()))
        return 2
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
