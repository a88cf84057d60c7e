import pytest

from duopose.viewer.web import page
from duopose.viewer.web.door import Door, bind
from duopose.viewer.web.server import Server


@pytest.fixture
def server():
    """A server of a run with pictures; `server.address` is where its page is."""
    door = Door()
    server = Server(bind(0), door, page.about("a clip", live=True, pictures=True))
    server.address = door.address(server.port)
    yield server
    server.close()
