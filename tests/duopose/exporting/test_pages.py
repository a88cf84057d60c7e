"""What docs/export.md and docs/record.md tell people to type does what they say."""

import re
import shlex
import shutil
import subprocess
import sys

import pytest

from duopose.command import main
from duopose.exporting.formats import FORMATS
from tests.places import ROOT

PAGES = {name: (ROOT / "docs" / name).read_text() for name in ("export.md", "record.md")}
COMMANDS = re.findall(r"^    (duopose export .*)$", PAGES["export.md"], re.MULTILINE)
SNIPPETS = [code for page in PAGES.values() for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL)]
SNIPPETS = [code for code in SNIPPETS if "ws://" not in code]  # tests/duopose/sending has that one


@pytest.fixture
def folder(tmp_path, record, monkeypatch):
    shutil.copy(record, tmp_path / "POSES.jsonl")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_commands_and_snippets():
    assert len(COMMANDS) >= 6
    assert len(SNIPPETS) >= 3


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_runs(command, folder):
    before = set(folder.iterdir())
    assert main(shlex.split(command)[1:]) == 0
    assert set(folder.iterdir()) > before


@pytest.mark.parametrize("snippet", range(len(SNIPPETS)))
def test_a_snippet_of_a_page_runs(snippet, folder):
    main(["export", "POSES.jsonl", "--to", "csv", "--out", "tables"])
    run = subprocess.run([sys.executable, "-W", "error", "-c", SNIPPETS[snippet]], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout


def test_the_page_has_a_row_for_each_format():
    assert re.findall(r"^\| `(\w+)` \|", PAGES["export.md"], re.MULTILINE) == list(FORMATS)
