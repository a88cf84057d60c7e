"""Where the scenes of all cameras go: to programs of the same user, and with --listen to other machines.

Both follow it as they follow a single run, by `duopose.subscribe` and `duopose view`: a scene says whose it is.
"""

import zmq

from duopose.stream import wire
from duopose.stream.bus import endpoint
from duopose.stream.graph import NODES, producers
from duopose.stream.network.server import Server


class Outlet:
    """
    folder   the head's run folder
    listen   tcp://HOST:PORT, None = this machine alone
    keys     folder of the keys, None = everybody is let in
    """

    def __init__(self, folder, listen, keys):
        self.server = Server(listen, keys) if listen else None
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.PUB)
        self.socket.linger = 0
        self.socket.bind(endpoint(folder, producers("scene", NODES)[0]))

    def send(self, scene):
        data = wire.encode(scene)
        self.socket.send(b"scene\0" + data)
        if self.server is not None:
            self.server.send("scene", data)

    def close(self):
        if self.server is not None:
            self.server.close()
        self.socket.close()
        self.context.term()
