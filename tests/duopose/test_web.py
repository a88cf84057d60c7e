"""`--web`: the address is said once and kept nowhere, the page stays until Ctrl-C, and what is wrong is one line."""

import json
import re
import signal
import subprocess
import sys

import pytest

from duopose.command import main
from duopose.running import checks
from duopose.running.arguments import WEB, parser
from duopose.stream.graph import started
from duopose.viewer.web.door import bind
from tests.places import ROOT
from tests.viewer.recording import line_of, recorded
from tests.viewer.scenes import make_scene, person
from tests.viewer.web.client import stream
from tests.waiting import LONG

ADDRESS = re.compile(r"http://127\.0\.0\.1:[0-9]+/[\w-]{32}/")


@pytest.fixture
def record(tmp_path):
    scenes = [make_scene([person(0, 4), person(1, 5)], number=n, stamp=n / 10) for n in range(20)]
    path = tmp_path / "poses.jsonl"
    path.write_text("".join(json.dumps(line_of(scene, recorded(scene))) + "\n" for scene in scenes))
    return path


def test_a_run_is_followed_on_its_page_until_somebody_ends_it(record, tmp_path):
    log = tmp_path / "log"
    command = [sys.executable, ROOT / "run_live.py", "replay", record, "--web", "0", "--log-file", log]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        said = next(line for line in iter(run.stderr.readline, "") if "compiling" not in line)
        (address,) = ADDRESS.findall(said)
        with stream(address) as page:
            while True:
                message = json.loads(page.recv(LONG))
                if message.get("frame") == 19:
                    break
        with stream(address) as late:  # the input is at its end: the page is still to be had
            kinds = [json.loads(late.recv(LONG)) for _ in range(2)]
        assert run.poll() is None
        assert [message["frame"] for message in kinds if "frame" in message] == [19]
        run.send_signal(signal.SIGINT)
        out, rest = run.communicate(timeout=LONG)
    finally:
        run.kill()
    assert run.returncode == 0, rest
    assert "20 frames" in out
    kept = log.read_text()
    assert "20 frames" in kept
    assert not ADDRESS.search(out + rest + kept)


def test_headless_waits_for_no_page(record):
    command = [sys.executable, ROOT / "run_live.py", "replay", record, "--speed", "50", "--headless", "--web", "0"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=LONG)
    assert run.returncode == 0, run.stderr
    assert len(ADDRESS.findall(run.stderr)) == 1


def test_a_port_that_is_taken_is_one_line_before_anything_starts(capfd):
    with bind(0) as taken:
        port = taken.getsockname()[1]
        assert main(["demo", "--web", str(port)]) == 2
    told = f"duopose: --web {port}: can't listen at 127.0.0.1:{port}: Address already in use; name another port\n"
    assert capfd.readouterr() == ("", told)


@pytest.mark.parametrize("port", ["65536", "-1", "x", "127.0.0.1:80"])
def test_what_is_no_port_is_one_line(port, capfd):
    assert main(["demo", f"--web={port}"]) == 2
    assert f"'{port}' is no port, as 8765" in capfd.readouterr().err


@pytest.mark.parametrize(("words", "nodes"), [(["--web"], {"web"}), (["--headless", "--web"], {"web"})])
def test_the_page_takes_the_windows_place(words, nodes, monkeypatch):
    monkeypatch.setattr(checks, "bind", lambda port: bind(0))  # the usual port may be in use here
    settings = checks.settings_from(parser().parse_args(["demo", *words]), print)
    assert settings.web == WEB
    assert {node.name for node in started(settings) if node.name in ("viewer", "web")} == nodes
    assert settings.every_frame is ("--headless" in words)
