import cv2
import numpy as np
import pytest

from tests.training.synthetic.box_people import box_people
from tests.training.synthetic.skeletons import skeleton, walk


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Folders with a pack (14 panoramas, 14 photographs) and captured motion."""
    folder, motion = tmp_path_factory.mktemp("pack"), tmp_path_factory.mktemp("motion")
    rng = np.random.default_rng(0)
    for name in ("pack", "panoramas", "photos"):
        (folder / name).mkdir()
    box_people(folder / "pack")
    for n in range(8):
        sky = np.repeat(np.linspace(220, 60, 64).astype(np.uint8)[:, None], 128, 1)[..., None].repeat(3, 2)
        cv2.imwrite(str(folder / "panoramas" / f"{n}.jpg"), sky)
        np.savez(folder / "panoramas" / f"{n}.npz", light=rng.uniform(0.2, 1, (32, 64, 3)).astype(np.float16))
        cv2.imwrite(str(folder / "photos" / f"{n}.jpg"), rng.integers(0, 255, (300, 400, 3)).astype(np.uint8))
    stand = skeleton(rng, 100).astype(np.float32)
    gone = walk(90).astype(np.float32)
    moves = [gone + [0, 0, 0], np.repeat(stand[:1], 100, 0), gone * 1.02, gone * 0.98]
    arrays = {
        "pos": (np.concatenate(moves) / 0.0005).round().astype(np.int16), "scale": np.float32(0.0005),
        "start": np.cumsum([0] + [len(move) for move in moves])[:-1].astype(np.int32),
        "length": np.array([len(move) for move in moves], np.int32), "name": np.array(list("abcd")),
        "action": np.array(["walk", "stand", "walk", "walk"]),
    }  # fmt: skip
    for name in ("train", "val"):
        np.savez(motion / f"{name}.npz", **arrays)
    pair = np.stack([stand, stand + np.array([0.8, 0, 0], np.float32)], 1)
    np.savez(
        motion / "pairs.npz",
        pos=(pair / 0.0005).round().astype(np.int16),
        scale=np.float32(0.0005),
        start=np.array([0]),
        length=np.array([100]),
    )
    return folder, motion
