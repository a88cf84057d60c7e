"""Everyone as JSON to each client of a WebSocket: a line of the record a message, without header.

A client that is slow gets the newest line and misses those in between. Browsers say which page connects (Origin): only
pages of this machine are let in, so that no web site can watch through the browser of who visits it.
"""

import re
import threading

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from duopose.nodes.recorder.record_format import record_line

ORIGINS = [None, re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")]  # None: no browser
PATIENCE = 0.5  # s, after which a client is looked at though nothing is to be sent


class Feed:
    """A server, its clients each served by a thread of theirs.

    listening   how many clients hear what is sent from now on
    """

    def __init__(self, target):
        self.listening = 0
        self._line, self._number, self._closed = "", 0, False
        self._news = threading.Condition()
        self._server = serve(self._serve, target.host, target.port, origins=ORIGINS, compression=None, max_size=1024)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def send(self, scene):
        line = record_line(scene).decode()
        with self._news:
            self._line, self._number = line, self._number + 1
            self._news.notify_all()

    def close(self):
        with self._news:
            self._closed = True
            self._news.notify_all()
        self._server.shutdown()

    def _serve(self, client):
        with self._news:
            told = self._number
            self.listening += 1
        try:
            while True:
                with self._news:
                    self._news.wait_for(lambda: self._closed or self._number > told, PATIENCE)  # noqa: B023
                    line, number = self._line, self._number
                    if self._closed:
                        return
                if number > told:
                    client.send(line)
                    told = number
                elif client.state.name != "OPEN":
                    return
        except ConnectionClosed:
            return
        finally:
            with self._news:
                self.listening -= 1
