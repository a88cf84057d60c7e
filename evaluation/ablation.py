"""duopose evaluate ablation FOLDER [options]: each idea of the paper switched off (Tables 1 and 2).

FOLDER holds rendered clips with their truth, which nothing was trained on; they are made by

    duopose train render_clips --pack DIR --motion DIR --kind crowd close furnished crossing \\
        --seed 51 52 FOLDER

The nodes of the live program run on them once, with and without the ideas of the branches; fusion
then runs on what they said in every way. What a row lacks or does otherwise is said in `off`. Rows
of one branch are its poses as they come, rows of both go through the node fusion (w/o BU: the same
fusion, which gets the top-down pose alone). Figures as
`evaluation/measures/honest.py` defines them, nothing aligned, over everyone of whom a tenth can be
seen; the truth is where annotators put joints, as both branches do. AP_root_25 and AUC (0 to 150
mm, root-relative) beside them; plain mean over clips. `false`: people a frame who are nobody.

With --trained there are rows of networks that never had the idea; in the others it is switched off.

Table 2, with --mocap and --unlabelled: the integration network is trained on for some steps with
the terms of the semi-supervised loss that a row names (`evaluation/ablations/fine_tuned.py`), on
people of whom no truth is used, and fuses in the same place.
"""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from duopose.evaluation import gt3d
from duopose.evaluation.ablations import switched
from duopose.evaluation.ablations.trained import Trained, trained_rows
from duopose.evaluation.bottom_up import as_found
from duopose.evaluation.measures import honest, root
from duopose.evaluation.runs import real_sets
from duopose.evaluation.runs.tables import report
from duopose.nodes.chain import MOST_PEOPLE, Chain, load_networks
from duopose.nodes.fusion.fusion import Fusion
from duopose.nodes.fusion.integration import Integration
from duopose.nodes.fusion.matching import match
from duopose.nodes.profile import find
from duopose.nodes.top_down.delayed import Delayed
from duopose.nodes.top_down.lifting import Lifting
from duopose.stream import wire
from duopose.stream.arguments import Parser, existing
from duopose.stream.messages import People, Poses, empty
from duopose.stream.skeleton import BODY17, PELVIS
from duopose.training.branch_pairs import SHOWN, clip
from duopose.training.datasets.reading.errors import reading
from duopose.training.mocap import bodies

THRESHOLDS = np.arange(0, 151, 5) / 1000  # m, of AUC


class Row(NamedTuple):
    """What a row of Table 1 is made of: answers of `Nodes.step`, and how they are fused; one alone stays as it is."""

    off: str  # what is switched off or done otherwise
    top: str | None
    bottom: str | None = None
    integrate: object = None
    match: object = match


def table1(network):
    """{name: Row}, the paper's names for the paper's rows; network: of nodes.profile.Profile.integration_network."""
    node = Integration(network).step
    both = ("top_down", "bottom_up")
    return {
        "TD (w/o MP)": Row("one person a box, maxima", "one_person"),
        "TD (GCN alone)": Row("temporal networks", "gcn"),
        "TD (one frame)": Row("temporal window", "one_frame"),
        "TD (w MP)": Row("", "top_down"),
        "BU (w/o CH)": Row("top-down heatmaps", None, "blanked"),
        "BU (w CH)": Row("", None, "bottom_up"),
        "TD + BU (w/o BU)": Row("bottom-up branch", "top_down", None, node),
        "TD + BU (w/o MP, CH)": Row("both of these", "one_person", "blanked", node),
        "TD + BU (hard)": Row("network: TD pose, BU depth", *both, switched.hard),
        "TD + BU (surer)": Row("network: surer joint", *both, switched.surer),
        "TD + BU (linear)": Row("network: weighted mean", *both, switched.linear),
        "TD + BU (w/o PM)": Row("matching: in order", *both, node, switched.in_order),
        "TD + BU (nearest)": Row("matching: nearest in 2D", *both, node, switched.nearest),
        "TD + BU (IN)": Row("", *both, node),
    }


def table2(networks):
    """{name: Row} of (name, network) as `evaluation.ablations.fine_tuned.networks` yields them."""
    return {name: Row("", "top_down", "bottom_up", Integration(network).step) for name, network in networks}


class Nodes:
    """The nodes before fusion with and without each idea. networks: nodes.chain.Networks;  trained: Trained or None"""

    def __init__(self, networks, trained=None):
        gcn = networks.lifting._replace(joint_tcn=switched.GcnPose(networks.lifting.joint_tcn))
        self.chain = Chain.of(networks)
        self.one_person = switched.OnePerson(networks.top_down, MOST_PEOPLE)
        self.lifting = {name: Delayed(Lifting(kind)) for name, kind in (("one", networks.lifting), ("gcn", gcn))}
        self.trained = trained

    def step(self, image, frame):
        """image uint8 [H, W, 3] RGB, its Frame -> {name of an answer: Poses}."""
        boxes = self.chain.detection.step(image, frame)
        people = self.chain.top_down.step(image, boxes)
        still = msgspec.structs.replace(people, frame=msgspec.structs.replace(frame, still=True))
        answers = {
            "one_person": self.lifting["one"].add(self.one_person.step(image, boxes)),
            "gcn": self.lifting["gcn"].add(still),
            "one_frame": self.lifting["one"].add(still),
            "top_down": self.chain.lifting.add(people),
            "bottom_up": [self.chain.bottom_up.step(image, people)],
            "blanked": [self.chain.bottom_up.step(image, empty(People, frame))],
        }
        answers |= self.trained.step(image, frame, boxes, still) if self.trained else {}
        return {name: msgspec.structs.replace(poses, frame=frame) for name, (poses,) in answers.items()}


def obtain(path, video, nodes):
    """Answers of every frame of a clip, from the file at `path` if it is there -> list of {name: Poses}. nodes() gives
    Nodes."""
    if path and path.exists():
        frames = msgspec.msgpack.decode(path.read_bytes())
        return [{name: wire.decode(Poses, data) for name, data in answers.items()} for answers in frames]
    fresh, answers = nodes(), []
    for run in clip(video):
        answers += [fresh.step(shot.image, shot.frame) for shot in run]
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = [{name: wire.encode(poses) for name, poses in said.items()} for said in answers]
        path.write_bytes(msgspec.msgpack.encode(packed))
    return answers


def truth(known):
    """JSON of a rendered clip, as parsed -> a set as `evaluation.runs.real_sets` reads it.

    People of whom too little is seen are left out.
    """
    lens = known["camera"] | {"dist_k1k2p1p2k3": [0, 0, 0, 0, 0]}
    frames = []
    for number, people in enumerate(known["frames"]):
        persons = []
        for person in people:
            if person["share"] >= SHOWN:
                body = bodies.annotated(np.array(person["body3d"]))
                x, y, z = body.T
                pixels = np.stack([x / z * lens["fx"] + lens["cx"], y / z * lens["fy"] + lens["cy"]], 1)
                persons.append({"joints_cam": body, "joints_img": pixels, "pelvis_cam": body[PELVIS].tolist()})
        frames.append({"frame": number, "persons": persons})
    return {"video": True, "camera": lens, "joint_names": BODY17, "frames": frames}


def fused(answers, row):
    """What a row says of each frame -> list of Poses, or of Scene."""
    if row.integrate is None:
        return [said[row.top or row.bottom] for said in answers]
    fusion = Fusion(row.integrate, MOST_PEOPLE, row.match)
    return [fusion.step(said[row.top], said.get(row.bottom)) for said in answers]


def figures(gt, said):
    """A set (`truth`) and what a row says of each of its frames -> its figures."""
    recorded = [as_found(poses, number) for number, poses in enumerate(said)]
    pairs, false = gt3d.pair_up(gt, recorded)
    errors = [found[0] for pair in pairs if (found := honest.errors(pair, "fused"))]
    joints = max(sum(int(pair.scored.sum()) for pair in pairs), 1)
    places = [
        (1000 * real_sets.truth(gt, frame).roots, 1000 * found.poses["fused"][:, PELVIS], found.scores)
        for frame, found in zip(gt["frames"], recorded, strict=True)
    ]
    figures = honest.figures(pairs, "fused")
    auc = 100 * sum((np.concatenate([np.zeros(0), *errors]) < limit).sum() for limit in THRESHOLDS) / joints
    return {
        "AP_root": root.ap_root(places), "AUC": auc / len(THRESHOLDS),
        "PCK": figures["pck"], "PCK_abs": figures["pck_abs"], "MPJPE": figures["mpjpe"],
        "depth %": figures["depth"], "recall": figures["recall"], "false": false["fused"],
    }  # fmt: skip


def measure(rows, clips):
    """{name: Row}, {clip: (set, answers)} -> {name: figures and `off`}, means over clips."""
    out = {}
    for name, row in rows.items():
        each = [figures(gt, fused(answers, row)) for gt, answers in clips.values()]
        means = {key: [f[key] for f in each if np.isfinite(f[key])] for key in each[0]}
        out[name] = {key: float(np.mean(values)) if values else np.nan for key, values in means.items()} | {
            "off": row.off
        }
    return out


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", type=existing)
    parser.add_argument("--clips", nargs="+", metavar="NAME", help="these only (default: all that bear their truth)")
    parser.add_argument(
        "--records", type=Path, metavar="FOLDER", help="keep here what the nodes say, and use what is there"
    )
    parser.add_argument("--profile", default="lite")
    said = "weights of `duopose train all --recipe table1`, trained without the ideas"
    parser.add_argument("--trained", type=existing, metavar="DIR", help=said)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    second = parser.add_argument_group("Table 2")
    second.add_argument("--mocap", type=existing, metavar="DIR", help="folder of motion capture")
    second.add_argument(
        "--unlabelled",
        type=existing,
        nargs="+",
        metavar="FILE",
        help="records of duopose, or .npz of duopose train branch_pairs",
    )
    second.add_argument(
        "--discriminator",
        type=existing,
        metavar="DIR",
        help="what duopose train discriminator wrote (default: without)",
    )
    second.add_argument("--steps", type=int, default=400, help="steps of each row (default: 400)")
    chosen = parser.parse_args(argv)
    if bool(chosen.mocap) != bool(chosen.unlabelled):
        parser.error("Table 2 wants both --mocap and --unlabelled")
    names = chosen.clips or sorted(
        path.stem for path in chosen.folder.glob("*.mp4") if path.with_suffix(".json").exists()
    )
    missing = [name for name in names if not (chosen.folder / f"{name}.json").exists()]
    if missing or not names:
        parser.error(f"{chosen.folder}: no clip with its truth{': ' if missing else ''}{', '.join(missing)}")
    networks = cache(lambda: load_networks(chosen.profile, chosen.device))

    def nodes():
        usual = networks()
        return Nodes(usual, chosen.trained and Trained(chosen.trained, usual.lifting, chosen.device))

    clips = {}
    for name in names:
        file = chosen.folder / f"{name}.json"
        with reading(file, "the truth of a clip"):
            known = truth(json.loads(file.read_text()))
        kept = chosen.records and chosen.records / f"{name}{'.trained' if chosen.trained else ''}.msgpack"
        clips[name] = known, obtain(kept, chosen.folder / f"{name}.mp4", nodes)
    network = find(chosen.profile, chosen.device).integration_network()
    rows = table1(network) | (trained_rows(Row, Integration(network).step) if chosen.trained else {})
    if chosen.mocap:
        from duopose.evaluation.ablations import fine_tuned  # torch

        settings = chosen.mocap, chosen.unlabelled, chosen.discriminator, chosen.profile, chosen.steps
        rows |= table2(fine_tuned.from_files(*settings))
    report(measure(rows, clips))
