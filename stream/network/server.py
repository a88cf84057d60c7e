"""The end of a run that other machines reach: PUB/SUB over TCP, encrypted, for clients that are on the list alone.

Nobody is waited for: a client that is too slow loses messages, one that is dead is dropped, and what a client sends is
read as a subscription or counted as rubbish.
"""

import zmq
from zmq.auth.thread import ThreadAuthenticator

from duopose.stream.errors import UsageError
from duopose.stream.network.address import END, SERVED, prepare
from duopose.stream.network.keys import allowed, server_keys

QUEUE = 4  # messages that wait for a slow client; further ones it loses
BUFFER = 1 << 18  # bytes that the system holds for it
LARGEST = 4096  # bytes of what a client sends; the handshake takes about 300, a subscription 10
AT_ONCE = 1000  # messages of clients that are read in one go
DOMAIN = "duopose"  # what ZeroMQ calls the place that a client wants to enter
LINGER = 500  # ms for the last message


class List:
    """Whether a client is let in: looked up anew each time, so that the list may change while the run goes on."""

    def __init__(self, folder):
        self.folder = folder

    def callback(self, domain, key):
        try:
            return key.decode() in allowed(self.folder).values()
        except UsageError:  # no list that can be read: nobody is on it
            return False


class Server:
    """
    address  tcp://HOST:PORT, HOST * = all networks of this machine
    keys     folder as keys.py makes it; None = no encryption, everybody is let in
    """

    def __init__(self, address, keys):
        self.context, self.door = zmq.Context(), None
        self.topics = set()  # that somebody has subscribed to
        self.rubbish = 0
        socket = self.socket = self.context.socket(zmq.XPUB)
        prepare(socket, address)
        socket.sndhwm, socket.sndbuf, socket.maxmsgsize, socket.linger = QUEUE, BUFFER, LARGEST, LINGER
        if keys is not None:
            self.door = ThreadAuthenticator(self.context)
            self.door.start()
            self.door.configure_curve_callback(DOMAIN, List(keys))
            ours = server_keys(keys)
            socket.curve_server, socket.curve_secretkey = True, ours.secret.encode()
            socket.zap_domain = DOMAIN.encode()
        socket.bind(address)

    def wanted(self, topic):
        """Whether anybody has subscribed to it."""
        self._hear()
        return topic in self.topics

    def send(self, topic, data):
        self._hear()
        self.socket.send(topic.encode() + b"\0" + data)

    def close(self):
        """Say that the run has ended, and go."""
        self.socket.send(END)
        self.socket.close()
        if self.door is not None:
            self.door.stop()
        self.context.term()

    def _hear(self):
        for _ in range(AT_ONCE):
            try:
                event = self.socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            topic = event[1:].removesuffix(b"\0").decode(errors="replace")
            if topic in SERVED and event[:1] in (b"\0", b"\1"):
                (self.topics.add if event[:1] == b"\1" else self.topics.discard)(topic)
            elif event[1:] != END:
                self.rubbish += 1
