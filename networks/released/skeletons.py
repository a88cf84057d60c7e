"""The two joint orders of the authors' networks beside BODY17. No torch: nodes read it."""

from duopose.stream.skeleton import BODY17, COCO17

# What the bottom-up network finds. Its "head" is MuPoTS-3D's, about where BODY17 has the nose.
MUCO14 = (
    "pelvis", "left_hip", "left_knee", "left_ankle", "right_hip", "right_knee", "right_ankle", "head", "left_shoulder",
    "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
)  # fmt: skip
MUCO_TO_BODY = [BODY17.index("nose" if name == "head" else name) for name in MUCO14]  # where each one is in BODY17
MUCO_IN_COCO = [joint for joint, name in enumerate(MUCO14) if name in COCO17]  # those that COCO17 has,
MUCO_TO_COCO = [COCO17.index(MUCO14[joint]) for joint in MUCO_IN_COCO]  # and where

# MuPoTS-3D's 17, in our words: in this order poses are integrated. pose[..., MUPOTS17, :] of one in BODY17 order
MUPOTS17 = [
    BODY17.index(name)
    for name in (
        "head_top", "thorax", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
        "left_wrist", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "pelvis",
        "spine", "nose",
    )
]  # fmt: skip
FROM_MUPOTS = [MUPOTS17.index(joint) for joint in range(17)]  # and back
