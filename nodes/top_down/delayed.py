"""Frames that wait for the later ones that their temporal window needs, with a look-ahead."""

from collections import deque

from duopose.stream.messages import Poses
from duopose.stream.skeleton import coco_to_body


class Delayed:
    """Lifts the People of each frame. Poses come back in order, as soon as the frames of the look-ahead have come.

    most   frames that may wait: a source of 120 frames a second must not use up all frames in flight
    """

    def __init__(self, lifting, most=0):
        self.lifting = lifting
        self.most = most
        self.waiting = deque()  # (People, Observation), oldest first

    def add(self, people):
        """The newest People -> list of Poses."""
        frame = people.frame
        body = coco_to_body(people.coco)
        seen = self.lifting.observe(people.ids, body, frame.stamp, frame.camera, frame.still, people.predicted)
        self.waiting.append((people, seen))
        out = []
        while self.waiting and (len(self.waiting) > self.most or self.lifting.due(self.waiting[0][1], frame.stamp)):
            out.append(self.release())
        return out

    def rest(self):
        """-> list of Poses of all frames that wait, when no more frames come."""
        return [self.release() for _ in range(len(self.waiting))]

    def release(self):
        people, seen = self.waiting.popleft()
        joints = self.lifting.answer(seen)
        who = people.frame, people.ids, people.scores, people.boxes, people.coco
        return Poses(*who, joints, seen.confidence, people.predicted)
