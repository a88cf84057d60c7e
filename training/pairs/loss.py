"""The supervised loss of the integration network (eq. 7)."""

from duopose.training.loop.trainer import half

ROOT = 0.7  # weight of the root's error beside the joints'


def errors(joints, root, true_joints, true_root):
    """Eq. 7 as distances: mean over the joints, metres, root-relative; of the root, as a share of its depth."""
    return (joints - true_joints).norm(dim=-1).mean(), (root - true_root).abs().sum(-1).mean()


def loss(network, data):
    with half(data["features"]):
        found = network(data["features"])
    joints, root = errors(*found, data["joints"], data["root"])
    return {"joints": joints, "root": ROOT * root}
