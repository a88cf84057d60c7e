"""Pictures from several data sets, each as often as it is asked for: what the image networks learn from, as options
say."""

import numpy as np

from duopose.stream.arguments import existing
from duopose.stream.errors import UsageError
from duopose.training.datasets import shares as chances
from duopose.training.datasets import splits
from duopose.training.datasets.coco import Coco
from duopose.training.datasets.muco import Muco
from duopose.training.datasets.reading.sample import picture
from duopose.training.images.answers import Answered
from duopose.training.images.people import People
from duopose.training.images.rendered import Rendered

SETS = {
    "people": "photographs with people, format people-v1, labels_train.json",
    "pseudo": "photographs labelled by our own networks (duopose train noisy_student)",
    "rendered": "rendered by training/synthetic/make.py",
    "coco": "COCO 2017 person keypoints, train2017",
    "muco": "MuCo-3DHP",
    "mpi-inf-3dhp": "MPI-INF-3DHP, training sequences",
    "human36m": "Human3.6M, subjects 1, 5, 6, 7, 8",
    "jta": "JTA, train",
}
ANSWERED = {"people": "people_train.npz", "rendered": "rendered.npz"}  # sets that the top-down branch was asked about
JUDGED = 600  # pictures of a public set to judge by: as many as people-v1 has
EVERY = 5  # frames of MPI-INF-3DHP and Human3.6M: neighbours are nearly alike


class Mixture:
    """draw(rng) -> a picture, from one of several sets, each as often as its weight says.

    sets   [(pictures, weight)]: pictures[i] -> Picture, len(pictures)
    """

    def __init__(self, sets):
        self.sets = [pictures for pictures, weight in sets if weight > 0]
        weights = np.array([weight for _, weight in sets if weight > 0], float)
        self.chances = weights / weights.sum()

    def __len__(self):
        return sum(map(len, self.sets))

    def __call__(self, rng):
        pictures = self.sets[rng.choice(len(self.sets), p=self.chances)]
        return pictures[int(rng.integers(len(pictures)))]


class Pictures:
    """The samples of a loader as Pictures; `most` of them at most, evenly spread."""

    def __init__(self, samples, most=None):
        self.samples = samples
        count = len(samples) if most is None else min(most, len(samples))
        self.chosen = np.linspace(0, len(samples) - 1, count).round().astype(int)

    def __len__(self):
        return len(self.chosen)

    def __getitem__(self, index):
        return picture(self.samples[int(self.chosen[index])])

    def human(self):
        """(picture, person) of everyone: public sets are labelled by humans or measured."""
        return [(i, n) for i, own in enumerate(self.chosen) for n in range(len(self.samples[int(own)].boxes))]


def add_options(parser):
    """Which data sets, and how often; returns the parser."""
    add = parser.add_argument
    add("--people", type=existing, metavar="DIR", help="folder of photographs (people-v1)")
    add("--pseudo", type=existing, metavar="DIR", help="folder that `duopose train noisy_student` labelled (people-v1)")
    add("--rendered", type=existing, nargs="*", default=[], metavar="DIR", help="folders of rendered people")
    add("--coco", type=existing, metavar="DIR", help="COCO 2017: joints of photographs, no depth")
    add("--muco", type=existing, metavar="DIR", help="MuCo-3DHP: joints and depth of composited people")
    add("--mpi-inf-3dhp", type=existing, metavar="DIR", help="MPI-INF-3DHP: joints and depth of one person")
    add("--human36m", type=existing, metavar="DIR", help="Human3.6M: the same")
    add("--jta", type=existing, metavar="DIR", help="JTA: joints and depth of crowds in a game")
    add(
        "--judged",
        type=int,
        metavar="N",
        help="photographs to judge by at most (default: all of people-v1's, 600 of COCO's)",
    )
    add("--share", type=float, default=0.3, help="share of rendered pictures (default 0.3), the other sets equally")
    said = "instead: how often each set is drawn relative to the others, coco=2 muco=1; 1 where nothing is said"
    chances.add_option(parser, SETS, said)
    return parser


def shares(options):
    """{set: weight} of the sets that the options name. Raises UsageError where there is nothing to learn from."""
    weights = chances.weights(SETS, options)
    if not options.shares:
        rendered = options.share if list(weights) != ["rendered"] else 1.0
        others = (1 - rendered if "rendered" in weights else 1.0) / max(len(weights) - ("rendered" in weights), 1)
        weights = {name: rendered if name == "rendered" else others for name in weights}
    return weights


def mixture(options, answers=None):
    """The pictures that the options name -> Mixture

    answers   folder that `duopose train top_down_answers` made of the sets that it knows
    """
    opened = {
        "people": lambda: People(options.people, "train"),
        "pseudo": lambda: People(options.pseudo, "train"),
        "rendered": lambda: Rendered(options.rendered),
        "coco": lambda: Pictures(Coco(options.coco)),
        "muco": lambda: Pictures(Muco(options.muco)),
        "mpi-inf-3dhp": lambda: Pictures(splits.mpi_inf_3dhp(options.mpi_inf_3dhp, step=EVERY)),
        "human36m": lambda: Pictures(splits.human36m(options.human36m, step=EVERY)),
        "jta": lambda: Pictures(splits.jta(options.jta)),
    }
    sets = {name: opened[name]() for name, weight in shares(options).items() if weight}
    for name in ANSWERED if answers else ():
        if name in sets:
            sets[name] = Answered(sets[name], answers / ANSWERED[name])
    return Mixture([(pictures, shares(options)[name]) for name, pictures in sets.items()])


def photographs(options):
    """The pictures with labels by humans, or measured, that nothing is learned from, to judge by."""
    if options.people:
        return People(options.people, "val", options.judged)
    if options.coco:
        return Pictures(Coco(options.coco, "val2017"), options.judged or JUDGED)
    if measured := held_out(options):
        return Pictures(measured, options.judged or JUDGED)
    raise UsageError("there is nothing to judge by: give --people, --jta, --human36m, or --coco with val2017")


def held_out(options):
    """The pictures with depths, of one of the sets that the options name, that nothing is learned from -> loader, or
    None."""
    for name, split in (("mpi_inf_3dhp", splits.mpi_inf_3dhp), ("human36m", splits.human36m), ("jta", splits.jta)):
        if folder := getattr(options, name):
            return split(folder, held_out=True, **({} if name == "jta" else {"step": EVERY}))
    return None


def described(options):
    """What was learned from, one line a set; folders by their last name only."""
    lines = []
    for name, weight in shares(options).items():
        folders = f": {', '.join(folder.name for folder in options.rendered)}" if name == "rendered" else ""
        lines += [f"{SETS[name]}{folders}"] if weight else []
    return lines
