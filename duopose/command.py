"""The command `duopose`: one of the sub-commands, or else a run of the live pipeline."""

# ruff: noqa: E402
import time

STARTED = time.monotonic()  # before other imports: start-up time counts from here

import importlib
import sys

from duopose.stream.errors import UsageError

COMMANDS = ("bench", "draw", "evaluate", "keys", "released", "replay", "train", "view")  # each a file beside this one


def main(argv=None):
    """Run the command -> exit code: 0 ended as asked, 2 wrong usage or input (one line on stderr), 1 anything else.

    argv   the words after `duopose` (default: those of this process)
    """
    words = sys.argv[1:] if argv is None else argv
    name = words[0] if words and words[0] in COMMANDS else None
    try:
        module = importlib.import_module(f"duopose.{name or 'live'}")
        return module.main(words[1:] if name else words) or 0
    except UsageError as error:
        complaint = str(error)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        if not name:
            raise  # a live run has looked at its files before: this is ours to mend
        complaint = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    except ModuleNotFoundError as error:
        if not name or error.name.startswith("duopose"):
            raise
        complaint = f"{error.name} is not installed: pip install 'duopose[train]'"
    except KeyboardInterrupt:
        return 130 if name else 0  # how a live run is meant to end
    print(f"duopose {name}:" if name else "duopose:", " ".join(complaint.split()), file=sys.stderr, flush=True)
    return 2
