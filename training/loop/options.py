"""What the training programs have in common: options, the run itself and its record."""

import argparse
import datetime
import json
import math
import os
from dataclasses import replace
from pathlib import Path

import torch

from duopose.networks import weights
from duopose.stream.arguments import count, existing
from duopose.training.datasets import mixture
from duopose.training.loop import replacing
from duopose.training.loop.rates import tenths
from duopose.training.loop.trainer import Plan, fit

FULL = {"backbone": "hrnet", "width": 32}  # trunk of the paper's image networks


def add_run_options(parser, minutes, every=500):
    """The options of a run, whatever it trains; returns the parser."""
    add = parser.add_argument
    add("--out", type=Path, default=Path("run"), help="folder of this run; a run broken off there goes on")
    add("--minutes", type=float, help=f"time to train (default {minutes}, no limit with --steps or --epochs)")
    add("--steps", type=int, help="steps to train at most")
    add("--epochs", type=int, help="the same in passes over the data")
    add("--adam", type=float, metavar="RATE", help="Adam with one rate for everything (default: AdamW, rates by part)")
    add(
        "--tenth",
        type=int,
        nargs="+",
        metavar="EPOCH",
        help="epochs at which the rate falls to a tenth (default: smooth)",
    )
    add("--every", type=count, default=every, help=f"steps between judgements (default {every})")
    add("--device", type=device, default="cpu", help="cpu (default) or cuda")
    add("--compile", action="store_true", help="run steps through torch.compile")
    add("--workers", type=int, default=0, help="processes that prepare batches ahead (default 0)")
    add("--threads", type=count, default=1, help="threads of a step on a CPU (default 1)")
    add("--seed", type=int, default=0)
    add("--publish", type=Path, help="write the run's best as weights here and stop")
    parser.set_defaults(usual_minutes=minutes)
    return parser


def add_options(parser, minutes):
    """The options of the image networks; returns the parser."""
    mixture.add_options(parser)
    parser.add_argument("--pretrained", type=existing, help="folder of MoveNet models to start from")
    parser.add_argument("--start", type=existing, help="best.pt of an earlier run, or weights, to start from instead")
    parser.add_argument(
        "--backbone", choices=("mobilenet", "hrnet"), default="mobilenet", help="hrnet: the paper's, from nothing"
    )
    parser.add_argument("--check", type=Path, help="judge the shipped weights at this path (no suffix) and stop")
    replacing.add_option(parser)
    return add_run_options(parser, minutes)


def device(name):
    """What --device says, if torch finds it."""
    if name not in ("cpu", "cuda"):
        raise argparse.ArgumentTypeError(f"{name!r} is neither cpu nor cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise argparse.ArgumentTypeError("torch finds no CUDA device")
    return name


def checked(parser, argv):
    """Parse; what doesn't go together is one line and exit code 2."""
    options = parser.parse_args(argv)
    if options.tenth and not options.epochs:
        parser.error("--tenth counts epochs: give --epochs too")
    if getattr(options, "backbone", "") == "hrnet" and not (options.adam or options.publish or options.check):
        parser.error("--backbone hrnet has no learning rates by part: give --adam RATE")
    if getattr(options, "backbone", "") == "mobilenet" and not (options.pretrained or options.publish or options.check):
        parser.error("--backbone mobilenet starts from MoveNet: give --pretrained DIR")
    return options


def start_torch(options):
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)


def empty(options, kind, width):
    """A network of this class that knows nothing; width: of MobileNet's trunk."""
    return kind(**FULL) if options.backbone == "hrnet" else kind(width=width)


def start(options, kind, from_movenet):
    """The network of this class to begin with: MoveNet's knowledge, with another backbone none; with --start, what an
    earlier run made of it. from_movenet: folder -> network"""
    network = from_movenet(options.pretrained) if options.backbone == "mobilenet" else kind(**FULL)
    if options.start and options.start.suffix == ".safetensors":
        network.load_state_dict(weights.read(options.start.with_suffix("")).state_dict())
    elif options.start:
        network.load_state_dict(torch.load(options.start, map_location="cpu"))
    return network


def check_command(name, options, data):
    """The command that judges the weights which --publish writes; data: the options that name what they are judged
    by."""
    where = Path("WEIGHTS", options.publish.name) if options.publish.is_absolute() else options.publish
    few = f" --judged {options.judged}" if options.judged else ""
    return f"duopose train {name} {data}{few} --check {where}"


def training_record(name, argv, options, data=None):
    """What goes into a weight file about how it was made; folders by their last name only."""
    words = [os.path.basename(word.rstrip("/")) if "/" in word else word for word in argv]
    if data is None:
        data = mixture.described(options)
    record = {"command": f"duopose train {name} {' '.join(words)}"}
    if getattr(options, "backbone", "") == "mobilenet":
        record["start"] = "MoveNet (Google, Apache-2.0)"
    return record | {"data": data, "commit": weights.commit(), "date": datetime.date.today().isoformat()}


def run(name, argv, options, task, epoch, data=None, **how):
    """Train as the options say, with the record of it in the run's folder, and print the best judgement as JSON.

    task    trainer.Task; with --adam its `groups` don't count
    epoch   steps that one pass over the data takes
    data    what it learned from, for the record (default: as the options of pictures say)
    **how   fields of `trainer.Plan` in which the program differs from the others
    """
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "training.json").write_text(json.dumps(training_record(name, argv, options, data)))
    if options.adam:
        task = replace(task, groups=lambda network: [{"params": list(network.parameters()), "lr": options.adam}])
    print(json.dumps(fit(task, plan(options, epoch, **how))))


def plan(options, epoch, **how):
    """trainer.Plan of a run with these options; **how as `run` takes it."""
    if options.adam:  # as the paper: nothing but Adam and, with --tenth, its steps
        how |= {"optimizer": torch.optim.Adam, "warm_up": 0, "clip": math.inf}
    if options.tenth:
        how["fall"] = tenths(*(at / options.epochs for at in options.tenth))
    return Plan(
        options.out, steps(options, epoch), minutes(options), options.every, seed=options.seed, device=options.device,
        workers=options.workers, compiled=options.compile, **how,
    )  # fmt: skip


def steps(options, epoch):
    """Steps to train at most. epoch: steps of one pass over the data"""
    asked = [options.steps, options.epochs and options.epochs * max(epoch, 1)]
    return min((number for number in asked if number is not None), default=10**9)


def minutes(options):
    """Minutes to train at most."""
    limited = options.steps is not None or options.epochs is not None
    return options.minutes if options.minutes is not None else math.inf if limited else options.usual_minutes
