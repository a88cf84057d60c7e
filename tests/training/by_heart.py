"""A network and one batch of its training, alone."""

from duopose.training.loop import trainer


def learned(network, data, loss, folder, steps):
    """Losses of a batch before and after so many steps of it alone."""
    start = sum(loss(network, data).values()).item()
    groups = lambda network: [{"params": list(network.parameters()), "lr": 3e-3}]  # noqa: E731
    judge = lambda net: {"good": -sum(loss(net, data).values()).item()}  # noqa: E731
    task = trainer.Task(network, groups, lambda rng: data, loss, judge)
    trainer.fit(task, trainer.Plan(folder, steps, every=steps, warm_up=5, say=lambda text: None))
    return start, sum(loss(network.train(), data).values()).item()
