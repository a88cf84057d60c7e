"""Train the integration network on motion capture: what the top-down branch makes of it, and a bottom-up branch's errors.

python -m training integration --data MOCAP --out networks/weights_lite --minutes 8
The top-down poses are real answers of the trained lifting networks; the bottom-up poses are the truth with errors of the
size that the live branch shows (constants below). Loss: eq. 7, with the paper's three augmentations.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

from networks import weights
from networks.integration import Integration, mean
from networks.normalisation import facing, frame_features
from networks.pairs import FEATURES, describe
from nodes.lifting import lift, load_networks
from stream.skeleton import PELVIS
from training import motion, windows
from training.export import export

# Errors of the bottom-up branch, each drawn per person up to twice this:
ROOT_DEPTH = 0.12  # of log(Z)
JOINT_DEPTH = 0.2  # m, of a joint's depth relative to the root
RAY = 0.03  # of the person's extent in the image
LOST = 0.15  # share of joints not found, for half of the people; 0.03 for the others
ROOT = 0.7  # weight of the root's error beside the joints'
# Augmentations of the paper (3.3)
MASK = 0.1  # share of pairs of which some joints are hidden from both branches
ALONE = 0.25  # share of pairs of which one pose is zeroed
SHIFT = 0.03  # m, Gaussian, of every joint of both poses


def top_down(networks, clips, rng, batch):
    """Drawn windows through the lifting networks (nodes.lifting.Networks) -> poses, confidences, truth:
    [B, 17, 3] metres in the camera frame, [B, 17], [B, 17, 3]."""
    arguments = networks.joint_tcn.arguments
    drawn = windows.draw(clips, batch, rng, arguments["frames"], arguments["lookaheads"])
    *found, sound = lifted(networks, drawn)
    return [array[sound] for array in found]


def lifted(networks, drawn):
    """`training.windows.Windows` through the lifting networks -> poses, confidences, truth as `top_down` gives them, and bool [B]:
    who stands in front of the camera and was seen at all."""
    (poses,) = networks.gcn(*(x.reshape(-1, *x.shape[2:]) for x in (drawn.points, drawn.confidence, drawn.view)))
    poses = poses.reshape(*drawn.confidence.shape, 3)
    window = drawn.grid @ frame_features(poses, drawn.points, drawn.confidence, drawn.view)
    truth, sure = drawn.camera_joints[:, 0], drawn.confidence[:, -1]
    sound = (truth[:, PELVIS, 2] > 0.5) & ((sure > 0).sum(1) >= 4)
    return lift(networks, window), sure, truth, sound


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
    alone = rng.random(people) < ALONE
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


def batches(networks, clips, rng, people, draws):
    """Endless training batches of features and targets. Answers of the lifting networks are kept and used again with new
    bottom-up errors: they cost most of the time."""
    kept = [top_down(networks, clips, rng, 512) for _ in range(draws)]
    tops, sure, truths = (np.concatenate(part) for part in zip(*kept, strict=True))
    while True:
        pick = rng.integers(len(tops), size=people)
        pair = augmented(tops[pick], sure[pick], *bottom_up(truths[pick], rng), rng)
        features, reference = describe(*pair)
        yield [torch.from_numpy(np.asarray(x, np.float32)) for x in (features, *target(truths[pick], reference))]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.npz and train_extra.npz")
    parser.add_argument("--profile", default="lite", help="whose lifting networks give the top-down poses")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights")
    parser.add_argument("--minutes", type=float, default=8, help="how long to train; the learning rate falls with time")
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--draws", type=int, default=120, help="times 512 windows through the lifting networks")
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate at the start")
    parser.add_argument("--start-from", type=Path, help="folder with weights to go on from")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)

    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    clips = motion.load([options.data / name for name in ("train.npz", "train_extra.npz")])
    drawn = batches(
        load_networks(options.profile), clips, np.random.default_rng(options.seed), options.batch, options.draws
    )
    network = (weights.read(options.start_from / "integration") if options.start_from else Integration()).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=0.01)
    average, step, done, started = np.zeros(4), 0, 0.0, None
    while done < 1:
        features, *truth = next(drawn)
        started = started or time.monotonic()
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 100) * (1 - done)
        with torch.autocast("cpu", torch.bfloat16):
            found = network(features)
        pose, root = errors(*found, *truth)
        optimiser.zero_grad()
        (pose + ROOT * root).backward()
        optimiser.step()
        average = 0.98 * average + 0.02 * np.array([x.item() for x in (pose, root, *errors(*mean(features), *truth))])
        step, done = step + 1, (time.monotonic() - started) / (60 * options.minutes)
        if step % 500 == 0 or done >= 1:
            now = average / (1 - 0.98**step)
            print(f"step {step}  joints {1e3 * now[0]:.1f} mm (mean of the pair {1e3 * now[2]:.1f})  root {100 * now[1]:.2f} % "
                  f"({100 * now[3]:.2f})  {max(0, options.minutes * (1 - done)):.1f} min left", flush=True)  # fmt: skip
    words = sys.argv[2:] if argv is None else argv
    command = "python -m training integration " + " ".join(Path(word).name for word in words)
    record = {"command": command, "data": "CMU and ACCAD motion capture", "commit": weights.commit(), "steps": step}
    weights.save(network.eval(), options.out / "integration", training=record)
    export(options.out / "integration", [np.zeros((1, FEATURES), np.float32)])


if __name__ == "__main__":
    main()
