"""Where a camera stands in the world, as a user writes it."""

from typing import Any

import cv2
import numpy as np

STRAY = 1e-3  # how far a rotation's numbers may be from those of one: they were rounded when they were written


def matrix(told: Any) -> tuple[float, ...]:
    """The pose of a camera -> the upper 3 rows of its matrix, which takes a point of the camera frame into the world.

    told   4 rows of 4 numbers, or {"rotation": 3 rows of 3 or a rotation vector (OpenCV's, radians), "translation": 3
           numbers, metres: where the camera is}
    Raises ValueError.

    >>> matrix({"rotation": [0, 0, 0], "translation": [1, 2, 3]})
    (1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 3.0)
    """
    if isinstance(told, dict):
        if set(told) != {"rotation", "translation"}:
            raise ValueError("it should have a rotation and a translation, nothing else")
        rotation, translation = numbers(told["rotation"], "rotation"), numbers(told["translation"], "translation")
        if rotation.shape not in ((3,), (3, 3)):
            raise ValueError("rotation should be 3 rows of 3 numbers, or a rotation vector of 3")
        if translation.shape != (3,):
            raise ValueError("translation should be 3 numbers, metres")
        rotation = cv2.Rodrigues(rotation)[0] if rotation.ndim == 1 else rotation
    else:
        whole = numbers(told, "it")
        if whole.shape != (4, 4) or not np.allclose(whole[3], (0, 0, 0, 1)):
            raise ValueError("it should be 4 rows of 4 numbers, the last 0 0 0 1, or a rotation and a translation")
        rotation, translation = whole[:3, :3], whole[:3, 3]
    if np.abs(rotation @ rotation.T - np.eye(3)).max() > STRAY or np.linalg.det(rotation) < 0:
        raise ValueError("its rotation is none: the rows should be 1 long, at right angles, and right-handed")
    return tuple(np.column_stack([rotation, translation]).ravel().tolist())


def numbers(told: Any, what: str) -> np.ndarray:
    try:
        found = np.array(told, np.float64)
    except (ValueError, TypeError):
        raise ValueError(f"{what} should be numbers") from None
    if not np.isfinite(found).all():
        raise ValueError(f"{what} should be numbers")
    return found
