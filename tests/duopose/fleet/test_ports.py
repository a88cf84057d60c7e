"""Where somebody listens is read from the system, and told so that it matters."""

import socket

import pytest

from duopose.fleet.ports import listening, told


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_a_socket_of_this_process_that_listens_is_found_and_one_that_does_not_is_not(host, family):
    with socket.socket(family) as one, socket.socket(family) as other:
        try:
            one.bind((host, 0))
        except OSError:
            pytest.skip(f"this system has no {host}")
        one.listen()
        other.bind((host, 0))
        places = [line.split(" ", 2)[:2] for line in listening()]
        assert [host, str(one.getsockname()[1])] in places
        assert [host, str(other.getsockname()[1])] not in places


def test_what_everybody_can_reach_is_said_to_be_so():
    assert (
        told(["127.0.0.1 1 a", "0.0.0.0 2 b", ":: 3 c"])
        == "127.0.0.1: 1; all networks (0.0.0.0): 2; all networks (::): 3"
    )
    assert told([]) == "no port"
