"""duopose train lifting --data MOCAP [--human36m DIR ...] [options]: the lifting networks end to end,
GCN, joint TCN and root TCN, from motion capture, people before the cameras of a data set, or both.

    duopose train lifting --data MOCAP --out RUN --minutes 60
    duopose train lifting --data MOCAP --out RUN --publish networks/weights_lite
    duopose train lifting --human36m DIR --out RUN --epochs 100 --tenth 40 80 --adam 1e-3

MOCAP holds train.npz and train_extra.npz to learn from and val.npz to judge by
(training/mocap/standard.py); training/tracks/sets.py says what the others learn from and are judged
by. The second form writes what the first one found: gcn, joint_tcn, root_tcn in that folder, each
as weights, JSON, OpenVINO model. Give both the same sizes.
"""

import json
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from duopose.networks import weights
from duopose.networks.gcn import GCN
from duopose.networks.normalisation import FEATURES
from duopose.networks.tcn import JointTCN, RootTCN
from duopose.nodes.top_down.lifting import Networks
from duopose.stream.arguments import Parser, existing
from duopose.training import cards
from duopose.training.loop.export import export
from duopose.training.loop.growth import grown
from duopose.training.loop.options import add_run_options, checked, run, start_torch
from duopose.training.loop.rates import linear
from duopose.training.loop.replacing import add_option, replaces
from duopose.training.loop.trainer import Task, as_called, half
from duopose.training.mocap import standard
from duopose.training.mocap.windows import one_frame
from duopose.training.tracks import sets

DEPTH = 0.5  # weight of |log-depth error| beside metres of joint distance
GRAPH = 0.3  # weight of the GCN's own poses
GRAPH_SHARE = 1 / 3  # of the batches: the GCN learns from those only, since it costs twice as much as the TCNs do
JUDGED = 1000  # windows of each set
NAMES = ("gcn", "joint_tcn", "root_tcn")


class Lifter(nn.Module):
    """The three networks as the live node joins them: GCN per observed frame, its features on the grid, TCNs."""

    def __init__(self, gcn, joint_tcn, root_tcn):
        super().__init__()
        self.gcn, self.joint_tcn, self.root_tcn = gcn, joint_tcn, root_tcn

    def forward(self, points, confidence, view, grid, graph=True):
        """A batch of training.mocap.windows -> slot joints [B, S, 17, 3], joints [B, L, 17, 3], log depth [B, L].

        graph   whether the GCN learns from this batch
        """
        with torch.set_grad_enabled(torch.is_grad_enabled() and graph):
            poses = self.gcn(points.flatten(0, 1), confidence.flatten(0, 1), view.flatten(0, 1))
        poses = poses.unflatten(0, confidence.shape[:2])  # [B, S, 17, 3]
        one = torch.ones_like(view[..., :1])
        features = torch.cat([poses.flatten(2), confidence, view, one, points.flatten(2)], -1)
        window = grid @ features  # [B, T, FEATURES]
        assert window.shape[-1] == FEATURES
        return poses, self.joint_tcn(window), self.root_tcn(window)


def batch(draw, size, frames, lookaheads, rng):
    """Windows and what they should answer for one step: dict of tensors, and whether the GCN learns from them.

    draw   training.tracks.sets.Mixture
    """
    drawn = draw(size, rng, frames, lookaheads)._asdict()
    drawn.pop("camera_joints")
    tensors = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in drawn.items()}
    return tensors | {"graph": bool(rng.random() < GRAPH_SHARE)}


def loss(lifter, data):
    """Mean joint distances (m) of GCN and joint TCN (eq. 13) and mean |log-depth error| of the root TCN (eq. 14),
    weighted.

    Distances, not their squares: one wild joint would outweigh a hundred good ones. Joints that nobody labelled don't
    count.
    """
    seen = (data[name] for name in ("points", "confidence", "view", "grid", "graph"))
    with half(data["points"]):
        slots, found, depth = lifter(*seen)
    ahead = data["valid"][:, lifter.joint_tcn.columns]
    share = ahead / ahead.sum()
    known = data["labelled"] / data["labelled"].sum(-1, keepdim=True)  # [B, 17]
    distance = ((slots - data["slot_joints"]).norm(dim=-1) * known[:, None]).sum(-1).mean()
    joint = (((found - data["joints"]).norm(dim=-1) * known[:, None]).sum(-1) * share).sum()
    root = ((depth - data["log_depth"]).abs() * share).sum()
    return {"joints": joint, "depth": DEPTH * root, "graph": GRAPH * distance}


def judge(lifter, held_out):
    """The standard protocol on each set of `training.tracks.sets.held_out`; `quality`, which shall grow, weighs joints
    and depth as the loss does, and is the mean over the sets."""
    networks = Networks(*(as_called(getattr(lifter, name), exact=True) for name in NAMES))
    out, quality = {}, []
    for name, (people, draw) in held_out.items():
        figures = standard.measure(networks, people, JUDGED, draw=draw)
        quality.append(-(figures["mpjpe_tcn"] / 1000 + DEPTH * figures["depth_pct"] / 100))
        out |= figures if len(held_out) == 1 else {f"{name} {key}": value for key, value in figures.items()}
    return {"quality": sum(quality) / len(quality)} | out


def empty(options):
    """A Lifter that knows nothing."""
    channels, hub, joint, root = options.channels
    temporal = {"frames": options.frames, "lookaheads": options.lookaheads, "dropout": options.dropout}
    return Lifter(GCN(channels, hub), JointTCN(joint, **temporal), RootTCN(root, **temporal))


def publish(lifter, options):
    """Write the best of a run as the shipped weights, unless those that are there are better."""
    lifter.load_state_dict(torch.load(options.out / "best.pt", map_location="cpu"))
    training = json.loads((options.out / "training.json").read_text())
    if options.publish.is_dir() and not options.replace and (old := shipped(options.publish)):
        held_out = to_judge_by(options)
        with tempfile.TemporaryDirectory(prefix="duopose-publish-") as folder:  # judged as they are shipped, in 8 bits
            for name in NAMES:
                weights.save(getattr(lifter, name), Path(folder, name), int8=True)
            with torch.inference_mode():
                new, before = (judge(lifter, held_out) for lifter in (shipped(Path(folder)), old))
        if not replaces(new, before, options.publish):
            return
    window = np.zeros((1, options.frames, FEATURES), np.float32)
    pose = [np.zeros((1, 17, 2), np.float32), np.zeros((1, 17), np.float32), np.zeros((1, 3), np.float32)]
    for name in NAMES:
        weights.save(getattr(lifter, name), options.publish / name, int8=True, training=training)
        export(options.publish / name, pose if name == "gcn" else [window])
        cards.write(options.publish / name)


def to_judge_by(options):
    """{set: (people, draw)} as training.tracks.sets.held_out gives them, of one frame where the options say so."""
    found = sets.held_out(options)
    if options.one_frame:
        found = {name: (people, partial(one_frame, draw)) for name, (people, draw) in found.items()}
    return found


def shipped(folder):
    """The Lifter whose networks lie in a folder, None where one of them does not."""
    if not all((folder / f"{name}.json").exists() for name in NAMES):
        return None
    return Lifter(*(weights.read(folder / name).eval() for name in NAMES))


def main(argv):
    parser = sets.add_options(Parser(__doc__))
    add = parser.add_argument
    add("--batch", type=int, default=256)
    add("--rate", type=float, default=1e-3, help="learning rate at the start; falls linearly to 0")
    add("--frames", type=int, default=27, help="of a window: 27, 81, 243")
    add("--lookaheads", type=int, nargs="+", default=[0, 4, 13])
    add("--channels", type=int, nargs=4, default=[32, 384, 512, 384], help="GCN, its hub, joint TCN, root TCN")
    add("--dropout", type=float, default=0.0, help="of the TCNs")
    add("--start-from", type=existing, help="folder with weights to go on from, which may be narrower")
    add("--one-frame", action="store_true", help="windows of one frame repeated (Table 1); give --lookaheads 0")
    add_option(parser)
    options = checked(add_run_options(parser, minutes=60), argv)
    if options.one_frame and options.lookaheads != [0]:
        parser.error("--one-frame looks at one frame alone: give --lookaheads 0 too")
    start_torch(options)
    lifter = empty(options)
    if options.publish:
        publish(lifter, options)
        return
    if options.start_from:
        for name in NAMES:
            grown(weights.read(options.start_from / name), getattr(lifter, name))
    people, held_out = sets.mixture(options), to_judge_by(options)
    draw = partial(one_frame, people) if options.one_frame else people

    def groups(lifter):
        return [{"params": list(lifter.parameters()), "lr": options.rate, "weight_decay": 0.01}]

    draw = partial(batch, draw, options.batch, options.frames, options.lookaheads)
    run(
        "lifting", argv, options, Task(lifter, groups, draw, loss, lambda net: judge(net, held_out)),
        epoch=people.frames // options.batch, data=sets.described(options), fall=linear, clip=1.0,
    )  # fmt: skip
