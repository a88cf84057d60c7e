"""Rendered people (`training/synthetic/make.py`): folders of shards, as Pictures with depth."""

from bisect import bisect_right
from pathlib import Path

import cv2
import numpy as np

from duopose.stream.errors import UsageError
from duopose.training.datasets.reading.errors import reading
from duopose.training.images.pictures import Picture

HIDDEN, SEEN = 1, 2  # of `visibility` in a shard
BEHIND = 0.6  # confidence of a joint that something hides: people who label photographs guess those too
SHARE, PIXELS = 0.15, 80  # who shows less than this share, or fewer pixels, is ignored rather than learned


class Rendered:
    """All frames of the shards in some folders. Rendered(folders)[7] -> Picture"""

    def __init__(self, folders):
        paths = sorted(path for folder in folders for path in Path(folder).glob("shard_*.npz"))
        if not paths:
            raise UsageError(f"no shard_*.npz in {', '.join(map(str, folders))}")
        self.folders, self.shards, self.starts = folders, [], []
        self.length = 0
        for path in paths:
            with reading(path, "rendered people"), np.load(path) as shard:
                self.shards.append({key: shard[key] for key in shard.files})
            self.starts.append(self.length)
            self.length += len(self.shards[-1]["size"])

    def __reduce__(self):  # another process reads the folders again
        return Rendered, (self.folders,)

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        number = bisect_right(self.starts, index) - 1
        shard, frame = self.shards[number], index - self.starts[number]
        image = cv2.imdecode(
            shard["image"][shard["image_start"][frame] : shard["image_start"][frame + 1]], cv2.IMREAD_COLOR_RGB
        )
        people = slice(shard["person_start"][frame], shard["person_start"][frame + 1])
        visibility, boxes = shard["visibility"][people], shard["box"][people]
        shown = (shard["share"][people] > SHARE) & (shard["pixels"][people] > PIXELS)
        confidence = np.select([visibility == SEEN, visibility == HIDDEN], [1.0, BEHIND], 0.0)
        joints = np.concatenate([shard["coco2d"][people], confidence[..., None]], -1).astype(np.float32)
        ignored = boxes[~shown & (boxes[:, 2] > 0)]
        return Picture(
            image,
            joints[shown],
            boxes[shown],
            np.ones(shown.sum(), np.float32),
            ignored,
            True,
            shard["coco3d"][people][shown][..., 2].astype(np.float32),
            float(shard["camera"][frame, :2].mean()),
        )
