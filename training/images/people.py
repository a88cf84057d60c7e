"""Photographs with labelled people: folders of the format `people-v1` (labels_train.json, labels_val.json, images/)."""

import json
from pathlib import Path

import cv2
import numpy as np

from duopose.training.datasets.reading.errors import reading
from duopose.training.images.pictures import Picture

UNSURE = 0.25  # labels by networks below this confidence count as unknown


class People:
    """The pictures of one split; their files stay in memory as they are (JPEG, 21 kB each) and are decoded when asked
    for.

    people = People(folder, "train"); people[3] -> Picture; people.labels[3] -> its entry in the label file
    most   pictures, evenly chosen; None: all
    """

    def __init__(self, folder, split, most=None):
        self.folder, self.split, self.most = Path(folder), split, most
        file = self.folder / f"labels_{split}.json"
        with reading(file, "labels"):
            record = json.loads(file.read_text())
            if record["format"] != "people-v1":
                raise ValueError(f"format must be people-v1, got {record['format']!r}")
        self.labels = record["images"][:: -(-len(record["images"]) // most) if most else 1]
        self.files = {}

    def __reduce__(self):  # another process reads the folder again
        return People, (self.folder, self.split, self.most)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        label = self.labels[index]
        if index not in self.files:
            self.files[index] = np.fromfile(self.folder / label["file"], np.uint8)
        image = cv2.imdecode(self.files[index], cv2.IMREAD_COLOR_RGB)
        return as_picture(image, label)

    def human(self):
        """(picture, person) of everyone whom a human labelled."""
        return [
            (index, number)
            for index, label in enumerate(self.labels)
            for number, person in enumerate(label["persons"])
            if person["gt"]
        ]


def as_picture(image, label):
    """An image and its entry in the label file -> Picture.

    A human's joints count in full. A network's count by its confidence and by how well the networks agreed; where
    they hardly knew (confidence below 0.25), the confidence is negative: neither a joint nor background.
    """
    persons = label["persons"]
    joints = np.array([person["keypoints"] for person in persons], np.float32).reshape(-1, 17, 3)
    human = np.array([person["gt"] for person in persons], bool)
    trust = np.where(human, 1.0, [0.3 + 0.6 * person["agreement"] for person in persons]).astype(np.float32)
    confidence = joints[..., 2]
    sure = np.where(human[:, None] & (confidence >= 0.6), 1.0, confidence)
    joints[..., 2] = np.where((confidence > 0) & (confidence < UNSURE), -1.0, sure)
    return Picture(
        image,
        joints,
        np.array([person["box"] for person in persons], np.float32).reshape(-1, 4),
        trust,
        np.array(label["ignore"], np.float32).reshape(-1, 4),
        label.get("ignore_known", True),
        np.full(joints.shape[:2], np.nan, np.float32),
        np.nan,
    )
