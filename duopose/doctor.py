"""duopose doctor [--profile NAME] [--device DEVICE] [--json]: what is there, what is slow or missing, and what to do
about it. It takes up to 20 s. In a bug report its output is all that is asked for.

Exit code 0 where a run is possible, 1 where something prevents it. Nothing is sent.
"""

import importlib
import json

from duopose.examining.findings import examined
from duopose.stream.arguments import Parser


def main(argv):
    options = Parser(__doc__)
    options.add_argument("--profile", metavar="NAME", help="whose networks are tried (default: as in a run)")
    options.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="what runs them (default: cpu)")
    options.add_argument("--json", action="store_true", help="the same as one JSON object")
    options = options.parse_args(argv)
    parts = {}
    for name, part in examine(options.profile, options.device):
        parts[name] = part
        if not options.json:
            print(*part.lines(), sep="\n", flush=True)
    stopped = [part.title for part in parts.values() if part.prevents]
    if options.json:
        print(json.dumps({"possible": not stopped, **{name: part.as_json() for name, part in parts.items()}}))
    elif stopped:
        print(f"\nNo run is possible: see {', '.join(stopped)}.")
    else:
        print("\nA run is possible.")
    return 1 if stopped else 0


def examine(profile, device):
    """Look at one subject after the other -> (name, findings.Part) of each, as soon as it is known."""
    # Each in `examined`, with what it imports: a doctor that dies of what is missing helps nobody.
    parts = {}

    def look(module, title, *words):
        name = module.rpartition(".")[2]
        parts[name] = examined(
            title, lambda part: importlib.import_module(f"duopose.examining.{module}").examine(part, *words)
        )
        return name, parts[name]

    yield look("packages", "packages")
    yield look("machine.processor", "processor")
    yield look("machine.memory", "memory")
    yield look("machine.accelerator", "graphics card", device)
    profile = profile or default_profile(device)
    yield look("weights", "weights", profile, device)
    yield look("cache", "compiled kernels")
    yield look("room", "room")
    yield look("machine.clock", "clock")
    yield look("machine.cameras", "webcams")
    yield look("machine.display", "screen")
    yield look("sockets", "network")
    if not any(part.prevents for part in parts.values()):
        yield look("speed", "speed", profile, device, parts["processor"].facts.get("usable") or 1)


def default_profile(device):
    try:
        from duopose.nodes.profile import default

        return default(device)
    except ImportError:  # told by the packages
        return "lite"
