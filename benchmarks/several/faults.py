"""Several streams in one run, one of whose servers is killed and comes back, and one is frozen for a while.

The run begins with one camera alone; then the file of cameras is written anew with all of them, and read on SIGHUP.
"""

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from duopose.benchmarks.parts.live_run import LiveRun

ALONE, KILLED, FROZEN = 0.2, 0.4, 0.65  # shares of the run: all cameras come, one server is killed, one is frozen
FAULT = 10.0  # s that a fault takes, or this share of a short run
SHARE = 0.1
SETTLE = 2.0  # s at the begin of each part of the run that count for nobody, or this share of a short part
COME = 60.0  # s for a camera to be there, or to be back
RUN = "[run]\nheadless = true\nfixed = true\n"  # fixed: each frame is the same work, so that rates can be compared


class Part(NamedTuple):
    """A part of the run in which the same cameras are up."""

    name: str
    begin: float  # s, time.monotonic()
    end: float
    up: tuple[str, ...]  # cameras


class Found(NamedTuple):
    parts: list[Part]
    scenes: dict[str, list]  # {camera: [live_run.Seen]}
    back: dict[str, float | None]  # {camera: s until it gave poses again}
    said: str
    code: int


def write(path, servers, count):
    """The file with the first `count` cameras."""
    cameras = list(servers.items())[:count]
    path.write_text(RUN + "".join(f'[camera.{name}]\nsource = "{server.url}"\n' for name, server in cameras))
    return path


class Run:
    """
    servers  {name of the camera: rtsp.Server}; the first is alone at first, the second is killed, the last is frozen
    """

    def __init__(self, servers, seconds, folder):
        self.servers, self.seconds = servers, seconds
        self.path = write(Path(folder, "cameras.toml"), servers, 1)
        self.live = LiveRun(str(self.path), folder=folder)
        self.parts, self.names, self.back = [], tuple(servers), {}
        self.fault = min(FAULT, SHARE * seconds)

    def play(self):
        """-> Found"""
        try:
            self.live.start()
            self.begun = time.monotonic()
            self._part("alone", ALONE, self.names[:1])
            write(self.path, self.servers, len(self.servers))
            os.kill(self.live.process.pid, signal.SIGHUP)
            for name in self.names:
                assert self._come(name, time.monotonic()) is not None, f"{name} did not come: {self.live.said()}"
            self._part("all", KILLED, self.names)
            self._fail(self.names[1], "killed", self.servers[self.names[1]].stop, self.servers[self.names[1]].start)
            self._part("all again", FROZEN, self.names)
            frozen = self.servers[self.names[-1]].process
            self._fail(
                self.names[-1], "frozen",
                lambda: frozen.send_signal(signal.SIGSTOP), lambda: frozen.send_signal(signal.SIGCONT),
            )  # fmt: skip
            self._part("all at the end", 1.0, self.names)
            code = self.live.end()
        finally:
            self.live.kill()
        scenes = {name: [seen for seen in self.live.seen if seen.camera == name] for name in self.names}
        return Found(self.parts, scenes, self.back, self.live.said(), code)

    def _part(self, name, until, up):
        """Go on until that share of the run is over."""
        begin = time.monotonic()
        end = max(self.begun + until * self.seconds, begin + self.fault)  # it may have taken long to come here
        self.live.wait(lambda: time.monotonic() >= end, end - begin + 1)
        self.parts.append(Part(name, begin, end, up))

    def _fail(self, name, how, begin, end):
        begin()
        begun = time.monotonic()
        self.live.wait(lambda: time.monotonic() >= begun + self.fault, self.fault + 1)
        over = time.monotonic()
        self.parts.append(Part(f"{name} {how}", begun, over, tuple(one for one in self.names if one != name)))
        end()
        self.back[name] = self._come(name, over)

    def _come(self, name, since):
        """s from `since` until a camera has given poses, None if it does not."""

        def come():
            return [one.at for one in self.live.seen[-500:] if one.camera == name and one.read_at >= since]

        return come()[0] - since if self.live.wait(lambda: come(), COME) else None
