"""How good a bottom-up network is, inside its node, under guides of several kinds."""

import numpy as np

from duopose.nodes.bottom_up.bottom_up import BottomUp
from duopose.nodes.extents import extents
from duopose.stream.messages import Camera, Frame, People
from duopose.stream.skeleton import COCO_HIPS, PELVIS
from duopose.training.images.depths import SHARED
from duopose.training.images.pictures import Guides

MOST_PEOPLE = 20


def asked(picture, guided, other):
    """Guides of a picture to judge by: Guides.

    guided   "real": what the top-down branch said of it; "true": the labels, as heights 0.8; "blank": none; "others":
             the labels of the picture `other`
    """
    if guided == "real":
        return picture.guides
    source = other if guided == "others" else picture
    count = 0 if guided == "blank" else len(source.joints)
    joints = source.joints[:count].copy()
    joints[..., 2] = 0.8 * (source.joints[:count, :, 2] > 0)
    joints[..., :2] *= np.divide(picture.size, source.size)
    return Guides(joints.astype(np.float32), np.sqrt(np.prod(source.boxes[:count, 2:], axis=1)))


def people_of(picture, guides):
    """Guides of a picture as the message that the node gets."""
    width, height = picture.size
    camera = Camera(picture.focal, picture.focal, (width - 1) / 2, (height - 1) / 2, "file")
    frame = Frame(0, None, 0.0, 0.0, width, height, camera, "", 0, 0, True)
    count = len(guides.joints)
    ids, scores = np.arange(1, count + 1, dtype=np.int32), np.ones(count, np.float32)
    return People(frame, ids, scores, extents(guides.joints), guides.joints)


def judge(network, pictures, guided="true"):
    """People over 40 px whose depth is known: how many are found, and how far their depths are off.

    network   as nodes call it, inside the node bottom_up
    guided    see `asked`
    quality   recall * (1 - 3 * median root error - 3 * mean relative error), which shall grow;  recall: joints nearer
              than 1/8 of the size of the person in the mean;  root: median |Z - truth| / truth of those found;
              relative: mean error of a joint's depth relative to the root, metres
    """
    node, people, found, root_errors, relative_errors = BottomUp(network, MOST_PEOPLE), 0, 0, [], []
    for number, picture in enumerate(pictures):
        guides = asked(picture, guided, pictures[(number + 1) % len(pictures)])
        seen = node.step(picture.image, people_of(picture, guides))
        for person, box, depth in zip(picture.joints, picture.boxes, picture.depths, strict=True):
            z = depth[COCO_HIPS].mean()
            if max(box[2:]) < 40 or not np.isfinite(z):
                continue
            people += 1
            common = (seen.coco[..., 2] > 0) & (person[:, 2] > 0)
            distance = np.linalg.norm(seen.coco[..., :2] - person[:, :2], axis=-1)
            mean = (distance * common).sum(1) / np.maximum(common.sum(1), 1)
            mean[common.sum(1) < 4] = np.inf
            if mean.min(initial=np.inf) > max(box[2:]) / 8:
                continue
            best = mean.argmin()
            found += 1
            pose = seen.joints[best, :, 2]
            root_errors.append(abs(pose[PELVIS] - z) / z)
            known = [(a, b) for a, b in SHARED if np.isfinite(depth[a]) and person[a, 2] > 0]
            known = [(a, b) for a, b in known if seen.confidence[best, b] > 0]
            relative_errors.extend(abs(pose[b] - pose[PELVIS] - depth[a] + z) for a, b in known)
    recall = found / max(people, 1)
    error = float(np.median(root_errors)) if root_errors else 1.0
    relative = float(np.mean(relative_errors)) if relative_errors else 1.0
    quality = recall * (1 - 3 * error - 3 * relative)
    return {"quality": quality, "recall": recall, "root": error, "relative": relative}


def judge_all(network, sets):
    """Judgements of each of `sets` ({name: pictures}) with every kind of guide there is: what the guides are worth."""
    out = {}
    for name, pictures in sets.items():
        kinds = (["real"] if pictures[0].guides is not None else []) + ["true", "blank", "others"]
        out |= {f"{name}, {guided}": judge(network, pictures, guided) for guided in kinds}
    return out


def judge_best(network, sets, guided=None):
    """The mean over the sets, which says what is kept of a run. guided: as `judge` takes it; None: real guides where
    there are any, else the true ones"""
    found = {
        name: judge(network, pictures, guided or ("true" if pictures[0].guides is None else "real"))
        for name, pictures in sets.items()
    }
    quality = {"quality": float(np.mean([one["quality"] for one in found.values()]))}
    return quality | {
        f"{name} {key}": one[key] for name, one in found.items() for key in ("recall", "root", "relative")
    }
