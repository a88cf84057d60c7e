"""COCO 2017 person keypoints (cocodataset.org): photographs whose people's 17 joints were clicked by hand. No 3D, no
cameras.

    DIR/annotations/person_keypoints_train2017.json
    DIR/train2017/000000000009.jpg ...           (or DIR/images/train2017/)

Keypoints are whole pixels counted from 0, so they are centres as ours are. Boxes are measured from the corner of the
picture; half a pixel is taken off. Crowds and people without any keypoint are areas to ignore; with them every person
is boxed.
"""

import numpy as np

from duopose.stream.errors import UsageError
from duopose.stream.skeleton import coco_to_body
from duopose.training.datasets.reading.entries import entries
from duopose.training.datasets.reading.sample import ABSENT, HIDDEN, SEEN, Sample, areas, folder_of, unknown3d

CONFIDENCE = np.array(
    [ABSENT, HIDDEN, SEEN], np.float32
)  # of COCO's 0 not labelled, 1 labelled but not visible, 2 visible


class Coco:
    """The pictures of one split with at least one person whose joints are labelled."""

    def __init__(self, folder, split="train2017"):
        labels = f"annotations/person_keypoints_{split}.json"
        self.folder = folder_of(folder, "COCO 2017", labels)
        inner = [path for path in (self.folder / split, self.folder / "images" / split) if path.is_dir()]
        if not inner:
            raise UsageError(f"{folder} is not COCO 2017: no {split} in it (docs/datasets.md shows the tree)")
        self.images = inner[0]
        files, people, ignored = {}, {}, {}
        try:
            for name, entry in entries(self.folder / labels, "images", "annotations"):
                if name == "images":
                    files[entry["id"]] = entry["file_name"], (entry["width"], entry["height"])
                elif entry["iscrowd"] or not entry["num_keypoints"]:
                    ignored.setdefault(entry["image_id"], []).append(entry["bbox"])
                else:
                    keypoints = np.array(entry["keypoints"], np.int32).reshape(17, 3)
                    people.setdefault(entry["image_id"], []).append((entry["bbox"], keypoints))
            self.pictures = [(*files[key], people[key], ignored.get(key, [])) for key in sorted(people)]
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{self.folder / labels} is not a COCO keypoint file: {error!r}") from None
        if not self.pictures:
            raise UsageError(f"{self.folder / labels} holds no person with keypoints")

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, index):
        file, size, people, ignored = self.pictures[index]
        keypoints = np.stack([keypoints for _, keypoints in people])
        coco = np.concatenate([keypoints[..., :2], CONFIDENCE[keypoints[..., 2]][..., None]], -1).astype(np.float32)
        count = len(people)
        return Sample(
            self.images / file, None, size, None, coco, coco_to_body(coco), unknown3d(count), unknown3d(count),
            boxes_of([box for box, _ in people]), np.full(count, -1, np.int32), boxes_of(ignored), True,
            file, 0, np.nan,
        )  # fmt: skip


def boxes_of(boxes):
    """COCO's boxes, from the corner of the picture -> from the centre of its first pixel."""
    return areas(boxes) - np.array([0.5, 0.5, 0, 0], np.float32)
