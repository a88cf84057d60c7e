"""Publishing where weights are already: they give way to better ones only."""


def add_option(parser):
    parser.add_argument(
        "--replace", action="store_true", help="publish even where held-out data find no better weights"
    )


def replaces(new, old, where):
    """Whether new weights are published; where they are not, a line says so.

    new, old   figures of both by the same held-out data, as Task's `judge` gives them: the first shall grow. Of the old
               ones None where there are none, or where nobody asked (--replace)
    where      they would be published
    """
    if old is None or first(new) > first(old):
        return True
    print(
        f"{first(new):.5g} on held-out data, {first(old):.5g} before: no better, the weights in {where} stay",
        flush=True,
    )
    return False


def first(figures):
    """
    >>> first({"true guides": {"quality": 0.5, "recall": 0.7}, "none": {"quality": 0.4}})
    0.5
    """
    value = next(iter(figures.values()))
    return first(value) if isinstance(value, dict) else value
