"""Recipes: the tables fit the programs that they call, and a chain goes on where it was broken off."""

import argparse
import json
from pathlib import Path

import pytest

from duopose.command import main
from duopose.nodes.profile import Profile
from duopose.stream.errors import UsageError
from duopose.training import all as chain
from duopose.training.recipes import DEMO, RECIPES, Stage

EVERYTHING = {name.replace("-", "_"): f"/data/{name}" for name in chain.DATA}
KNOWN = EVERYTHING | {"out": "/out", "weights": "/out/weights", "cores": 2, "device": "cpu"}
STAGES = [pytest.param(stage, id=f"{name}: {stage.name}") for name, recipe in RECIPES.items() for stage in recipe]


class Parsed(Exception):
    """Raised where a program has understood its command line, with what it hands on."""


def parsed(words, monkeypatch):
    """Let `duopose` go as far as its command line is understood -> the words that it hands on to the live run."""
    parse = argparse.ArgumentParser.parse_known_args

    def stop(self, args=None, namespace=None):
        raise Parsed(parse(self, args, namespace)[1])

    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_known_args", stop)
        patch.setattr(Path, "exists", lambda path: True)  # the data are there
        with pytest.raises(Parsed) as end:
            main(words)
    return end.value.args[0]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_calls_a_program_that_understands_it(stage, monkeypatch):
    for quick in (False, True) if stage.quick is not None else (False,):
        words = chain.command(stage, KNOWN, quick)
        handed_on = parsed(words, monkeypatch)
        if words[0] == "evaluate" and handed_on:
            handed_on = parsed(["demo", *handed_on], monkeypatch)
        assert handed_on == []


@pytest.mark.parametrize("recipe", [name for name, stages in RECIPES.items() if DEMO in stages])
def test_a_recipe_makes_every_network_that_a_run_needs(recipe):
    published = {word for stage in RECIPES[recipe] for word in stage.words.split() if word.startswith("{weights}/")}
    alone = {word.removeprefix("{weights}/") for word in published}
    together = {"lifting": {"gcn", "joint_tcn", "root_tcn"}, "integration": {"integration"}}
    names = {stage.name.removeprefix("publish ") for stage in RECIPES[recipe]}
    assert set(Profile.networks) <= alone.union(*(together[name] for name in names & set(together)))


def test_names_of_stages_are_unique():
    for recipe in RECIPES.values():
        assert len({stage.name for stage in recipe}) == len(recipe)


def test_a_missing_folder_is_named_with_the_stage_that_needs_it():
    folders = {name: folder for name, folder in EVERYTHING.items() if name != "people"}
    with pytest.raises(ValueError, match=r"--people \("):
        chain.chosen(RECIPES["lite"], folders, quick=False)


def test_evaluations_without_data_and_long_ones_of_a_quick_run_are_left_out():
    stages = [
        Stage("a", "{people}"),
        Stage("b", "{gt3d}", optional=True),
        Stage("c", "", quick=None),
        Stage("d", "", optional=True, only_with="unlabelled"),
    ]
    assert [stage.name for stage in chain.chosen(stages, {"people": "p"}, quick=False)] == ["a", "c"]
    assert [stage.name for stage in chain.chosen(stages, {"people": "p", "gt3d": "g"}, quick=True)] == ["a", "b"]


def test_more_data_are_used_where_their_folders_are_named():
    (stage,) = (stage for stage in RECIPES["full"] if stage.name == "lifting")
    known = {name: folder for name, folder in KNOWN.items() if name not in ("human36m", "jta")}
    chain.chosen([stage], known, quick=False)  # it runs without them
    words = [chain.command(stage, folders, True) for folders in (known, known | {"jta": "/games"}, KNOWN)]
    assert [[word in few for word in ("--muco", "--jta", "--human36m")] for few in words] == [
        [True, False, False], [True, True, False], [True, True, True],
    ]  # fmt: skip
    assert words[1][words[1].index("--jta") + 1] == "/games"


@pytest.mark.parametrize(("recipe", "other"), [("jta", "human36m"), ("human36m", "jta")])
def test_the_networks_of_tables_4_and_7_see_no_other_people_in_3d(recipe, other):
    for stage in RECIPES[recipe]:
        words = chain.command(stage, KNOWN, False)
        if stage.name in ("top_down", "bottom_up", "lifting"):
            assert f"--{recipe}" in words
            assert not {"--data", "--coco", "--muco", "--mpi-inf-3dhp", f"--{other}"} & set(words)


@pytest.mark.parametrize("recipe", [name for name, stages in RECIPES.items() if DEMO in stages])
def test_what_fine_tuning_replaces_is_what_it_started_from_and_is_judged_against(recipe):
    (stage,) = (stage for stage in RECIPES[recipe] if stage.name == "publish semi_supervised")
    words = chain.command(stage, KNOWN, False)
    assert words[words.index("--start-from") + 1] == words[words.index("--publish") + 1] == KNOWN["weights"]
    assert "--replace" not in [word for other in RECIPES[recipe] for word in chain.command(other, KNOWN, False)]


def test_a_recipe_names_the_data_that_it_also_needs(tmp_path):
    with pytest.raises(UsageError, match="recipe lite also needs --"):
        chain.main(["--people", str(tmp_path), "--out", str(tmp_path / "out")])


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A recipe of real programs that take no time: the cards of a weight file, twice."""
    folder = tmp_path / "out/weights"
    folder.mkdir(parents=True)
    (folder / "net.json").write_text(
        json.dumps({"network": "duopose.networks.gcn.GCN", "arguments": {}, "training": {}})
    )
    (tmp_path / "out/demo.jsonl").write_text('{"frame": 0, "people": [1, 2]}\n{"frame": 1, "people": []}\n')
    stages = [
        Stage("first", "train cards {weights}"),
        Stage("second", "train cards {weights}", measures="net"),
    ]
    monkeypatch.setitem(RECIPES, "lite", stages)
    return tmp_path / "out"


def test_a_chain_runs_its_stages_once_and_notes_what_was_measured(toy, capfd):
    chain.main(["--out", str(toy)])
    said = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert said["weights"] == str(toy / "weights")
    assert (said["demo_frames"], said["demo_people"]) == (2, 2)
    record = json.loads((toy / "weights/net.json").read_text())
    assert record["accuracy"] == {"duopose train cards WEIGHTS": {"cards": ["net"]}}
    assert "duopose train cards WEIGHTS" in (toy / "weights/net.md").read_text()
    (toy / "weights/net.md").unlink()
    chain.main(["--out", str(toy)])
    assert not (toy / "weights/net.md").exists()  # nothing was done again


def test_a_broken_chain_goes_on_where_it_broke(toy, capfd):
    record = (toy / "weights/net.json").rename(toy / "net.json")
    with pytest.raises(SystemExit) as end:
        chain.main(["--out", str(toy)])
    assert end.value.code == 1
    assert "first ended with code 2" in capfd.readouterr().err
    record.rename(toy / "weights/net.json")
    chain.main(["--out", str(toy)])
    assert sorted(path.stem for path in (toy / "stages").iterdir()) == ["first", "second"]


def test_what_comes_after_a_stage_that_was_run_is_run_again(toy):
    chain.main(["--out", str(toy)])
    before = (toy / "stages/second.json").stat().st_mtime_ns
    (toy / "stages/first.json").unlink()
    chain.main(["--out", str(toy)])
    assert (toy / "stages/second.json").stat().st_mtime_ns > before


def test_another_command_is_done_again(toy, monkeypatch):
    chain.main(["--out", str(toy)])
    before = (toy / "stages/first.json").stat().st_mtime_ns
    monkeypatch.setitem(RECIPES, "lite", [Stage("first", "train cards {weights}/.")])
    chain.main(["--out", str(toy)])
    assert (toy / "stages/first.json").stat().st_mtime_ns > before
