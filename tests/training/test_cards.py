"""Model cards say what the JSON beside them says."""

import json

import pytest

from duopose.stream.errors import UsageError
from duopose.training import cards
from tests.places import ROOT

SHIPPED = sorted((ROOT / "networks").glob("weights_*/*.json"))
RECORD = {
    "network": "duopose.networks.top_down.TopDown",
    "arguments": {"width": 1.75},
    "training": {"command": "duopose train top_down", "data": ["photographs", "rendered"], "commit": "abc1234"},
    "accuracy": {"ap": 0.376, "command": "duopose train top_down --check TOP_DOWN"},
}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_card_of_shipped_weights_is_the_one_their_json_makes(path):
    """After a change of a JSON: duopose train cards FOLDER"""
    assert path.with_suffix(".md").read_text() == cards.card(path.stem, json.loads(path.read_text()))
    assert json.loads(path.read_text())["network"].rpartition(".")[2] in cards.ABOUT


def test_a_card_tells_command_data_commit_licence_and_each_figure_with_its_command():
    text = cards.card("top_down", RECORD)
    for part in (
        "# top_down",
        "duopose.networks.top_down.TopDown(width=1.75)",
        "command: `duopose train top_down`",
        "learned from: photographs; rendered",
        "commit: abc1234",
        "licence: Apache-2.0",
        "`duopose train top_down --check TOP_DOWN`",
        "| ap | 0.376 |",
    ):
        assert part in text


def test_weights_without_figures_say_so():
    assert "Nothing yet." in cards.card("x", RECORD | {"accuracy": {}})


def test_figures_are_added_to_the_json_and_to_the_card(tmp_path):
    (tmp_path / "net.json").write_text(json.dumps(RECORD))
    cards.add_figures(tmp_path / "net", "duopose evaluate people2d", {"human": {"ap": 0.4}})
    cards.add_figures(tmp_path / "net", "duopose evaluate people2d", {"human": {"ap": 0.5}})
    assert json.loads((tmp_path / "net.json").read_text())["accuracy"] == {
        "duopose train top_down --check TOP_DOWN": {"ap": 0.376},
        "duopose evaluate people2d": {"human": {"ap": 0.5}},
    }
    assert "| human: ap | 0.5 |" in (tmp_path / "net.md").read_text()


def test_a_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no weights"):
        cards.main([str(tmp_path)])
