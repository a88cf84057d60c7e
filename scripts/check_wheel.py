"""python scripts/check_wheel.py: builds the wheel, installs it as a user does, and tries it there.

In a fresh environment in a temporary folder, beside PyPI's `kernels`, whose name one of our folders has too:

1. the wheel is built from the source archive, puts `duopose` alone on the top level, and holds all that it runs with;
2. both packages can be imported;
3. `duopose demo --headless` runs in a folder that can't be written, from an environment that can't be written, and its
   record holds people in metres;
4. nothing is left of it after `pip uninstall`.
"""

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DROP, WRITE_ANYWHERE = 24, 1  # of prctl(2): PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
NEEDED = (
    "duopose/py.typed",
    "duopose/networks/weights_lite/detector.xml",
    "duopose/networks/weights_lite/detector.safetensors",
    "duopose/nodes/capture/demo/",
    "duopose/nodes/recorder/record.schema.json",
    "duopose/evaluation/clips/",
    "duopose/viewer/web/assets/page.html",
)


def run(*command, **how):
    print("+", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True, **how)


def check_content(wheel):
    """Exit unless the wheel holds one package with everything that it runs with."""
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    version = wheel.name.split("-")[1]
    if top != {"duopose", f"duopose-{version}.dist-info"}:
        sys.exit(f"{wheel.name}: the top level holds {', '.join(sorted(top))}")
    if missing := [part for part in NEEDED if not any(name.startswith(part) for name in names)]:
        sys.exit(f"{wheel.name}: {', '.join(missing)} is missing")


def check_record(path):
    """Exit unless the record holds people with 17 joints in metres in front of the camera."""
    lines = [line for line in map(json.loads, path.read_text().splitlines()) if "frame" in line]
    people = [person for line in lines for person in line["people"]]
    depths = [joint[2] for person in people for joint in person["joints3d"]]
    if not people or len(depths) != 17 * len(people) or not all(0 < depth < 100 for depth in depths):
        sys.exit(f"{path}: {len(people)} people with {len(depths)} joints, not all in front of the camera")
    print(f"{len(lines)} lines, {len(people)} poses")


def demo(folder, environment):
    """Run the packaged clip as someone who can write into a home folder alone -> its record."""
    here, home = folder / "read-only", folder / "home"
    home.mkdir()
    here.mkdir(mode=0o555)
    variables = os.environ | {"HOME": str(home), "TMPDIR": str(home)}
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        variables.pop(name, None)
    run("chmod", "-R", "a-w", environment)
    command = (environment / "bin/duopose", "demo", "--headless", "--record", home / "record.jsonl")
    run(*command, cwd=here, env=variables, preexec_fn=obey_modes)
    run("chmod", "-R", "u+w", environment)
    return home / "record.jsonl"


def obey_modes():
    """Root, too, can't write from now on where the mode of a file says so."""
    ctypes.CDLL(None).prctl(DROP, WRITE_ANYWHERE)


def main():
    with tempfile.TemporaryDirectory(prefix="duopose-wheel-") as temporary:
        folder = Path(temporary)
        run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
        wheel = next(folder.glob("*.whl"))
        check_content(wheel)
        environment = folder / "environment"
        run(sys.executable, "-m", "venv", environment)
        python = environment / "bin/python"
        pip = (python, "-m", "pip", "--disable-pip-version-check")
        run(*pip, "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel, "kernels")
        names = "import kernels, duopose, duopose.kernels; assert kernels.__file__ != duopose.kernels.__file__"
        run(python, "-c", names, cwd=folder)
        check_record(demo(folder, environment))
        run(*pip, "uninstall", "--quiet", "--yes", "duopose")
        if left := [str(path) for path in environment.rglob("*duopose*")]:
            sys.exit(f"left after the uninstall: {', '.join(left)}")
        run(python, "-c", "import kernels", cwd=folder)
    print("the wheel is good")


if __name__ == "__main__":
    main()
