"""What was found: facts for programs, and findings for people, which say what to do."""

import json
import os
import textwrap
from pathlib import Path
from typing import NamedTuple

GOOD, NOTE, PROBLEM = "ok", "note", "problem"
MARGIN = max(map(len, (GOOD, NOTE, PROBLEM))) + 4  # columns before a text
COLUMNS = 110


class Finding(NamedTuple):
    mark: str  # GOOD, NOTE = slower or less than it could be, PROBLEM = something can't be used
    text: str
    remedy: str | None = None
    prevents: bool = False  # no run is possible


class Part:
    """One subject: {fact: value that JSON can hold} and what follows from the facts."""

    def __init__(self, title):
        self.title, self.facts, self.findings = title, {}, []

    def good(self, text):
        self.findings.append(Finding(GOOD, text))

    def note(self, text, remedy=None):
        self.findings.append(Finding(NOTE, text, remedy))

    def problem(self, text, remedy, prevents=False):
        self.findings.append(Finding(PROBLEM, text, remedy, prevents))

    @property
    def prevents(self):
        return any(finding.prevents for finding in self.findings)

    def lines(self):
        """The part as text, paths of the home folder with ~."""
        yield self.title
        for finding in self.findings:
            yield from wrapped(f"  {finding.mark:<{MARGIN - 4}}  {finding.text}")
            if finding.remedy:
                yield from wrapped(f"{'':<{MARGIN}}-> {finding.remedy}")

    def as_json(self):
        """The part as a dict, paths of the home folder with ~."""
        findings = [finding._asdict() for finding in self.findings]
        return json.loads(without_home(json.dumps({**self.facts, "findings": findings})))


def examined(title, examine, *words):
    """The part that `examine` fills. What goes wrong there is a finding itself: the others are still told."""
    part = Part(title)
    try:
        examine(part, *words)
    except Exception as error:  # the broken install that somebody asks help for
        part.problem(
            f"this could not be looked at: {type(error).__name__}: {' '.join(str(error).split())}",
            "look at the packages above; if nothing is missing there, please report it with this output",
            prevents=isinstance(error, ImportError),  # a run imports the same
        )
    return part


def wrapped(line):
    line = without_home(line)
    return textwrap.wrap(line, COLUMNS, subsequent_indent=" " * MARGIN, break_long_words=False, break_on_hyphens=False)


def without_home(text, home=None):
    """
    >>> without_home("/home/ada/clip.mp4, /home/adam", "/home/ada")
    '~/clip.mp4, /home/adam'
    """
    homes = {home} if home else {str(Path.home()), os.path.realpath(Path.home())}
    for path in homes - {"/", ""}:
        text = text.replace(path + "/", "~/")
    return text


def read(path):
    """The text of a small file of the system, "" where it isn't there or may not be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def size(count):
    """
    >>> size(6.3e6), size(25e9)
    ('6 MB', '25.0 GB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
