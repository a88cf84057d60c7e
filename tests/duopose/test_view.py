"""A run and somebody who follows it from another network namespace, or over loopback where none can be made."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from duopose.benchmarks.parts.live_run import run_folder_of
from duopose.command import main
from duopose.running import checks
from duopose.running.arguments import parser
from tests.places import ROOT
from tests.viewer.recording import line_of, recorded
from tests.viewer.scenes import make_scene, person
from tests.waiting import LONG

FOLLOWER = """
import sys, duopose
for scene in duopose.subscribe("scene", sys.argv[1], key=sys.argv[2]):
    print(scene.frame.number, scene.ids.tolist(), scene.joints[0, 0].round(3).tolist(), flush=True)
"""
NEAR = """
import sys, duopose
for scene in duopose.subscribe("scene", sys.argv[1]):
    print(scene.frame.number, scene.ids.tolist(), scene.joints[0, 0].round(3).tolist(), flush=True)
"""


@pytest.fixture
def places():
    """Words before a command that runs here, and there; the address of here as seen from there."""
    here, there = (f"duopose-{os.getpid()}-{name}" for name in "ab")
    commands = (
        f"netns add {here}", f"netns add {there}", f"link add va netns {here} type veth peer name vb netns {there}",
        f"-n {here} addr add 10.77.0.1/24 dev va", f"-n {there} addr add 10.77.0.2/24 dev vb",
        f"-n {here} link set va up", f"-n {there} link set vb up",
    )  # fmt: skip
    try:
        done = all(
            subprocess.run(["ip", *command.split()], capture_output=True).returncode == 0 for command in commands
        )
    except FileNotFoundError:
        done = False
    yield (
        (["ip", "netns", "exec", here], ["ip", "netns", "exec", there], "10.77.0.1") if done else ([], [], "127.0.0.1")
    )
    for name in (here, there) if done else ():
        subprocess.run(["ip", "netns", "del", name], check=True)


def duopose(*words):
    return [sys.executable, str(ROOT / "run_live.py"), *map(str, words)]


def test_another_machine_sees_the_run_if_it_has_the_key(places, tmp_path):
    here, there, host = places
    many = 1200  # two minutes, of which a few seconds are needed
    scenes = [make_scene([person(0, 4 + n / 100), person(1, 5)], number=n, stamp=n / 10) for n in range(many)]
    record, log = tmp_path / "poses.jsonl", tmp_path / "log"
    record.write_text("".join(json.dumps(line_of(scene, recorded(scene))) + "\n" for scene in scenes))
    assert main(["keys", str(tmp_path / "keys"), "--add", "laptop"]) == 0
    key, address = tmp_path / "keys/laptop.key", f"tcp://{host}:5570"
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}

    words = "--headless", "--listen", "tcp://*:5570", "--keys", tmp_path / "keys"
    with log.open("w") as file:
        run = subprocess.Popen([*here, *duopose("replay", record, *words)], stdout=file, stderr=file)
    keyless = subprocess.run([*there, *duopose("view", address, "--headless")], timeout=LONG, **how)
    assert keyless.returncode == 2
    assert keyless.stdout == ""
    assert keyless.stderr.startswith(f"duopose view: {address}")
    assert keyless.stderr.endswith("wants a key\n")

    viewer = subprocess.Popen([*there, *duopose("view", address, "--headless", "--key", key)], **how)
    far = subprocess.Popen([*there, sys.executable, "-c", FOLLOWER, address, key], cwd=ROOT, **how)
    near = subprocess.Popen([sys.executable, "-c", NEAR, run_folder_of(run.pid)], cwd=ROOT, **how)
    first = [process.stdout.readline() for process in (viewer, far, near) for _ in range(2)]
    begun = max(int(line.split()[0]) for line in first[2:])  # all three follow from this frame on
    far_lines, near_lines = (read_to(process, begun + 20) for process in (far, near))
    run.send_signal(signal.SIGINT)
    shown, told, local = (process.communicate(timeout=LONG) for process in (viewer, far, near))
    assert run.wait(LONG) == 0, log.read_text()
    assert (viewer.returncode, far.returncode, near.returncode) == (0, 0, 0), (shown, told, local)
    assert "1 at " in first[0]
    assert " a second" in first[1]
    far, near = (dict(line.split(maxsplit=1) for line in lines) for lines in (far_lines, near_lines))
    both = far.keys() & near.keys()
    assert len(both) >= 15
    assert all(far[number] == near[number] for number in both)


def read_to(process, number):
    """The lines that a follower prints until the frame of this number."""
    lines = []
    while not lines or int(lines[-1].split()[0]) < number:
        lines.append(process.stdout.readline())
        assert lines[-1], process.communicate()
    return lines


def settings(*words):
    said = []
    return checks.settings_from(parser().parse_args(["demo", "--headless", *words]), said.append), said


def test_without_keys_everybody_is_let_in_only_if_that_is_spelled_out(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    address = "tcp://127.0.0.1:5571"
    assert main(["demo", "--headless", "--listen", address]) == 2
    told = (
        f"duopose: no keys in {tmp_path}/duopose/keys: duopose keys makes them, or --insecure lets everybody listen\n"
    )
    assert capfd.readouterr() == ("", told)
    one, said = settings("--listen", address, "--insecure")
    assert (one.listen, one.keys) == (address, None)
    assert said == [f"--insecure: everybody who can reach {address} can follow this run, and read it on the way"]
    main(["keys", "--add", "laptop"])
    one, said = settings("--listen", address, "--listen-frames")
    assert (one.keys, one.listen_frames, said) == (f"{tmp_path}/duopose/keys", True, [])


WRONG = {
    "demo --listen 5570": "5570 is no address",
    "demo --listen tcp://10.255.255.1:5570 --insecure": "can't listen at tcp://10.255.255.1:5570",
    "demo --listen-frames": "go with --listen",
    "demo --insecure": "go with --listen",
    "demo --listen tcp://127.0.0.1:5572 --insecure --keys .": "exclude each other",
    "view 5570": "5570 is no address",
    "view tcp://127.0.0.1:5573 --key nowhere.key": "nowhere.key: No such file",
}


@pytest.mark.parametrize("words", WRONG)
def test_wrong_words_are_one_clear_line(words, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begun = time.monotonic()
    assert main([*words.split(), "--headless"]) == 2
    shown = capfd.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert WRONG[words] in shown.err
    assert time.monotonic() - begun < 15
