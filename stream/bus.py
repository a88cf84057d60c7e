"""A node's connection to the others: what it reads, what it publishes, the pixels, and its health.

ZeroMQ PUB/SUB over one Unix socket per node in the run folder. A message is its topic, a zero byte, and the bytes of
`wire.encode`. Plain PUB/SUB loses what is sent before a reader has subscribed. So each reader subscribes last of all to
a mark, "+name", and `publish` waits until it has seen the marks of all readers. Nothing is lost by overflow either:
capture's credits keep the messages under way far below `HIGH_WATER`.

A node that only watches (graph.py) is not waited for, and is given the newest message of each topic and camera.
"""

import time
from pathlib import Path

import zmq

from duopose.stream import wire
from duopose.stream.graph import cameras_of, producers, readers
from duopose.stream.messages import camera_of, newest
from duopose.stream.processes.inlet import Inlet
from duopose.stream.processes.orders import Orders
from duopose.stream.processes.workload import Workload
from duopose.stream.ring import RingReader, RingWriter
from duopose.stream.topics import TOPICS

HIGH_WATER = 1000  # messages; only a watcher that has stopped reading ever gets that far behind
TICK = 0.2  # s
HEALTH = 0.5  # s between two messages of health
HEALTH_AT_START = 0.05  # s, until the run has begun
DRAIN = 0.1  # s without a message until a node that was told to stop believes that nothing more comes
LINGER = 1000  # ms that a closing node gives its last messages


def endpoint(folder: str | Path, name: str) -> str:
    return f"ipc://{folder}/{name}.ipc"


class Bus:
    def __init__(self, folder, name, nodes, orders=None, change=0):
        """folder: the run's; name: which line of the table `nodes` this is; orders, change: as in orders.py."""
        self.folder, self.nodes, self._change, self._followers = folder, nodes, change, []
        self.node = next(node for node in nodes if node.name == name)
        self.orders = orders or Orders(go=True)
        self._context = zmq.Context()
        self._out = self._context.socket(zmq.XPUB)
        self._out.sndhwm = HIGH_WATER
        self._out.linger = LINGER
        self._out.bind(endpoint(folder, name))
        self._here = set()  # marks of the readers that have subscribed
        prefixes = [topic.encode() + b"\0" for topic in self.node.inputs] + [b"+" + name.encode()]
        self._inlet = Inlet(self._context, prefixes, HIGH_WATER)
        self._poller = zmq.Poller()
        self._poller.register(self.orders.wake, zmq.POLLIN)
        self._poller.register(self._inlet.socket, zmq.POLLIN)
        self._cameras = cameras_of(nodes)
        self._pictures = RingReader(folder, max(len(self._cameras), 1))
        self._state, self._note, self._told = "starting", "", 0.0
        self._waited = 0.0  # s spent in `publish` waiting for readers
        self.workload = Workload()

    # ---- messages

    @property
    def stopping(self):
        """True once the supervisor has asked this node to end."""
        return self.orders.stopping

    @property
    def leaving(self):
        """True once this node is to take in nothing more from outside, as before it is to end."""
        return self.orders.leaving

    @property
    def restarts(self):
        """How often some other node had to be started again so far."""
        return self.orders.restarts

    @property
    def ready(self):
        """True once everybody is there and has subscribed: `publish` will not wait."""
        self._begin()
        self._tell()
        awaited = (readers(topic, self.nodes) for topic in self.node.outputs)
        return self.orders.go and all(names <= self._subscribed() for names in awaited)

    def each(self, tick=False):
        """Yield (topic, message) as they arrive until the run ends; with `tick`, (None, None) after TICK s of quiet.

        The time between two yields is the node's work on a message and is measured.
        """
        quiet = 0
        while True:
            stopping = self.stopping
            messages = self.poll(DRAIN if stopping else TICK)
            quiet = quiet + 1 if stopping and not messages else 0
            if quiet == 2:  # the first may only be the order itself that woke us
                return
            if not messages and tick:
                yield None, None
            for topic, message in messages:
                start, waited = time.perf_counter(), self._waited
                yield topic, message
                self.measure(time.perf_counter() - start - (self._waited - waited))
                self._tell()

    def poll(self, timeout=0.0):
        """[(topic, message)] that have arrived, [] after `timeout` s. For nodes with a loop of their own."""
        self._begin()
        self._tell()
        arrived = []
        for ready, _ in self._poller.poll(timeout * 1000):
            if ready == self.orders.wake:
                self.orders.clear_wake()
            else:
                arrived = self._inlet.arrived()
        self._take_cameras()
        messages = [pair for pair in map(self._open, arrived) if pair is not None]
        return newest(messages) if self.node.watches else messages

    def publish(self, topic, message):
        """Send to everybody who reads `topic`; waits for readers that are not there (yet, or after a crash)."""
        if topic not in self.node.outputs:
            raise ValueError(f"{self.node.name!r} may not publish {topic!r}: graph.py gives it {self.node.outputs}")
        if not isinstance(message, TOPICS[topic].type):
            raise TypeError(f"{topic!r} carries {TOPICS[topic].type.__name__}, got {type(message).__name__}")
        data = wire.encode(message)
        self._begin()
        start = time.perf_counter()
        while not ((self.orders.go and self._awaited(topic, message) <= self._subscribed()) or self.stopping):
            self._tell()
            self._out.poll(20)
        self._waited += time.perf_counter() - start
        self._send(topic, data)

    def _awaited(self, topic, message):
        """Names of those who must get a message: of the run's newest nodes, some may have left it meanwhile."""
        nodes = self.orders.new_cameras[-1].nodes if self.orders.new_cameras else self.nodes
        return readers(topic, nodes, camera_of(message))

    # ---- cameras that come and go

    def when_changed(self, function):
        """Call function(settings, renamed), as in orders.NewCameras, when the run has other cameras."""
        self._followers.append(function)

    def _take_cameras(self):
        while self.orders.new_cameras:
            new = self.orders.new_cameras[0]
            self.nodes, self._cameras = new.nodes, cameras_of(new.nodes)
            self._pictures.expect(max(len(self._cameras), 1))
            self._inlet.connect(self._publishers())
            for function in self._followers:
                function(new.settings, new.renamed)
            self._change = new.change
            self.orders.new_cameras.popleft()
            self._tell(now=True)

    # ---- pixels

    def ring(self, slots):
        """A RingWriter for this node's pictures."""
        return RingWriter(self.folder, slots, self.node.name)

    def pixels(self, frame):
        """A copy of the frame's pixels, uint8 [H, W, 3] RGB, C-contiguous; None (counted) if they were overwritten."""
        view = self._pictures.view(frame)
        copy = None if view is None else view.copy()
        if copy is None or not self._pictures.holds(frame):  # the slot may have been written while it was copied
            self.count("overtaken")
            return None
        return copy

    # ---- health

    def count(self, name, n=1):
        """Add to a count of things lost, which the statistics show under this name."""
        self.workload.counts[name] += n

    def note(self, text):
        """One line for the user, shown once."""
        self._note = text
        self._tell(now=True)

    def measure(self, seconds):
        """One more message handled, in this time. `each` does it by itself."""
        self.workload.measure(seconds)

    def name_backends(self, backends):
        """Say what runs this node's networks, e.g. {"OpenVINO bf16"}: the statistics show it."""
        self.workload.backends = tuple(sorted(backends))

    def finish(self):
        """Say that nothing more will come from here; the node stays for as long as others have something to say."""
        self._state = "finished"
        self._tell(now=True)

    def close(self):
        """Say how it went and leave; the last messages still go out."""
        self._state = "stopping"
        self._tell(now=True)
        self._inlet.close()
        self._out.close()
        self._context.term()

    def _tell(self, now=False):
        clock = time.monotonic()
        if not now and clock - self._told < (HEALTH if self.orders.go else HEALTH_AT_START):
            return
        self._told = clock
        self._send("health", wire.encode(self.workload.health(self.node.name, self._state, self._note, self._change)))
        self._note = ""

    # ---- sockets

    def _begin(self):
        """Subscribe, at the first call: a node is sent nothing before it is ready to work."""
        if self._state != "starting":
            return
        self._state = "running"
        self.orders.finish_first = True
        self._inlet.connect(self._publishers())
        self._tell(now=True)

    def _publishers(self):
        """Endpoints of all who say something that this node reads."""
        return {endpoint(self.folder, name) for topic in self.node.inputs for name in producers(topic, self.nodes)}

    def _subscribed(self):
        """Names of the readers that are subscribed right now."""
        while True:
            try:
                event = self._out.recv(zmq.NOBLOCK)
            except zmq.Again:
                return self._here
            if event[1:2] == b"+":
                (self._here.add if event[:1] == b"\1" else self._here.discard)(event[2:].decode(errors="replace"))

    def _send(self, topic, data):
        self._out.send(topic.encode() + b"\0" + data)

    def _open(self, data):
        topic, _, payload = data.partition(b"\0")
        try:
            topic = topic.decode()
            message = wire.decode(TOPICS[topic].type, payload, self.workload.counts)
            if self._cameras and camera_of(message) not in {None, *self._cameras}:
                raise wire.Malformed(f"{topic!r} is of no camera of this run")
            return topic, message
        except (wire.Malformed, KeyError, UnicodeDecodeError):
            self.count("rubbish")
            return None
