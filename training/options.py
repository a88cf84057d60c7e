"""What the training programs of the image networks have in common: options, sources of pictures, the run itself and its record."""

import datetime
import json
import os
from pathlib import Path

import torch

from networks import weights
from training.people import People
from training.trainer import fit


def add_options(parser, minutes, people=True):
    """The common options; returns the parser. `people`: whether nothing goes without photographs."""
    parser.add_argument("--people", type=Path, required=people, help="folder of photographs (people-v1)")
    parser.add_argument("--rendered", type=Path, nargs="*", default=[], help="folders of rendered people")
    parser.add_argument("--share", type=float, default=0.3, help="share of rendered pictures (default 0.3)")
    parser.add_argument("--pretrained", type=Path, help="folder of MoveNet models to start from")
    parser.add_argument("--start", type=Path, help="best.pt of an earlier run to start from instead")
    parser.add_argument(
        "--out", type=Path, default=Path("run"), help="folder of this run; a run broken off there goes on"
    )
    parser.add_argument("--minutes", type=float, default=minutes, help=f"time to train (default {minutes})")
    parser.add_argument("--steps", type=int, default=10**9, help="steps to train at most")
    parser.add_argument("--every", type=int, default=500, help="steps between judgements")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--publish", type=Path, help="write the run's best as weights here (no suffix) and stop")
    parser.add_argument("--check", type=Path, help="judge the shipped weights at this path (no suffix) and stop")
    return parser


def start_torch(options):
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)


def start(options, from_movenet):
    """The network to begin with: MoveNet's knowledge and, with --start, what an earlier run made of it."""
    network = from_movenet(options.pretrained)
    if options.start:
        network.load_state_dict(torch.load(options.start))
    return network


def sources(options):
    """draw(rng) -> a picture, from the photographs and, `share` of the time, from the rendered people."""
    photographs = People(options.people, "train")
    rendered = []
    if options.rendered:
        from training.rendered import Rendered

        rendered = Rendered(options.rendered)

    def draw(rng):
        if rendered and rng.random() < options.share:
            return rendered[int(rng.integers(len(rendered)))]
        return photographs[int(rng.integers(len(photographs)))]

    return draw


def training_record(name, argv, options):
    """What goes into a weight file about how it was made; folders by their last name only."""
    words = [os.path.basename(word.rstrip("/")) if "/" in word else word for word in argv]
    data = ["photographs with people, format people-v1, labels_train.json"]
    data += [f"rendered by training/synthetic/make.py: {folder.name}" for folder in options.rendered]
    return {
        "command": f"python -m training {name} {' '.join(words)}",
        "start": "MoveNet (Google, Apache-2.0)",
        "data": data,
        "commit": weights.commit(),
        "date": datetime.date.today().isoformat(),
    }


def run(name, argv, options, network, groups, batch, loss, judge):
    """Train as the options say, with the record of it in the run's folder, and print the best judgement as JSON.

    network, groups, loss, judge   as `trainer.fit` takes them;  batch   rng -> dict of tensors
    """
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "training.json").write_text(json.dumps(training_record(name, argv, options)))
    best = fit(
        network, groups, batch, loss, judge, options.out,
        steps=options.steps, minutes=options.minutes, every=options.every, seed=options.seed,
    )  # fmt: skip
    print(json.dumps(best))
