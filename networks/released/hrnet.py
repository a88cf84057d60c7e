"""The public COCO checkpoints of HRNet-w32 and HigherHRNet-w32 (Microsoft, MIT licence) -> our top-down network.

    pose_hrnet_w32_256x192.pth, pose_hrnet_w32_384x288.pth   github.com/leoxiaobin/deep-high-resolution-net.pytorch
    pose_higher_hrnet_w32_512.pth                            github.com/HRNet/HigherHRNet-Human-Pose-Estimation

Their trunk is ours, but for the names and the epsilon of the batch norms, which goes into the norms' weights. HRNet
was made for one person a crop: it has no tags, so ours are 0. Of HigherHRNet we take the maps at stride 4, which hold
heatmaps and tags; its finer maps at stride 2 have no counterpart here.
"""

from pathlib import Path

import torch

from duopose.networks import weights
from duopose.networks.released.checkpoints import Unfit, fill, read_state, source
from duopose.networks.top_down import TopDown

EPSILON = 1e-5  # of their batch norms, torch's default; ours have networks.backbones.hrnet's
NORM = {"0": "conv", "1": "bn"}  # our layers: convolution, norm


def unit(found):
    """A layer inside a unit: body.0.0 -> conv1, body.0.1 -> bn1."""
    return f"{NORM[found[3]]}{int(found[2]) + 1}."


# ours -> theirs
NAMES = (
    (r"^trunk\.stem\.(\d)\.(\d)\.", lambda found: f"{NORM[found[2]]}{int(found[1]) + 1}."),
    (r"^trunk\.first\.(\d)\.body\.(\d)\.(\d)\.", lambda found: f"layer1.{found[1]}.{unit(found)}"),
    (r"^trunk\.first\.(\d)\.shortcut\.", r"layer1.\1.downsample."),
    (r"^trunk\.enter\.", "transition1.0."),
    (r"^trunk\.begin\.(\d)\.", lambda found: f"transition{int(found[1]) + 1}.{int(found[1]) + 1}.0."),
    (r"^trunk\.stages\.(\d)\.", lambda found: f"stage{int(found[1]) + 2}."),
    (r"(branches\.\d\.\d\.)body\.(\d)\.(\d)\.", lambda found: found[1] + unit(found)),
    (r"\.fuse\.(\d)\.(\d)\.body\.", r".fuse_layers.\1.\2."),
)
FINER = r"deconv_layers\.|final_layers\.1\."  # HigherHRNet's maps at stride 2


def read_hrnet(path):
    """A TopDown with the weights of a checkpoint, eval mode, and which of the two it is. Raises Unfit."""
    state = read_state(path)
    higher = "final_layers.0.weight" in state
    if not higher and "final_layer.weight" not in state:
        raise Unfit(f"{path} is neither HRNet's nor HigherHRNet's: it has neither final_layer nor final_layers.0")
    last = "final_layers.0" if higher else "final_layer"
    for end in ("weight", "bias"):
        if f"{last}.{end}" not in state:
            raise Unfit(f"{path}: {last}.{end} is missing")
        both = state.pop(f"{last}.{end}")
        outputs = 34 if higher else 17
        if len(both) != outputs:
            raise Unfit(f"{path}: {last}.{end} has {len(both)} outputs, not {outputs}: no network for COCO's 17 joints")
        state[f"heatmaps.{end}"] = both[:17]
        state[f"tags.{end}"] = both[17:] if higher else torch.zeros_like(both)
    network = TopDown("hrnet", width=32, published=True)
    fill(network, {"": (path, state)}, NAMES, ignored=FINER if higher else None)
    fold_epsilon(network)
    return network, "HigherHRNet-w32" if higher else "HRNet-w32"


def fold_epsilon(network):
    """Give each norm the weight with which its own epsilon computes what it computed with theirs, in eval mode."""
    for norm in network.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.weight.data *= ((norm.running_var + norm.eps) / (norm.running_var + EPSILON)).sqrt()


def import_hrnet(path, out):
    """Write a checkpoint as our weights, float32 -> the path written. Raises Unfit.

    out   without suffix, or an existing folder, where it is called top_down
    """
    network, kind = read_hrnet(path)
    out = Path(out) / "top_down" if Path(out).is_dir() else Path(out)
    record = source([Path(path)], f"duopose released import-hrnet {Path(path).name} {out.name}")
    record["data"] = f"{kind} as published by its authors, trained on COCO (MIT licence)"
    weights.save(network, out, exact=True, training=record)
    return out.with_suffix(".safetensors")
