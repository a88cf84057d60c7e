"""What a process hears of the nodes: one socket, connected to each of them that says something it reads."""

import zmq


class Inlet:
    """
    context     of ZeroMQ
    prefixes    bytes with which a message has to begin, one of them, in the order of subscribing
    high_water  messages that may wait to be read
    """

    def __init__(self, context, prefixes, high_water=1000):
        self.socket = context.socket(zmq.SUB)
        self.socket.rcvhwm = high_water
        self.socket.reconnect_ivl = 20  # ms
        self.connected = set()  # endpoints
        self.prefixes = prefixes  # not yet subscribed to: it keeps their order only where somebody is connected

    def connect(self, endpoints):
        """Hear these from now on, and no others."""
        for endpoint in self.connected - endpoints:
            self.socket.disconnect(endpoint)
        for endpoint in endpoints - self.connected:
            self.socket.connect(endpoint)
        self.connected = set(endpoints)
        for prefix in self.prefixes:
            self.socket.subscribe(prefix)
        self.prefixes = ()

    def arrived(self):
        """[bytes], all that is there."""
        found = []
        while True:
            try:
                found.append(self.socket.recv(zmq.NOBLOCK))
            except zmq.Again:
                return found

    def close(self):
        self.socket.close(0)
