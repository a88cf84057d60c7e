"""duopose fleet CAMERAS.toml [options] | duopose fleet status [--json]: many cameras on many machines, by Ray.

    duopose fleet cameras.toml                              on this machine alone
    duopose fleet cameras.toml --ray 10.0.0.5:6379 --listen tcp://*:5570
    duopose fleet status                                    where each camera runs, how it is doing
    duopose view tcp://HEAD:5570 --key laptop.key           all of them, from anywhere

The file has a part [camera.NAME] with source = ... for each camera; SIGHUP has it read again. A
camera whose machine dies goes on elsewhere. docs/fleet.md tells how the machines are set up.
"""

from duopose.fleet import status
from duopose.stream.arguments import Parser, address, count, positive

CPUS = 1.0  # that Ray keeps for a camera if nothing else is said: two do 20 frames/s with three people in view


def main(argv):
    if argv[:1] == ["status"]:
        return tell_status(argv[1:])
    parser = Parser(__doc__)
    add = parser.add_argument
    add("file", metavar="CAMERAS.toml", help="the cameras: [camera.NAME] with source = ... and options of duopose")
    add("--ray", metavar="HOST:PORT", help="a Ray cluster that runs (default: one is started here, on loopback)")
    add("--cameras-per-pipeline", type=count, metavar="N",
        help="that share one process of Ray's (default: so that all machines have some)")  # fmt: skip
    add("--cpus-per-camera", type=positive, default=CPUS, metavar="N", help="that Ray keeps for one (default: 1)")
    add("--share", action="store_true", help="the cameras of a pipeline share one run, see docs/fleet.md")
    add("--listen", metavar="ADDRESS", help="tcp://HOST:PORT where other machines may follow all, see duopose keys")
    add("--keys", metavar="FOLDER", help="where the keys lie (default: ~/.config/duopose/keys)")
    add("--insecure", action="store_true", help="without keys: everybody who can reach the address may listen")
    add("--metrics", type=address, metavar="[HOST:]PORT", help="serve /metrics (Prometheus) and /health")
    add("--log", choices=("text", "json"), default="text", help="how stderr and the log file are written")
    add("--log-file", metavar="FILE", help="keep the log, with times, in FILE, FILE.1, ...")
    arguments = parser.parse_args(argv)
    arguments.listen_frames = False  # pixels stay where they are
    from duopose.fleet.running import run  # the status needs none of it

    return run(arguments)


def tell_status(argv):
    parser = Parser("duopose fleet status [--json]: where each camera of a fleet runs, and how it is doing.")
    parser.add_argument("--json", action="store_true", help="for programs: an object, its age_s, and a row a camera")
    arguments = parser.parse_args(argv)
    found = status.read()
    print(status.as_json(found) if arguments.json else "\n".join(status.table(found)))
