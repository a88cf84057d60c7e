"""The command `duopose`: one of the sub-commands, or else a run of the live pipeline."""

# ruff: noqa: E402
import time

STARTED = time.monotonic()  # before other imports: start-up time counts from here

import errno
import importlib
import os
import sys

from duopose.running.interrupts import quiet_end
from duopose.stream.errors import UsageError

COMMANDS = (  # each a file or a folder beside this one
    "bench",
    "calibrate",
    "doctor",
    "draw",
    "evaluate",
    "export",
    "fleet",
    "keys",
    "released",
    "replay",
    "train",
    "view",
)
NOT_READ = 141  # exit code where nobody reads standard output any more, as in `duopose ... | head -1`: 128 + SIGPIPE


def main(argv=None):
    """Run the command -> exit code: 0 ended as asked, 2 wrong usage or input (one line on stderr), 1 anything else.

    argv   the words after `duopose` (default: those of this process)
    """
    fill_standard_streams()
    words = sys.argv[1:] if argv is None else argv
    name = words[0] if words and words[0] in COMMANDS else None
    try:
        try:
            return run(name, words)
        finally:  # also after --help: what can't be written is found here, not while Python shuts down
            sys.stdout.flush()
    except BrokenPipeError:
        forget_stdout()
        return NOT_READ
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename:
            raise
        forget_stdout()
        complain(name, f"can't write what was found: {error.strerror}")
        return 1


def run(name, words):
    """Run the sub-command, or the pipeline where `name` is None -> exit code."""
    try:
        if name:
            return importlib.import_module(f"duopose.{name}").main(words[1:]) or 0
        with quiet_end():
            return importlib.import_module("duopose.live").main(words)
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
    complain(name, complaint)
    return 2


def complain(name, complaint):
    """One line on stderr."""
    print(f"duopose {name}:" if name else "duopose:", " ".join(complaint.split()), file=sys.stderr, flush=True)


def fill_standard_streams():
    """Where a standard stream is closed, a file or socket of ours would take its place and be written to."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(handle)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def forget_stdout():
    """What is left in its buffer goes nowhere: Python would complain of it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
