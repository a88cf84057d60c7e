"""COCO's JSON of keypoints, as annotation tools and pycocotools read it: 2D, pixels of the upright picture as recorded.

A picture without a file of its own is called NUMBER.jpg, six digits, as `ffmpeg -start_number 0` does. `area` is that
of the box; `track_id` is the person's identity.
"""

import json

import numpy as np

from duopose.stream.skeleton import COCO17, COCO_BONES

VISIBLE = 2  # COCO's third number of a keypoint; 0: not labelled


def write(path, people):
    """Everyone into one file, picture by picture."""
    frames = people[0].run.frames
    pictures = [
        {"id": number, "width": width, "height": height, "file_name": file or f"{number:06d}.jpg"}
        for number, (width, height), file in zip(
            frames.numbers.tolist(), frames.sizes.tolist(), frames.files, strict=True
        )
    ]
    category = {
        "id": 1, "name": "person", "supercategory": "person", "keypoints": COCO17,
        "skeleton": [[a + 1, b + 1] for a, b in COCO_BONES],
    }  # fmt: skip
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"info": {"description": "made by duopose export"}, ')
        file.write(f'"categories": {json.dumps([category])},\n"images": {json.dumps(pictures)},\n"annotations": [')
        number = 0
        for person in people:
            for annotation in _annotations(person.track, frames):
                file.write("\n" if number == 0 else ",\n")
                number += 1
                file.write(json.dumps({"id": number, **annotation}))
        file.write("\n]}\n")


def _annotations(track, frames):
    keypoints = np.round(track.coco.astype(np.float64), 2)
    keypoints[..., 2] = np.where(track.coco[..., 2] > 0, VISIBLE, 0)
    boxes = np.round(track.boxes.astype(np.float64), 2)
    for image, joints, box, score in zip(
        frames.numbers[track.rows].tolist(), keypoints, boxes.tolist(), track.scores.tolist(), strict=True
    ):
        yield {
            "image_id": image, "category_id": 1, "track_id": track.identity, "iscrowd": 0, "score": round(score, 4),
            "bbox": box, "area": round(box[2] * box[3], 2), "num_keypoints": int((joints[:, 2] > 0).sum()),
            "keypoints": joints.flatten().tolist(),
        }  # fmt: skip
