"""A run of one camera or more, as the pipeline sees it: its process, its scenes, what it says, when it starts again.

It is an ordinary run in a process of its own. Scenes come as to any other program of the same user; how it is doing
comes by its log (`--log json`), which has a line a second.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
import uuid
from typing import NamedTuple

import msgspec

from duopose.fleet.child import PATIENCE, Job
from duopose.stream import wire
from duopose.stream.processes.run_folder import run_folder_of
from duopose.stream.subscribe import subscribe

LOOK = 0.05  # s between two looks for the run folder
BACK_OFF, LONGEST = 1.0, 30.0  # s before a run that failed is started again; doubles each time
WORKED = 60.0  # s of a run after which its failure is the first again
ABOUT = re.compile(r"c(\d+): (.*)", re.DOTALL)  # a line about one of several cameras


class Doing(NamedTuple):
    """How a camera is doing, for those who are elsewhere."""

    phase: str  # "starting", "running" (it has given scenes), "failed" (it will be started again) or "ended"
    trouble: str | None  # why no scenes come
    dropped: int  # frames read and not processed, in this life
    starts: int  # lives of its run so far


class Run:
    """
    cameras   {number: asked.Asked}
    give      called with (number of the camera, life, bytes of a Scene) from a thread
    say       called with (number, level, line) from a thread
    starts    how often there was a run of these cameras before
    """

    def __init__(self, cameras, give, say, starts=0):
        self.cameras, self.give, self.say, self.starts = cameras, give, say, starts
        alone = len(cameras) == 1
        self.numbers = {"" if alone else f"c{number}": number for number in cameras}  # by the names in the run
        self.process = None
        self.threads = ()
        self.phase = "starting"
        self.trouble, self.dropped, self.giving = {}, {}, set()  # per camera; who has given scenes
        self.last_words = ""
        self.pause, self.again_at, self.started_at = BACK_OFF, 0.0, 0.0  # s

    def tick(self):
        """Start it, or start it again, where that is due."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self._ended(self.process.returncode, now)
        if self.process is None and self.phase != "ended" and now >= self.again_at:
            self._start(now)

    def doing(self):
        """{number of a camera: Doing}"""
        return {number: self._doing(number) for number in self.cameras}

    def tell_to_end(self):
        """Its end of the control pipe closes, as it would if this process died."""
        if self.process is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def stop(self):
        """End it and wait until nothing of it is left."""
        self.tell_to_end()
        if self.process is not None:
            try:
                self.process.wait(PATIENCE + 5)
            except subprocess.TimeoutExpired:
                self.process.kill()  # its nodes notice, and go by themselves
                self.process.wait()
        for thread in self.threads:
            thread.join(PATIENCE)
        self.process = None

    def _doing(self, number):
        phase = "running" if self.phase == "starting" and number in self.giving else self.phase
        trouble = self.trouble.get(number)
        if phase == "starting" and trouble is None and self.last_words:
            trouble = f"starting ({self.last_words})"
        return Doing(phase, self.last_words if phase == "failed" else trouble, self.dropped.get(number, 0), self.starts)

    # ---- its lives

    def _start(self, now):
        self.phase, self.last_words = "starting", ""
        self.trouble, self.dropped, self.giving = {}, {}, set()
        self.starts += 1
        self.started_at = now
        ours = ("RAY_", "OMP_NUM_THREADS")  # the token is not for the run; its threads are its own affair
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "duopose.fleet.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if not name.startswith(ours)},
            process_group=0,  # Ctrl-C is not for it
        )
        job = Job({name: self.cameras[number] for name, number in self.numbers.items()})
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(msgspec.json.encode(job) + b"\n")
            self.process.stdin.flush()
        life = uuid.uuid4().hex
        self.threads = tuple(
            threading.Thread(target=target, args=arguments, daemon=True)
            for target, arguments in ((self._listen, (self.process,)), (self._follow, (self.process, life)))
        )
        for thread in self.threads:
            thread.start()

    def _ended(self, code, now):
        for thread in self.threads:
            thread.join(PATIENCE)  # what it has said and given last
        self.process.stdin.close()
        self.process = None
        if code == 0:
            self.phase, self.trouble = "ended", {}
            return
        if now - self.started_at > WORKED:
            self.pause = BACK_OFF
        self.phase, self.last_words = "failed", self.last_words or f"exit code {code}"
        self.again_at = now + self.pause
        line = f"the run failed, starting it again in {self.pause:.0f} s: {self.last_words}"
        self.say(next(iter(self.cameras)), "warning", line)
        self.pause = min(2 * self.pause, LONGEST)

    # ---- threads

    def _follow(self, process, life):
        """Give on each scene."""
        folder = None
        while folder is None:
            if process.poll() is not None:
                return
            with contextlib.suppress(OSError):
                folder = run_folder_of(process.pid)
            time.sleep(LOOK)
        for scene in subscribe("scene", folder):
            number = self.numbers.get(scene.frame.camera_name)
            if number is not None:
                self.giving.add(number)
                self.give(number, life, wire.encode(scene))

    def _listen(self, process):
        """Take in what it says on standard error."""
        with process.stderr as lines:
            for line in lines:
                self._take(line.decode(errors="replace").strip())

    def _take(self, line):
        try:
            said = json.loads(line)
            message, level = said["message"], said["level"]
        except (ValueError, TypeError, KeyError):  # a library's chatter, or an error before there was a log
            said, message, level = {}, line, "warning"
        if message == "measured":
            for name, seen in said.get("cameras", {"": said}).items():
                if name in self.numbers:
                    self.trouble[self.numbers[name]] = seen.get("trouble")
                    self.dropped[self.numbers[name]] = seen.get("dropped", 0)
        elif message:
            about = ABOUT.fullmatch(message)
            number = int(about[1]) if about and int(about[1]) in self.cameras else next(iter(self.cameras))
            self.last_words = about[2] if about else message
            if level != "info":  # how far it is: the status tells that
                self.say(number, level, self.last_words)
