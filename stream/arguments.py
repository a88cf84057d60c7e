"""The command line of a program, told by the docstring of its module; and values that several programs take."""

import argparse
import re
import textwrap
from pathlib import Path

from duopose.stream.errors import UsageError

WIDTH = 100  # columns of the help


class Parser(argparse.ArgumentParser):
    """An argparse parser whose complaints are UsageErrors: one line on stderr, exit code 2.

    told   what to type, up to the first colon, then what it does: "duopose bench rtsp [options]: minutes of a stream"

    Options can't be abbreviated, so that a program may hand on to another one what it does not know itself.
    """

    def __init__(self, told, prog=None, **how):  # prog: what argparse calls a sub-parser; `told` says it better
        typed, about = split(told)
        usage = textwrap.fill(typed, WIDTH - 7, subsequent_indent=" " * 7, break_long_words=False)
        how = {"formatter_class": Formatter, "allow_abbrev": False} | how
        super().__init__(typed, usage=usage, description=about, **how)

    def error(self, message):
        raise UsageError(f"{message} (--help tells more)")


class Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog):
        super().__init__(prog, max_help_position=27, width=WIDTH)


def split(told):
    """A program's docstring -> what to type, what it does: the first paragraph wrapped anew, the others as they stand.

    >>> split("duopose bench rtsp [--seconds S]: a stream\\nthat is killed. Why: because.")
    ('duopose bench rtsp [--seconds S]', 'A stream that is killed. Why: because.')
    """
    typed, about = re.split(r":\s+", told.strip(), maxsplit=1)
    first, blank, others = (about[:1].upper() + about[1:]).partition("\n\n")
    return " ".join(typed.split()), textwrap.fill(first, WIDTH) + blank + others


def existing(text):
    """A file or a folder that is there."""
    if not Path(text).exists():
        raise argparse.ArgumentTypeError(f"{text}: no such file or folder")
    return Path(text)


def size(text, least=1):
    """
    >>> size("1280x720")
    (1280, 720)
    """
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) >= least and int(height) >= least):
        raise argparse.ArgumentTypeError(f"{text!r} is no WIDTHxHEIGHT in pixels, from {least}x{least} up, as 640x360")
    return int(width), int(height)


def address(text):
    """
    >>> address("9464"), address("0.0.0.0:9464"), address("[::1]:9464")
    (('127.0.0.1', 9464), ('0.0.0.0', 9464), ('::1', 9464))
    """
    host, _, port = text.rpartition(":")
    if not (port.isdecimal() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no PORT and no HOST:PORT, as 9464 or 0.0.0.0:9464")
    return host.strip("[]") or "127.0.0.1", int(port)


def port(text):
    """
    >>> port("8765"), port("0")
    (8765, 0)
    """
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port, as 8765, 0 = any free one; the source stands first")
    return int(text)


def count(text):
    """A whole number from 1 up."""
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def positive(text):
    """A finite number above 0."""
    if not 0 < float(text) < float("inf"):
        raise ValueError(text)
    return float(text)


def share(text):
    """
    >>> share("0.5")
    0.5
    """
    try:
        if 0 <= float(text) <= 1:
            return float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")


SIZES = {"kb": 10**3, "mb": 10**6, "gb": 10**9}  # bytes
AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400}  # s


def size_or_age(text):
    """
    >>> size_or_age("100MB")
    ('bytes', 100000000)
    >>> size_or_age("1h")
    ('seconds', 3600)
    """
    number, unit = re.fullmatch(r"(\d*)(\w*)", text.lower()).groups() if text.isalnum() else ("", "")
    for name, units in (("bytes", SIZES), ("seconds", AGES)):
        if unit in units and number and int(number):
            return name, int(number) * units[unit]
    raise argparse.ArgumentTypeError(f"{text!r} is no size, as 100MB or 2GB, and no age, as 30m, 1h or 1d")
