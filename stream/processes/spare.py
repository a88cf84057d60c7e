"""A process in reserve: it has imported what the nodes need and waits for a job, that of the next node to die."""

import time

from duopose.stream.processes.process import spawn

AFTER = 5.0  # s of calm until one is started: it takes a second of a core, which nobody then misses


class Spare:
    """
    modules  what it imports; () = there is none
    folder   of the run
    """

    name = "spare"  # its first word, where a node has its own name

    def __init__(self, modules, folder):
        self.modules, self.folder = modules, folder
        self.child = None
        self.calm_since = None  # s

    def tick(self, calm, group):
        """Start one where there is none, once all nodes have been at work for a while. group: of the nodes"""
        if not calm or not self.modules:
            self.calm_since = None
            return
        now = time.monotonic()
        self.calm_since = self.calm_since or now
        if self.child is None and now - self.calm_since > AFTER:
            self.child = spawn([self.name, *self.modules], self.folder / f"{self.name}.log", group)

    def take(self):
        """The process, to be given a job; None where there is none that lives."""
        child, self.child = self.child, None
        return child if child is not None and child.poll() is None else None

    def end(self):
        if self.child is not None:
            self.child.kill()
            self.child.communicate()
