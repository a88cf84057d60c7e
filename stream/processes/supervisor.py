"""Starts, watches, restarts and stops the processes of one run. Nothing else starts or stops a process.

The run ends when each source is at its end, when a node of the pipeline ends by itself, when a window is closed, on
Ctrl-C, or when a node of the pipeline cannot be kept alive. One that only watches is started again for as long as the
run goes on. At the end the nodes are stopped in the order of the table, so that each can still work off what the one
before has sent, and the run folder is removed. No child outlives the supervisor, however that ends: see orders.py.
"""

import os
import signal
import sys
import time
from typing import NamedTuple

import zmq

from duopose.stream import wire
from duopose.stream.bus import endpoint
from duopose.stream.graph import NODES
from duopose.stream.messages import Health
from duopose.stream.processes.cameras import Cameras
from duopose.stream.processes.deaths import CRASHES, Deaths
from duopose.stream.processes.inlet import Inlet
from duopose.stream.processes.process import Process, Report
from duopose.stream.processes.run_folder import RunFolder
from duopose.stream.processes.spare import Spare

TICK = 0.05  # s
START = 300.0  # s that a node may take to get ready: a GPU network may have to be compiled
PATIENCE = 5.0  # s from being told to stop to being killed, or half the node's stall if that is longer
AWAY = 1.0  # s without a look at the nodes: the supervisor itself was stopped, as on a laptop that sleeps
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # what ends a run in order


class Outcome(NamedTuple):
    code: int  # exit code: 0 as asked, 2 wrong usage, 1 anything else
    message: str  # what to tell the user, "" if nothing
    reports: dict[str, Report]  # per node


class _End(Exception):
    """The run is over: code, message."""


def to_stderr(line, node):
    print(line, file=sys.stderr, flush=True)


class Supervisor:
    """
    settings  handed to every node
    nodes     table of nodes, as in graph.py
    where     folder for the run folder; default: shared memory
    say       called with each line meant for the user, and the node that it is about
    spare     modules for a process in reserve to import, which makes a restart a second shorter; () = none
    ending    signals that end the run in order
    """

    def __init__(self, settings, nodes=NODES, where=None, say=to_stderr, spare=(), ending=ENDING):
        self.nodes, self.settings = tuple(nodes), settings
        self.say = lambda line, node: say(self.settings.without_secrets(line), node)
        self.interrupts = 0  # one: end in order; two: at once
        self.handlers = {number: signal.signal(number, self._interrupt) for number in ending}  # before the folder is
        try:
            self.folder = RunFolder(where)
        except BaseException:
            self._restore_handlers()
            raise
        self.processes = {node.name: Process(node, self.folder.path, self.nodes, settings) for node in self.nodes}
        self.deaths = {node.name: Deaths(node) for node in self.nodes}
        self.cameras = Cameras(self)
        self.restart_at = {}  # name -> s
        self.returning = set()  # restarted, not yet ready
        self.spare = Spare(spare, self.folder.path)
        self.going = False
        self.watched_at = time.monotonic()  # s, the last look at the nodes
        self._context = zmq.Context()
        self.health = Inlet(self._context, [b"health\0"])

    def run(self, on_tick=None, on_end=None):
        """From the first process to the last one's end -> Outcome.

        on_tick   called with this supervisor some times a second
        on_end    called with the run folder when all nodes have ended, before it is removed
        """
        code, message = 1, "the supervisor failed"
        try:
            for process in self.processes.values():
                self.start(process)
            while True:
                self.listen()
                self._watch()
                if on_tick:
                    on_tick(self)
        except _End as end:
            code, message = end.args
            self._stop()
        finally:
            for process in self._all().values():
                if process.alive:
                    process.kill()
                if process.child:
                    process.release()
            self.spare.end()
            self.health.close()
            self._context.term()
            if on_end:
                on_end(self.folder.path)
            self.folder.remove()
            self._restore_handlers()
        return Outcome(code, self.settings.without_secrets(message), self.reports())

    def reports(self):
        """{name: Report} as of now."""
        return {name: process.report() for name, process in self._all().items()}

    def _all(self):
        """{name: Process}, also of cameras that have left."""
        return self.cameras.gone | self.processes

    def start(self, process):
        self.health.connect(self.health.connected | {endpoint(self.folder.path, process.node.name)})
        process.start(self._group(), self.going, self.spare.take())

    def _group(self):
        """The process group of the nodes; 0 where there is none yet."""
        alive = next((process.child.pid for process in self.processes.values() if process.alive), None)
        return os.getpgid(alive) if alive else 0

    def _interrupt(self, number, _):
        self.interrupts += 1

    def _restore_handlers(self):
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    # ---- while it runs

    def listen(self, timeout=TICK):
        """Take in everything the nodes have said, for `timeout` s at most."""
        self.health.socket.poll(timeout * 1000)
        for data in self.health.arrived():
            try:
                health = wire.decode(Health, data.partition(b"\0")[2])
            except wire.Malformed:
                continue
            process = self._all().get(health.node)
            if process is None or process.child is None or health.pid != process.child.pid:
                continue  # the last words of an earlier life
            process.hear(health)
            if health.note:
                self.say(process.named(health.note), health.node)

    def _watch(self):
        if self.interrupts:
            raise _End(0, "")
        now = time.monotonic()
        if now - self.watched_at > AWAY:  # everybody was stopped with it, and has said nothing: that is no one's death
            for process in self.processes.values():
                process.heard_at += now - self.watched_at
        self.watched_at = now
        for name, process in self.processes.items():
            process.trim_log()
            if name in self.restart_at:
                if now >= self.restart_at[name]:
                    del self.restart_at[name]
                    if not process.node.watches and not process.node.camera:  # it may have held frames of others
                        self.returning.add(name)
                    self.start(process)
            elif not process.alive:
                if process.child is not None:
                    self._ended(process)
            elif self._hangs(process, now):
                process.kill()
                self._died(process, f"no sign of life for {now - process.heard_at:.0f} s")
            elif name in self.returning and process.running:
                self.returning.remove(name)
                self._tell_all("restarted")
        self.cameras.tick()
        sources = [process for process in self.processes.values() if "frame" in process.node.outputs]
        if sources and all(process.finished for process in sources) and self.cameras.changing is None:
            self._end_of_input()
        if not self.going and all(process.running for process in self.processes.values() if not process.node.watches):
            self.going = True
            self._tell_all("go")
        self.spare.tick(self.going and not self.returning and not self.restart_at, self._group())

    def _hangs(self, process, now):
        limit = process.node.stall if process.running else START
        return process.node.stall > 0 and now - process.heard_at > limit

    def _tell_all(self, order):
        for process in self.processes.values():
            if process.alive:
                process.tell(order)

    def _ended(self, process):
        """A process is gone without having been told to."""
        if process.exit_code == 0:
            if not process.node.watches:
                self._end_of_input()
            raise _End(0, "")
        if process.exit_code == 2 and not self.deaths[process.node.name].patient:
            raise _End(2, process.named(process.reason()))
        self._died(process, process.reason())

    def _died(self, process, why):
        node = process.node
        process.release()
        if node.restart == "never":
            self.say(f"{node.name} failed, going on without it: {why}", node.name)
            process.child = None
            return
        deaths = self.deaths[node.name]
        pause = deaths.add(process.started_at)
        if pause is None:
            what = f"failed {CRASHES} times in {deaths.span:.0f} s"
            raise _End(1, "\n".join([f"{node.name} {what}: {why}", *(f"  | {line}" for line in process.tail())]))
        self.restart_at[node.name] = time.monotonic() + pause
        again = f" in {pause:.0f} s" if pause >= 1 else ""
        self.say(f"{node.name} failed, starting it again{again}: {why}", node.name)

    # ---- the end

    def _end_of_input(self):
        """Stop the pipeline in order; an open window stays until it is closed."""
        self._stop(windows=False)
        while any(process.alive for process in self.processes.values()) and not self.interrupts:
            self.listen()
        raise _End(0, "")

    def _stays(self, node):
        """Whether the run stays for it at the end of the input. With --headless it stays for nobody."""
        return node.when in ("window", "web") and not self.settings.headless

    def _stop(self, windows=True):
        for process in self.processes.values():
            if not process.alive or (self._stays(process.node) and not windows):
                continue
            process.tell("stop")
            deadline = time.monotonic() + max(PATIENCE, process.node.stall / 2)  # slow nodes end slowly
            while process.alive and time.monotonic() < deadline and self.interrupts < 2:
                self.listen(0.01)
            if process.alive:
                process.kill()
        self.listen(TICK)
