"""The authors' checkpoints -> our modules. The text file `checkpoint` in a folder names the .pth file beside it."""

import datetime
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import torch

from duopose.networks import weights
from duopose.networks.released.bottom_up import BottomUp
from duopose.networks.released.gcn import GCN
from duopose.networks.released.heads import Adaptation, Integration, Transform
from duopose.networks.released.tcn import TCN


class Unfit(ValueError):
    """A file that is not what it should be, in one line for the user."""


class Released(NamedTuple):
    """One of the authors' networks and where its weights lie."""

    name: str  # of our weight file
    make: object  # () -> module
    folders: dict  # what its keys begin with in NAMES -> the folder that holds them


ADAPT = "model_adapt"
# As the authors' programs call them.
NETWORKS = {
    "gcn": Released("gcn", GCN, {"": "model_gcnwild"}),
    "tcn": Released("joint_tcn", TCN, {"": "model_tcn"}),
    "root": Released("root_tcn", lambda: TCN(inputs=34, outputs=1), {"": "model_root"}),
    "inte": Released("integration", Integration, {"": "model_inte"}),
    "trans": Released(
        "transform", Transform, {"linear/": "model_transform/model_linear", "trans/": "model_transform/model_trans"}
    ),
    "adapt": Released("adaptation", Adaptation, {"": ADAPT}),
    "btmup": Released("bottom_up", BottomUp, {"": "model_btmup"}),
}


def checkpoint_file(folder):
    """The .pth file that the text file `checkpoint` in a folder names. Raises Unfit."""
    listed = Path(folder) / "checkpoint"
    try:
        name = listed.read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text file"
        raise Unfit(f"{listed}: {reason}; it should name the .pth file beside it") from None
    if not name or Path(name).name != name:
        raise Unfit(f"{listed}: it should name the .pth file beside it, not {name!r}")
    return Path(folder) / name


def read_state(path):
    """{key: tensor} of a .pth file, of torch's old or new format; nothing in it is executed. Raises Unfit."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise Unfit(f"{path}: {error.strerror}") from None
    except Exception as error:  # whatever torch makes of a damaged or foreign file
        first = str(error).strip().partition("\n")[0]
        raise Unfit(f"{path} can't be read as a state_dict of torch ({type(error).__name__}: {first})") from None
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise Unfit(f"{path} is no state_dict: a dictionary of tensors is expected")
    return {key.removeprefix("module."): value for key, value in state.items()}


def renamed(key, rules):
    """Our key of a tensor -> its key in the checkpoint: each rule (pattern, replacement) in turn."""
    for pattern, replacement in rules:
        key = re.sub(pattern, replacement, key)
    return key


def fill(network, states, rules, ignored=None):
    """Load a module from checkpoints.

    states    {what its keys begin with in the rules: (path, state)}
    rules     our keys -> theirs, see `renamed`
    ignored   pattern of keys that the checkpoints may hold besides
    Raises Unfit that names the first tensor that is missing, has another shape, or has no place.
    """
    left = {prefix + key: path for prefix, (path, state) in states.items() for key in state}
    tensors = {prefix + key: value for prefix, (_, state) in states.items() for key, value in state.items()}
    loaded = {}
    for key, own in network.state_dict().items():
        theirs = renamed(key, rules)
        path = next(path for prefix, (path, _) in states.items() if theirs.startswith(prefix))
        if theirs.endswith("num_batches_tracked"):  # torch before 0.4.1 wrote none, and nothing here depends on it
            loaded[key] = own
            left.pop(theirs, None)
            continue
        if theirs not in tensors:
            raise Unfit(f"{path}: {theirs} is missing")
        value = tensors[theirs]
        if value.shape != own.shape:
            raise Unfit(f"{path}: {theirs} should be {list(own.shape)}, is {list(value.shape)}")
        loaded[key] = value.to(own.dtype)
        del left[theirs]
    unknown = [key for key in left if not (ignored and re.match(ignored, key))]
    if unknown:
        raise Unfit(f"{left[unknown[0]]}: {unknown[0]} has no place in this network ({len(unknown)} such tensors)")
    network.load_state_dict(loaded)
    return network.eval()


def place(folder, part):
    """The folder `part` of the authors' folder. For the adaptation net any one "...adapt..." will do."""
    exact = Path(folder) / part
    if exact.is_dir() or part != ADAPT:
        return exact
    others = sorted(path for path in Path(folder).glob("*adapt*") if path.is_dir())
    return others[0] if len(others) == 1 else exact


def load(short, folder):
    """The network of that name ("gcn", "tcn", ...) from the authors' folder, and its files there. Raises Unfit."""
    released = NETWORKS[short]
    files = {prefix: checkpoint_file(place(folder, part)) for prefix, part in released.folders.items()}
    network = released.make()
    states = {prefix: (path, read_state(path)) for prefix, path in files.items()}
    return fill(network, states, network.NAMES), list(files.values())


def check_folder(folder):
    """Raise Unfit unless the folder is there and holds all that is looked for."""
    if not Path(folder).is_dir():
        raise Unfit(f"{folder}: no such folder; it should be the authors' ckpts")
    parts = [part for released in NETWORKS.values() for part in released.folders.values()]
    missing = [part for part in parts if not place(folder, part).is_dir()]
    if missing:
        raise Unfit(f"{folder}: these folders of the authors' ckpts are missing: {', '.join(missing)}")


def source(files, command):
    """The `training` entry of imported weights: where they came from."""
    return {
        "command": command,
        "files": {f"{file.parent.name}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
        "commit": weights.commit(),
        "date": datetime.date.today().isoformat(),
    }


def import_all(folder, out):
    """Every released network from the authors' folder into ours, float32 -> the paths written. Raises Unfit.

    All are read before the first is written: what is there stays as it is if one of them does not fit.
    """
    check_folder(folder)
    networks = {short: load(short, folder) for short in NETWORKS}
    paths = []
    for short, (network, files) in networks.items():
        path = Path(out) / NETWORKS[short].name
        record = source(files, f"duopose released import {Path(folder).name} {Path(out).name}")
        record["data"] = "weights that the paper's authors released (MIT licence), unchanged"
        weights.save(network, path, exact=True, training=record)
        paths.append(path.with_suffix(".safetensors"))
    return paths
