"""What the profile `released` puts into the nodes: the paper's authors' networks, used as the authors use them.

What differs from their programs, and what of them is not known, is in docs/released.md.
"""

NAMES = ("gcn", "joint_tcn", "root_tcn", "bottom_up", "transform", "integration")  # of the weight files it needs
LOOKAHEADS = (0, 121)  # frames: none, or half the window of 243
PATIENCE = 30  # times as long as for other networks a node may say nothing: a frame can take seconds on a CPU


def load(name, profile, device, method="__call__"):
    """One of those networks, run by torch in float32. Raises FileNotFoundError that names a missing file."""
    from duopose.networks.runtime import weight_file
    from duopose.networks.weights import EagerNetwork

    return EagerNetwork(weight_file(name, profile, ".safetensors").with_suffix(""), device, half=False, method=method)
