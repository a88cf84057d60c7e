import socket

import pytest

from duopose.running.notify import service_manager
from tests.duopose.running.looks import look


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path, monkeypatch):
    """The socket of a service manager that has started us."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@{tmp_path}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name.replace("@", "\0"))
        listener.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listener


def heard(manager):
    return manager.recv(4096).decode().splitlines()


def test_systemd_hears_ready_once_and_alive_while_scenes_come(manager):
    run = service_manager()
    run.update(look(trouble="starting"))
    assert heard(manager) == ["STATUS=starting"]
    run.update(look())
    assert heard(manager) == ["READY=1", "WATCHDOG=1", "STATUS=20.0 frames a second, 2 people"]
    run.update(look(people=0))
    assert heard(manager) == ["WATCHDOG=1", "STATUS=20.0 frames a second, 0 people"]
    run.update(look(trouble="no scene for 9 s"))
    assert heard(manager) == ["STATUS=no scene for 9 s"]


def test_a_manager_that_does_not_listen_costs_nothing(manager):
    run = service_manager()
    for _ in range(1000):
        run.update(look())  # its queue is full by now
    assert heard(manager)[0] == "READY=1"  # what it had room for is there
    manager.close()
    run.update(look())


def test_nobody_asks_without_a_service_manager(manager):
    assert service_manager() is not None
    assert service_manager() is None  # its address is for us, not for what we start
