"""Each command on a page is one that there is: its sub-command, its options, and what they take."""

import re
import shutil
import tomllib

import numpy as np
import pytest

from duopose.command import COMMANDS, main
from duopose.stream.errors import UsageError
from tests.docs.pages import PAGES, commands_of, of_all
from tests.docs.words import options_of, parse, reach
from tests.duopose.exporting.recorded import RATE, walker, write_record
from tests.places import ROOT

FOUND = list(dict.fromkeys(of_all(commands_of)))
WHOLE = [command for command in FOUND if command.whole]
PARTS = [command for command in FOUND if not command.whole]
# Those that run in a second on a record of two people. Extra packages and a screen are other tests' business.
QUICK = [
    command
    for command in WHOLE
    if command.words[0] in ("export", "keys") or command.words[:2] == ("calibrate", "--print")
]


def test_there_is_much_to_type():
    assert len(WHOLE) > 60
    assert len(PARTS) > 40
    assert {word for command in FOUND for word in command.words[:1]} >= {*COMMANDS}
    assert len(QUICK) >= 9


@pytest.mark.parametrize("command", WHOLE, ids=str)
def test_a_command_is_understood(command, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    parse(command.words, monkeypatch)


@pytest.mark.parametrize("command", PARTS, ids=str)
def test_a_command_in_the_text_has_options_that_there_are(command, monkeypatch):
    if len(command.words) == 1 and command.words[0] in ("evaluate", "train", "bench"):
        return  # the name of a group of programs, and no more
    known = options_of(reach(command.words, monkeypatch))
    assert [word for word in command.words if word.startswith("--") and word not in known] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("0 --wbe", "unrecognized arguments: --wbe"),
        ("export POSES.jsonl --to csv --rates 3", "unrecognized arguments: --rates 3"),
        ("0 --metrics nowhere", "is no PORT"),
        ("evaluate no_such_program DIR", "there is no program"),
        ("evaluate gt3d DIR --wbe", "unrecognized arguments: --wbe"),
        ("released imports ckpts", "invalid choice"),
        ("train lifting --out", "expected one argument"),
    ],
)
def test_a_wrong_word_on_a_page_would_be_found(wrong, said, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    page = f"Type\n\n    duopose {wrong}\n\nand wait."
    (command,) = commands_of("page.md", page)
    with pytest.raises(UsageError, match=re.escape(said)):
        parse(command.words, monkeypatch)


def test_a_wrong_option_in_the_text_would_be_found(monkeypatch):
    (command,) = commands_of("page.md", "Call `duopose export --onto bvh` now.")
    assert "--onto" not in options_of(reach(command.words, monkeypatch))


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    path, times = tmp_path_factory.mktemp("record") / "walk.jsonl", np.arange(30) / RATE
    write_record(path, {1: (0, walker(times, x=-0.8), ()), 3: (0, walker(times, x=0.8), ())}, len(times))
    return path


@pytest.mark.parametrize("command", QUICK, ids=str)
def test_a_quick_command_runs(command, record, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("POSES.jsonl", "poses.jsonl"):
        shutil.copy(record, name)
    before = {*tmp_path.rglob("*")}
    assert main([*command.words]) == 0
    assert {*tmp_path.rglob("*")} > before


def test_what_is_made_or_installed_on_a_page_is_there():
    text = "\n".join(page.read_text() for page in PAGES)
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    told = re.findall(r"(?:^    |`)make ([a-z-]+)", text, re.MULTILINE)
    assert len(told) > 5
    assert {*told} <= {*targets}
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {name for names in re.findall(r"duopose\[([\w,]+)\]", text) for name in names.split(",")} <= {*extras}
