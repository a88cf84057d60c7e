"""duopose replay FILE [--speed N] [options of a run]: what an earlier run left, played again.

    duopose CLIP --headless --session BUG.mcap
    duopose replay BUG.mcap --headless --record AGAIN.jsonl
    duopose replay POSES.jsonl --video CLIP --save-video SEEN.mp4

FILE.mcap: the networks see the same pictures again and give the same poses, to the bit on the same
machine. FILE.jsonl: window and outputs are given the recorded poses, no network runs.
"""

from duopose import live
from duopose.nodes.capture.sources import kind_of
from duopose.nodes.session import TOLD_AGAIN
from duopose.stream.arguments import Parser, positive
from duopose.stream.errors import UsageError
from duopose.stream.session.file import Session

NONE = ("False", "None")  # what settings say of an option that was not given


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("file", metavar="FILE", help="FILE.mcap of --session, or FILE.jsonl of --record")
    parser.add_argument("--speed", type=positive, metavar="N",
                        help="times its own pace (default: a session as fast as it goes, a record 1)")  # fmt: skip
    parser.add_argument("--video", metavar="CLIP", help="what a record was made from, for its pictures")
    arguments, others = parser.parse_known_args(argv)
    kind = kind_of(arguments.file)
    if kind not in ("session", "record"):
        raise UsageError(f"{arguments.file}: a session ends in .mcap, a record in .jsonl")
    if kind == "record":
        if arguments.video and kind_of(arguments.video) not in ("video", "images"):
            raise UsageError(f"--video {arguments.video}: a video, an image or a folder of images")
        return live.main([arguments.file, *others], speed=arguments.speed or 1.0, pictures=arguments.video)
    if arguments.video:
        raise UsageError("--video is for records: a session holds its pictures")
    return live.main([arguments.file, *asked_before(arguments.file), *others], speed=arguments.speed)


def asked_before(path):
    """The options that the session's run had, as far as the poses depend on them."""
    about = Session(path).about
    told = {f"--{name.replace('_', '-')}": about.get(name, "None") for name in TOLD_AGAIN}
    return [word for option, value in told.items() if value not in NONE for word in words(option, value)]


def words(option, value):
    """
    >>> words("--stills", "True"), words("--profile", "lite")
    (['--stills'], ['--profile', 'lite'])
    """
    return [option] if value == "True" else [option, value]
