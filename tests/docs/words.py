"""What the real parsers make of the words of a command, without running it."""

import argparse
import contextlib
from pathlib import Path

from duopose import command
from duopose.running import arguments
from duopose.stream.arguments import Parser
from duopose.stream.errors import UsageError

PLACEHOLDERS = {"NAME": "integration", "SET": "coco"}  # what stands for one of several words that are known


class Reached(BaseException):
    """A parser has been asked: the program goes no further."""

    def __init__(self, parser, words, takes_rest):
        self.parser, self.words, self.takes_rest = parser, words, takes_rest


def reach(words, monkeypatch):
    """The parser that the command gives its words to -> Reached. UsageError where it comes to none."""

    def stop(takes_rest):
        def parse(parser, args=None, namespace=None):
            raise Reached(parser, list(args), takes_rest)

        return parse

    with monkeypatch.context() as patched:
        patched.setattr(Parser, "parse_args", stop(takes_rest=False))
        patched.setattr(Parser, "parse_known_args", stop(takes_rest=True), raising=False)
        patched.setattr(command, "complain", complain)
        try:
            command.main([PLACEHOLDERS.get(word, word) for word in words])
        except Reached as reached:
            return reached
    raise UsageError("no parser is asked")


def complain(name, complaint):
    raise UsageError(complaint)


def parse(words, monkeypatch):
    """Parse a whole command, in the current folder, where what it names is made. UsageError where it is none."""
    reached = reach(words, monkeypatch)
    for word in reached.words:
        make(word)
    with contextlib.suppress(SystemExit):  # --help, --version
        _, rest = reached.parser.parse_known_args(reached.words)
        if rest and not reached.takes_rest:
            reached.parser.error(f"unrecognized arguments: {' '.join(rest)}")
        if rest:  # what a program does not know goes to the live run
            arguments.parser().parse_args(rest)


def make(word):
    """The file or folder that a command reads, where the word can be the name of one."""
    if word.startswith("-") or ":" in word or word.startswith("/") or Path(word).exists():
        return
    if Path(word).suffix and not word.endswith("/"):
        Path(word).parent.mkdir(parents=True, exist_ok=True)
        Path(word).touch()
    elif word.isupper() or word.endswith("/"):
        Path(word).mkdir(parents=True)


def options_of(reached):
    """Every option that the parser, its sub-parsers and, where the rest goes to it, the live run have."""
    parsers, known = [reached.parser, *([arguments.parser()] if reached.takes_rest else [])], set()
    while parsers:
        for action in parsers.pop()._actions:
            known.update(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                parsers.extend(action.choices.values())
    return known
