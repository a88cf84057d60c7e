"""Joint names, bones and left-right pairs: the only place where joint order is written.

Two skeletons are in use. `BODY17` is what the product puts out: Human3.6M's 17 joints. `COCO17` is what image data is
labelled with and what the 2D heatmap networks speak. `coco_to_body` is the one way from the second to the first.
"""

import numpy as np

BODY17 = (
    "pelvis", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "spine", "thorax",
    "nose", "head_top", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
)  # fmt: skip
COCO17 = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip

(PELVIS, R_HIP, R_KNEE, R_ANKLE, L_HIP, L_KNEE, L_ANKLE, SPINE, THORAX) = range(9)  # indices in BODY17
(NOSE, HEAD_TOP, L_SHOULDER, L_ELBOW, L_WRIST, R_SHOULDER, R_ELBOW, R_WRIST) = range(9, 17)
BODY_PARENTS = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15)  # the pelvis has none
BODY_BONES = tuple((parent, joint) for joint, parent in enumerate(BODY_PARENTS) if parent >= 0)


def mirror(names):
    """Index of each joint's counterpart on the other side: pose[..., mirror(names), :] swaps left and right.

    >>> [COCO17[i] for i in mirror(COCO17)][:3]
    ['nose', 'right_eye', 'left_eye']
    """
    swap = {"left": "right", "right": "left"}
    return [names.index("_".join(swap.get(word, word) for word in name.split("_"))) for name in names]


BODY_MIRROR = mirror(BODY17)
COCO_MIRROR = mirror(COCO17)
BODY_HIPS = [L_HIP, R_HIP]
COCO_HIPS = [COCO17.index("left_hip"), COCO17.index("right_hip")]
COCO_TRUNK = [COCO17.index("left_shoulder"), COCO17.index("right_shoulder"), *COCO_HIPS]

COCO_BONES = tuple(
    (COCO17.index(a), COCO17.index(b))
    for a, b in (
        ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
        ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip"),
        ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
        ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"),
        ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
        ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
        ("nose", "left_eye"), ("nose", "right_eye"), ("left_eye", "left_ear"), ("right_eye", "right_ear"),
    )
)  # fmt: skip

# How far human annotators stray per COCO joint, as a share of the person's size (COCO keypoint evaluation).
COCO_SIGMAS = np.array(
    [
        0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089,
        0.089,
    ],
    np.float32,
)  # fmt: skip

# Each joint of BODY17 as a weighted mean of COCO17 joints (weights sum to 1, so a position in the image, in the camera
# frame or in the world maps alike). COCO has no pelvis, spine, thorax or head top.
_SHARES = {
    "pelvis": {"left_hip": 0.5, "right_hip": 0.5},
    "spine": {"left_hip": 0.275, "right_hip": 0.275, "left_shoulder": 0.225, "right_shoulder": 0.225},
    "thorax": {"left_shoulder": 0.5, "right_shoulder": 0.5},
    "head_top": {"left_ear": 0.85, "right_ear": 0.85, "left_shoulder": -0.35, "right_shoulder": -0.35},
}


def _coco_to_body_matrix():
    matrix = np.zeros((17, 17), np.float32)
    for row, name in enumerate(BODY17):
        for source, weight in _SHARES.get(name, {name: 1.0}).items():
            matrix[row, COCO17.index(source)] = weight
    return matrix


COCO_TO_BODY = _coco_to_body_matrix()
_SOURCES = COCO_TO_BODY != 0


def coco_to_body(joints):
    """COCO-17 joints -> body17 joints.

    joints   float32 [..., 17, D + 1]   D coordinates (pixels, or metres), then a score in 0..1; score 0 = missing
    ->       float32 [..., 17, D + 1]   the score of a joint is the smallest score among the joints it is made of;
                                        where one of them is missing the joint is all zeros
    """
    joints = np.asarray(joints, np.float32)
    position = np.einsum("jk,...kd->...jd", COCO_TO_BODY, joints[..., :-1])
    score = np.where(_SOURCES, joints[..., None, :, -1], np.float32(np.inf)).min(-1)
    body = np.concatenate([position, score[..., None]], -1)
    return np.where(score[..., None] > 0, body, np.float32(0))
