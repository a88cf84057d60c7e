"""The program a camera's run is started by: `python -m duopose.fleet.child`, from a pipeline only.

Standard input is its control pipe: a line with the job, and its end when the pipeline wants the run to end or is gone,
however it died. Nothing of the job stands on the command line, where everyone could read its passwords.
"""

import os
import signal
import sys
import threading
import time

import msgspec

from duopose.command import main as command
from duopose.running.interrupts import quiet_end

PATIENCE = 15.0  # s for a run to end in order; then its nodes end all by themselves


class Job(msgspec.Struct, frozen=True):
    """One run of `duopose`."""

    words: tuple[str, ...]  # of its command line
    lens: str | None  # what its camera file is to hold


def lens_file(text):
    """A camera file that is nowhere on a disk, and gone with this process, however that ends -> its path."""
    handle = os.memfd_create("lens.json", 0)
    os.write(handle, text.encode())
    return f"/proc/{os.getpid()}/fd/{handle}"


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
    with quiet_end():
        threading.Thread(target=end_with, args=(sys.stdin.buffer,), name="control pipe", daemon=True).start()
        return command([*job.words, *(["--camera", lens_file(job.lens)] if job.lens is not None else [])])


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:  # before the run had begun
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the thread that reads the pipe is not waited for
