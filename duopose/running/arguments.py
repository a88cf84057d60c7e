"""What can be asked of a run: the command line of `duopose` without a sub-command."""

import duopose
from duopose.command import COMMANDS
from duopose.stream.arguments import Parser, address, count, port, positive, share, size, size_or_age
from duopose.stream.graph import ASKED
from duopose.stream.settings import SMOOTH

TOLD = "duopose [SOURCE] [options]: everyone's 3D pose in metres, live, from one ordinary camera."
WEB = 8765  # port of the page in a browser
MORE = f"""Sub-commands: {", ".join(COMMANDS[:9])},
{", ".join(COMMANDS[9:])}.
duopose NAME --help tells more. A source of such a name is written ./NAME."""


def nearest_or_identity(text):
    """-> the identity, 0 for the nearest."""
    return 0 if text == "nearest" else count(text)


def parser():
    options = Parser(TOLD, epilog=MORE)
    add = options.add_argument
    add("source", nargs="?", default="demo", metavar="SOURCE",
        help="0, 1 or /dev/videoN, rtsp://, http(s)://, a video, images, cameras.toml or demo (default)")  # fmt: skip
    add("--only", metavar="NAMES", help="of the cameras in cameras.toml these, with commas between them")
    add("--headless", action="store_true", help="no window")
    add("--web", type=port, nargs="?", const=WEB, metavar="PORT",
        help=f"instead of the window, a page for a browser of this machine (default: {WEB})")  # fmt: skip
    pace = options.add_mutually_exclusive_group()
    pace.add_argument("--every-frame", action="store_true", help="files: drop no frame (default when headless)")
    pace.add_argument("--realtime", action="store_true", help="files: at their own pace, dropping like a camera")
    add("--fixed", action="store_true", help="live: no stepping down by itself where the machine is too slow")
    add("--stills", action="store_true", help="unrelated images: each stands alone")
    add("--record", metavar="FILE.jsonl", help="write what is found, a line per frame, below what is there")
    add("--rotate", type=size_or_age, metavar="SIZE|AGE", help="put a record of 100MB or 1h aside, begin a new one")
    add("--save-video", metavar="FILE.mp4", help="write the drawn-on frames; if it is there, FILE-2.mp4")
    add("--overwrite", action="store_true", help="replace both files, with the first frame")
    add("--session", metavar="FILE.mcap", help="write all that is said and seen, for duopose replay")
    add("--stats", metavar="FILE.json", help="write rate, latency and the cost of each node at the end")
    add("--profile", metavar="NAME", help="lite, full, released, or a FOLDER/ of your own (default: lite; cuda: full)")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="what runs the networks (default: cpu)")
    add("--camera", metavar="FILE", help="intrinsics, JSON: fx fy cx cy width height [k1 k2 p1 p2 k3]")
    add("--fov", type=float, metavar="DEG", help="or the horizontal field of view (default: EXIF, else 60)")
    add("--person-height", type=float, metavar="M", help="how tall everybody is, in metres: makes distances right")
    add("--camera-height", type=float, metavar="M", help="or of the camera over the floor, where feet are seen")
    add("--camera-size", type=size, metavar="WxH", help="picture size to ask of a webcam")
    add("--camera-fps", type=positive, metavar="N", help="frames a second to ask of a webcam")
    add("--lookahead", type=int, default=0, metavar="N", help="frames the temporal window may look ahead (default: 0)")
    add("--smooth", type=share, metavar="S", help=f"0 (as measured) to 1: less trembling, more lag (default: {SMOOTH})")
    add("--also", action="append", default=[], metavar="NAME", help=f"another node to start: {', '.join(ASKED)}")
    add("--send", action="append", default=[], metavar="ADDRESS",
        help="ws://127.0.0.1:PORT (JSON), vmc://HOST:PORT (an avatar), lsl: (joints)")  # fmt: skip
    add("--person", type=nearest_or_identity, metavar="nearest|ID", help="who goes to vmc://, lsl: (default: nearest)")
    add("--listen", metavar="ADDRESS", help="tcp://HOST:PORT where other machines may follow, see duopose keys")
    add("--listen-frames", action="store_true", help="and see its pictures")
    add("--keys", metavar="FOLDER", help="where the keys lie (default: ~/.config/duopose/keys)")
    add("--insecure", action="store_true", help="without keys: everybody who can reach the address may listen")
    add("--max-people", type=count, default=20, metavar="N", help="(default: 20)")
    add("--privacy", action="store_true", help="show and write poses only, not one pixel of the source")
    operate = options.add_argument_group("to leave it running (docs/operate.md)").add_argument
    operate(
        "--secrets", metavar="FILE", help="where rtsp://NAME is looked up: lines NAME = rtsp://user:password@host/..."
    )
    operate(
        "--log",
        choices=("text", "json"),
        default="text",
        help="how stderr and the log file are written (default: text)",
    )
    operate("--log-file", metavar="FILE", help="keep the log, with times, in FILE, FILE.1, ...: 60 MB at most")
    operate(
        "--metrics",
        type=address,
        metavar="[HOST:]PORT",
        help="serve /metrics (Prometheus) and /health (default HOST: 127.0.0.1)",
    )
    add("--version", action="version", version=f"duopose {duopose.__version__}")
    return options
