"""What docs/examples holds starts the program that there is."""

import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml

from duopose.running.arguments import parser
from tests.places import ROOT

EXAMPLES = ROOT / "docs" / "examples"
PORT = "9464"


def test_the_unit_is_one_that_systemd_takes(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    text = (EXAMPLES / "duopose.service").read_text()
    unit = tmp_path / "duopose.service"
    unit.write_text(text.replace("/opt/duopose/bin/duopose", sys.executable))
    run = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_the_unit_is_told_of_the_start_and_watches():
    text = (EXAMPLES / "duopose.service").read_text()
    assert "\nType=notify\n" in text
    assert "\nWatchdogSec=" in text
    program, *words = shlex.split(re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1])
    arguments = parser().parse_args(words)
    assert program.endswith("/duopose")
    assert arguments.metrics == ("127.0.0.1", int(PORT))


def instructions():
    """[(instruction, its words)] of the Dockerfile."""
    text = (EXAMPLES / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.partition(" ")[::2] for line in text.splitlines() if line and not line.startswith("#")]


def test_the_dockerfile_has_the_program_as_its_command_and_asks_for_its_health():
    found = instructions()
    assert {name for name, _ in found} <= {"FROM", "RUN", "COPY", "USER", "WORKDIR", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    words = dict(found)
    assert json.loads(words["ENTRYPOINT"]) == ["duopose"]
    assert parser().parse_args(json.loads(words["CMD"])).metrics[1] == int(PORT)
    python, _, code = json.loads(words["HEALTHCHECK"].partition(" CMD ")[2])
    assert python == "python"
    compile(code, "HEALTHCHECK", "exec")
    assert f"http://127.0.0.1:{PORT}/health" in code
    for name, told in found:
        if name == "RUN":
            assert subprocess.run(["sh", "-n", "-c", told]).returncode == 0


def test_compose_gives_room_for_pictures_and_starts_the_program():
    service = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())["services"]["duopose"]
    arguments = parser().parse_args(service["command"])
    assert service["shm_size"] == "1g"
    assert arguments.secrets == f"/run/secrets/{service['secrets'][0]}"
    assert service["ports"] == [f"127.0.0.1:{arguments.metrics[1]}:{PORT}"]
    assert (EXAMPLES / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).exists()


def test_prometheus_asks_at_the_port_of_the_examples():
    (job,) = yaml.safe_load((EXAMPLES / "prometheus.yml").read_text())["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{PORT}"]}]
