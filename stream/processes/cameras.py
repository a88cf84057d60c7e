"""A run gets other cameras while it goes on: what the supervisor does one after the other, without ever waiting.

1. The captures of cameras that leave are told so. They read no more, and end when what they have sent is recorded.
2. Every node is told of the new cameras. It hears them, remembers something of each, and forgets those that have left.
3. When each node that all cameras share has said that it has done so, the captures of the new cameras are started.

So no frame reaches a node that does not know its camera, and the frames of the other cameras go on all the time.
"""

import contextlib
import os
import shutil
import time

import msgspec

from duopose.stream.bus import endpoint
from duopose.stream.graph import name_of
from duopose.stream.processes.deaths import Deaths
from duopose.stream.processes.orders import NewCameras
from duopose.stream.processes.process import Process
from duopose.stream.ring import SUFFIX

PATIENCE = 5.0  # s from being told to leave to being killed, or half the node's stall if that is longer


class Change:
    """What is asked for, as `Cameras.change` has it; and how far it has come: who is `leaving`, until when; `told`."""

    def __init__(self, settings, nodes, renamed, then):
        self.settings, self.nodes, self.renamed, self.then = settings, tuple(nodes), renamed, then
        self.leaving, self.deadline, self.told = [], 0.0, False


class Cameras:
    """Those of one supervisor's run, as they come and go."""

    def __init__(self, supervisor):
        self.supervisor = supervisor
        self.gone = {}  # name -> Process, of cameras that have left
        self.changing = None  # Change
        self.number = 0  # of the last change

    @property
    def settings(self):
        """Of each camera that there is or was."""
        left = [process.settings.of(process.node.camera) for process in self.gone.values()]
        return (*left, *self.supervisor.settings.each)

    def change(self, settings, nodes, renamed, then=lambda: None):
        """Begin to go on with others. Not while another change is going on.

        settings  of the run from now on; a camera whose settings are others than before leaves, and comes as a new one
        nodes     of the run from now on
        renamed   {old name: new name} of cameras that go on as they were
        then      called when all nodes have been told
        """
        change = self.changing = Change(settings, nodes, renamed, then)
        staying = {own.name for own in settings.each if own in self.supervisor.settings.each}
        own = [process for process in self.supervisor.processes.values() if process.node.camera is not None]
        change.leaving = [process for process in own if process.node.camera not in staying]
        for process in change.leaving:
            self.gone[process.node.name] = self.supervisor.processes.pop(process.node.name)
            self.supervisor.restart_at.pop(process.node.name, None)
            if process.alive:
                process.tell("leave")
        longest = max((PATIENCE, *(process.node.stall / 2 for process in change.leaving)))
        change.deadline = time.monotonic() + longest

    def tick(self):
        """Do what is due."""
        change = self.changing
        if change is None:
            return
        if not change.told:
            if any(process.alive for process in change.leaving) and time.monotonic() < change.deadline:
                return
            self._forget(change.leaving)
            self._tell(change)
        processes = self.supervisor.processes.values()
        shared = [process for process in processes if process.node.camera is None and not process.node.watches]
        if all(process.running and process.health.change == self.number for process in shared):
            for process in processes:
                if process.child is None and process.node.camera is not None:
                    self.supervisor.start(process)
            self.changing = None

    def _forget(self, processes):
        """Let go of what belongs to captures that have left."""
        self.supervisor.listen(0)  # their last words
        for process in processes:
            if process.alive:
                process.kill()
            process.release()
            process.child = None
            for ring in process.folder.glob(f"{process.node.name}.*{SUFFIX}"):
                ring.unlink(missing_ok=True)
            address = endpoint(process.folder, process.node.name)
            self.supervisor.health.connect(self.supervisor.health.connected - {address})
            with contextlib.suppress(FileNotFoundError):  # it is there of one that was killed
                os.unlink(address.removeprefix("ipc://"))

    def _tell(self, change):
        supervisor = self.supervisor
        change.told = True
        self.number += 1
        for old, new in change.renamed.items():
            self._rename(old, new, change.nodes)
        supervisor.settings, supervisor.nodes = change.settings, change.nodes
        supervisor.processes = {node.name: self._process(node) for node in change.nodes}
        order = msgspec.json.encode(NewCameras(change.nodes, change.settings, change.renamed, self.number)).decode()
        for process in supervisor.processes.values():
            process.nodes, process.settings, process.change = change.nodes, change.settings, self.number
            if process.alive:
                process.tell(order)
        change.then()

    def _process(self, node):
        """The Process of a node: the one there is, or was, whose numbers then go on."""
        supervisor = self.supervisor
        if node.name in supervisor.processes:
            return supervisor.processes[node.name]
        supervisor.deaths[node.name] = Deaths(node, patient=True)
        if node.name not in self.gone:
            return Process(node, supervisor.folder.path, supervisor.nodes, supervisor.settings)
        process = self.gone.pop(node.name)
        process.node = node
        process.restarts -= 1  # that it is started once more is no restart
        return process

    def _rename(self, old, new, nodes):
        """What the captures of a camera know of each other, and what is told of them, goes over to its new name."""
        for node in [node for node in nodes if node.camera == new]:
            name = name_of(node.name.removesuffix(f".{new}"), old)
            self.gone[node.name] = self.gone.pop(name)
            for kept in self.supervisor.folder.path.glob(f"{name}.memory"):
                shutil.copy(kept, kept.with_name(f"{node.name}.memory"))
