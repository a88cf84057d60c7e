"""duopose train top_down --out DIR [options]: the top-down network, starting from MoveNet: joints and
identity tags of everyone in an enlarged box.

    duopose train top_down --people DIR --pretrained DIR --out DIR [--rendered DIR ...]
    duopose train top_down --people DIR --pretrained DIR --out DIR --movenet lightning
                           --teacher networks/weights_lite/top_down.xml
    duopose train top_down --coco DIR --muco DIR --shares coco=2 muco=1 --pretrained DIR --out DIR
    duopose train top_down --people DIR --out DIR --publish networks/weights_lite/top_down

It is judged by the photographs of --people, or else of --coco, that it does not learn from. The
last form writes what a run found: weights, JSON, OpenVINO model. With --check
networks/weights_lite/top_down the shipped model is judged.
"""

import json
from functools import partial

import numpy as np
import torch

from duopose.kernels.boxes import iou_matrix
from duopose.kernels.crop import ENLARGE, apply, crop_affine, invert, warp
from duopose.kernels.oks import coco_oks
from duopose.kernels.ranking import made_monotone, precision_recall
from duopose.networks.runtime import Network
from duopose.networks.top_down import TopDown
from duopose.nodes.decoding import decode
from duopose.nodes.extents import extents
from duopose.nodes.top_down.crops import HEIGHT, SIZES, WIDTH
from duopose.stream.arguments import Parser, existing
from duopose.stream.skeleton import COCO_TRUNK
from duopose.training.datasets.mixture import mixture, photographs
from duopose.training.images import losses
from duopose.training.images.pictures import around, cover, recolour, view
from duopose.training.images.pretrained import WIDTHS, movenet
from duopose.training.images.publishing import CALIBRATION, publish
from duopose.training.images.targets import BOOST, heatmap_targets, joint_cells
from duopose.training.loop.options import add_options, checked, empty, run, start, start_torch
from duopose.training.loop.rates import parameter_groups, pyramid
from duopose.training.loop.rounded import call_rounded, rounded
from duopose.training.loop.trainer import Task, as_called, half

BATCH = 16
# Learning rates. With 3e-4 for the trunk and 1e-3 for the heads MoveNet's knowledge was gone in 250 steps (AP 0.26 ->
# 0.06).
TRUNK_RATE, PYRAMID_RATE, HEATMAP_RATE, TAG_RATE = 4e-5, 1.5e-4, 1.5e-4, 2e-3
FROZEN = 7  # blocks of the trunk
TAGS = 3.0  # weight of the tag losses against the heatmap loss
# Parts that compute as floats where all others compute in 8 bits: OKS-AP 0.379 instead of 0.378, in the same time.
EXACT = ("trunk.from_top", "trunk.lateral", "trunk.merge", "heatmaps", "tags")
GENTLE = 0.25  # share of the rates at which a trained network gets used to rounded weights
TAUGHT = 0.1  # height of the teacher's heatmap from which its tags are learned


def jitter(box, rng):
    """A box as a detector might give it, or a part of the person. [4] -> [4]"""
    x, y, w, h = box
    left, top = rng.normal(0, 0.07, 2)
    right, bottom = 1 + rng.normal(0, 0.07, 2)
    if rng.random() < 0.25:  # something hides the lower or upper part, or a side
        cut = rng.uniform(0.2, 0.6)
        left, top, right, bottom = (
            (left, top, right, bottom - cut),
            (left, top + cut, right, bottom),
            (left, top, right - cut, bottom),
            (left + cut, top, right, bottom),
        )[rng.choice(4, p=(0.6, 0.1, 0.15, 0.15))]
    right, bottom = max(right, left + 0.2), max(bottom, top + 0.2)
    return np.array([x + left * w, y + top * h, (right - left) * w, (bottom - top) * h])


def only(picture, person):
    """A Picture as if nobody else were in it: what an estimator of one person a box learns."""
    one = slice(person, person + 1)
    parts = {name: getattr(picture, name)[one] for name in ("joints", "boxes", "trust", "depths")}
    return picture._replace(**parts, ignore=np.zeros((0, 4), np.float32), complete=True)


def crop(draw, size, rng, one_person=False):
    """One crop for training, as a Picture of that size (width, height). one_person: with the person it is for, alone"""
    width, height = size
    while True:
        picture = draw(rng)
        sides = picture.boxes[:, 2:].max(1, initial=0)
        chance = picture.trust**2 * (sides > 20) * ((picture.joints[..., 2] > 0).sum(1) > 2)
        if chance.sum() > 0:
            break
    person = rng.choice(len(chance), p=chance / chance.sum())
    box = jitter(picture.boxes[person], rng)
    picture = only(picture, person) if one_person else picture
    scale = min(width / box[2], height / box[3]) / ENLARGE * np.exp(rng.normal(0, 0.12))
    angle = rng.normal(0, 0.35) if rng.random() < 0.5 else 0.0
    middle = box[:2] + box[2:] / 2
    out = view(picture, around(middle, scale, angle, rng.random() < 0.5, width, height), width, height)
    image = cover(out.image, rng) if rng.random() < 0.4 else out.image
    return out._replace(image=recolour(image, rng))


def batch(draw, rng, sizes=SIZES, teacher=None, one_person=False):
    """Crops of one size and targets for one step: dict of tensors.

    sizes     (width, height) to choose from
    teacher   a network as nodes call it, or None;  one_person   as `crop` takes it
    """
    size = sizes[rng.integers(len(sizes))]
    crops = [crop(draw, size, rng, one_person) for _ in range(BATCH)]
    target, weight = (np.stack(part) for part in zip(*map(heatmap_targets, crops), strict=True))
    index, known = (np.stack(part) for part in zip(*map(joint_cells, crops), strict=True))
    arrays = {"crop": np.stack([c.image for c in crops]), "target": target, "weight": weight}
    arrays |= {"index": index, "known": known}
    if teacher:
        arrays |= dict(zip(("taught", "taught_tags"), teacher(arrays["crop"]), strict=True))
    return {key: torch.from_numpy(array) for key, array in arrays.items()}


def loss(network, data, rounded=False):
    """rounded: the weights are those that computing in 8 bits leaves of them."""
    with half(data["crop"]):
        heatmaps, tags = call_rounded(network, EXACT, data["crop"]) if rounded else network(data["crop"])
    pull, push = losses.tag_loss(tags, data["index"], data["known"])
    parts = {"heatmaps": losses.heatmap_loss(heatmaps, data["target"], data["weight"])}
    parts |= {"pull": TAGS * pull, "push": TAGS * push}
    if "taught" in data:
        taught = data["taught"]
        parts["taught"] = losses.heatmap_loss(heatmaps, taught, 1 + BOOST * taught)
        sure = taught * (taught > TAUGHT)
        parts["taught_tags"] = (sure * (tags - data["taught_tags"]).abs()).sum() / sure.sum().clamp(min=1)
    return parts


def judge_sizes(network, people, sizes, stride=1, first="ap"):
    """`judge` at each size: what comes first, and shall grow, is the mean, ap_256 that of crops 256 pixels high."""
    rows = {height: judge(network, people, stride, (width, height)) for width, height in sizes}
    mean = {first: np.mean([row[first] for row in rows.values()])}
    return mean | rows[sizes[0][1]] | mean | {f"{first}_{h}": r[first] for h, r in rows.items()}


def judge(network, people, stride=1, size=(WIDTH, HEIGHT)):
    """OKS of people labelled by humans, in crops of their true boxes.

    network   as nodes call it;  stride   take every so many-th person;  size   width, height of the crops
    ap        average precision over OKS 0.5:0.05:0.95 of the person who fits the box best, found by tags
    ap_peaks  the same for the plain maximum of each heatmap;  pck  share of joints within 0.2 torso lengths
    """
    width, height = size
    found, scores, peaks, peak_scores, near = [], [], [], [], []
    for index, number in people.human()[::stride]:
        picture = people[index]
        box, truth = picture.boxes[number], picture.joints[number]
        affine = crop_affine(box, width, height, ENLARGE)
        heatmaps, tags = (out[0] for out in network(warp(picture.image, affine, height, width)[None]))
        seen = decode(heatmaps, tags)
        seen[..., :2] = apply(invert(affine), seen[..., :2])
        best = np.zeros((17, 3), np.float32)
        if len(seen):
            best = seen[iou_matrix(extents(seen), box[None].astype(np.float32))[:, 0].argmax()]
        flat = heatmaps.reshape(17, -1)
        v, u = np.divmod(flat.argmax(1), width // 4)
        maximum = apply(invert(affine), np.stack([u * 4 + 1.5, v * 4 + 1.5, np.ones(17)], 1).astype(np.float32))
        similar = coco_oks(truth[None], box[None], np.stack([best, maximum]))[0]
        found.append(similar[0])
        scores.append(best[:, 2].mean())
        peaks.append(similar[1])
        peak_scores.append(flat.max(1).mean())
        known = truth[:, 2] > 0
        trunk = truth[COCO_TRUNK]
        if (trunk[:, 2] > 0).all() and found[-1] > 0.1:
            torso = np.linalg.norm(trunk[:2, :2].mean(0) - trunk[2:, :2].mean(0))
            hit = (np.linalg.norm(best[:, :2] - truth[:, :2], axis=1) < 0.2 * torso) & (best[:, 2] > 0)
            near.extend(hit[known])
    return {
        "ap": average_precision(np.array(found), np.array(scores)),
        "ap_peaks": average_precision(np.array(peaks), np.array(peak_scores)),
        "pck": float(np.mean(near)) if near else 0.0,
    }


def average_precision(similarity, scores):
    """COCO's AP where each of N true people has one prediction: mean over OKS 0.5:0.05:0.95.

    >>> average_precision(np.array([1.0, 0.0]), np.array([0.9, 0.8]))
    0.5
    """
    order = np.argsort(-scores, kind="stable")
    total = 0.0
    for threshold in np.arange(0.5, 0.96, 0.05):
        right = similarity[order] > threshold
        precision, _ = precision_recall(right, len(right))
        total += (made_monotone(precision) * right).sum() / len(right)
    return float(total / 10)


def from_movenet(variant, folder):
    """The trunk and heatmap head of MoveNet "lightning" or "thunder"; tags start near 0."""
    network, public = TopDown(width=WIDTHS[variant]), movenet(folder, variant)
    network.trunk.load_state_dict(public.trunk.state_dict())
    network.heatmaps.load_state_dict(public.heads["kpt_heatmap"].state_dict())
    with torch.no_grad():
        network.tags.head[1].weight.mul_(0.1)
    return network


def groups(network, share=1.0):
    """Learning rates of the parts, times `share`."""
    rates = {network.heatmaps: HEATMAP_RATE, network.tags: TAG_RATE, pyramid(network.trunk): PYRAMID_RATE}
    rates = {part: share * rate for part, rate in rates.items()}
    return parameter_groups(network, rates, share * TRUNK_RATE, FROZEN)


def example(picture):
    """What the network takes, of two crops."""
    crop = warp(picture.image, crop_affine(picture.boxes[0], WIDTH, HEIGHT), HEIGHT, WIDTH)
    return [np.stack([crop, crop[:, ::-1]])]


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument(
        "--movenet", choices=("lightning", "thunder"), default="thunder", help="which one to start from"
    )
    parser.add_argument("--teacher", type=existing, metavar="XML", help="a network of this kind to learn from, too")
    parser.add_argument("--rounded", action="store_true", help="get used to weights of 7 bits, from --start on")
    parser.add_argument(
        "--one-person", action="store_true", help="one person a box, by the maxima of its heatmaps (paper, Table 1)"
    )
    options = checked(add_options(parser, minutes=60), argv)
    start_torch(options)
    val = photographs(options)
    judged = partial(judge_sizes, people=val, sizes=SIZES, first="ap_peaks" if options.one_person else "ap")
    if options.publish:
        network = empty(options, TopDown, WIDTHS[options.movenet])
        calibration, rng = mixture(options), np.random.default_rng(0)
        crops = [[crop(calibration, (WIDTH, HEIGHT), rng).image[None]] for _ in range(CALIBRATION)]
        publish(
            "top_down", options, network, example(val[0]), judged, "--people PEOPLE", calibration=crops, exact=EXACT
        )
        return
    if options.check:
        print(json.dumps(judged(Network(options.check.with_suffix(".xml")))))
        return
    draw = mixture(options)
    teacher = Network(options.teacher) if options.teacher else None
    task = Task(
        start(options, TopDown, partial(from_movenet, options.movenet)),
        partial(groups, share=GENTLE if options.rounded else 1.0),
        partial(batch, draw, teacher=teacher, one_person=options.one_person),
        partial(loss, rounded=options.rounded),
        lambda net: judged(as_called(rounded(net, EXACT) if options.rounded else net), stride=3),
    )
    run("top_down", argv, options, task, epoch=len(draw) // BATCH)
