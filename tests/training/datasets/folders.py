"""Tiny made-up copies of data sets, laid out as their owners lay them out."""

import json

import av
import cv2
import numpy as np
from scipy.io import savemat

from duopose.training.datasets.mpi_inf_3dhp import JOINTS, TEST_JOINTS
from duopose.training.datasets.muco import JOINTS as MUCO_JOINTS

FOCAL, MIDDLE = (1500.0, 1490.0), (130.0, 120.0)  # px, of every camera here
SIZE = 256, 240
HEIGHTS = {
    "top": -0.9, "head": -0.75, "neck": -0.55, "spine4": -0.5, "clavicle": -0.52, "spine3": -0.4, "spine2": -0.3,
    "shoulder": -0.5, "spine": -0.25, "elbow": -0.25, "wrist": 0.0, "hand": 0.08, "pelvis": 0.0, "hip": 0.02,
    "knee": 0.45, "ankle": 0.85, "foot": 0.9, "toe": 0.92,
}  # fmt: skip
WIDTHS = {
    "shoulder": 0.2,
    "elbow": 0.3,
    "wrist": 0.35,
    "hand": 0.37,
    "hip": 0.12,
    "knee": 0.13,
    "ankle": 0.14,
    "foot": 0.14,
    "toe": 0.15,
}


def standing(names, x, z):
    """Somebody upright who looks at the camera: [J, 3] metres of the joints of these names, the pelvis at (x, 0, z)."""
    out = []
    for name in names:
        side = {"left": 1, "right": -1}.get(name.split("_")[0], 0)  # the left hand of who looks at us is on our right
        part = name.split("_")[-1]
        out.append((x + side * WIDTHS.get(part, 0.02), HEIGHTS[part], z - 0.01 * len(name)))
    return np.array(out)


def projected(points):
    """[..., 3] metres -> [..., 2] pixels of the camera above."""
    return points[..., :2] / points[..., 2:] * FOCAL + MIDDLE


def marked(pixels, size=SIZE):
    """A dark picture [H, W, 3] with a bright dot centred on each of pixels [N, 2], to a fraction of a pixel."""
    v, u = np.mgrid[: size[1], : size[0]]
    image = np.zeros((size[1], size[0]))
    for x, y in np.asarray(pixels).reshape(-1, 2):
        image = np.maximum(image, 255 * np.exp(-((u - x) ** 2 + (v - y) ** 2) / 8))
    return np.repeat(image[..., None], 3, 2).astype(np.uint8)


def middle_of(image, near, reach=4):
    """Where the centre of brightness lies around a pixel (x, y)."""
    x, y = np.rint(near).astype(int)
    patch = image[y - reach : y + reach + 1, x - reach : x + reach + 1, 0].astype(float)
    v, u = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.array([x + (patch * u).sum() / patch.sum(), y + (patch * v).sum() / patch.sum()])


def coco(folder, split="train2017"):
    """Two pictures with people, one without: a standing person and a crowd; somebody small without keypoints."""
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / split).mkdir()
    points = [[30 + 3 * joint, 20 + 2 * joint, 2] for joint in range(17)]
    points[3], points[16] = [0, 0, 0], [78, 60, 1]
    person = {
        "image_id": 7,
        "iscrowd": 0,
        "num_keypoints": 16,
        "bbox": [20.0, 10.0, 70.5, 50.0],
        "keypoints": [number for point in points for number in point],
    }
    crowd = person | {"iscrowd": 1, "num_keypoints": 0, "keypoints": [0] * 51, "bbox": [100, 5, 20, 30]}
    faint = crowd | {"iscrowd": 0, "bbox": [2, 3, 4, 5]}
    names = {7: "000000000007.jpg", 3: "000000000003.jpg", 5: "000000000005.jpg"}
    for key, name in names.items():
        cv2.imwrite(str(folder / split / name), np.full((80, 120, 3), 10 * key, np.uint8))
    images = [{"id": key, "file_name": name, "width": 120, "height": 80} for key, name in names.items()]
    people = [crowd, person, faint, person | {"image_id": 3}, faint | {"image_id": 5}]
    labels = {
        "info": {"year": 2017},
        "licenses": [],
        "images": images,
        "annotations": people,
        "categories": [{"id": 1}],
    }
    (folder / f"annotations/person_keypoints_{split}.json").write_text(json.dumps(labels, indent=1))
    return folder


def muco(folder):
    """Two pictures: one person at 12 m; one at 12 m half hidden by one at 9 m, and a third outside the picture."""
    (folder / "augmented_set/1").mkdir(parents=True)
    images, annotations = [], []
    for key, people in ((90, [(0.1, 12.0)]), (4, [(0.0, 12.0), (0.3, 9.0), (9.0, 9.0)])):
        file = f"augmented_set/1/{key:06d}.png"
        images.append({"id": key, "file_name": file, "width": SIZE[0], "height": SIZE[1], "f": FOCAL, "c": MIDDLE})
        seen = []
        for x, z in people:
            points = standing(MUCO_JOINTS.names, x, z)
            pixels = projected(points)
            seen.append(pixels)
            annotations.append({
                "id": len(annotations), "image_id": key, "bbox": [0, 0, 1, 1], "keypoints_img": pixels.tolist(),
                "keypoints_cam": (points * 1000).tolist(), "keypoints_vis": [x < 5] * len(points),
            })  # fmt: skip
        cv2.imwrite(str(folder / file), marked(seen))
    labels = {"images": images, "annotations": annotations[::-1]}
    (folder / "MuCo-3DHP.json").write_text(json.dumps(labels))
    return folder


def muco_chunk(folder):
    """One chunk of the owners' MATLAB script with two pictures of two people, of 2048x2048."""
    folder.mkdir()
    pixels = np.random.default_rng(0).uniform(100, 1900, (2, 21, 2, 2))
    names = np.array(["000001.jpg", "000002.jpg"], object)[None]
    savemat(
        folder / "chunk_00001_annot.mat",
        {"img_names": names, "joint_loc2": pixels, "joint_loc3": np.zeros((3, 21, 2, 2))},
    )
    return folder, pixels


def mpi_calibration(cameras):
    """The text of camera.calibration."""
    text = "Skeletool Camera Calibration File V1.0\n"
    for number in cameras:
        text += (
            f"name          {number}\n  sensor      10 10\n  size        {SIZE[0]} {SIZE[1]}\n  animated    0\n"
            f"  intrinsic   {FOCAL[0]} 0 {MIDDLE[0]} 0 0 {FOCAL[1]} {MIDDLE[1]} 0 0 0 1 0 0 0 0 1 \n"
            "  extrinsic   1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1 \n  radial      0\n"
        )
    return text


def mpi_inf_3dhp(folder, frames=12):
    """S1/Seq1 with the video of camera 4 and S3/Seq2 with pictures of camera 2; TS1 with an invalid frame."""
    for path, camera in (("S1/Seq1", 4), ("S3/Seq2", 2)):
        place = folder / path
        (place / "imageSequence").mkdir(parents=True)
        (place / "camera.calibration").write_text(mpi_calibration(range(6)))
        points = np.stack([standing(JOINTS.names, -0.2 + 0.03 * frame, 11.0) for frame in range(frames)])
        pixels = projected(points)
        if camera == 4:
            video(
                place / "imageSequence/video_4.avi", [marked(frame) for frame in pixels[:-1]]
            )  # the last one is missing
        else:
            for number, frame in enumerate(pixels):
                cv2.imwrite(str(place / f"imageSequence/img_2_{number + 1:06d}.jpg"), marked(frame))
        annot2, annot3 = np.empty((6, 1), object), np.empty((6, 1), object)
        for number in range(6):
            annot2[number, 0] = (pixels if number == camera else 0 * pixels).reshape(frames, -1)
            annot3[number, 0] = (1000 * points if number == camera else 0 * points).reshape(frames, -1)
        labels = {"annot2": annot2, "annot3": annot3, "univ_annot3": annot3}
        savemat(place / "annot.mat", labels | {"cameras": np.arange(6)[None], "frames": np.arange(frames)[:, None]})
    return folder


def mpi_inf_3dhp_test(folder, frames=4):
    """TS1, its second frame not valid."""
    import h5py

    place = folder / "mpi_inf_3dhp_test_set/TS1"
    (place / "imageSequence").mkdir(parents=True)
    points = np.stack([standing(TEST_JOINTS.names, -0.2 + 0.1 * frame, 11.0 + frame) for frame in range(frames)])
    pixels = projected(points)
    for number, frame in enumerate(pixels):
        cv2.imwrite(str(place / f"imageSequence/img_{number + 1:06d}.jpg"), marked(frame))
    with h5py.File(place / "annot_data.mat", "w") as file:
        file["annot2"], file["annot3"] = pixels[:, None], 1000 * points[:, None]
        file["valid_frame"] = np.array([[1.0, 0, 1, 1]]).T
    return folder


def video(path, images, codec="mpeg4"):
    """A video file of these pictures, one key frame in five."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = images[0].shape[1::-1]
        stream.pix_fmt, stream.bit_rate, stream.codec_context.gop_size = "yuv420p", 20_000_000, 5
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
