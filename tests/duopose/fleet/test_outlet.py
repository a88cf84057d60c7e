"""All cameras are had under one address, here and from afar, and each scene says whose it is."""

import socket
import threading

import msgspec
import pytest

import duopose
from duopose.command import main
from duopose.fleet.outlet import Outlet
from duopose.stream.network import keys
from duopose.stream.processes.run_folder import RunFolder
from tests.viewer.scenes import make_scene, person


def scene(camera, number):
    one = make_scene([person(0, 4)], number=number, stamp=number / 10)
    return msgspec.structs.replace(one, frame=msgspec.structs.replace(one.frame, camera_name=camera))


@pytest.fixture
def outlet(tmp_path):
    """An outlet that gives scenes of two cameras until the end -> (its folder, address, key)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    keys.make(tmp_path / "keys")
    key = keys.add(tmp_path / "keys", "laptop")
    folder, ended = RunFolder(), threading.Event()

    def give():
        outlet, number = Outlet(folder.path, address, tmp_path / "keys"), 0
        while not ended.wait(0.05):
            for camera in ("door", "yard"):
                outlet.send(scene(camera, number))
            number += 1
        outlet.close()

    thread = threading.Thread(target=give)
    thread.start()
    yield folder.path, address, key, ended.set
    ended.set()
    thread.join()
    folder.remove()


def of_both(scenes):
    """The first scenes until there was one of each camera -> {camera: number}."""
    seen = {}
    for one in scenes:
        seen[one.frame.camera_name] = one.frame.number
        if len(seen) == 2:
            return seen
    return seen


def test_a_program_here_and_one_from_afar_see_all_cameras(outlet):
    folder, address, key, _ = outlet
    assert set(of_both(duopose.subscribe("scene", folder))) == {"door", "yard"}
    assert set(of_both(duopose.subscribe("scene", address, key=key))) == {"door", "yard"}


def test_the_lines_of_view_say_which_camera_it_is(outlet, capsys):
    _, address, key, end = outlet
    threading.Timer(4.0, end).start()
    assert main(["view", address, "--key", str(key), "--headless"]) == 0  # it ends when the fleet does
    lines = capsys.readouterr().out.splitlines()
    assert {line.partition(":")[0] for line in lines} == {"door", "yard"}
    assert all(": frame " in line for line in lines)
