"""The head of a fleet: has pipelines run the cameras of a file, and gives out what they find under one address.

It asks each pipeline all the time: what it is to run, and for its scenes. What the answers say is all that it knows.
"""

import contextlib
import time

import duopose
from duopose.fleet.assignment import assign
from duopose.fleet.cluster import Gone, Lost
from duopose.fleet.followed import Camera, Pipeline
from duopose.fleet.pipeline import Seen, Wanted
from duopose.fleet.ports import told
from duopose.running.cameras.changes import changes, refused
from duopose.running.log import logger, tell
from duopose.stream import wire
from duopose.stream.errors import UsageError
from duopose.stream.messages import Scene

TICK = 0.1  # s
EVERY = 1.0  # s between two writings of the status
STOP = 25.0  # s for all runs to end
NEVER_BEGUN = " (has Ray its token there, and the same versions?)"


class Head:
    """
    read       called for {name: asked.Asked}; raises UsageError
    cluster    cluster.Cluster
    size       cameras of a pipeline, at most
    share      whether cameras that come together into a pipeline share one run
    cpus       of one camera
    give       called with each Scene
    say_how    called once a second with the status.Row of each camera
    """

    def __init__(self, read, cluster, size, share, cpus, give, say_how):
        self.read, self.cluster, self.size, self.share, self.cpus = (read, cluster, size, share, cpus)
        self.give, self.say_how = give, say_how
        self.cameras = {}  # number: Camera
        self.placed = {}  # number of a camera: number of its pipeline
        self.pipelines = {}  # number: Pipeline
        self.leaving = {}  # question: Pipeline, of those that have been told to end
        self.numberings = {}  # name: Numbering, also of those that are gone
        self.count = 0  # cameras there have been
        self.told_machines = set()
        self.next_look = 0.0  # s

    def reread(self):
        """Take in the file again; where it is wrong, one line, and the cameras go on as they were."""
        try:
            asked = self.read()
        except UsageError as error:
            logger.error(refused(error))
            return
        before = {camera.name: camera.asked for camera in self.cameras.values()}
        change = changes(before, asked)
        self.change(change, asked)
        tell(change.told())

    def change(self, change, asked):
        """changes.Change, and {name: Asked} after it."""
        numbers = {camera.name: number for number, camera in self.cameras.items()}
        for name in change.removed:
            del self.cameras[numbers[name]]
        for old, new in change.renamed.items():
            camera = self.cameras[numbers[old]]
            camera.name = new
            camera.numbering = self.numberings[new] = camera.numbering.renamed(self.numberings.get(new))
        new = range(self.count, self.count + len(change.added))
        for number, name in zip(new, change.added, strict=True):
            self.cameras[number] = Camera(name, asked[name], number, self.numberings.get(name))
            self.numberings[name] = self.cameras[number].numbering
        self.count += len(change.added)
        self.placed = assign(self.placed, list(self.cameras), self.size)
        if self.share:  # those that come together, in one pipeline
            for number in new:
                mates = [other for other in new if self.placed[other] == self.placed[number]]
                self.cameras[number].run = mates[0]
        for number in [number for number in self.pipelines if number not in self.placed.values()]:
            self._leave(self.pipelines.pop(number))
        for number in set(self.placed.values()) - set(self.pipelines):
            self.pipelines[number] = Pipeline(number, self.cluster.start(self.size * self.cpus))

    def _leave(self, pipeline):
        """End one that has no cameras any more, without waiting for it."""
        if pipeline.answered_at is None or pipeline.lost(time.monotonic()):
            self.cluster.kill(pipeline.handle)
        else:
            self.leaving[self.cluster.end(pipeline.handle)] = pipeline

    # ---- while it runs

    def tick(self):
        """Ask who is to be asked, take in what was answered. Some times a second."""
        now = time.monotonic()
        for pipeline in self.pipelines.values():
            if pipeline.question is None and now >= pipeline.ask_at:
                jobs = tuple(
                    Wanted(number, camera.run, camera.asked)
                    for number, camera in self._cameras(pipeline)
                    if not camera.ended
                )
                pipeline.question = self.cluster.ask(pipeline.handle, jobs, pipeline.seen)
        asked = {pipeline.question: pipeline for pipeline in self.pipelines.values() if pipeline.question is not None}
        for question in self.cluster.ready([*asked, *self.leaving], TICK):
            if question in asked:
                self._take(asked[question], question)
            else:
                self.cluster.kill(self.leaving.pop(question).handle)
        if time.monotonic() >= self.next_look:
            self.next_look = time.monotonic() + EVERY
            self._look()

    @property
    def ended(self):
        """Whether every source is at its end."""
        return all(camera.ended for camera in self.cameras.values())

    def stop(self):
        """End all runs."""
        for number in list(self.pipelines):
            self._leave(self.pipelines.pop(number))
        self.cluster.wait(list(self.leaving), STOP)
        for pipeline in self.leaving.values():
            self.cluster.kill(pipeline.handle)

    def _cameras(self, pipeline):
        """[(number, Camera)] of a pipeline."""
        return [(number, self.cameras[number]) for number, place in self.placed.items() if place == pipeline.number]

    def _names(self, pipeline):
        return ", ".join(camera.name for _, camera in self._cameras(pipeline))

    def _look(self):
        now = time.monotonic()
        rows = []
        for pipeline in self.pipelines.values():
            if pipeline.lost(now) and not pipeline.told_lost:
                logger.warning(f"{self._names(pipeline)}: no word of {pipeline.machine} any more")
                pipeline.told_lost = True
            rows += [
                camera.row(pipeline, pipeline.doing.get(number), now) for number, camera in self._cameras(pipeline)
            ]
        self.say_how(tuple(sorted(rows, key=lambda row: row.camera)))

    def _take(self, pipeline, question):
        pipeline.question = None
        try:
            answer = self.cluster.answer(question)
        except Lost as error:
            if pipeline.failed(error, time.monotonic()):
                logger.warning(f"{self._names(pipeline)}: {error}{'' if pipeline.seen.life else NEVER_BEGUN}")
            if isinstance(error, Gone):
                pipeline.handle = self.cluster.start(self.size * self.cpus)
            return
        now = time.monotonic()
        if answer.life != pipeline.seen.life:
            self._begun(pipeline, answer, now)
        pipeline.answered(now)
        pipeline.doing = answer.doing
        pipeline.seen = Seen(answer.life, answer.scenes[-1].number if answer.scenes else pipeline.seen.number)
        for number, level, line in answer.said:
            if number in self.cameras:
                logger.log({"info": 20, "error": 40}.get(level, 30), f"{self.cameras[number].name}: {line}")
        for given in answer.scenes:
            camera = self.cameras.get(given.camera)
            if camera is None:  # it was taken out of the file meanwhile
                continue
            with contextlib.suppress(wire.Malformed):  # of another version, which was told
                if (scene := camera.take(wire.decode(Scene, given.scene), given.life, now)) is not None:
                    self.give(scene)
        for number, doing in answer.doing.items():
            if doing.phase == "ended" and number in self.cameras and not self.cameras[number].ended:
                self.cameras[number].ended = True
                tell(f"{self.cameras[number].name}: its source is at its end")

    def _begun(self, pipeline, answer, now):
        """The first answer in a life of the pipeline."""
        for number, doing in pipeline.doing.items():
            if number in self.cameras:
                self.cameras[number].starts_before += doing.starts
        pipeline.seen, pipeline.machine = Seen(answer.life), answer.machine
        back = "" if pipeline.answered_at is None else f", {now - pipeline.answered_at:.1f} s after its last word"
        tell(f"{self._names(pipeline)}: on {answer.machine}{back}")
        if answer.version != duopose.__version__:
            logger.warning(f"{answer.machine} has duopose {answer.version}, this is {duopose.__version__}")
        if answer.machine not in self.told_machines:
            self.told_machines.add(answer.machine)
            tell(f"Ray listens on {answer.machine} at {told(answer.ports)}")
