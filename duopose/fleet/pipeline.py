"""A pipeline: the runs of some cameras on one machine, kept as the head wants them. It is what Ray calls an actor.

The head asks again and again, and each question says all that is wanted. So a pipeline that died and was started
elsewhere knows what to do by the first question, and a question that is asked twice does no harm.
"""

import os
import threading
import time
import uuid
from collections import deque
from typing import NamedTuple

import duopose
from duopose.fleet.asked import Asked
from duopose.fleet.ports import listening
from duopose.fleet.run import Doing, Run

WAIT = 0.5  # s until an answer goes out in which there is no scene
KEPT = 200  # scenes that wait for the head; older ones go
LINES = 200  # and lines


class Wanted(NamedTuple):
    """A camera that is to run here."""

    camera: int  # what the head calls it, whatever its name is by now
    run: int  # cameras with the same number share one run
    asked: Asked


class Seen(NamedTuple):
    """What the head has got already, so that a scene is neither lost nor given twice where an answer was."""

    life: str = ""  # of the pipeline
    number: int = 0  # of the last scene


class Given(NamedTuple):
    """A scene on its way to the head."""

    number: int  # counts in the life of this pipeline
    camera: int
    life: str  # of the camera's run
    scene: bytes  # as wire.encode gives it


class Answer(NamedTuple):
    life: str  # of this pipeline: another one than before, and it was started again
    scenes: tuple[Given, ...]
    doing: dict[int, Doing]  # per camera
    said: tuple[tuple[int, str, str], ...]  # camera, level, line
    machine: str  # its name
    process: int
    version: str  # of duopose
    ports: tuple[str, ...]  # where Ray listens on this machine; with the first answer


class Pipeline:
    """
    here   called for the name of the machine
    """

    def __init__(self, here):
        self.life, self.machine = uuid.uuid4().hex, here()
        self.runs = {}  # number: Run
        self.leaving = []  # threads that end runs which are wanted no more
        self.came = threading.Condition()
        self.scenes, self.said = deque(maxlen=KEPT), deque(maxlen=LINES)
        self.count = 0

    def poll(self, wanted, seen):
        """Run these cameras, (Wanted, ...) -> Answer, as soon as there is a scene that is not `seen`."""
        self._want(wanted)
        last = seen.number if seen.life == self.life else 0
        end = time.monotonic() + WAIT
        with self.came:
            while (left := end - time.monotonic()) > 0 and not (self.scenes and self.scenes[-1].number > last):
                self.came.wait(left)
            scenes = tuple(given for given in self.scenes if given.number > last)
            said = tuple(self.said)
            self.said.clear()
        return Answer(
            life=self.life,
            scenes=scenes,
            doing={camera: doing for run in self.runs.values() for camera, doing in run.doing().items()},
            said=said,
            machine=self.machine,
            process=os.getpid(),
            version=duopose.__version__,
            ports=() if seen.life == self.life else tuple(listening()),
        )

    def stop(self):
        """End all runs and wait until nothing of them is left."""
        for run in self.runs.values():
            run.tell_to_end()
        self._want(())
        for thread in self.leaving:
            thread.join()

    def _want(self, wanted):
        cameras = {}  # number of a run: {camera: Asked}
        for one in wanted:
            cameras.setdefault(one.run, {})[one.camera] = one.asked
        starts = {number: run.starts for number, run in self.runs.items()}
        for number in [number for number, run in self.runs.items() if cameras.get(number) != run.cameras]:
            self.leaving.append(threading.Thread(target=self.runs.pop(number).stop, daemon=True))
            self.leaving[-1].start()
        self.leaving = [thread for thread in self.leaving if thread.is_alive()]
        if not self.leaving:  # else what comes next might find its camera, or its record, in use
            for number in [number for number in cameras if number not in self.runs]:
                self.runs[number] = Run(cameras[number], self._give, self._say, starts.get(number, 0))
        for run in self.runs.values():
            run.tick()

    def _say(self, camera, level, line):
        self.said.append((camera, level, line))

    def _give(self, camera, life, scene):
        with self.came:
            self.count += 1
            self.scenes.append(Given(self.count, camera, life, scene))
            self.came.notify_all()
