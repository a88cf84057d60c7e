"""Tiny made-up copies of public data sets, laid out as their owners do, and records of what was "found" on them.

Everyone is the `standing` figure, moved about; pictures are grey.
"""

import json
import pickle

import cv2
import numpy as np
from scipy.io import savemat

from duopose.stream.skeleton import BODY17
from duopose.training.datasets import jta, mpi_inf_3dhp, panoptic, threedpw
from tests.painted import upright

# What the sets' own joints are in BODY17, or between which of its joints they lie.
# Others are far from everything, to be noticed.
LIKE = {"neck": "thorax", "head": "nose", "spine2": "spine", "body_center": "pelvis"}


def standing(x, z, y=0.0):
    """Someone facing us x m to the right and z m away -> BODY17 [17, 3] metres; pelvis between the hips."""
    body = upright().astype(float) + [x, y, z]
    body[0] = (body[1] + body[4]) / 2
    return body


def own(names, body):
    """BODY17 [17, 3] -> the joints of a set [J, 3]; NaN where it has joints that we don't."""
    places = [LIKE.get(name, name) for name in names]
    return np.array([body[BODY17.index(name)] if name in BODY17 else np.full(3, np.nan) for name in places])


def pixels(points, focal, centre):
    return points[..., :2] / points[..., 2:] * focal + centre


def grey(path, width, height):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), 128, np.uint8))
    return path


def record(path, frames, names=None, branches=("top_down", "bottom_up"), scores=None, boxes=None):
    """Write a record: for each frame the poses [N, 17, 3] found. names: the pictures', None = a video."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, poses in enumerate(frames):
        people = [
            {
                "id": n + 1,
                "score": scores[n] if scores else 0.9,
                "box": boxes[number][n] if boxes else [0, 0, 1, 1],
                "coco2d": np.zeros((17, 3)).tolist(),
                "joints2d": np.zeros((17, 3)).tolist(),  # nothing measured: the projection of the pose stands in
                "joints3d": np.asarray(pose).tolist(),
                "branches": {branch: np.asarray(pose).tolist() for branch in branches},
            }
            for n, pose in enumerate(poses)
        ]
        file = names[number] if names else None
        lines.append(json.dumps({"frame": number, "file": file, "stamp": number / 30, "people": people}))
    path.write_text("\n".join(lines) + "\n")


def numbered(count, start=0):
    """Names that the pictures of a clip have in its record."""
    return [f"{number:08d}.jpg" for number in range(start, start + count)]


MUPOTS_NAMES = mpi_inf_3dhp.TEST_JOINTS.names
MUPOTS_SIZE, MUPOTS_FOCAL = (640, 480), 600.0


def write_mupots(folder, clips, invalid=(), occluded=()):
    """clips: {"TS1": people [T, P, 17, 3] of BODY17, metres}; invalid: (clip, frame, person); occluded: joints."""
    for name, frames in clips.items():
        annotations, labels = (np.empty(np.shape(frames)[:2], object) for _ in range(2))
        for frame, people in enumerate(frames):
            grey(folder / name / f"img_{frame:06d}.jpg", *MUPOTS_SIZE)
            for person, body in enumerate(people):
                joints = own(MUPOTS_NAMES, body)
                annotations[frame, person] = {
                    "annot2": pixels(joints, MUPOTS_FOCAL, (330, 250)).T,
                    "annot3": 1000 * joints.T,
                    "univ_annot3": 900 * joints.T,
                    "isValidFrame": float((name, frame, person) not in invalid),
                }
                labels[frame, person] = np.array([float(joint in occluded) for joint in MUPOTS_NAMES])
        savemat(folder / name / "annot.mat", {"annotations": annotations})
        savemat(folder / name / "occlusion.mat", {"occlusion_labels": labels})


def write_jta(folder, name, frames, split="test", hidden=()):
    """frames: for each the people [P, 17, 3] of BODY17. hidden: who is behind walls. Pictures are empty files."""
    rows = []
    for frame, people in enumerate(frames):
        for person, body in enumerate(people):
            joints = np.nan_to_num(own(jta.JOINTS.names, body), nan=1.0)
            at = pixels(joints, 1158, (960, 540))
            for joint, (point, place) in enumerate(zip(joints, at, strict=True)):
                rows.append([frame + 1, person, joint, *place.tolist(), *point.tolist(), int(person in hidden), 0])
        path = folder / "frames" / split / name / f"{frame + 1}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    path = folder / "annotations" / split / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows))


TURN = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])  # some rotation from a world to a camera


def write_human36m(folder, subject, poses, action=2, camera=1, take=1):
    """poses: {frame: BODY17 [17, 3] metres, camera frame}"""
    name = f"s_{subject:02d}_act_{action:02d}_subact_{take:02d}_ca_{camera:02d}"
    move = np.array([10.0, 20.0, 300.0])
    images = [
        {
            "id": 1000 * subject + frame, "file_name": f"{name}/{name}_{frame + 1:06d}.jpg", "width": 1000,
            "height": 1002, "subject": subject, "action_idx": action, "subaction_idx": take, "cam_idx": camera,
            "frame_idx": frame,
        }
        for frame in poses
    ]  # fmt: skip
    world = {frame: ((1000 * body - move) @ TURN).tolist() for frame, body in poses.items()}
    files = {
        "data": {
            "images": images,
            "annotations": [{"image_id": image["id"], "bbox": [0, 0, 9, 9]} for image in images],
        },
        "camera": {str(camera): {"R": TURN.tolist(), "t": move.tolist(), "f": [1145.0, 1143.0], "c": [512.0, 515.0]}},
        "joint_3d": {str(action): {str(take): {str(frame): joints for frame, joints in world.items()}}},
    }
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    for image in images:
        path = folder / "images" / image["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for kind, content in files.items():
        (folder / "annotations" / f"Human36M_subject{subject}_{kind}.json").write_text(json.dumps(content))
    return name


def write_threedpw(folder, name, frames, valid=None):
    """frames: people [T, P, 17, 3] of BODY17, metres, camera frame. The camera moves."""
    frames = np.array(frames)
    joints = np.array([[own(threedpw.JOINTS.names, body) for body in people] for people in frames])
    joints = np.where(np.isnan(joints), joints[:, :, :1], joints)  # feet, hands, ...: at the pelvis
    moves = np.tile(np.eye(4), (len(frames), 1, 1))
    moves[:, :3, :3] = TURN
    moves[:, :3, 3] = [[frame, 1, 2] for frame in range(len(frames))]
    world = (joints - moves[:, None, None, :3, 3]) @ TURN
    content = {
        "sequence": name,
        "jointPositions": [world[:, person].reshape(len(frames), 72) for person in range(frames.shape[1])],
        "cam_poses": moves,
        "cam_intrinsics": np.array([[600.0, 0, 319.5], [0, 600.0, 239.5], [0, 0, 1]]),
        "campose_valid": list(np.ones(frames.shape[1::-1], bool) if valid is None else np.array(valid)),
        "genders": ["m"] * frames.shape[1],
    }
    path = folder / "sequenceFiles" / "test" / f"{name}.pkl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(content, protocol=2))
    for frame in range(len(frames)):
        grey(folder / "imageFiles" / name / f"image_{frame:05d}.jpg", 640, 480)


def write_panoptic(folder, name, frames, cameras=(16,), count=19):
    """frames: {number: people [P, 17, 3] of BODY17, metres}, the same before every camera."""
    move = np.array([5.0, -7.0, 30.0])  # cm
    values = [
        {
            "name": f"00_{node:02d}", "panel": 0, "node": node, "resolution": [1920, 1080], "R": TURN.tolist(),
            "t": move[:, None].tolist(), "K": [[1400.0, 0, 960], [0, 1400.0, 540], [0, 0, 1]],
            "distCoef": [0, 0, 0, 0, 0],
        }
        for node in (*cameras, 7)  # of the last there are no pictures
    ]  # fmt: skip
    poses = folder / name / ("hdPose3d_stage1_coco19" if count == 19 else "hdPose3d_stage1")
    poses.mkdir(parents=True)
    (folder / name / f"calibration_{name}.json").write_text(json.dumps({"cameras": values}))
    for number, people in frames.items():
        bodies = []
        for person, body in enumerate(people):
            joints = own(panoptic.JOINTS[count].names, body)
            sure = np.where(np.isnan(joints).any(-1), -1.0, 0.5)
            world = (100 * np.nan_to_num(joints) - move) @ TURN
            bodies.append({"id": person, f"joints{count}": np.concatenate([world, sure[:, None]], 1).ravel().tolist()})
        (poses / f"body3DScene_{number:08d}.json").write_text(json.dumps({"bodies": bodies}))
        for node in cameras:
            path = folder / name / "hdImgs" / f"00_{node:02d}" / f"00_{node:02d}_{number:08d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


def crowd(frames=20):
    """Two people, one of them walking, and one whose legs are below the picture."""
    return np.array([[standing(-2 + 0.1 * t, 8), standing(3, 12), standing(0, 4, 1.9)] for t in range(frames)])


def last_line(capsys):
    """The figures that a program has printed as JSON."""
    return json.loads(capsys.readouterr().out.splitlines()[-1])
