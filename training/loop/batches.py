"""Batches of a run, each a function of the seed and its step alone, prepared ahead by other processes where that is
wanted."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor

import cv2
import numpy as np
import torch

AHEAD = 2  # batches that wait, for each process


def prepared(batch, seed, steps, workers=0):
    """Yields the batches of these steps, in order, made ahead by `workers` processes (0: made when they are asked for).

    batch   rng (numpy Generator) -> dict, list or tuple of tensors; rng depends on the seed and the step alone.
            Picklable if there are workers: they are spawned, since neither CUDA nor OpenCV's threads survive a fork
    """
    if not workers:
        for step in steps:
            yield batch(np.random.default_rng([seed, step]))
        return
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # of the workers: each has one core
        os.environ.setdefault(name, "1")
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), Worker.start, (batch, seed))
    try:
        waiting = deque()
        for step in steps:
            waiting.append(pool.submit(Worker.make, step))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class Worker:
    """One process of `prepared`; what it makes batches of lies in the class, since a pool's work can carry no state."""

    @classmethod
    def start(cls, batch, seed):
        cls.batch, cls.seed = staticmethod(batch), seed
        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then ends this
        threading.Thread(target=cls.end_with_parent, daemon=True).start()

    @classmethod
    def make(cls, step):
        return cls.batch(np.random.default_rng([cls.seed, step]))

    @staticmethod
    def end_with_parent():
        """Don't outlive a run that was killed."""
        multiprocessing.parent_process().join()
        os._exit(1)


def moved(data, device):
    """Tensors, or a dict, list or tuple of them, on the device; what is no tensor stays as it is."""
    if isinstance(data, dict):
        return {key: moved(value, device) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [moved(value, device) for value in data]
    if not isinstance(data, torch.Tensor) or device.type == "cpu":
        return data
    return data.pin_memory().to(device, non_blocking=True)  # pinned: the GPU fetches it by itself
