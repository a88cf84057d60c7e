"""Train the lifting networks end to end: GCN, joint TCN and root TCN, from motion capture alone.

python -m training lifting --data MOCAP --out networks/weights_lite --steps 12000
MOCAP holds train.npz and train_extra.npz; val.npz, if it is there, is only measured. Writes gcn, joint_tcn, root_tcn.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from networks import weights
from networks.gcn import GCN
from networks.normalisation import FEATURES
from networks.tcn import JointTCN, RootTCN
from training import motion, windows
from training.export import export

DEPTH = 0.5  # weight of |log-depth error| beside metres of joint distance
GRAPH = 0.3  # weight of the GCN's own poses
GRAPH_EVERY = 3  # batches of which the GCN learns from one: learning it costs twice as much as the TCNs do


class Lifter(nn.Module):
    """The three networks as the live node joins them: GCN per observed frame, its features on the grid, TCNs."""

    def __init__(self, gcn, joint_tcn, root_tcn):
        super().__init__()
        self.gcn, self.joint_tcn, self.root_tcn = gcn, joint_tcn, root_tcn

    def forward(self, points, confidence, view, grid, graph=True):
        """A batch of training.windows -> slot joints [B, S, 17, 3], joints [B, L, 17, 3], log depth [B, L].

        graph   whether the GCN learns from this batch: it costs twice as much as the TCNs do
        """
        with torch.set_grad_enabled(torch.is_grad_enabled() and graph):
            poses = self.gcn(points.flatten(0, 1), confidence.flatten(0, 1), view.flatten(0, 1))
        poses = poses.unflatten(0, confidence.shape[:2])  # [B, S, 17, 3]
        one = torch.ones_like(view[..., :1])
        features = torch.cat([poses.flatten(2), confidence, view, one, points.flatten(2)], -1)
        window = grid @ features  # [B, T, FEATURES]
        assert window.shape[-1] == FEATURES
        return poses, self.joint_tcn(window), self.root_tcn(window)


def losses(lifter, batch, graph=True):
    """Mean joint distances (m) of GCN and joint TCN (eq. 13) and mean |log-depth error| of the root TCN (eq. 14).

    Distances, not their squares: one wild joint would outweigh a hundred good ones.
    """
    points, confidence, view, grid, valid, slot_joints, joints, log_depth = batch
    slot_found, found, depth = lifter(points, confidence, view, grid, graph)
    ahead = valid[:, lifter.joint_tcn.columns]
    share = ahead / ahead.sum()
    distance = (slot_found - slot_joints).norm(dim=-1).mean()
    joint = ((found - joints).norm(dim=-1).mean(-1) * share).sum()
    root = ((depth - log_depth).abs() * share).sum()
    return distance, joint, root


def tensors(batch):
    return [torch.from_numpy(np.ascontiguousarray(array)) for array in batch[:8]]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.npz and train_extra.npz")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights")
    parser.add_argument(
        "--minutes", type=float, default=60, help="how long to train; the learning rate falls with time"
    )
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate at the start; falls linearly to 0")
    parser.add_argument("--frames", type=int, default=27)
    parser.add_argument("--lookaheads", type=int, nargs="+", default=[0, 4, 13])
    parser.add_argument(
        "--channels", type=int, nargs=4, default=[32, 256, 384, 256], help="GCN, its hub, joint TCN, root TCN"
    )
    parser.add_argument("--start-from", type=Path, help="folder with weights to go on from")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)

    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    clips = motion.load([options.data / name for name in ("train.npz", "train_extra.npz")])
    if options.start_from:
        lifter = Lifter(*(weights.read(options.start_from / name) for name in ("gcn", "joint_tcn", "root_tcn")))
    else:
        channels, hub, joint, root = options.channels
        temporal = {"frames": options.frames, "lookaheads": options.lookaheads}
        lifter = Lifter(GCN(channels, hub), JointTCN(joint, **temporal), RootTCN(root, **temporal))
    lifter.train()
    optimiser = torch.optim.AdamW(lifter.parameters(), lr=options.rate, weight_decay=0.01)
    mean, started, step, done = np.zeros(3), time.monotonic(), 0, 0.0
    while done < 1:
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 100) * (1 - done)
        batch = tensors(windows.draw(clips, options.batch, rng, options.frames, options.lookaheads))
        with torch.autocast("cpu", torch.bfloat16):
            graph, joint, root = losses(lifter, batch, graph=step % GRAPH_EVERY == 0)
        optimiser.zero_grad()
        (joint + DEPTH * root + GRAPH * graph).backward()
        nn.utils.clip_grad_norm_(lifter.parameters(), 1.0)
        optimiser.step()
        mean = 0.98 * mean + 0.02 * np.array([graph.item(), joint.item(), root.item()])
        step, done = step + 1, (time.monotonic() - started) / (60 * options.minutes)
        if step % 100 == 0 or done >= 1:
            figures = mean / (1 - 0.98**step)
            print(f"step {step}  GCN {1e3 * figures[0]:.1f} mm  joint TCN {1e3 * figures[1]:.1f} mm  log depth "
                  f"{figures[2]:.4f}  {max(0, options.minutes * (1 - done)):.1f} min left", flush=True)  # fmt: skip
        if step % 1000 == 0 or done >= 1:
            save(lifter, options, step, argv)
    window = np.zeros((1, options.frames, FEATURES), np.float32)
    pose = [np.zeros((1, 17, 2), np.float32), np.zeros((1, 17), np.float32), np.zeros((1, 3), np.float32)]
    for name, examples in (("gcn", pose), ("joint_tcn", [window]), ("root_tcn", [window])):
        export(options.out / name, examples)


def save(lifter, options, step, argv):
    words = sys.argv[2:] if argv is None else argv
    command = "python -m training lifting " + " ".join(Path(word).name for word in words)
    training = {"command": command, "data": "CMU and ACCAD motion capture (train.npz, train_extra.npz)",
                "commit": weights.commit(), "steps": step}  # fmt: skip
    for name, network in (("gcn", lifter.gcn), ("joint_tcn", lifter.joint_tcn), ("root_tcn", lifter.root_tcn)):
        weights.save(network, options.out / name, training=training)


if __name__ == "__main__":
    main()
