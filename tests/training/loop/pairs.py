"""Batches of the smallest training there is: y = 2 x. By itself, for processes that prepare them."""

import numpy as np
import torch


def pairs(rng):
    x = torch.from_numpy(rng.normal(size=(8, 1)).astype(np.float32))
    return {"x": x, "y": 2 * x}
