"""duopose train top_down_answers --out FOLDER [--people DIR] [--rendered DIR ...] [options]: what the
top-down branch says of pictures, which the bottom-up network is guided by.

    duopose train top_down_answers --people DIR --rendered DIR ... --judge VAL --out ANSWERS
    duopose train bottom_up --people DIR --rendered DIR ... --judge VAL --answers ANSWERS ...

ANSWERS gets people_train.npz, people_val.npz, rendered.npz and judge.npz, each of N pictures:

    start         int [N + 1]          picture i has guides start[i] : start[i + 1]
    joints        float32 [G, 17, 3]   COCO17: x, y pixels, score
    sizes         float32 [G]          pixels: root of the area of the person's box
    person_start  int [N + 1]          and people person_start[i] : person_start[i + 1], as labelled
    depths        float32 [P, 17]      metres; NaN = unknown (training/images/depths.py)
    focal         float32 [N]          pixels, the focal length that depths are for
"""

import json
from pathlib import Path

import numpy as np
from tqdm import tqdm

from duopose.nodes.chain import MOST_PEOPLE, load_networks
from duopose.nodes.detection.detection import Detection
from duopose.nodes.top_down.top_down import TopDown
from duopose.stream.arguments import Parser, existing
from duopose.stream.camera_file import Cameras
from duopose.stream.messages import Frame
from duopose.training.images.answers import join
from duopose.training.images.depths import depths
from duopose.training.images.people import People
from duopose.training.images.pictures import Guides
from duopose.training.images.rendered import Rendered


def look(networks, image):
    """One look at a picture uint8 [H, W, 3], as at a frame of a clip -> Guides."""
    height, width = image.shape[:2]
    frame = Frame(0, None, 0.0, 0.0, width, height, Cameras().of(width, height), "", 0, 0, False)
    boxes = Detection(networks.detector).step(image, frame)
    people = TopDown(networks.top_down, MOST_PEOPLE).step(image, boxes)
    return Guides(people.coco, np.sqrt(np.prod(people.boxes[:, 2:], axis=1)))


def photographs(networks, people):
    """Yields (Guides, depths, focal) of each of the pictures of `training.images.people.People`."""
    for picture, label in zip((people[i] for i in range(len(people))), people.labels, strict=True):
        human = np.array([person["gt"] for person in label["persons"]], bool)
        none = [np.nan] * 51
        others = np.array([person["world3d"] or none for person in label["persons"]], np.float32).reshape(-1, 17, 3)
        yield look(networks, picture.image), *depths(networks.lifting, picture, human, others)


def rendered(networks, pictures):
    """The same of `training.images.rendered.Rendered`, whose depths are known."""
    for picture in (pictures[i] for i in range(len(pictures))):
        yield look(networks, picture.image), picture.depths, picture.focal


def write(answers, count, file):
    """Write (Guides, depths, focal) of so many pictures to a file -> what there is, in numbers."""
    arrays = join(list(tqdm(answers, file.stem, count, unit="picture", disable=None)))
    np.savez_compressed(file, **arrays)
    known = np.isfinite(arrays["depths"]).any(1)
    return {"pictures": count, "found": len(arrays["sizes"]), "labelled": len(known), "with_depth": int(known.sum())}


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("--people", type=existing, metavar="DIR", help="folder of photographs (people-v1)")
    parser.add_argument("--rendered", type=existing, nargs="*", default=[], metavar="DIR", help="rendered people")
    parser.add_argument("--judge", type=existing, metavar="VAL", help="rendered people to judge by")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--profile", default="lite", help="whose top-down branch is asked (default: lite)")
    options = parser.parse_args(argv)
    if not (options.people or options.rendered or options.judge):
        parser.error("there is no picture to look at: give --people, --rendered or --judge")
    networks = load_networks(options.profile, without=("bottom_up", "integration"))
    options.out.mkdir(parents=True, exist_ok=True)
    figures = {}
    for split in ("train", "val") if options.people else ():
        people = People(options.people, split)
        file = options.out / f"people_{split}.npz"
        figures[file.stem] = write(photographs(networks, people), len(people), file)
    for name, folders in (("rendered", options.rendered), ("judge", [options.judge] if options.judge else [])):
        if folders:
            pictures = Rendered(folders)
            figures[name] = write(rendered(networks, pictures), len(pictures), options.out / f"{name}.npz")
    print(json.dumps(figures))
