"""duopose train integration --data MOCAP [options]: the integration network, from what both branches
say of rendered people, and from motion capture.

    duopose train integration --data MOCAP [--pairs FILE.npz ...] --out RUN --minutes 8
    duopose train integration --data MOCAP --out RUN --publish networks/weights_lite

MOCAP holds train.npz and train_extra.npz to learn from and val.npz to judge by. FILE holds real
answers of both branches (`duopose train branch_pairs`): their errors come from one picture and go
together, as they do live. They make up half of each batch; for the rest, top-down poses are the
trained lifting networks' answers to drawn windows, bottom-up poses the truth with errors of the
size that the live branch shows (constants below). Loss: eq. 7, with the paper's three
augmentations. The second form writes what the first one found: integration in that folder, as
weights, JSON, OpenVINO model.
"""

import json
import math
from functools import partial

import numpy as np
import torch

from duopose.networks import weights
from duopose.networks.integration import Integration, mean
from duopose.networks.mirroring import mirror_joints
from duopose.networks.normalisation import facing, frame_features
from duopose.networks.pairs import FEATURES, describe
from duopose.nodes.profile import find
from duopose.nodes.top_down.lifting import lift_windows
from duopose.stream.arguments import Parser, existing
from duopose.stream.skeleton import BODY_MIRROR, PELVIS
from duopose.training import cards
from duopose.training.datasets.reading.errors import reading
from duopose.training.loop.export import export
from duopose.training.loop.options import add_run_options, checked, run, start_torch
from duopose.training.loop.rates import linear
from duopose.training.loop.trainer import half
from duopose.training.mocap import motion, windows

# Errors of the bottom-up branch, each drawn per person up to twice this:
ROOT_DEPTH = 0.12  # of log(Z)
JOINT_DEPTH = 0.2  # m, of a joint's depth relative to the root
RAY = 0.03  # of the person's extent in the image
LOST = 0.15  # share of joints not found, for half of the people; 0.03 for the others
# The bottom-up branch learned depths from rendered people only: on real pictures the joints of its poses err up to so many
# times as much, beside the top-down branch's, whose depths come from the 2D pose.
UNLIKE = 2.2
ROOT = 0.7  # weight of the root's error beside the joints'
JUDGED = 4  # times 512 windows, held out
# Augmentations of the paper (3.3)
MASK = 0.1  # share of pairs of which some joints are hidden from both branches
ALONE = 0.25  # share of pairs of which one pose is zeroed
SHIFT = 0.03  # m, Gaussian, of every joint of both poses


def top_down(networks, clips, rng, batch):
    """Drawn windows through the lifting networks (nodes.top_down.lifting.Networks) -> poses, confidences, truth:
    [B, 17, 3] metres in the camera frame, [B, 17], [B, 17, 3]."""
    arguments = networks.joint_tcn.arguments
    drawn = windows.draw(clips, batch, rng, arguments["frames"], arguments["lookaheads"])
    *found, sound = lifted(networks, drawn)
    return [array[sound] for array in found]


def lifted(networks, drawn):
    """`training.mocap.windows.Windows` through the lifting networks -> poses, confidences, truth as `top_down` gives them, and bool [B]:
    who stands in front of the camera and was seen at all."""
    (poses,) = networks.gcn(*(x.reshape(-1, *x.shape[2:]) for x in (drawn.points, drawn.confidence, drawn.view)))
    poses = poses.reshape(*drawn.confidence.shape, 3)
    window = drawn.grid @ frame_features(poses, drawn.points, drawn.confidence, drawn.view)
    truth, sure = drawn.camera_joints[:, 0], drawn.confidence[:, -1]
    sound = (truth[:, PELVIS, 2] > 0.5) & ((sure > 0).sum(1) >= 4)
    return lift_windows(networks, window), sure, truth, sound


def bottom_up(truth, rng):
    """True poses [B, 17, 3] -> as the bottom-up branch would see them, with confidences [B, 17]."""
    people = len(truth)
    strength = rng.uniform(0.3, 2, (people, 1))
    root = truth[:, PELVIS, 2:]
    seen_root = root * np.exp(rng.normal(0, ROOT_DEPTH, (people, 1)) * strength + rng.normal(0, 0.02, (people, 1)))
    wild = rng.standard_t(4, (people, 17)) / np.sqrt(2)
    depth = np.maximum(seen_root + truth[..., 2] - root + JOINT_DEPTH * strength * wild, 0.2)
    rays = truth[..., :2] / np.maximum(truth[..., 2:], 0.1)
    extent = np.ptp(rays, axis=1).max(-1)[:, None, None]
    rays = rays + RAY * strength[..., None] * extent * rng.standard_t(4, (people, 17, 2)) / np.sqrt(2)
    confidence = np.clip(0.8 - 0.15 * np.abs(wild) + rng.normal(0, 0.12, (people, 17)), 0.1, 1)
    lost = np.where(rng.random((people, 1)) < 0.5, LOST, 0.03)
    confidence *= rng.random((people, 17)) >= lost
    return np.concatenate([rays * depth[..., None], depth[..., None]], -1).astype(np.float32), confidence.astype(
        np.float32
    )


def augmented(top, top_confidence, bottom, bottom_confidence, rng):
    """The paper's augmentations: masked joints, shifted joints, one pose of a pair zeroed (NaN, as pairs.describe takes it)."""
    people = len(top)
    hidden = (rng.random((people, 1)) < MASK) & (rng.random((people, 17)) < 0.4)
    poses, confidences = [], []
    both = np.isfinite(top).all((1, 2)) & np.isfinite(bottom).all((1, 2))
    alone = both & (rng.random(people) < ALONE)
    first = rng.random(people) < 0.5
    # How high a network's scores are is its own affair: only their ratios within a pose should count.
    gains = rng.uniform(0.4, 1, (2, people, 1))
    for gain, pose, confidence, gone in (
        (gains[0], top, top_confidence, alone & first),
        (gains[1], bottom, bottom_confidence, alone & ~first),
    ):
        shift = rng.normal(0, SHIFT, pose.shape) * rng.uniform(0, 1, (people, 1, 1))
        poses.append(np.where(gone[:, None, None], np.nan, pose + shift).astype(np.float32))
        confidences.append(np.where(hidden | gone[:, None], 0, gain * confidence).astype(np.float32))
    return poses[0], confidences[0], poses[1], confidences[1]


def target(truth, reference):
    """True poses [B, 17, 3] -> what the network should answer: joints [B, 17, 3], root [B, 3]."""
    turned = truth @ np.swapaxes(facing(reference.direction), -1, -2)
    root = turned[:, PELVIS]
    z = np.maximum(root[:, 2:], 0.1)
    answer = np.concatenate([root[:, :2] / z, np.log(z / reference.depth[:, None])], -1)
    return turned - root[:, None], answer.astype(np.float32)


def errors(joints, root, true_joints, true_root):
    """Eq. 7 as distances: mean over the joints, metres, root-relative; of the root, as a share of its depth."""
    return (joints - true_joints).norm(dim=-1).mean(), (root - true_root).abs().sum(-1).mean()


class Pairs:
    """Pairs of poses to learn from. Answers of the lifting networks are kept and used again with new bottom-up errors: they
    cost most of the time.

    networks   nodes.top_down.lifting.Networks;  draws   times 512 windows of the clips
    seen       `Seen`: real pairs for half of each batch, or None
    """

    def __init__(self, networks, clips, rng, draws, seen=None):
        kept = [top_down(networks, clips, rng, 512) for _ in range(draws)]
        self.tops, self.sure, self.truths = (np.concatenate(part) for part in zip(*kept, strict=True))
        self.seen = seen

    def drawn(self, people, rng):
        """Top-down and bottom-up poses and confidences, and the truth, of so many people."""
        pick = rng.integers(len(self.tops), size=people)
        return self.tops[pick], self.sure[pick], *bottom_up(self.truths[pick], rng), self.truths[pick]

    def batch(self, people, rng):
        """Features and targets of so many people: dict of tensors."""
        if self.seen is None:
            *pair, truth = self.drawn(people, rng)
        else:
            halves = self.drawn(people - people // 2, rng), self.seen.draw(people // 2, rng)
            *pair, truth = (np.concatenate(part) for part in zip(*halves, strict=True))
        return as_batch(augmented(*pair, rng), truth)


class Seen:
    """Real answers of both branches (`training.branch_pairs`), one picture or clip in ten held out.

    The truth is where annotators would put joints, not the renderer's bone heads: so do both branches.
    """

    names = ("top", "top_confidence", "bottom", "bottom_confidence", "truth")

    def __init__(self, paths, held_out=False):
        arrays = {name: [] for name in self.names}
        for path in paths:
            with reading(path, "branch pairs"), np.load(path) as file:
                chosen = (file["run"] % 10 == 0) == held_out
                for name in self.names:
                    arrays[name].append(file[name][chosen])
        *self.pairs, truth = (np.concatenate(arrays[name]) for name in self.names)
        self.truth = motion.as_annotated(truth[:, None], np.random.default_rng(0))[:, 0]

    def draw(self, people, rng):
        """So many people: half of them in a mirror, all a little larger or smaller than they are, and so farther or nearer."""
        pick = rng.integers(len(self.truth), size=people)
        top, top_confidence, bottom, bottom_confidence = (array[pick] for array in self.pairs)
        flip = rng.random(people) < 0.5
        scale = np.exp(rng.normal(0, 0.08, (people, 1, 1))).astype(np.float32)
        poses = [
            scale * np.where(flip[:, None, None], mirror_joints(pose), pose) for pose in (top, bottom, self.truth[pick])
        ]
        sure = [np.where(flip[:, None], c[:, BODY_MIRROR], c) for c in (top_confidence, bottom_confidence)]
        top, bottom, truth = poses
        worse = rng.uniform(1, UNLIKE, (people, 1, 1)).astype(np.float32)
        root, true = bottom[:, PELVIS : PELVIS + 1], truth - truth[:, PELVIS : PELVIS + 1]
        return top, sure[0], root + true + worse * (bottom - root - true), sure[1], truth


def as_batch(pair, truth):
    """A pair as networks.pairs.describe takes it, and the truth -> features and targets: dict of tensors."""
    features, reference = describe(*pair)
    arrays = zip(("features", "joints", "root"), (features, *target(truth, reference)), strict=True)
    return {name: torch.from_numpy(np.asarray(array, np.float32)) for name, array in arrays}


def batches(networks, clips, rng, people, draws):
    """Endless training batches of features and targets, for loops of their own (training.semi_supervised)."""
    pairs = Pairs(networks, clips, rng, draws)
    while True:
        yield list(pairs.batch(people, rng).values())


def loss(network, data):
    with half(data["features"]):
        found = network(data["features"])
    joints, root = errors(*found, data["joints"], data["root"])
    return {"joints": joints, "root": ROOT * root}


def judge(network, held_out):
    """Errors on held-out pairs, and those of the pairs' mean; `quality`, which shall grow, weighs them as the loss does."""
    device = next(network.parameters()).device
    features, *truth = (held_out[name].to(device) for name in ("features", "joints", "root"))
    joints, root = (error.item() for error in errors(*network(features), *truth))
    mean_joints, mean_root = (error.item() for error in errors(*mean(features), *truth))
    return {
        "quality": -(joints + ROOT * root), "joints_mm": 1000 * joints, "root_pct": 100 * root,
        "mean_joints_mm": 1000 * mean_joints, "mean_root_pct": 100 * mean_root,
    }  # fmt: skip


def publish(options):
    """Write the best of a run as the shipped weights."""
    network, path = Integration(), options.publish / "integration"
    network.load_state_dict(torch.load(options.out / "best.pt", map_location="cpu"))
    weights.save(network.eval(), path, int8=True, training=json.loads((options.out / "training.json").read_text()))
    export(path, [np.zeros((1, FEATURES), np.float32)])
    cards.write(path)


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("--data", type=existing, required=True, help="folder with train.npz, train_extra.npz and val.npz")
    add("--pairs", type=existing, nargs="+", default=[], metavar="FILE.npz", help="real answers of both branches")
    add("--profile", default="lite", help="whose lifting networks give the top-down poses")
    add("--batch", type=int, default=1024)
    add("--draws", type=int, default=120, help="times 512 windows through the lifting networks")
    add("--rate", type=float, default=1e-3, help="learning rate at the start; falls linearly to 0")
    add("--start-from", type=existing, help="folder with weights to go on from")
    options = checked(add_run_options(parser, minutes=8), argv)
    start_torch(options)
    if options.publish:
        publish(options)
        return
    lifting = find(options.profile).lifting_networks()
    clips = motion.load([options.data / name for name in ("train.npz", "train_extra.npz")])
    seen = Seen(options.pairs) if options.pairs else None
    pairs = Pairs(lifting, clips, np.random.default_rng(options.seed), options.draws, seen)
    rng = np.random.default_rng(1)
    val = Pairs(lifting, motion.load([options.data / "val.npz"], replace=False), rng, JUDGED)
    held_out = val.batch(len(val.tops), rng)
    if seen:  # what counts is what the branches say of pictures
        unseen = Seen(options.pairs, held_out=True)
        held_out = as_batch(unseen.pairs, unseen.truth)

    def groups(network):
        return [{"params": list(network.parameters()), "lr": options.rate, "weight_decay": 0.01}]

    run(
        "integration", argv, options,
        weights.read(options.start_from / "integration") if options.start_from else Integration(), groups,
        partial(pairs.batch, options.batch), loss, lambda net: judge(net, held_out), epoch=len(pairs.tops) // options.batch,
        data=["CMU and ACCAD motion capture: train.npz, train_extra.npz", *(f"branch pairs: {file.name}" for file in options.pairs)], fall=linear, clip=math.inf,
    )  # fmt: skip
