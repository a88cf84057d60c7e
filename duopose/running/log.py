"""What a run tells, as the standard library's logging has it: to stderr, and to a file that stays small.

On stderr people read "duopose: what happened", as a terminal or a service's journal wants it. With `--log json` each
line is an object: time, level, node, message, and once a second also how the run is doing. The file has the same
objects, or lines with the time in front.
"""

import json
import logging
import sys
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from logging.handlers import RotatingFileHandler

from tqdm import tqdm

from duopose.stream.errors import UsageError

FILE_BYTES, FILES = 10_000_000, 5  # a log file that would grow past this is put aside as FILE.1, ... FILE.5
COMPLAIN_EVERY = 60.0  # s between two lines about a log file that can't be written

logger = logging.getLogger("duopose")


def tell(line, node=None):
    """Log a line for the user. A node speaks only of what is not as it should be: that is a warning."""
    logger.log(logging.WARNING if node else logging.INFO, line, extra={"node": node})


def tell_summary(text):
    """Print what was found; the log has it too."""
    print(text, flush=True)
    logger.info(text, extra={"printed": True})


def tell_secret(line):
    """Say a line on stderr alone: no file may keep it."""
    logger.info(line, extra={"secret": True})


def tell_measures(now):
    """Log how the run is doing, watch.Now, for programs."""
    each = {
        camera.name: {name: getattr(camera, name) for name in ("rate", "latency_ms", "people", "dropped", "trouble")}
        for camera in now.cameras
    }
    whole = {"rate": now.rate, "people": now.people, "trouble": now.trouble, "cameras": each}
    logger.info("measured", extra={"measures": each.get("", whole)})  # the only camera, which has no name, is the run


@contextmanager
def logging_to(form, path=None):
    """Send what is logged to stderr, and to the file, until the end of the block. Raises UsageError.

    form   "text" or "json"
    path   of the log file, None without
    """
    handlers = [Stderr(sys.stderr)]
    if path:
        try:
            handlers.append(File(path, maxBytes=FILE_BYTES, backupCount=FILES, encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"can't write {path}: {error.strerror}") from None
    logger.setLevel(logging.INFO)
    logger.propagate = False
    for handler, text in zip(handlers, (SHORT, TIMED), strict=False):
        handler.setFormatter(JSON if form == "json" else text)
        if form == "text":
            handler.addFilter(lambda record: not hasattr(record, "measures"))
        logger.addHandler(handler)
    if form == "text":
        handlers[0].addFilter(lambda record: not hasattr(record, "printed"))
    try:
        yield
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            with suppress(OSError):  # told already
                handler.close()


class Stderr(logging.StreamHandler):
    """Does not tear the progress bar. A stderr that nobody reads any more ends no run."""

    def emit(self, record):
        with tqdm.external_write_mode(file=self.stream):
            super().emit(record)

    def handleError(self, record):
        pass


class File(RotatingFileHandler):
    """A file that can't be written is told on stderr, now and then, and the run goes on."""

    complained_at = -COMPLAIN_EVERY  # s

    def filter(self, record):
        return not hasattr(record, "secret") and super().filter(record)

    def handleError(self, record):
        now = time.monotonic()
        if now - self.complained_at >= COMPLAIN_EVERY:
            self.complained_at = now
            tell(f"can't write {self.baseFilename}: {getattr(sys.exc_info()[1], 'strerror', sys.exc_info()[1])}")


def time_of(record):
    """Wall-clock time with its zone, ISO 8601."""
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


class _Timed(logging.Formatter):
    def format(self, record):
        return f"{time_of(record)} {record.levelname.lower()}: {record.getMessage()}"


class _Json(logging.Formatter):
    def format(self, record):
        line = {
            "time": time_of(record),
            "level": record.levelname.lower(),
            "node": getattr(record, "node", None),
            "message": record.getMessage(),
        }
        return json.dumps(line | getattr(record, "measures", {}))


SHORT, TIMED, JSON = logging.Formatter("duopose: %(message)s"), _Timed(), _Json()
