"""Batches of a run, each a function of the seed and its step alone, prepared ahead by other processes where that is wanted."""

import os

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class Batches(Dataset):
    """The batch of each step: batch(rng), where rng depends on the seed and the step alone."""

    def __init__(self, batch, seed):
        self.batch, self.seed = batch, seed

    def __getitem__(self, step):
        return self.batch(np.random.default_rng([self.seed, step]))


def prepared(batch, seed, steps, workers=0, pinned=False):
    """The batches of these steps, in order, made ahead by `workers` processes (0: made when they are asked for).

    The processes are spawned, since neither CUDA nor OpenCV's threads survive a fork: `batch` must be picklable.
    pinned   whether the tensors lie where a GPU can fetch them by itself
    """
    ahead = {}
    if workers:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # of the workers: each has one core
            os.environ.setdefault(name, "1")
        ahead = {"multiprocessing_context": "spawn", "worker_init_fn": one_thread}
    data = Batches(batch, seed)
    return iter(DataLoader(data, batch_size=None, sampler=steps, num_workers=workers, pin_memory=pinned, **ahead))


def one_thread(_):
    cv2.setNumThreads(1)


def moved(data, device):
    """Tensors, or a dict, list or tuple of them, on the device; what is no tensor stays as it is."""
    if isinstance(data, dict):
        return {key: moved(value, device) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [moved(value, device) for value in data]
    return data.to(device, non_blocking=True) if isinstance(data, torch.Tensor) else data
