"""Which networks a profile brings into the nodes: ours of some size, or those that the paper's authors released.

Everything is imported where it is needed: a `lite` run imports no torch.
"""

from duopose.networks.runtime import load, weights_folder


def is_released(profile):
    """Whether the weights of a profile are the authors', from `duopose released import`."""
    return profile == "released" or (weights_folder(profile) / "transform.json").exists()


def image_network(name, settings):
    """The detector or the top-down network. The authors released none: `lite` stands in, unless HRNet was imported."""
    if not is_released(settings.profile):
        return load(name, settings.profile, settings.device)
    own = weights_folder(settings.profile) / name
    if not own.with_suffix(".safetensors").exists():
        return load(name, "lite", settings.device)
    from duopose.networks.weights import EagerNetwork

    return EagerNetwork(own, settings.device)


def lifting(settings):
    """What lifts 2D joints, as nodes.top_down.lifting.Lifting."""
    if is_released(settings.profile):
        from duopose.nodes.released.lifting import Lifting, load_networks
    else:
        from duopose.nodes.top_down.lifting import Lifting, load_networks
    return Lifting(load_networks(settings.profile, settings.device), settings.lookahead)


def bottom_up(settings):
    """The bottom-up branch, as nodes.bottom_up.bottom_up.BottomUp."""
    if is_released(settings.profile):
        from duopose.nodes.released.bottom_up import load_branch
    else:
        from duopose.nodes.bottom_up.bottom_up import load_branch
    return load_branch(settings.profile, settings.device, settings.max_people)


def integration(settings):
    """What makes one pose of two, as nodes.fusion.integration.Integration."""
    if is_released(settings.profile):
        from duopose.nodes.released.integration import Integration, load_network
    else:
        from duopose.nodes.fusion.integration import Integration, load_network
    return Integration(load_network(settings.profile, settings.device))


def backends(settings):
    """What runs the networks, e.g. {"OpenVINO bf16"}; some may run in another precision than others."""
    names = ("detector", "top_down")
    found = {image_network(name, settings).backend for name in names}
    if is_released(settings.profile):
        return found | {f"torch {settings.device}"}
    rest = ("gcn", "joint_tcn", "root_tcn", "bottom_up", "integration")
    return found | {load(name, settings.profile, settings.device).backend for name in rest}
