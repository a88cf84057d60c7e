"""The page and its stream on one port of this machine, in a thread of its own. Nobody waits for a page.

A page that reads slowly gets the newest scene when it is ready for one; a page that does not read at all holds what its
socket holds, and is dropped when it does not answer.
"""

import asyncio
import logging
import threading
from functools import partial
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response

from duopose.viewer.web import page
from duopose.viewer.web.newest import Newest

AT_ONCE = 16  # connections; further ones are cut
HANDSHAKE = 5.0  # s that a request may take
ALIVE, DEAD = 5.0, 15.0  # s between two signs of life; without one, a page is dropped
LARGEST = 64  # bytes of what a page says
BUFFER = 1 << 16  # bytes that wait for a slow page
PAUSE = 0.05  # s after each word of a page: whoever talks without end costs nothing
WORDS = {"pictures": True, "no pictures": False}  # what a page can say: whether it shows them

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Page(ServerConnection):
    """One connection. connected: the set of all, refused requests and unfinished ones included."""

    pictures = False  # whether it wants them
    camera = ""  # name of the one that it shows

    def __init__(self, connected, *protocol, **limits):
        self.connected = connected
        super().__init__(*protocol, **limits)

    def connection_made(self, transport):
        if len(self.connected) >= AT_ONCE:
            transport.abort()
        self.connected.add(self)
        super().connection_made(transport)

    def connection_lost(self, error):
        self.connected.discard(self)
        super().connection_lost(error)


class Server:
    """
    listening  a listening socket, as door.bind gives
    door       door.Door
    about      page.about: what the page is told
    """

    def __init__(self, listening, door, about):
        self.listening, self.door, self.about = listening, door, about
        self.expect(about["cameras"])
        self.newest, self.lock = Newest(), threading.Lock()
        self.pages = set()
        self.loop = asyncio.new_event_loop()
        self.changed, self.end = asyncio.Event(), asyncio.Event()
        self.woken = False  # the loop is about to look anyway
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._work, name="web", daemon=True)
        self.thread.start()
        self.ready.wait()

    @property
    def port(self):
        return self.listening.getsockname()[1]

    def expect(self, cameras):
        """Pages can show the cameras of these names from now on."""
        self.about = self.about | {"cameras": list(cameras)}
        self.cameras = {f"camera {name}": name for name in cameras}  # what a page can say, too

    def shows(self, camera):
        """Whether some page does."""
        return any(one.camera == camera for one in list(self.pages))

    def wants_pictures(self, camera=""):
        """Whether some page shows those of that camera: else nobody is to pay for them."""
        return any(one.pictures and one.camera == camera for one in list(self.pages))

    def show(self, kind, data, camera=""):
        """Give pages that show the camera its newest "scene" (JSON) or "picture" (bytes); or all of them something
        (JSON): "news" or "cameras"."""
        with self.lock:
            self.newest.put((kind, camera), data)
            woken, self.woken = self.woken, True
        if not woken:
            self.loop.call_soon_threadsafe(self._wake)

    def close(self):
        """Say that the run is over, and go."""
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.end.set)
            self.thread.join()

    # ---- in the thread

    def _work(self):
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self._run())
        finally:
            self.loop.close()
            self.ready.set()

    async def _run(self):
        silent = logging.getLogger("duopose.web")  # what a stranger sends is not worth a line
        silent.disabled = True
        async with serve(
            self._serve, sock=self.listening, process_request=self._answer,
            create_connection=partial(Page, set()), logger=silent, compression=None,
            open_timeout=HANDSHAKE, ping_interval=ALIVE, ping_timeout=DEAD, close_timeout=1.0,
            max_size=LARGEST, max_queue=4, write_limit=BUFFER, server_header=None,
        ):  # fmt: skip
            self.ready.set()
            await self.end.wait()

    def _wake(self):
        with self.lock:
            self.woken = False
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    def _answer(self, connection, request):
        """The page, a refusal, or None: the stream may begin."""
        hosts, origins = (request.headers.get_all(name) for name in ("Host", "Origin"))
        refusal = self.door.refusal(request.path, hosts, origins)
        if refusal:
            status = HTTPStatus(refusal)
            return _response(status, "text/plain; charset=utf-8", f"{status.phrase}\n".encode())
        if self.door.wants_stream(request.path):
            return None
        policy = page.policy(f"ws://{hosts[0]}") + "; frame-ancestors 'none'"
        body = "[]".join(page.parts(self.about)).encode()
        return _response(HTTPStatus.OK, "text/html; charset=utf-8", body, policy)

    async def _serve(self, one):
        """Send a page the newest of what it wants, as fast as it reads."""
        one.camera = self.about["cameras"][0]
        self.pages.add(one)
        listener, seen = asyncio.ensure_future(self._listen(one)), {}
        listener.add_done_callback(lambda _: self._wake())
        try:
            while not listener.done():
                changed = self.changed
                with self.lock:
                    kinds = ("scene", one.camera), ("news", ""), ("cameras", ""), ("picture", one.camera)
                    new = self.newest.after(seen, kinds[: 4 if one.pictures else 3])
                for data in new:
                    await one.send(data, text=not isinstance(data, memoryview))
                if not new:
                    await changed.wait()
        except ConnectionClosed:
            pass
        finally:
            listener.cancel()
            self.pages.discard(one)

    async def _listen(self, one):
        async for word in one:
            if word in WORDS:
                one.pictures = WORDS[word]
            elif word in self.cameras:
                one.camera = self.cameras[word]
            else:
                await one.close(1008)
                return
            self._wake()
            await asyncio.sleep(PAUSE)


def _response(status, kind, body, policy="default-src 'none'"):
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    headers |= HEADERS | {"Content-Security-Policy": policy}
    return Response(status.value, status.phrase, Headers(headers), body)
