"""duopose train bottom_up --out DIR [options]: the bottom-up network, starting from MoveNet: joints,
tags and depths of everyone, guided by top-down joints.

    duopose train bottom_up --people DIR --rendered DIR ... --pretrained DIR --out DIR
    duopose train bottom_up --coco DIR --muco DIR --mpi-inf-3dhp DIR --pretrained DIR --out DIR
    duopose train bottom_up --rendered VAL --out DIR --publish networks/weights_lite/bottom_up

The last form writes what a run found: weights, JSON, OpenVINO model. With --check
networks/weights_lite/bottom_up the shipped model is judged. Photographs teach joints and tags;
depths come from rendered people, whose cameras and sizes vary, and from data sets with 3D. It is
judged by --judge, else by the first --rendered, else by what is held out of --mpi-inf-3dhp,
--human36m or --jta (training/datasets/splits.py). The guides are what a detector and a top-down
network would have said: with noise, gaps, people missed, invented or mixed up, or none at all.
"""

import json
from functools import partial

import numpy as np
import torch

from duopose.kernels.crop import letterbox, warp
from duopose.networks.bottom_up import BottomUp
from duopose.networks.runtime import Network
from duopose.nodes.bottom_up.bottom_up import TYPICAL, input_size
from duopose.stream.arguments import Parser, existing
from duopose.training.datasets.mixture import Pictures, held_out, mixture
from duopose.training.images import losses
from duopose.training.images.answers import Answered
from duopose.training.images.frames import frame
from duopose.training.images.guides import guides
from duopose.training.images.judging import judge_all, judge_best
from duopose.training.images.people import People
from duopose.training.images.pretrained import movenet
from duopose.training.images.publishing import CALIBRATION, publish
from duopose.training.images.rendered import Rendered
from duopose.training.images.targets import depth_targets, heatmap_targets, joint_cells
from duopose.training.loop.options import add_options, checked, empty, run, start, start_torch
from duopose.training.loop.rates import parameter_groups, pyramid
from duopose.training.loop.trainer import Task, as_called, half

WIDTH = 1.0  # Lightning's trunk
SIDE = 256  # pixels of the square windows to learn from
BATCH = 8
# Learning rates: depths and tags are new, the first convolution has to learn to look at the guides, the rest is
# MoveNet's.
NEW_RATE, STEM_RATE, PYRAMID_RATE, HEATMAP_RATE, TRUNK_RATE = 2e-3, 5e-4, 3e-4, 1.5e-4, 6e-5
TAGS, ROOT, RELATIVE = 3.0, 30.0, 15.0  # weights of the losses against the heatmap loss
# Parts that compute as floats where all others compute in 8 bits: without the last blocks depths err a tenth more.
EXACT = (
    "trunk.blocks.1[0-6]", "trunk.top", "trunk.from_top", "trunk.lateral", "trunk.merge",
    "heatmaps", "tags", "relative", "root",
)  # fmt: skip
JUDGED = 160  # pictures


def batch(draw, rng, blind=False):
    """Windows, guides and targets for one step: dict of tensors. blind: the guides are blank, always"""
    frames = [frame(draw, rng, SIDE, SIDE) for _ in range(BATCH)]
    names = ("target", "weight", "index", "known", "relative", "measured", "root", "places", "placed")
    rows = [(*heatmap_targets(f), *joint_cells(f), *depth_targets(f)) for f in frames]
    arrays = {name: np.stack(part) for name, part in zip(names, zip(*rows, strict=True), strict=True)}
    arrays |= {"frame": np.stack([f.image for f in frames]), "guide": np.stack([guides(f, rng) for f in frames])}
    arrays["guide"] *= not blind
    return {key: torch.from_numpy(array) for key, array in arrays.items()}


def loss(network, data):
    with half(data["frame"]):
        heatmaps, tags, relative, root = network(data["frame"], data["guide"])
    pull, push = losses.tag_loss(tags, data["index"], data["known"])
    everywhere = root.expand(-1, data["places"].shape[2], -1, -1)  # one map, read at five places
    truth = (data["root"] - TYPICAL)[..., None].expand(-1, -1, data["places"].shape[2])
    return {
        "heatmaps": losses.heatmap_loss(heatmaps, data["target"], data["weight"]),
        "pull": TAGS * pull,
        "push": TAGS * push,
        "relative": RELATIVE * losses.depth_loss(relative, data["index"], data["relative"], data["measured"]),
        "root": ROOT * losses.depth_loss(everywhere, data["places"], truth, data["placed"]),
    }


def from_movenet(folder):
    """MoveNet's trunk and heatmap head. The guides' 17 channels of the first convolution start at 0, depths at the
    mean."""
    network, public = BottomUp(width=WIDTH), movenet(folder, "multipose" if WIDTH == 1.5 else "lightning")
    state = public.trunk.state_dict()
    stem = torch.zeros_like(network.trunk.stem.weight)
    stem[:, :3] = state["stem.weight"]
    network.trunk.load_state_dict(state | {"stem.weight": stem})
    network.heatmaps.load_state_dict(public.heads["kpt_heatmap"].state_dict())
    with torch.no_grad():
        network.tags.head[1].weight.mul_(0.1)
        network.root[1].bias.zero_()
        network.root[1].weight.mul_(0.1)
        network.relative[1].weight.mul_(0.1)
    return network


def groups(network):
    """Learning rates of the parts."""
    rates = {head: NEW_RATE for head in (network.tags, network.relative, network.root)}
    rates |= {network.trunk.stem: STEM_RATE, network.heatmaps: HEATMAP_RATE, pyramid(network.trunk): PYRAMID_RATE}
    return parameter_groups(network, rates, TRUNK_RATE)


def example(picture):
    """What the network takes, of a picture without guides."""
    width, height = input_size(*picture.size)
    image = warp(picture.image, letterbox(*picture.size, width, height), height, width)
    return [image[None], np.zeros((1, 17, height, width), np.uint8)]


def to_judge_by(options):
    """{name: pictures with depths}: rendered people or a test set; photographs too, if their depths were guessed."""
    sets = {}
    if options.judge or options.rendered:
        sets["rendered"] = Rendered([options.judge or options.rendered[0]])
    else:
        sets["measured"] = Pictures(held_out(options), JUDGED)
    if options.answers and options.judge:
        sets["rendered"] = Answered(sets["rendered"], options.answers / "judge.npz")
    if options.answers and options.people:
        photographs = Answered(People(options.people, "val"), options.answers / "people_val.npz")
        sets["photographs"] = [picture for picture in photographs if np.isfinite(picture.depths).any()]
    return {name: [pictures[i] for i in range(min(len(pictures), JUDGED))] for name, pictures in sets.items()}


def main(argv):
    parser = add_options(Parser(__doc__), minutes=40)
    add = parser.add_argument
    add("--judge", type=existing, metavar="DIR", help="rendered people to judge by (default: the first --rendered)")
    add("--answers", type=existing, metavar="DIR", help="what `duopose train top_down_answers` wrote of the pictures")
    add("--blind", action="store_true", help="without the guides: top-down heatmaps (paper, Table 1)")
    options = checked(parser, argv)
    if not (options.judge or options.rendered or options.mpi_inf_3dhp or options.human36m or options.jta):
        parser.error(
            "there is nothing to judge depths by: give --judge, --rendered, --mpi-inf-3dhp, --human36m or --jta"
        )
    start_torch(options)
    val = to_judge_by(options)
    if options.publish:
        network, judging = empty(options, BottomUp, WIDTH), partial(judge_all, sets=val)
        picture = next(iter(val.values()))[0]
        # In 8 bits its depths err a tenth more.
        axes = [(0, 1, 2), (0, 2, 3)]
        draw, rng = mixture(options, options.answers), np.random.default_rng(0)
        frames = (frame(draw, rng, SIDE, SIDE) for _ in range(CALIBRATION))
        calibration = [[f.image[None], guides(f, rng)[None]] for f in frames]
        publish(
            "bottom_up", options, network, example(picture), judging, "--rendered VAL", axes,
            int8=False, calibration=calibration, exact=EXACT,
        )  # fmt: skip
        return
    if options.check:
        print(json.dumps(judge_all(Network(options.check.with_suffix(".xml")), val)))
        return
    draw = mixture(options, options.answers)
    task = Task(
        start(options, BottomUp, from_movenet),
        groups,
        partial(batch, draw, blind=options.blind),
        loss,
        lambda network: judge_best(as_called(network), val, "blank" if options.blind else None),
    )
    run("bottom_up", argv, options, task, epoch=len(draw) // BATCH)
