"""python scripts/check_types.py: mypy on the modules that others build on, as pyproject.toml's [tool.mypy] says.

mypy looks for `duopose.stream` in a folder duopose/stream, which is there only when the package is installed: so the
folders are linked together in build/types as `package-dir` says.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINKS = ROOT / "build" / "types"
MODULES = (
    "duopose",
    "duopose.kernels.cache",
    "duopose.nodes.chain",
    "duopose.stream.graph",
    "duopose.stream.messages",
    "duopose.stream.settings",
    "duopose.stream.subscribe",
    "duopose.stream.topics",
    "duopose.stream.wire",
)


def link(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_symlink():
        target.symlink_to(source)


def main():
    folders = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
    for part in (ROOT / folders.pop("duopose")).iterdir():
        link(part, LINKS / "duopose" / part.name)
    for name, folder in folders.items():
        link(ROOT / folder, LINKS.joinpath(*name.split(".")))
    command = [sys.executable, "-m", "mypy", *(f"--module={name}" for name in MODULES)]
    sys.exit(subprocess.run(command, cwd=ROOT, env=os.environ | {"MYPYPATH": str(LINKS)}).returncode)


if __name__ == "__main__":
    main()
