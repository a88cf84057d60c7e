"""duopose train detector --out DIR [options]: the person detector, starting from MoveNet.

    duopose train detector --people DIR --pretrained DIR --out DIR [--rendered DIR ...]
    duopose train detector --coco DIR --rendered DIR --pretrained DIR --out DIR
    duopose train detector --people DIR --out DIR --publish networks/weights_lite/detector

It is judged by the photographs of --people, or else of --coco, that it does not learn from. The
last form writes what a run found: weights, JSON, OpenVINO model. With --check
networks/weights_lite/detector the shipped model is judged.
"""

import json
from functools import partial

import numpy as np
import torch

from duopose.kernels.boxes import iou_matrix
from duopose.networks.detector import Detector
from duopose.networks.runtime import Network
from duopose.nodes.detection.detection import SIZES_STILL, Detection
from duopose.stream.arguments import Parser, existing
from duopose.training.datasets.mixture import mixture, photographs
from duopose.training.images import losses
from duopose.training.images.frames import frame
from duopose.training.images.pretrained import movenet
from duopose.training.images.publishing import CALIBRATION, publish
from duopose.training.images.targets import box_targets
from duopose.training.images.unlabelled import Careful
from duopose.training.loop.options import add_options, checked, empty, run, start, start_torch
from duopose.training.loop.rates import parameter_groups, pyramid
from duopose.training.loop.trainer import Task, as_called, half

BATCH = 16
SIDE = 256  # pixels: square windows hold less emptiness than whole frames, and a convolution does not care
WIDTH = 1.5  # MultiPose's trunk
RATE = 2e-4  # of the heads; the trunk knows pictures already and learns more slowly
PYRAMID_RATE, TRUNK_RATE = 1e-4, 3e-5
FROZEN = 7  # blocks of the trunk
EXACT = ("trunk.from_top", "trunk.lateral", "trunk.merge", "centres", "sides")  # compute as floats, not in 8 bits
TALL = 20  # pixels: smaller people are not judged
SMALL = 96  # pixels: people smaller than this are judged by themselves, too
LIKELY = 0.2  # score at which recall and false people are told
FAINT = 0.05  # scores below this are not looked at
QUIET = 0.3  # false people per picture at which the recall is read


def batch(draw, rng):
    """Windows and targets for one step: dict of tensors."""
    frames = [frame(draw, rng, SIDE, SIDE) for _ in range(BATCH)]
    centre, weight, sides, trust = (np.stack(part) for part in zip(*map(box_targets, frames), strict=True))
    arrays = {"picture": np.stack([f.image for f in frames]), "centre": centre, "weight": weight}
    return {key: torch.from_numpy(array) for key, array in (arrays | {"sides": sides, "trust": trust}).items()}


def loss(network, data):
    with half(data["picture"]):
        centres, sides = network(data["picture"])
    centre = losses.centre_loss(centres[:, 0], data["centre"], data["weight"])
    return {"centre": centre, "sides": losses.side_loss(sides, data["sides"], data["trust"])}


def judge(network, people):
    """Recall of people labelled by humans and over 20 px, at box IoU 0.5, where 0.3 people a picture are false.

    network   as Detection takes it
    Also: the same of people under 96 px; the score where that is; recall and false people a picture at a score of 0.2.
    """
    found, sizes = [], []  # best score of each true person (0: not found), longer side of the box
    false, complete = [], 0  # scores of false people, pictures whose people are all labelled
    detection = Detection(network)
    for index in range(len(people)):
        picture = people[index]
        boxes, scores = detection.detect(picture.image, SIZES_STILL, FAINT)
        overlap = iou_matrix(boxes, picture.boxes) if len(boxes) else np.zeros((0, len(picture.boxes)))
        for person in np.flatnonzero(picture.trust == 1):  # labelled by a human
            if max(picture.boxes[person, 2:]) > TALL:
                sizes.append(max(picture.boxes[person, 2:]))
                found.append(max((s for s, o in zip(scores, overlap[:, person], strict=True) if o >= 0.5), default=0.0))
        if picture.complete:
            complete += 1
            ignored = covered(boxes, picture.ignore)
            alone = (overlap.max(1, initial=0) < 0.5) & (ignored < 0.5)
            false.extend(scores[alone])
    found, small, false = np.array(found), np.array(sizes) < SMALL, np.sort(np.array(false))[::-1]
    allowed = int(QUIET * complete)
    threshold = false[allowed] if allowed < len(false) else 0.0
    return {
        "recall_quiet": float((found > threshold).mean()),
        "small_quiet": float((found[small] > threshold).mean()),
        "threshold": float(threshold),
        "recall": float((found >= LIKELY).mean()),
        "false": float((false >= LIKELY).sum() / complete),
    }


def covered(boxes, areas):
    """Largest share of each box [N, 4] that one of the areas [M, 4] covers -> [N]"""
    if not len(boxes) or not len(areas):
        return np.zeros(len(boxes))
    low = np.maximum(boxes[:, None, :2], areas[None, :, :2])
    high = np.minimum(boxes[:, None, :2] + boxes[:, None, 2:], areas[None, :, :2] + areas[None, :, 2:])
    return (high - low).clip(0).prod(2).max(1) / (boxes[:, 2] * boxes[:, 3])


def from_movenet(folder):
    """MultiPose's trunk and centre head; its box sizes, halved, are the sides."""
    network, public = Detector(width=WIDTH), movenet(folder, "multipose")
    network.trunk.load_state_dict(public.trunk.state_dict())
    network.centres.load_state_dict(public.heads["center"].state_dict())
    separable, size = public.heads["box_scale"]  # outputs height, width in cells
    network.sides[0].load_state_dict(separable.state_dict())
    with torch.no_grad():
        for ours, theirs in ((network.sides[1].weight, size.weight), (network.sides[1].bias, size.bias)):
            ours.copy_(theirs[[1, 0, 1, 0]] / 2)  # left, top, right, bottom
    return network


def groups(network):
    """Learning rates of the parts."""
    rates = {network.centres: RATE, network.sides: RATE, pyramid(network.trunk): PYRAMID_RATE}
    return parameter_groups(network, rates, TRUNK_RATE, FROZEN)


def main(argv):
    parser = add_options(Parser(__doc__), minutes=45)
    parser.add_argument(
        "--careful",
        type=existing,
        metavar="XML",
        help="a detector: where it sees somebody unlabelled, there is no background",
    )
    options = checked(parser, argv)
    start_torch(options)
    val = photographs(options)
    if options.publish:
        example = val[0].image[:64, :64][None].copy()
        draw, rng = mixture(options), np.random.default_rng(0)
        calibration = [[frame(draw, rng, SIDE, SIDE).image[None]] for _ in range(CALIBRATION)]
        publish(
            "detector", options, empty(options, Detector, WIDTH), [np.tile(example, (1, 1, 2, 1))],
            partial(judge, people=val), "--people PEOPLE", [(0, 1, 2)], calibration=calibration, exact=EXACT,
        )  # fmt: skip
        return
    if options.check:
        print(json.dumps(judge(Network(options.check.with_suffix(".xml")), val)))
        return
    draw = mixture(options)
    if options.careful:
        looking = Detection(Network(options.careful))
        draw.sets = [Careful(pictures, looking) for pictures in draw.sets]
    task = Task(
        start(options, Detector, from_movenet),
        groups,
        partial(batch, draw),
        loss,
        lambda net: judge(as_called(net), val),
    )
    run("detector", argv, options, task, epoch=len(draw) // BATCH)
