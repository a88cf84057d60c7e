"""Names for files beside one that is there already."""

from pathlib import Path


def unused(path):
    """The path or, where it is there, the first of NAME-2, NAME-3, ... that is not."""
    return next(name for name in numbered(path) if not name.exists())


def numbered(path):
    """Yield NAME.mp4, NAME-2.mp4, NAME-3.mp4, ...

    >>> names = numbered("seen.mp4")
    >>> str(next(names)), str(next(names))
    ('seen.mp4', 'seen-2.mp4')
    """
    path = Path(path)
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
