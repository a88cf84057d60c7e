"""Networks that learn with the weights which computing in 8 bits leaves of them (Jacob et al. 2018, 3).

Where a CPU has no VNNI, products of bytes are added in pairs in 16 bits; weights of 7 bits can't overflow there, and so
all CPUs compute the same (`loop/export.py`). Rounding a trained network to them costs 0.01 of the top-down network's
OKS-AP; a network that has seen its rounded weights arranges itself with them.
"""

import copy

import torch

STEPS = 63  # of 7 bits, on either side of 0
LEAST = 1e-7  # least step


def on_grid(weight):
    """A weight [outputs, ...] rounded to STEPS steps up to the largest of each output; its gradient is the weight's."""
    largest = weight.detach().abs().amax(tuple(range(1, weight.dim())), keepdim=True)
    step = (largest / STEPS).clamp(min=LEAST)
    return weight + ((weight / step).round() * step - weight).detach()


def rounded_weights(network, exact):
    """{name: weight on its grid} of the convolutions, but for those in the parts of the network named in `exact`."""
    return {
        name: on_grid(weight)
        for name, weight in network.named_parameters()
        if weight.dim() == 4 and not name.startswith(exact)
    }


def call_rounded(network, exact, *inputs):
    """What the network says with rounded weights; learning moves the weights themselves."""
    return torch.func.functional_call(network, rounded_weights(network, exact), inputs)


def rounded(network, exact):
    """A copy of the network with rounded weights."""
    copied = copy.deepcopy(network)
    copied.load_state_dict(rounded_weights(network, exact), strict=False)
    return copied
