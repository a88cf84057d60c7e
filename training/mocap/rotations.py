"""Rotations of poses about axes, right-handed, angles in rad."""

import numpy as np

from duopose.stream.skeleton import L_HIP, R_HIP


def about(vectors, axis, angle):
    """Vectors [..., 3] turned about unit axes [..., 3] by angles [..., 1], right-handed (Rodrigues).

    >>> about(np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), np.array([np.pi / 2])).round(6).tolist()
    [0.0, 1.0, 0.0]
    """
    cos, sin = np.cos(angle), np.sin(angle)
    along = (axis * vectors).sum(-1, keepdims=True)
    return (vectors * cos + np.cross(axis, vectors) * sin + axis * along * (1 - cos)).astype(vectors.dtype)


def rotation_y(angle):
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return (
        np.stack([cos, zero, sin, zero, one, zero, -sin, zero, cos], -1).reshape(*angle.shape, 3, 3).astype(np.float32)
    )


def rotation_x(angle):
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return (
        np.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], -1).reshape(*angle.shape, 3, 3).astype(np.float32)
    )


def rotation_z(angle):
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    return (
        np.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], -1).reshape(*angle.shape, 3, 3).astype(np.float32)
    )


def turned(joints, turn):
    """joints [B, S, 17, 3], rotations [B, 3, 3] -> each window's joints turned."""
    return (joints.reshape(len(joints), -1, 3) @ np.swapaxes(turn, -1, -2)).reshape(joints.shape)


def heading(joints):
    """How people [..., 17, 3] (y up) are turned about the vertical, by their hips -> rad [...]; 0: they face along
    z."""
    across = joints[..., L_HIP, :] - joints[..., R_HIP, :]
    return np.arctan2(-across[..., 2], across[..., 0])
