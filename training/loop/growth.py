"""A trained network made wider without a change of what it answers, to go on learning from there (Net2Net, Chen et al.
2016).

Old units keep their weights and hear nothing of the new ones at first; the new ones hear everything, through weights as
they are initialised.
"""

import torch


@torch.no_grad()
def grown(small, large):
    """`large`, a network of the same class whose linear layers may be wider, answering as `small` does.

    Raises ValueError that names a parameter which `large` can't take over.

    >>> from torch.nn import Linear, Sequential
    >>> small, large = (Sequential(Linear(3, n), Linear(n, 2)).eval() for n in (4, 7))
    >>> x = torch.ones(1, 3)
    >>> torch.allclose(grown(small, large)(x), small(x))
    True
    """
    for (name, old), new in zip(small.named_modules(), large.modules(), strict=True):
        for key, value in [*old.named_parameters(recurse=False), *old.named_buffers(recurse=False)]:
            wide = getattr(new, key)
            if isinstance(new, torch.nn.Linear) and key == "weight":
                frames = 3 if name.endswith("weigh") else 1  # networks.tcn.Merge reads three frames side by side
                value, wide = (tensor.unflatten(1, (frames, -1)) for tensor in (value, wide))
                wide[: len(value)] = 0  # what old units hear of new ones
            elif value.ndim > 1 and value.shape != wide.shape:
                raise ValueError(f"{name}.{key} can't grow from {tuple(value.shape)} to {tuple(wide.shape)}")
            if any(there < here for there, here in zip(wide.shape, value.shape, strict=True)):
                raise ValueError(f"{name}.{key} can't shrink from {tuple(value.shape)} to {tuple(wide.shape)}")
            wide[tuple(slice(size) for size in value.shape)] = value
    return large
