"""The files around the code agree with each other."""

import os
import re
import shutil
import subprocess

from tests.places import ROOT
from tests.waiting import LONG


def text(name):
    return (ROOT / name).read_text()


def test_pre_commit_uses_the_version_of_ruff_that_make_check_uses():
    pinned = re.search(r"^ruff==(\S+)$", text("constraints.txt"), re.M).group(1)
    assert re.findall(r"rev: v(\S+)", text(".pre-commit-config.yaml")) == [pinned]


def test_a_workflow_runs_what_the_makefile_holds_and_nothing_else():
    targets = set(re.findall(r"^([\w-]+):", text("Makefile"), re.M))
    commands = re.findall(r"run: (.+)", text(".github/workflows/check.yml"))
    made = [word for command in commands if command.startswith("make ") for word in command.split()[1:-1]]
    assert sorted(made) == ["check", "check-wheel", "docs", "wheel"]
    assert set(made) <= targets
    assert [command for command in commands if not command.startswith("make ")] == ["sudo sh .ci/libraries"]


HALF = """#!/bin/sh
mkdir -p .venv/bin && touch .venv/bin/python
echo "apt install python3-venv" && exit 1
"""


def test_half_an_environment_is_not_left_where_python_can_make_none(tmp_path):
    """A Debian without python3-venv makes half of one and fails; the next `make` would take it for a whole one."""
    (tmp_path / "python3").write_text(HALF)
    (tmp_path / "python3").chmod(0o755)
    shutil.copy(ROOT / "Makefile", tmp_path)
    command = ["make", "PYTHON=./python3", ".venv/bin/python"]
    own = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")
    }  # of `make test`
    for _ in range(2):
        run = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, timeout=LONG)
        assert (run.returncode, run.stdout) == (2, "apt install python3-venv\n")
        assert not (tmp_path / ".venv").exists()


def heading_links(page):
    """The names under which a page's headings can be linked to."""
    return {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in page if line.startswith("#")
    }


def test_every_link_between_pages_leads_somewhere():
    pages = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")), *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for target, heading in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", page.read_text()):
            linked = (page.parent / target) if target else page
            assert linked.exists(), f"{page.name}: {target}"
            if heading:
                assert heading in heading_links(linked.read_text().splitlines()), f"{page.name}: {target}#{heading}"
