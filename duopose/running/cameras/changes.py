"""What is new in a file of cameras that is read again: for one run (rereading.py) and for a fleet."""

from typing import NamedTuple


class Change(NamedTuple):
    """What is new in a file of cameras. A camera that is asked for otherwise than before is removed and added."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    renamed: dict[str, str]  # old name: new name, of cameras that are otherwise as they were

    def told(self):
        """
        >>> Change(("a",), (), {"b": "c"}).told()
        'the file was read again: removed a; b is now c'
        """
        lists = (("removed", self.removed), ("added", self.added))
        parts = [f"{word} {', '.join(names)}" for word, names in lists if names]
        parts += [f"{old} is now {new}" for old, new in self.renamed.items()]
        return f"the file was read again: {'; '.join(parts) or 'nothing has changed'}"


def changes(before, after):
    """Two {name: what is asked of the camera} -> Change.

    >>> changes({"a": 1, "b": 2}, {"c": 1, "b": 3})
    Change(removed=('b',), added=('b',), renamed={'a': 'c'})
    """
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    renamed = {}
    for old in gone:
        same = next((name for name in new if after[name] == before[old] and name not in renamed.values()), None)
        if same is not None:
            renamed[old] = same
    other = [name for name in after if name in before and after[name] != before[name]]
    return Change(
        removed=tuple(name for name in [*gone, *other] if name not in renamed),
        added=tuple(name for name in [*new, *other] if name not in renamed.values()),
        renamed=renamed,
    )


def refused(error):
    """The line for a file that is wrong."""
    return f"{' '.join(str(error).split())}; the cameras go on as before"
