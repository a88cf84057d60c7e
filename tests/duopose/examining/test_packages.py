"""Packages that are there, that are missing, and that do not fit; and what a broken install does to the report."""

import re
import tomllib

from packaging.requirements import Requirement

from duopose.examining import packages
from duopose.examining.findings import Part, examined
from tests.duopose.examining.looking import look, marks, text
from tests.places import ROOT


def test_every_package_and_extra_of_the_project_is_told():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    part = look(packages.examine)
    required = {Requirement(line).name for line in project["dependencies"]}
    assert required <= set(part.facts["packages"])
    assert set(part.facts["extras"]) == set(project["optional-dependencies"]) == set(packages.EXTRAS)
    assert part.facts["packages"]["numpy"]
    assert not part.prevents


def examined_with(lines, **versions):
    part = Part("packages")
    required, extras = packages.sorted_out(map(Requirement, lines))
    part.facts["packages"] = versions
    packages.tell_required(part, required)
    packages.tell_extras(part, extras)
    return part


def test_a_missing_package_prevents_a_run_and_names_the_remedy():
    part = examined_with(["numpy>=2", "pyzmq>=26"], numpy="2.1", pyzmq=None)
    assert part.prevents
    assert "-> pip install pyzmq" in text(part)


def test_a_version_that_does_not_fit_is_a_note():
    part = examined_with(["numpy<2.6,>=2"], numpy="1.26.4")
    assert marks(part) == ["ok", "note"]
    assert "pip install 'numpy<2.6,>=2'" in text(part)


def test_a_missing_extra_is_told_with_what_it_is_for():
    part = examined_with(['torch>=2.5; extra == "cuda"', 'anny>=0.6; extra == "bodies"'], torch="2.6", anny=None)
    assert part.facts["extras"] == {"cuda": True, "bodies": False}
    assert "extras that are not there: bodies (duopose train body_pack)" in text(part)


def test_what_can_not_be_looked_at_is_told_and_the_others_go_on():
    def broken(part):
        part.good("half of it")
        raise ModuleNotFoundError("No module named 'zmq'")

    part = examined("room", broken)
    assert marks(part) == ["ok", "problem"]
    assert part.prevents  # a run needs the same
    assert re.search("could not be looked at: .* 'zmq'", text(part))


def test_paths_in_the_home_folder_are_shortened(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    part = Part("room")
    part.facts = {"folder": "/home/ada/clips", "others": ["/home/adam/clips"]}
    part.problem("no room in /home/ada/clips", "free some in /home/ada/clips")
    assert "/home/ada/" not in text(part)
    assert part.as_json()["folder"] == "~/clips"
    assert part.as_json()["others"] == ["/home/adam/clips"]
    assert part.as_json()["findings"][0]["remedy"] == "free some in ~/clips"
