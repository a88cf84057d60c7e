"""Imported networks against outputs of the authors' own code: the largest difference relative to the largest output."""

import numpy as np
import torch

from duopose.networks.released.checkpoints import NETWORKS, Unfit, check_folder, load

LIMIT = 1e-4
INPUTS = {
    "gcn": ("p2d", "affpts", "affb"),
    "tcn": ("x",),
    "root": ("x",),
    "inte": ("pts", "depths"),
    "trans": ("x",),
    "adapt": ("x",),
    "btmup": ("x",),
}
OUTPUTS = {"inte": ("out_pts", "out_depths")}  # all others: out


def read_golden(path):
    """{network: (inputs, expected outputs)}, float32. Raises Unfit."""
    try:
        with np.load(path) as arrays:
            return {
                short: tuple(
                    [np.asarray(arrays[f"{short}/{name}"], np.float32) for name in names]
                    for names in (INPUTS[short], OUTPUTS.get(short, ("out",)))
                )
                for short in INPUTS
            }
    except OSError as error:
        raise Unfit(f"{path}: {error.strerror or 'no .npz file'}") from None
    except KeyError as error:
        raise Unfit(f"{path}: {error.args[0]}") from None
    except ValueError as error:
        raise Unfit(f"{path}: no .npz file of arrays ({error})") from None


def error(short, network, inputs, expected):
    """The largest difference of any output from the expected one, relative to that one's largest value."""
    run = network.maps if short == "btmup" else network
    with torch.inference_mode():
        outputs = run(*map(torch.from_numpy, inputs))
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    worst = 0.0
    for found, wanted in zip(outputs, expected, strict=True):
        if found.numel() != wanted.size:
            raise Unfit(f"{short}: {tuple(found.shape)} comes out, {wanted.shape} is expected")
        found = found.numpy().reshape(wanted.shape)
        off = np.abs(found - wanted).max() / max(float(np.abs(wanted).max()), 1e-30)
        worst = max(worst, float(off) if np.isfinite(off) else 1e9)  # JSON has no infinity
    return worst


def verify(folder, golden):
    """Errors {network: relative error} of every network in the authors' folder. Raises Unfit."""
    check_folder(folder)
    cases = read_golden(golden)
    return {short: error(short, load(short, folder)[0], *cases[short]) for short in NETWORKS}
