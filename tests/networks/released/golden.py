"""The authors' checkpoints, every tensor filled by a fixed rule, so that no weight file of theirs is needed.

golden/authors_layout.json lists each tensor of each network; golden/authors_golden.npz holds inputs, and the outputs
that the authors' own code gave for them.
"""

import json
import zlib
from pathlib import Path

import numpy as np

from tests import places

GOLDEN = places.GOLDEN / "authors_golden.npz"
LAYOUT = json.loads((places.GOLDEN / "authors_layout.json").read_text())["networks"]
FOLDERS = {
    "gcn": "model_gcnwild", "tcn": "model_tcn", "root": "model_root", "inte": "model_inte", "adapt": "model_adapt",
    "linear": "model_transform/model_linear", "trans": "model_transform/model_trans", "btmup": "model_btmup",
}  # fmt: skip


def drawn(network, key, shape):
    """One tensor, from a generator seeded with its name."""
    rng = np.random.default_rng(zlib.crc32(f"{network}/{key}".encode()))
    last = key.rpartition(".")[2]
    if last == "num_batches_tracked":
        return np.zeros(shape)
    if last == "running_var":
        return 0.5 + rng.random(shape)
    if last == "running_mean" or (len(shape) < 2 and ".bias" in key):  # not linear's, which is just called "bias"
        return 0.1 * rng.standard_normal(shape)
    if len(shape) < 2:
        return 0.25 * rng.random(shape) if ".act." in key else 0.5 + rng.random(shape)
    gain = 0.5 if network == "btmup" else 2.0
    return rng.standard_normal(shape) * np.sqrt(gain * shape[0] / np.prod(shape))


def state(network):
    """{key: tensor} of one of the authors' networks."""
    import torch

    tensors = {key: (drawn(network, key, shape), kind) for key, (shape, kind) in LAYOUT[network].items()}
    return {key: torch.from_numpy(np.asarray(value, kind)) for key, (value, kind) in tensors.items()}


def write(folder, networks=FOLDERS):
    """Write checkpoints as the authors do: a text file `checkpoint` that names a .pth file in torch's old format."""
    import torch

    for network in networks:
        place = Path(folder) / FOLDERS[network]
        place.mkdir(parents=True, exist_ok=True)
        torch.save(state(network), place / "99_12345.pth", _use_new_zipfile_serialization=False)
        (place / "checkpoint").write_text("99_12345.pth")
