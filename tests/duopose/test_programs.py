"""Every program that `duopose` knows explains itself, and says in one line what is wrong with what was typed."""

import shlex
import subprocess
import sys

import pytest

import duopose
from duopose import evaluate, train
from duopose.command import COMMANDS, main
from duopose.running.programs import programs
from tests.places import ROOT

torch = pytest.importorskip("torch")

MOST_LINES, MOST_COLUMNS = 60, 100  # one screen
OF_COMMANDS = {
    "evaluate": programs("duopose.evaluation", evaluate.ELSEWHERE),
    "train": programs("duopose.training", train.ELSEWHERE),
    "bench": programs("duopose.benchmarks"),
    "released": ("import", "verify", "import-hrnet"),
}
PROGRAMS = [f"{command} {name}" for command, names in OF_COMMANDS.items() for name in names] + ["draw", "export"]
CONTENT = [
    f"bench {name}"
    for name in ("cameras", "end_to_end", "kernels", "nodes", "peers", "rtsp", "scaling", "soak", "start", "viewer")
]  # with no arguments they run
RUN_ALONE = ("doctor",)  # commands that take no arguments
RENDERS = "--pack {0} --motion {0} {0}/out"

# What each program is given, {0} being a folder: first one that is not there, then one whose files hold nothing of use.
DATA = {
    "evaluate discriminator": "{0} --weights {0}",
    "evaluate integration": "{0}/val.npz",
    "evaluate mocap": "{0}/val.npz",
    "train all": "--people {0} --out {0}/out",
    "train body_pack": "{0}/out --garments {0}",
    "train bottom_up": "--people {0} --rendered {0} --pretrained {0} --out {0}/out",
    "train branch_pairs": "{0} --out {0}/pairs.npz",
    "train datasets": "muco {0}",
    "train detector": "--people {0} --pretrained {0} --out {0}/out",
    "train discriminator": "--data {0} --out {0}/out",
    "train integration": "--data {0} --pairs {0}/pairs.npz --out {0}/out",
    "train lifting": "--data {0} --out {0}/out",
    "train noisy_student": "{0} --labels {0}/out",
    "train render": RENDERS,
    "train render_clips": RENDERS,
    "train semi_supervised": "--data {0} --records {0}/a.jsonl --start-from {0} --out {0}/out",
    "train top_down": "--coco {0} --pretrained {0} --out {0}/out",
    "train top_down_answers": "--people {0} --out {0}/out",
    **{f"bench {name}": "{0}/clip.mp4" for name in ("cameras", "end_to_end", "nodes", "peers", "scaling", "start")},
    "bench rendering": "--pack {0} --motion {0}",
    "released import": "{0} {0}/out",
    "released verify": "{0} {0}/golden.npz",
    "released import-hrnet": "{0}/net.pth {0}/out",
    "draw": "{0}/a.jsonl --out {0}/scene.png",
    "export": "{0}/a.jsonl --to csv",
}
WITHOUT_DATA = ("bench gpu", "bench kernels", "bench rtsp", "bench soak", "bench viewer")
READ_LATER = ("train all", "train body_pack")  # by the stages; by anny, an extra
FILES = (
    "a.jsonl clip.mp4 clip.json labels_train.json labels_val.json train.npz train_extra.npz val.npz "
    "pairs.npz golden.npz net.pth mupots2d.npz mupots_gt.npz shard_000.npz movenet-multipose.json "
    "movenet-thunder.json set/gt.json hat/hat.mhclo discriminator.json integration.json TS1/annot.mat"
)


def complaint(words, capfd):
    """Run a command that can't be run -> the one line that it says."""
    try:
        code = main(words)
    except SystemExit as end:
        code = end.code
    shown = capfd.readouterr()
    assert (code, shown.out) == (2, ""), shown
    assert shown.err.count("\n") == 1, shown.err
    assert shown.err.startswith("duopose"), shown.err
    return shown.err


def given(program, folder):
    return [*program.split(), *shlex.split(DATA.get(program, "{0}").format(folder))]


@pytest.mark.parametrize("program", ["", *COMMANDS, *PROGRAMS])
def test_a_program_explains_itself_on_one_screen(program, capsys):
    try:
        code = main([*program.split(), "--help"])
    except SystemExit as end:
        code = end.code
    assert code == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: duopose {program}".rstrip())
    assert len(text.splitlines()) <= MOST_LINES
    assert max(map(len, text.splitlines())) <= MOST_COLUMNS


@pytest.mark.parametrize("program", [name for name in (*COMMANDS, *PROGRAMS) if name not in (*CONTENT, *RUN_ALONE)])
def test_a_program_without_arguments_says_what_it_wants(program, capfd):
    complaint(program.split(), capfd)


@pytest.mark.parametrize("program", [*COMMANDS, *PROGRAMS])
def test_an_option_that_is_none_is_one_line(program, capfd):
    complaint([*program.split(), "--bogus"], capfd)


@pytest.mark.parametrize("program", [name for name in PROGRAMS if name not in WITHOUT_DATA])
def test_missing_data_are_named(program, capfd, tmp_path):
    assert "nowhere" in complaint(given(program, tmp_path / "nowhere"), capfd)


@pytest.mark.parametrize("program", [name for name in PROGRAMS if name not in (*WITHOUT_DATA, *READ_LATER)])
def test_data_that_can_not_be_read_are_named(program, capfd, tmp_path):
    for name in FILES.split():
        file = tmp_path / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('{"words": ["no", "data"]}\n')
    assert "data" in complaint(given(program, tmp_path / "data"), capfd)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("evaluate peopel2d", "people2d"),
        ("train mupots3d", "lifting"),
        ("bench gt3d", "end_to_end"),
        ("released gt3d", "import-hrnet"),
        ("evaluat gt3d", "gt3d"),
        ("draw r.jsonl --out a.png --size 0x0", "--size"),
        ("export r.jsonl --to fbx", "r.jsonl"),
        ("train lifting --data . --device gpu", "neither cpu nor cuda"),
        ("train render_clips --pack . --motion . --kind dance out", "crossing"),
    ],
)
def test_what_there_is_no_is_told_with_what_there_is(words, said, capfd):
    assert said in complaint(words.split(), capfd)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
@pytest.mark.parametrize("words", ["demo --headless --device cuda", "bench gpu"])
def test_without_a_card_nothing_is_begun(words, capfd):
    assert "finds no CUDA device" in complaint(words.split(), capfd)


def test_a_dash_may_stand_in_a_name(capfd):
    for name in ("mupots-lifting", "mupots_lifting"):
        assert "folder" in complaint(["evaluate", name], capfd)


def test_libraries_are_no_programs():
    names = {name for names in OF_COMMANDS.values() for name in names}
    assert not {"recipes", "branches", "clips", "rtsp_server", "__main__"} & names


def test_a_source_named_like_a_sub_command_is_reached_as_a_path(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train").mkdir()
    assert "no images in this folder" in complaint(["./train", "--headless"], capfd)


@pytest.mark.parametrize("words", [["--version"], ["train", "cards"]])
def test_three_ways_to_type_it_are_one(words):
    ways = [[sys.executable, "-m", "duopose"], [sys.executable, ROOT / "run_live.py"], [ROOT / ".venv/bin/duopose"]]
    ways = [way for way in ways if way[0] == sys.executable or way[0].exists()]
    ran = [subprocess.run([*way, *words], capture_output=True, text=True, cwd=ROOT) for way in ways]
    assert len({(run.returncode, run.stdout, run.stderr) for run in ran}) == 1
    assert ran[0].returncode == (0 if words == ["--version"] else 2)
    assert words != ["--version"] or ran[0].stdout == f"duopose {duopose.__version__}\n"


def test_a_program_whose_package_is_not_installed_names_it():
    code = (
        "import sys; sys.modules['torch'] = None; import duopose.command as c; sys.exit(c.main(['train', 'lifting']))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (2, "duopose train: torch is not installed: pip install 'duopose[train]'\n")


def test_the_sub_command_is_known_before_anything_is_imported():
    code = (
        "import sys, duopose.command; sys.exit(any(m in sys.modules for m in ('numpy', 'argparse', 'zmq', 'msgspec')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
