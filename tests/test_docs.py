"""The documents speak of what is there."""

from pathlib import Path

from stream.graph import NODES
from stream.skeleton import BODY17
from stream.topics import TOPICS

DOCS = Path(__file__).parents[1] / "docs"


def test_architecture_tells_of_every_node_and_what_goes_in_and_out():
    lines = (DOCS / "architecture.md").read_text().splitlines()
    rows = [[cell.replace("`", "").strip() for cell in line.split("|")] for line in lines if line.startswith("| `")]
    told = {name: (takes, gives) for _, name, takes, gives, *_ in rows}
    assert told == {node.name: (", ".join(node.inputs), ", ".join(node.outputs)) for node in NODES}


def test_architecture_tells_of_every_topic():
    text = (DOCS / "architecture.md").read_text()
    assert [name for name in TOPICS if name not in text] == []


def test_conventions_number_the_joints_as_the_code_does():
    text = (DOCS / "conventions.md").read_text()
    for place, name in ((0, "pelvis"), (7, "spine"), (8, "thorax"), (9, "nose"), (10, "head top")):
        assert f"{place} {name}" in text
        assert BODY17[place] == name.replace(" ", "_")
    for first, name in ((1, "right_hip"), (4, "left_hip"), (11, "left_shoulder"), (14, "right_shoulder")):
        assert f"{first}-{first + 2}" in text
        assert BODY17[first] == name
