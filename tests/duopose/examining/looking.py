"""What a subject says of a machine, for tests."""

from duopose.examining.findings import Part


def marks(part):
    return [finding.mark for finding in part.findings]


def look(examine, *words, **more):
    """-> the part, filled. Each note and problem that names a fault says what to do."""
    part = Part("subject")
    examine(part, *words, **more)
    return part


def text(part):
    """All that people read, in one line."""
    return " ".join(" ".join(part.lines()).split())
