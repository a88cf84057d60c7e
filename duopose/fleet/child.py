"""The program that a run of a fleet is: `python -m duopose.fleet.child`, started by a pipeline only.

Standard input is its control pipe: a line with the job, and its end when the pipeline wants the run to end or is gone,
however it died. Nothing of the job stands on the command line, where everyone could read its passwords.
"""

import os
import signal
import sys
import threading
import time
from argparse import Namespace

import msgspec

from duopose import live
from duopose.fleet.asked import Asked
from duopose.nodes.capture.sources import silence_libraries
from duopose.running.cameras import file
from duopose.running.interrupts import quiet_end

PATIENCE = 15.0  # s for a run to end in order; then its nodes end all by themselves


class Job(msgspec.Struct, frozen=True):
    """One run."""

    cameras: dict[str, Asked]  # by the names that frames are to bear; "" where there is but one


def lens_file(text):
    """A camera file that is nowhere on a disk, and gone with this process, however that ends -> its path."""
    handle = os.memfd_create("lens.json", 0)
    os.write(handle, text.encode())
    return f"/proc/{os.getpid()}/fd/{handle}"


def of_run(name, asked):
    """-> running.cameras.file.Asked"""
    lens = None if asked.lens is None else lens_file(asked.lens)
    return file.Asked(name, Namespace(**asked.arguments | {"camera": lens}), asked.pose)


def end_with(pipe):
    """End the run in order when nobody holds the other end of the pipe any more."""
    pipe.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)


def main():
    line = sys.stdin.buffer.readline()
    if not line:
        return 0
    job = msgspec.json.decode(line, type=Job)
    silence_libraries()
    try:
        with quiet_end():
            threading.Thread(target=end_with, args=(sys.stdin.buffer,), name="control pipe", daemon=True).start()
            return live.run_cameras([of_run(name, asked) for name, asked in job.cameras.items()])
    except KeyboardInterrupt:  # before the supervisor was there
        return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the thread that reads the pipe is not waited for
