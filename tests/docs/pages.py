"""What README, CONTRIBUTING and the pages of docs/ tell people to type."""

import re
import shlex
from typing import NamedTuple

from tests.places import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "experiments.md"),  # of then, not of now
]
PROGRAM = re.compile(r"(?:\S*/)?(?:duopose|python3? (?:\S*/)?run_live\.py) ")
BROKEN_OFF = "..."  # in a command that is not told to its end


class Command(NamedTuple):
    """A command of ours on a page."""

    page: str
    words: tuple  # after `duopose`
    whole: bool  # False: a part of one, in running text

    def __str__(self):
        return f"{self.page}: duopose {' '.join(self.words)}"


class Snippet(NamedTuple):
    """A block of Python on a page."""

    page: str
    line: int
    code: str

    def __str__(self):
        return f"{self.page}:{self.line}"


def commands_of(page, text):
    """Every command of ours in a page, as blocks of shell and in running text -> [Command]."""
    blocks = re.findall(r"^    (\S.*)$", text, re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^    [^\n]*|```.*?```", "", text, flags=re.M | re.S))
    told = [(line, True) for line in blocks] + [(line, False) for line in inline]
    return [
        Command(page, words_of(line), whole and BROKEN_OFF not in line) for line, whole in told if PROGRAM.match(line)
    ]


def words_of(line):
    """The words after `duopose`, up to a pipe, another command or a comment.

    >>> words_of(".venv/bin/duopose doctor --json | jq .speed  # quick")
    ('doctor', '--json')
    """
    words = shlex.split(PROGRAM.sub("", line.replace("\\|", "|"), count=1), comments=True)
    end = next((place for place, word in enumerate(words) if word in ("|", "&&", ">")), len(words))
    return tuple(word for word in words[:end] if word != BROKEN_OFF)


def snippets_of(page, text):
    return [
        Snippet(page, text[: found.start()].count("\n") + 1, found[1])
        for found in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]


def of_all(collect):
    return [found for page in PAGES for found in collect(page.name, page.read_text())]
