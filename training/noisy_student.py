"""duopose train noisy_student SOURCE ... --labels DIR [options]: the shipped networks label pictures
nobody labelled, and a network learns from them, with noise (paper 3.4).

    duopose train noisy_student SOURCE ... --labels DIR [--every 10] [--round 1]
    duopose train noisy_student SOURCE ... --labels DIR --student top_down --people DIR --out RUN

SOURCE: a video, an image or a folder of images. DIR gets images/ and labels_train.json (people-v1),
which every training program of the image networks takes with --pseudo DIR. With --student NAME
(top_down, bottom_up or detector) the rest of the command line goes to that program, with --pseudo
DIR: there the pictures are turned, cut, covered and recoloured, the noise that the teacher did not
have. --round 2 and later trust harder people (eq. 11): with the student's weights as the next
teacher (--profile).
"""

import importlib
import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from duopose.nodes.capture.files import ImageFiles, VideoFile
from duopose.nodes.capture.sources import kind_of
from duopose.nodes.chain import load_networks
from duopose.stream.arguments import Parser, existing
from duopose.training.images.pseudo_labels import entry, see_twice, stored, trust

STUDENTS = ("top_down", "bottom_up", "detector")
QUALITY = 90  # of the JPEG files


def pictures(source, every):
    """Yields name, uint8 [H, W, 3] RGB: of a video every so many-th frame, of images all."""
    if kind_of(str(source)) == "images":
        for picture in ImageFiles(str(source), Counter()).pictures():
            yield Path(picture.file).stem, picture.pixels()
        return
    for number, picture in enumerate(VideoFile(source, Counter()).pictures()):
        if number % every == 0:
            yield f"{number:06d}", np.ascontiguousarray(picture.pixels())


def write(networks, sources, folder, every=10, epoch=1, most=10**9, say=None):
    """Label the pictures of `sources` with the networks (nodes.chain.Networks) into `folder` -> what there is in
    numbers."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    seen, facts = [], []
    for source in sources:
        for name, image in pictures(source, every):
            if len(seen) >= most:
                break
            small, scale = stored(image)
            file = f"images/{Path(source).stem}_{name}.jpg"
            cv2.imwrite(str(folder / file), cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            seen.append(see_twice(networks, image))
            facts.append({"file": file, "size": small.shape[1::-1], "scale": scale, "source": Path(source).name})
            if say and len(seen) % 20 == 0:
                say(f"{len(seen)} pictures, {sum(len(one.boxes) for one in seen)} people")
    entries = [
        entry(seen=one, sure=sure, **fact) for one, sure, fact in zip(seen, trust(seen, epoch), facts, strict=True)
    ]
    record = {"format": "people-v1", "split": "train", "images": entries}
    (folder / "labels_train.json").write_text(json.dumps(record))
    found = sum(len(one.boxes) for one in seen)
    kept = [person["agreement"] for image in entries for person in image["persons"]]
    mean = round(float(np.mean(kept)), 3) if kept else None
    return {"pictures": len(seen), "people_seen": found, "people_labelled": len(kept), "mean_trust": mean}


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("sources", nargs="+", type=existing, metavar="SOURCE")
    add("--labels", type=Path, required=True, metavar="DIR", help="folder for pictures and labels")
    add("--every", type=int, default=10, help="take every so many-th frame of a video (default 10)")
    add("--most", type=int, default=10**9, help="pictures at most")
    add(
        "--round",
        type=int,
        dest="epoch",
        default=1,
        help="1: easy people first; later rounds trust hard ones more (default 1)",
    )
    add("--profile", default="lite", help="the teacher's networks (default: lite)")
    add("--student", choices=STUDENTS, help="train this network afterwards, with the rest of the command line")
    options, rest = parser.parse_known_args(argv)
    if rest and not options.student:
        parser.error(f"{' '.join(rest)}: options of a student's training, but there is no --student")
    if options.epoch < 1 or options.every < 1:
        parser.error("--round and --every count from 1")
    figures = write(
        load_networks(options.profile), options.sources, options.labels, options.every, options.epoch, options.most,
        say=lambda line: print(line, flush=True),
    )  # fmt: skip
    if not figures["people_labelled"]:
        parser.error("the teacher is sure of nobody in these pictures")
    print(json.dumps(figures), flush=True)
    if options.student:
        student = importlib.import_module(f"duopose.training.{options.student}")
        student.main([*rest, "--pseudo", str(options.labels)])
