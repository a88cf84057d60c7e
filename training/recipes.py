"""Recipes: everything that makes a set of weights, stage by stage, as tables. `duopose train all` runs them.

A stage is one command, `duopose WORDS`. In braces stand the folders that the user names ({people}, {motion},
{pack}, ...) and what `all` knows: {out}, where everything goes; {weights}, the weights it makes; {cores}; {device}.
"""

from typing import NamedTuple


class Stage(NamedTuple):
    name: str
    words: str  # after `duopose`
    long: str = ""  # the arguments that say how much, as the recipe wants it
    quick: str | None = ""  # and with --quick; None: the stage is left out then
    measures: str = ""  # networks whose record takes up what this evaluation finds
    optional: bool = False  # left out where a folder that it needs was not named
    only_with: str = ""  # a folder that it needs beside those in its arguments
    also: tuple = ()  # more arguments, each with a folder: those are given whose folder was named


# ---- what both recipes have in common

RENDER = [
    Stage(
        "render people to learn from",
        "train render --pack {pack} --motion {motion} --workers {cores} {out}/rendered/train",
        long="--frames 6000 --seed 1", quick="--frames 16 --seed 1",
    ),
    Stage(
        "render people to judge by",
        "train render --pack {pack} --motion {motion} --split val --workers {cores} {out}/rendered/val",
        long="--frames 400 --seed 2", quick="--frames 8 --seed 2",
    ),
]  # fmt: skip
EVALUATE = [
    Stage("evaluate lifting on CMU", "evaluate mocap {motion}/val.npz --profile {weights}",
          measures="gcn joint_tcn root_tcn"),
    Stage("evaluate lifting on HDM05", "evaluate mocap {motion}/val_hdm05.npz --profile {weights}", quick=None,
          measures="gcn joint_tcn root_tcn"),
    Stage("evaluate lifting on MuPoTS-3D", "evaluate mupots_lifting {mupots2d} --profile {weights}", quick=None,
          measures="gcn joint_tcn root_tcn", optional=True),
    Stage("evaluate integration", "evaluate integration {motion}/val.npz --profile {weights}",
          measures="integration"),
    Stage("evaluate joints in photographs", "evaluate people2d {people} --profile {weights}", quick=None,
          measures="detector top_down", optional=True),
    Stage("evaluate poses in space", "evaluate gt3d {gt3d} --profile {weights}", quick=None,
          measures="integration", optional=True),
    Stage("evaluate what guides are worth", "evaluate bottom_up {gt3d} --profile {weights}", quick=None,
          measures="bottom_up", optional=True),
    Stage("evaluate identities", "evaluate video {videos} --profile {weights}", quick=None, optional=True),
]  # fmt: skip
DEMO = Stage("run the packaged clip", "demo --headless --profile {weights} --record {out}/demo.jsonl --overwrite")


def published(name, arguments, long, quick, few="", folder=False, run="", **needs):
    """Two stages: training, and publishing what was best, to {weights}/NAME.

    run       what the run is called, where the program has several (default: NAME)
    folder    publish to the folder {weights}, in which the program names its networks itself
    few       what a quick run says to both
    **needs   Stage's `optional`, `only_with` and `also`, of both
    """
    run = run or name
    words = f"train {name} {arguments} --out {{out}}/runs/{run}"
    target = "{weights}" if folder else f"{{weights}}/{name}"
    return [
        Stage(run, f"{words} --threads {{cores}} --device {{device}}", long, f"{quick} {few}", **needs),
        Stage(f"publish {run}", f"{words} --publish {target}", quick=few, **needs),
    ]


def fine_tuned(judged=""):
    """Paper 3.4: the integration network goes on learning from people whom nobody labelled.

    It replaces the one that it started from only where held-out people say that it is better.

    judged   what says who these are, if not motion capture
    """
    return [
        Stage("see people nobody labelled",
              "{unlabelled} --headless --every-frame --profile {weights} --record {out}/unlabelled.jsonl "
              "--overwrite",
              optional=True),
        Stage("discriminator", "train discriminator --data {motion} --out {out}/runs/discriminator --device {device}",
              long="--minutes 5", quick="--steps 20 --every 20", optional=True, only_with="unlabelled"),
        *published("semi_supervised",
                   "--data {motion} --records {out}/unlabelled.jsonl --reprojection --multi-perspective "
                   "--discriminator {out}/runs/discriminator --start-from {weights} --profile {weights} " + judged,
                   long="--minutes 4 --every 250", quick="--steps 4 --every 4", folder=True,
                   optional=True, only_with="unlabelled"),
    ]  # fmt: skip


# ---- lite: small networks that start from MoveNet, for a CPU

PHOTOS = "--people {people} --pretrained {pretrained}"
LITE = [
    *RENDER,
    # MultiPose's own detector tells the one that learns where people may be without a label
    *published("detector", PHOTOS, long="--steps 0", quick="--steps 0", few="--judged 40"),
    *published("detector", f"{PHOTOS} --rendered {{out}}/rendered/train --share 0.25 "
               "--careful {weights}/detector.xml",
               long="--minutes 45 --every 700", quick="--steps 4 --every 4", few="--judged 40", run="careful_detector"),
    *published("top_down", f"{PHOTOS} --rendered {{out}}/rendered/train --share 0.2",
               long="--minutes 100 --every 500", quick="--steps 4 --every 4", few="--judged 40"),
    *published("top_down", f"{PHOTOS} --rendered {{out}}/rendered/train --share 0.2 --rounded "
               "--start {out}/runs/top_down/best.pt --teacher {weights}/top_down.xml",
               long="--minutes 16 --every 500", quick="--steps 4 --every 4", few="--judged 40", run="rounded_top_down"),
    *published("lifting", "--data {motion}",
               long="--minutes 76 --every 500", quick="--steps 20 --every 20", folder=True),
    Stage("what the top-down branch says of pictures",
          "train top_down_answers --people {people} --rendered {out}/rendered/train --judge {out}/rendered/val "
          "--profile {weights} --out {out}/answers"),
    *published("bottom_up", f"{PHOTOS} --rendered {{out}}/rendered/train --judge {{out}}/rendered/val "
               "--answers {out}/answers --share 0.45",
               long="--minutes 90 --every 500", quick="--steps 4 --every 4"),
    Stage("render clips",
          "train render_clips --pack {pack} --motion {motion} --split train {out}/rendered/clips "
          "--kind crowd close furnished crossing moving",
          long="--seed 61 62 --seconds 2", quick="--seed 61 --seconds 0.1"),
    Stage("what the branches say",
          "train branch_pairs {out}/rendered/train {out}/rendered/clips --profile {weights} --out {out}/pairs.npz"),
    *published("integration", "--data {motion} --pairs {out}/pairs.npz --profile {weights}",
               long="--minutes 8 --every 500", quick="--steps 20 --every 20 --draws 2", folder=True),
    *fine_tuned("--judge {out}/pairs.npz"),
    DEMO,
    *EVALUATE,
]  # fmt: skip


# ---- table1: networks that never had one of the paper's ideas each, of lite's sizes and on its data: its Table 1
#
# `duopose evaluate ablation --trained OUT/weights` has their rows. Its others only switch the idea off.

TABLE1 = [
    *RENDER,
    *published("top_down", f"{PHOTOS} --rendered {{out}}/rendered/train --share 0.2 --one-person",
               long="--minutes 100 --every 500", quick="--steps 4 --every 4", few="--judged 40"),
    *published("lifting", "--data {motion} --one-frame --lookaheads 0",
               long="--minutes 76 --every 500", quick="--steps 20 --every 20", folder=True),
    *published("bottom_up", f"{PHOTOS} --rendered {{out}}/rendered/train --judge {{out}}/rendered/val --blind "
               "--share 0.45",
               long="--minutes 90 --every 500", quick="--steps 4 --every 4"),
]  # fmt: skip


# ---- full: the paper's networks, data and optimiser, for a GPU
#
# The paper's (supplement 2, "Implementation Details"): HRNet-w32 in both image networks; COCO, taken twice to balance
# it, and MuCo-3DHP: here each is drawn as often as the other; Adam, 1e-3, a tenth of it from epochs 30 and 40 of 50 on.
# (Section 4 says 100 epochs of COCO alone for the top-down network, without steps.) GCN and TCNs: Adam, 1e-3, a tenth
# every 40 of 100 epochs; 243 frames and 1,024 channels as in the networks that its authors released. Integration: five
# layers of 512, Adam, 1e-3, a tenth every 50 of 150 epochs.
# Ours: the detector, which the paper does not train; lifting learns from motion capture beside MuCo-3DHP and
# MPI-INF-3DHP, and from Human3.6M and JTA where their folders are named, by projected joints, not by heatmaps;
# integration learns from motion capture, not from MuCo-3DHP; an epoch is as many pictures (windows) as the data hold
# (frames); batch sizes, which the paper does not give.
#
# Its figures on JTA (Table 4) and on Human3.6M (Table 7) are of networks that learned from that set alone: the recipes
# jta and human36m. The detector and integration are those of `full`.

BOTH = "--coco {coco} --muco {muco} --shares coco=1 muco=1"
PAPERS = "--backbone hrnet --adam 1e-3 --workers {cores}"


def papers(top_down, bottom_up, lifting, also=(), evaluate=()):
    """The paper's networks and optimiser. top_down, bottom_up, lifting: the arguments that say what each learns from;
    also: Stage's, of lifting; evaluate: more stages at the end"""
    return [
        *published("detector", "--coco {coco} --pretrained {pretrained}",
                   long="--steps 0", quick="--steps 0", few="--judged 40"),
        *published("top_down", f"{top_down} {PAPERS}", long="--epochs 50 --tenth 30 40 --every 5000",
                   quick="--steps 2 --every 2", few="--judged 40"),
        *published("bottom_up", f"{bottom_up} {PAPERS}", long="--epochs 50 --tenth 30 40 --every 5000",
                   quick="--steps 2 --every 2"),
        *published("lifting",
                   f"{lifting} --frames 243 --lookaheads 0 13 121 --channels 32 256 1024 1024 "
                   "--adam 1e-3 --workers {cores}",
                   long="--epochs 100 --tenth 40 80 --every 2000", quick="--steps 4 --every 4", folder=True, also=also),
        *published("integration", "--data {motion} --profile {weights} --adam 1e-3",
                   long="--epochs 150 --tenth 50 100 --every 2000", quick="--steps 20 --every 20 --draws 2",
                   folder=True),
        *fine_tuned(),
        DEMO,
        *EVALUATE,
        *evaluate,
    ]  # fmt: skip


FULL = papers(
    BOTH,
    f"{BOTH} mpi-inf-3dhp=0 --mpi-inf-3dhp {{mpi_inf_3dhp}}",
    "--data {motion} --muco {muco} --mpi-inf-3dhp {mpi_inf_3dhp}",
    also=("--human36m {human36m}", "--jta {jta}"),
)
JTA = papers(
    *["--jta {jta}"] * 3,
    evaluate=[Stage("evaluate on JTA", "evaluate jta {jta} --profile {weights}", quick=None, measures="integration")],
)
HUMAN36M = papers(
    *["--human36m {human36m}"] * 3,
    evaluate=[
        Stage("evaluate on Human3.6M", "evaluate human36m {human36m} --profile {weights}", quick=None,
              measures="integration"),
    ],
)  # fmt: skip

RECIPES = {"lite": LITE, "table1": TABLE1, "full": FULL, "jta": JTA, "human36m": HUMAN36M}
