"""Pipelines in threads of this process, in Ray's place: the head's work without machines."""

import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from duopose.fleet.pipeline import Pipeline


class Threads:
    """What the head asks of cluster.Cluster."""

    def __init__(self):
        self.pipelines = {}  # handle, a thread that answers one question after the other: Pipeline

    def start(self, cpus):
        handle = ThreadPoolExecutor(1)
        self.pipelines[handle] = Pipeline(lambda: f"process {os.getpid()}")
        return handle

    def ask(self, handle, wanted, seen):
        return handle.submit(lambda: self.pipelines[handle].poll(wanted, seen))

    def ready(self, questions, timeout):
        return list(wait(questions, timeout, FIRST_COMPLETED).done)

    def answer(self, question):
        return question.result()

    def end(self, handle):
        return handle.submit(self.pipelines[handle].stop)

    def wait(self, questions, timeout):
        wait(questions, timeout)

    def kill(self, handle):
        del self.pipelines[handle]
        handle.shutdown()

    def replace(self, handle):
        """The pipeline is gone with its runs, and another one has its place, as when Ray starts it elsewhere."""

        def replace():
            self.pipelines[handle].stop()
            self.pipelines[handle] = Pipeline(lambda: "elsewhere")

        handle.submit(replace).result()
