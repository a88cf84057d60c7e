"""A network and one batch of its training, alone."""

from duopose.training.loop import trainer


def learned(network, data, loss, folder, steps):
    """Losses of a batch before and after so many steps of it alone."""
    start = sum(loss(network, data).values()).item()
    trainer.fit(
        network, [{"params": list(network.parameters()), "lr": 3e-3}], lambda rng: data, loss,
        lambda net: {"good": -sum(loss(net, data).values()).item()}, folder, steps=steps, every=steps, warm_up=5,
        say=lambda text: None,
    )  # fmt: skip
    return start, sum(loss(network.train(), data).values()).item()
