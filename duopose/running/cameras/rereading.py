"""SIGHUP: the file of cameras is read again, and the run goes on with those that it names now."""

import os
import signal
import time

import msgspec

from duopose.running.cameras.changes import changes, refused
from duopose.running.cameras.file import asked
from duopose.running.checks import settings_of_each, together
from duopose.running.log import logger, tell
from duopose.stream.errors import UsageError


class Rereading:
    """
    argv      the words after `duopose`
    cameras   [file.Asked] as they were read at the start
    """

    def __init__(self, argv, cameras):
        self.argv, self.cameras = argv, {one.name: one for one in cameras}
        self.names = set(self.cameras)  # of all cameras that there were
        self.own = {name: one.own for name, one in self.cameras.items()}
        self.is_asked = False
        signal.signal(signal.SIGHUP, self._ask)
        self.told = f"{cameras[0].path} is read again on SIGHUP: kill -HUP {os.getpid()}"

    def _ask(self, *_):
        self.is_asked = True

    def tick(self, supervisor, nodes_of, then):
        """Change the cameras of a run, where that was asked for.

        nodes_of  called with Settings -> the nodes of such a run
        then      called with (Settings, renamed) when the nodes have been told
        """
        if not self.is_asked or not supervisor.going or supervisor.cameras.changing is not None:
            return
        self.is_asked = False
        try:
            self._read(supervisor, nodes_of, then)
        except UsageError as error:
            logger.error(refused(error))

    def _read(self, supervisor, nodes_of, then):
        cameras = {one.name: one for one in asked(self.argv)}
        self._check_run(next(iter(cameras.values())))
        own = {name: one.own for name, one in cameras.items()}
        change = changes(self.own, own)
        told, change = change.told(), self._without_known_names(change)
        settings = _settings(supervisor, cameras, change)
        self.cameras, self.own = cameras, own
        self.names |= set(cameras)

        def tell_then():
            then(settings, change.renamed)
            tell(told)

        if any(change):
            supervisor.cameras.change(settings, nodes_of(settings), change.renamed, tell_then)
        else:
            tell(told)

    def _without_known_names(self, change):
        """Nobody is renamed to what another camera was called before: a new one of that name counts on from there."""
        known = {old: new for old, new in change.renamed.items() if new in self.names}
        return change._replace(
            removed=(*change.removed, *known),
            added=(*change.added, *known.values()),
            renamed={old: new for old, new in change.renamed.items() if old not in known},
        )

    def _check_run(self, one):
        """Raise UsageError if what belongs to the whole run is another than at the start."""
        before, after = next(iter(self.cameras.values())).of_run, one.of_run
        for name in before:
            if before[name] != after[name]:
                option = name.replace("_", "-")
                what = f"--{option} belongs to the whole run: it can't change while that goes on"
                raise one.located(UsageError(what))


def _settings(supervisor, cameras, change):
    """Settings of the run from now on. cameras: {name: file.Asked}. Raises UsageError."""
    running = {own.name: own for own in supervisor.settings.each}
    there = {name: own for name, own in running.items() if name not in (*change.removed, *change.renamed)}
    coming = [one for name, one in cameras.items() if name in (*change.added, *change.renamed.values())]
    old_names = {new: old for old, new in change.renamed.items()}
    for own in settings_of_each(coming, supervisor.settings, tell, list(there.values()), list(running.values())):
        if own.name in old_names:
            before = running[old_names[own.name]]
            begun = before.added, before.started_at
        else:
            begun = supervisor.cameras.number + 1, time.monotonic()
        there[own.name] = msgspec.structs.replace(own, added=begun[0], started_at=begun[1])
    return together([there[name] for name in cameras])
