"""What the head knows of a camera and of a pipeline."""

import time

import msgspec

from duopose.fleet.numbering import Numbering
from duopose.fleet.pipeline import Seen
from duopose.fleet.status import RUNNING, SILENT, Row, state
from duopose.viewer.controls.pace import SPAN, Pace

PAUSE, LONGEST = 1.0, 30.0  # s until a pipeline that failed is asked again; doubles each time


class Camera:
    """
    name        as the file has it
    asked       asked.Asked
    run         cameras with the same number share one run
    numbering   that of the camera that bore this name before, if any
    """

    def __init__(self, name, asked, run, numbering=None):
        self.name, self.asked, self.run = name, asked, run
        self.numbering = numbering or Numbering()
        self.pace, self.scene_at, self.people, self.frames = Pace(), None, 0, 0
        self.ended = False  # its source is at the end
        self.starts_before = 0  # lives of its run in earlier lives of its pipeline

    def take(self, scene, life, now):
        """-> the scene as it is given out, None for one that must not be."""
        scene = self.numbering.continued(scene, life, now)
        if scene is None:
            return None
        scene = msgspec.structs.replace(scene, frame=msgspec.structs.replace(scene.frame, camera_name=self.name))
        self.pace.add(scene, now)
        self.scene_at, self.people = now, len(scene.ids)
        self.frames += 1
        return scene

    def row(self, pipeline, doing, now):
        """-> status.Row. doing: what the pipeline last said of it, None = nothing"""
        what = "ended" if self.ended else state(pipeline.born, pipeline.answered_at, doing, now)
        if pipeline.error and not self.ended:
            what += f" ({pipeline.error})"
        row = Row(
            camera=self.name,
            machine=pipeline.machine,
            state=what,
            restarts=max(self.starts_before + (doing.starts if doing else 0) - 1, 0),
            frames=self.frames,
            dropped=doing.dropped if doing else 0,
        )
        if what != RUNNING or self.scene_at is None or now - self.scene_at > SPAN:
            return row
        return msgspec.structs.replace(
            row,
            rate=None if self.pace.rate is None else round(self.pace.rate, 1),
            latency_ms=round(1000 * self.pace.latency, 1),
            people=self.people,
        )


class Pipeline:
    """The head's side of one.

    handle   Ray's
    """

    def __init__(self, number, handle):
        self.number, self.handle = number, handle
        self.question = None  # that is being answered
        self.ask_at, self.pause = 0.0, PAUSE  # s; not before, and how long after a failure
        self.error = ""  # why it does not answer
        self.born, self.answered_at = time.monotonic(), None  # s
        self.seen = Seen()
        self.doing = {}  # camera: run.Doing
        self.machine = ""
        self.told_lost = False

    def answered(self, now):
        self.answered_at, self.pause, self.error, self.told_lost = now, PAUSE, "", False

    def failed(self, error, now):
        """Why there is no answer -> whether that is news."""
        news, self.error = str(error) != self.error, str(error)
        self.ask_at, self.pause = now + self.pause, min(2 * self.pause, LONGEST)
        return news

    def lost(self, now):
        """Whether it has spoken once, and is silent."""
        return self.answered_at is not None and now - self.answered_at > SILENT
