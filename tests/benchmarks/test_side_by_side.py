"""Each benchmark in its shortest form: it runs, and its last line is the JSON of its table."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest

from duopose.benchmarks import clips, end_to_end, gpu, nodes, peers, scaling, start
from duopose.benchmarks.parts import accuracy, options, people, runs, watched
from duopose.evaluation.runs.tables import plain
from duopose.stream.errors import UsageError

torch = pytest.importorskip("torch")

SIZE = "320x180"


@pytest.fixture(autouse=True)
def _all_cores(monkeypatch):
    for program in (nodes, scaling):
        monkeypatch.setattr(program, "one_core", lambda: None)  # the other tests want the others
    monkeypatch.setenv(options.VARIABLE, "")  # so that it is put back afterwards, whatever a program sets
    monkeypatch.delenv(options.VARIABLE)


def told(capfd, program, *words):
    """Run it -> what its last line says."""
    program.main([*words])
    return json.loads(capfd.readouterr().out.splitlines()[-1])


@pytest.fixture(scope="module")
def whole():
    """The table of a short end_to_end, and {name of a clip: its last Run}: a start of the whole program is dear."""
    played, run, said = {}, runs.run, io.StringIO()

    def noted(source, *words, **how):
        played[Path(source).name] = run(source, *words, **how)
        return played[Path(source).name]

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setenv(options.VARIABLE, "")
        patch.delenv(options.VARIABLE)
        patch.setattr(runs, "run", noted)
        words = ("--people", "1", "--sizes", SIZE, "--paces", "every frame", "--frames", "24", "--isa", "avx2")
        end_to_end.main([*words])
    return json.loads(said.getvalue().splitlines()[-1]), played


def test_the_whole_program_by_people_size_and_pace(whole):
    rows, _ = whole
    row = rows[f"1 person, {SIZE}, every frame"]
    assert row["people"] == pytest.approx(1, abs=0.3)
    assert min(row["fps"], row["p95_ms"], row["mb"]) > 0
    assert np.isfinite(row["cpu_ms"])  # of so few frames the start, which is taken off, may have cost more
    assert row["backend"] == "OpenVINO f32, OpenVINO int8"  # an older CPU has no bf16
    assert rows["machine"]["isa"] == "avx2"


def test_what_each_node_and_network_takes(capfd, tmp_path):
    words = ("--people", "2", "--size", SIZE, "--frames", "6", "--plot", str(tmp_path / "nodes.png"))
    rows = told(capfd, nodes, *words)
    ms = {name.removeprefix("2 people: "): row.get("ms") for name, row in rows.items()}
    assert ms["frame"] >= sum(ms[node] for node in watched.NODES)
    for node, networks in nodes.INSIDE.items():
        parts = sum(ms[f"  {name}"] for name in networks) + ms[f"  rest of {node}"]
        assert parts == pytest.approx(ms[node], abs=1e-3)
    assert rows["2 people:   bottom_up"]["calls"] == 1
    assert rows["2 people:   top_down"]["rows"] > 0.5
    assert (tmp_path / "nodes.png").read_bytes().startswith(b"\x89PNG")


def test_a_person_more_and_a_pixel_more(capfd):
    rows = told(capfd, scaling, "--people", "0", "2", "--at", SIZE, "--sizes", SIZE, "640x360", "--frames", "4")
    assert rows["2 people"]["people"] > rows["0 people"]["people"]
    assert rows["a person"]["ms"] > 0
    assert rows["a megapixel"]["ms"] is not None


def test_from_the_command_to_the_first_pose(whole, capfd, monkeypatch):
    """Of a run that end_to_end has made."""
    monkeypatch.setattr(runs, "run", lambda source, environment: whole[1][Path(source).name])
    rows = told(capfd, start, "--kinds", "warm", "--times", "1")
    assert rows["warm"]["least"] == rows["warm"]["s"] == rows["warm"]["most"] > 0


def test_files_can_be_forgotten(monkeypatch, tmp_path):
    (tmp_path / "a.py").write_text("pass")
    monkeypatch.setattr(start.sysconfig, "get_path", lambda name: str(tmp_path))
    assert start.forget_files() > 50


def test_beside_others(whole, capfd, tmp_path, monkeypatch):
    """It asks for the runs that end_to_end has made."""
    monkeypatch.setattr(runs, "run", lambda source, *words: whole[1][Path(source).name])
    scores = {"human": {"ap": 0.5, "pck": 0.25}, "human: MoveNet": {"ap": 0.4, "pck": 0.2}}
    (tmp_path / "printed.txt").write_text(f"a table\n{json.dumps(scores)}\n")
    words = ("--people", "1", "--size", SIZE, "--frames", "24", "--rounds", "1")
    rows = told(capfd, peers, *words, "--accuracy", str(tmp_path / "printed.txt"))
    row = rows["1 person: Duopose"]
    assert (row["oks_ap"], row["pck"], row["ratio"]) == (0.5, 0.25, None)
    assert row["ms_a_person"] == pytest.approx(1000 / row["fps"] / row["people"], rel=1e-3)


def test_the_ratio_is_that_of_the_same_round():
    from duopose.benchmarks.parts.peers import Pass

    ours, theirs = ([Pass(fps, 2.0, 50.0) for fps in rates] for rates in ((10, 30, 20), (20, 30, 10)))
    assert peers.row(ours, theirs) == {"fps": 20, "people": 2.0, "ms_a_person": 25.0, "cpu_ms": 50.0, "ratio": 1.0}


def test_what_is_no_table_of_people2d_is_one_line(tmp_path):
    (tmp_path / "printed.txt").write_text('{"seven sets": {}}\n')
    with pytest.raises(UsageError, match=r"printed\.txt"):
        accuracy.printed(tmp_path / "printed.txt")


def test_landmarks_become_a_person():
    from duopose.benchmarks.parts.mediapipe_peer import person

    marks = [[float(mark), 2.0 * mark, 0.5] for mark in range(33)]
    found = person(marks)
    assert found.coco.shape == (1, 17, 3)
    assert found.boxes.tolist() == [[0.0, 0.0, 28.0, 56.0]]  # nose to ankle
    assert len(person(None).ids) == 0


def test_a_network_of_torch_is_run_by_openvino():
    from duopose.benchmarks.parts.peers import OpenVinoTwin

    class Heads(torch.nn.Module):
        def forward(self, pictures):
            return {"sum": pictures + 1, "half": pictures / 2}

    pictures = torch.rand(2, 3, 8, 8)
    found = OpenVinoTwin(Heads())(pictures)
    assert list(found) == ["sum", "half"]
    np.testing.assert_allclose(found["half"], pictures / 2)


def test_what_is_for_a_card_runs_on_a_cpu_too(capfd):
    rows = told(capfd, gpu, "--device", "cpu", "--quick")
    assert all(value > 0 for row in rows.values() for value in row.values() if isinstance(value, float))
    assert rows["backend"] == {"eager f32": "torch cpu"}
    assert rows["top_down, batch 1"]["eager f32"] > rows["gcn, batch 1"]["eager f32"]
    assert rows["chain, 1 person"]["eager f32"] > 0


# ---- what they share


@pytest.mark.parametrize("number", [0, 1, 3, 4, 10])
def test_there_are_clips_of_any_number_of_people(number):
    images, how = people.composed(number)
    assert len(images) == len(clips.pictures(people.DEMO))
    assert ("side by side" in how) == (number not in (0, people.SHOWS))
    assert clips.filled(images[0], 128, 72).shape == (72, 128, 3)


def test_a_clip_of_the_user_takes_the_place_of_a_composed_one(tmp_path):
    path = tmp_path / "four.mp4"
    clips.write(path, [np.full((64, 96, 3), 90, np.uint8)] * 3, 30)

    def asked(*words):
        parser = end_to_end.Parser(end_to_end.__doc__)
        people.add_options(parser, (1, 4))
        return people.sources(parser.parse_args(words))

    shown, said = asked(f"4={path}")
    assert [len(shown["4 people"]), len(said)] == [3, 1]
    shown, said = asked(str(path))
    assert (list(shown), said) == (["four.mp4"], [])


@pytest.mark.parametrize(("isa", "said"), [("SSE41", "can't compile"), ("mmx", "there are avx")])
def test_a_kind_of_cpu_that_can_not_be_is_one_line(isa, said):
    with pytest.raises(UsageError, match=said):
        nodes.main(["--isa", isa])


@pytest.mark.parametrize("plot", ["nowhere/a.png", "a.jpg"])
def test_a_picture_that_can_not_be_written_is_told_before_anything_runs(plot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=plot):
        nodes.main(["--plot", plot])


def test_an_overload_is_judged_by_what_grows():
    from duopose.benchmarks.parts.live_run import Seen
    from duopose.benchmarks.parts.overload import judge

    def seen(grows):
        return [Seen(n / 10, n / 10, n / 10, 0.1 + n * grows, n, {}) for n in range(1000)]

    sizes, counters = [(s, 900.0) for s in range(100)], {"duopose_frames_dropped": {"slow": 2000.0}}
    steady = judge(seen(0), sizes, counters, 3)
    assert (steady["grows"], steady["dropped"], steady["latency_p95_ms"]["last"]) == (False, 2000, 100.0)
    assert judge(seen(1e-3), sizes, counters, 3)["grows"]
    assert judge(seen(0), [(s, 900 + 9 * s) for s in range(100)], counters, 3)["grows"]


def test_the_machine_is_named():
    assert plain(options.machine())["cores"] >= 1
