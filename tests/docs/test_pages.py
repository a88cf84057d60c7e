"""The documents speak of what is there."""

import re

import pytest

from duopose import evaluate, train
from duopose.exporting.formats import FORMATS
from duopose.running.programs import programs
from duopose.stream.graph import NODES
from duopose.stream.skeleton import BODY17
from duopose.stream.topics import TOPICS
from tests.places import ROOT

DOCS = ROOT / "docs"


def test_every_page_has_its_place_in_the_index():
    trees = re.findall(r"```{toctree}\n(.*?)```", (DOCS / "index.md").read_text(), re.DOTALL)
    listed = {line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")}
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= listed


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


def test_the_page_of_data_sets_tells_of_each_and_of_programs():
    text = (DOCS / "datasets.md").read_text()
    for set_ in ("COCO 2017", "MuCo-3DHP", "MPI-INF-3DHP", "MuPoTS-3D", "Human3.6M", "3DPW", "JTA", "CMU Panoptic"):
        assert f"| {set_}" in text
    assert len(re.findall(r"duopose (train|evaluate) [a-z]", text)) >= 6


def test_each_promise_names_a_test_that_there_is():
    promises = [line for line in (DOCS / "reliability.md").read_text().splitlines() if line.startswith("| ")]
    named = [name for line in promises for name in re.findall(r"`([\w/]+\.py)::(\w+)`", line)]
    assert len(named) > 30
    for file, test in named:
        assert f"def {test}(" in (ROOT / "tests" / file).read_text(), f"{file}::{test}"


def test_the_page_of_exports_has_a_row_for_each_format():
    assert re.findall(r"^\| `(\w+)` \|", (DOCS / "export.md").read_text(), re.MULTILINE) == list(FORMATS)


PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((ROOT / "networks").glob("weights_*/*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_programs_that_exist(page):
    known = {
        "train": programs("duopose.training", train.ELSEWHERE),
        "evaluate": programs("duopose.evaluation", evaluate.ELSEWHERE),
        "bench": programs("duopose.benchmarks"),
    }
    for command, name in re.findall(r"duopose (train|evaluate|bench) ([a-z][\w-]*)", page.read_text()):
        assert name.replace("-", "_") in known[command]
