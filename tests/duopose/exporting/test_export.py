"""What `duopose export` does with what it is asked, and what it refuses, in one line."""

import sys

import numpy as np
import pytest

from duopose.command import main
from duopose.exporting.formats import FORMATS
from tests.duopose.exporting.conftest import FIRST, FOUR, LAST, MISSING, ONE
from tests.duopose.exporting.recorded import RATE, walker, write_record
from tests.duopose.exporting.test_formats import read_trc

TIMES = np.arange(20) / RATE


def refused(words, capfd):
    """-> the one line that is said."""
    code = main(["export", *map(str, words)])
    shown = capfd.readouterr()
    assert (code, shown.out, shown.err.count("\n")) == (2, "", 1), shown
    return shown.err


@pytest.fixture
def short(tmp_path):
    path = tmp_path / "short.jsonl"
    write_record(path, {ONE: (0, walker(TIMES), ()), FOUR: (0, walker(TIMES, x=1), range(5, 9))}, len(TIMES))
    return path


def test_a_file_a_person_lies_beside_the_record(short, capfd):
    assert main(["export", str(short), "--to", "trc,csv"]) == 0
    assert sorted(file.name for file in short.parent.iterdir()) == [
        "short.csv", "short.jsonl", "short_person1.trc", "short_person4.trc",
    ]  # fmt: skip
    said = capfd.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said] == [
        str(short.with_name(name)) for name in ("short_person1.trc", "short_person4.trc", "short.csv")
    ]
    assert "1 gaps, 0.13 s" in said[1]


def test_only_those_asked_for(short):
    main(["export", str(short), "--to", "trc,csv", "--person", "4"])
    assert not short.with_name("short_person1.trc").exists()
    ids = [line.split(",")[0] for line in short.with_name("short.csv").read_text().splitlines()[1:]]
    assert set(ids) == {"4"}


def test_what_is_there_is_written_over_only_where_asked(short, capfd):
    there = short.with_name("short_person4.bvh")
    there.write_text("mine")
    said = refused([short, "--to", "csv,bvh"], capfd)
    assert f"{there} is there already" in said
    assert there.read_text() == "mine"
    assert not short.with_name("short.csv").exists()
    assert main(["export", str(short), "--to", "csv,bvh", "--overwrite"]) == 0
    assert there.read_text().startswith("HIERARCHY\n")


def test_gaps_are_filled_as_far_as_asked(record, tmp_path):
    missing = len(MISSING)
    for fill, empty in (("0.2", missing), ("0.4", 0)):
        main(["export", str(record), "--to", "trc", "--person", "4", "--fill", fill, "--out", str(tmp_path / fill)])
        _, _, markers = read_trc(tmp_path / fill / "walk_person4.trc")
        assert np.isnan(markers["pelvis"][:, 0]).sum() == empty
    pelvis = markers["pelvis"][MISSING.start - FIRST - 1 : MISSING.stop - FIRST + 1]
    straight = np.linspace(pelvis[0], pelvis[-1], missing + 2)
    np.testing.assert_allclose(pelvis, straight, atol=0.01)


def test_the_rate_is_that_asked_for_by_media_time(record, tmp_path):
    main(["export", str(record), "--to", "trc", "--rate", "60", "--person", "4", "--out", str(tmp_path)])
    rate, times, markers = read_trc(tmp_path / "walk_person4.trc")
    assert rate == 60
    np.testing.assert_allclose(times, np.arange(2 * FIRST, 2 * LAST + 1) / 60, atol=1e-6)
    main(["export", str(record), "--to", "trc", "--person", "4", "--out", str(tmp_path), "--overwrite"])
    _, _, recorded = read_trc(tmp_path / "walk_person4.trc")
    np.testing.assert_allclose(markers["nose"][::2], recorded["nose"], atol=0.5)


def test_a_stream_with_dropped_frames_keeps_its_time(tmp_path):
    """Every third frame is missing: the file runs at the usual rate, positions are where they were at that time."""
    path, times = tmp_path / "live.jsonl", np.arange(40) / RATE
    joints = walker(times)
    for number in (number for number in range(40) if number % 3):
        write_record(path, {ONE: (number, joints[number : number + 1], ())}, 1, begin=number, header=number == 1)
    main(["export", str(path), "--to", "trc", "--axes", "camera", "--fill", "0.1"])
    rate, found, markers = read_trc(tmp_path / "live_person1.trc")
    assert rate == RATE
    there = np.round(found * RATE).astype(int) + 1
    kept = there[there % 3 > 0]
    assert len(there) == 38
    np.testing.assert_allclose(markers["right_wrist"][there % 3 > 0], 1000 * joints[kept, 16], atol=1)


def test_camera_axes_are_those_of_the_record(short):
    main(["export", str(short), "--to", "trc", "--axes", "camera"])
    _, _, markers = read_trc(short.with_name("short_person1.trc"))
    np.testing.assert_allclose(markers["left_wrist"], 1000 * walker(TIMES)[:, 13], atol=0.5)


def test_the_last_run_is_taken_or_the_one_asked_for(short, capfd):
    write_record(short, {7: (0, walker(TIMES[:5]), ())}, 5)
    assert main(["export", str(short), "--to", "trc"]) == 0
    said = capfd.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said[:-1]] == [str(short.with_name("short_person7.trc"))]
    assert said[-1].startswith("this was the last of 2 runs")
    assert main(["export", str(short), "--to", "trc", "--run", "1"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == 2
    assert "has no run 3: it has 2 runs" in refused([short, "--to", "trc", "--run", "3"], capfd)


def test_a_torn_last_line_costs_its_frame_alone(short):
    content = short.read_bytes()
    short.write_bytes(content[:-200])
    main(["export", str(short), "--to", "trc", "--person", "1"])
    assert len(read_trc(short.with_name("short_person1.trc"))[1]) == len(TIMES) - 1


def test_somebody_seen_in_one_frame_is_a_row(tmp_path):
    path = tmp_path / "one.jsonl"
    write_record(path, {ONE: (0, walker(TIMES), ()), FOUR: (7, walker(TIMES[:1]), ())}, len(TIMES))
    every = [name for name in FORMATS if name != "parquet"]
    assert main(["export", str(path), "--to", ",".join(every), "--smooth", "6"]) == 0
    assert len(read_trc(tmp_path / "one_person4.trc")[1]) == 1


@pytest.fixture
def stills(tmp_path):
    path = tmp_path / "stills.jsonl"
    write_record(path, {ONE: (0, walker(TIMES[:3]), ()), FOUR: (1, walker(TIMES[:1]), ())}, 3, stills=True)
    return path


def test_pictures_that_stand_alone_have_no_time(stills, capfd):
    assert main(["export", str(stills), "--to", "csv,coco"]) == 0
    rows = stills.with_name("stills.csv").read_text().splitlines()
    assert len(rows) == 1 + 3 + 1
    assert float(rows[1].split(",")[10]) == pytest.approx(walker(TIMES)[0, 0, 0], abs=1e-3)  # camera frame
    capfd.readouterr()
    for words in (["--to", "csv,bvh"], ["--to", "csv", "--rate", "5"], ["--to", "csv", "--smooth", "5"],
                  ["--to", "csv", "--fill", "5"], ["--to", "csv", "--axes", "up"]):  # fmt: skip
        assert "pictures that stand alone (--stills)" in refused([stills, *words, "--overwrite"], capfd)


def test_what_is_no_record_or_holds_nobody_is_one_line(tmp_path, short, capfd):
    path = tmp_path / "a.jsonl"
    write_record(path, {}, 3)
    assert "there is nobody in its 3 frames" in refused([path, "--to", "csv"], capfd)
    path.write_bytes(b"")
    assert "holds no frames" in refused([path, "--to", "csv"], capfd)
    path.write_text("words\n")
    assert "a.jsonl:1: not a line of a record" in refused([path, "--to", "csv"], capfd)
    lines = short.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, *lines[1:]]))
    assert "its time is not after that of the frame before" in refused([path, "--to", "csv"], capfd)
    path.write_text("".join([lines[0], lines[1].replace('"id":4', '"id":1')]))
    assert "two people have one identity" in refused([path, "--to", "csv"], capfd)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--to fbx", "'fbx' is no format; there are bvh, glb"),
        ("--to bvh --person 9", "--person 9: there are 1, 4 in"),
        ("--to bvh --person none", "--person"),
        ("--to bvh --rate 0", "--rate"),
        ("--to bvh --rate 1e9", "at most 1000"),
        ("--to bvh --smooth 15", "nothing faster than 15 Hz"),
        ("--to bvh --fill nan", "--fill"),
        ("", "--to"),
    ],
)
def test_what_can_not_be_is_one_line(short, words, said, capfd):
    assert said in refused([short, *words.split()], capfd)


def test_parquet_without_its_package_says_what_to_install(short, capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = refused([short, "--to", "csv,parquet"], capfd)
    assert said == "duopose export: --to parquet: pyarrow is not installed: pip install 'duopose[export]'\n"
    assert not short.with_name("short.csv").exists()


def test_a_folder_that_can_not_be_made_is_one_line(short, capfd):
    assert "short.jsonl" in refused([short, "--to", "csv", "--out", short / "folder"], capfd)


def test_a_page_is_of_the_whole_run_and_may_go_with_other_formats(short, capfd):
    assert main(["export", str(short), "--to", "html,csv"]) == 0
    page = short.with_name("short.html").read_text()
    assert page.startswith("<!doctype html>")
    assert short.with_name("short.csv").exists()
    assert f"{short.with_name('short.html')}: {len(TIMES)} frames" in capfd.readouterr().out
    assert "is there already" in refused([short, "--to", "html"], capfd)
    assert "neither --run nor --person" in refused([short, "--to", "html", "--person", "1", "--overwrite"], capfd)
