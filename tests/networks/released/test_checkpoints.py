"""The authors' networks, imported from checkpoints like theirs, give what the authors' own code gave."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from duopose.command import main
from duopose.networks import weights
from duopose.networks.released import verify
from duopose.networks.released.checkpoints import NETWORKS, load, renamed
from tests.networks.released import golden as released
from tests.networks.released.golden import FOLDERS, GOLDEN, LAYOUT
from tests.places import ROOT
from tests.waiting import LONG

CHECKPOINTS = {"trans": ("linear/", "trans/")}  # that one network of ours is filled from


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("ckpts")
    released.write(path)
    return path


def test_every_network_gives_what_the_authors_code_gives(folder, capsys):
    assert main(["released", "verify", str(folder), str(GOLDEN)]) == 0
    errors = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(errors) == ["gcn", "tcn", "root", "inte", "trans", "adapt", "btmup"]
    assert max(errors.values()) <= 1e-4


def test_weights_that_were_written_and_read_again_give_the_same(folder, tmp_path):
    """Through the command line, as a program of its own."""
    words = [sys.executable, "-m", "duopose", "released", "import", str(folder), str(tmp_path / "weights")]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=LONG)
    assert run.returncode == 0, run.stderr
    golden = verify.read_golden(GOLDEN)
    for short in ("gcn", "tcn", "root", "inte", "trans", "adapt"):
        network = weights.read(tmp_path / "weights" / NETWORKS[short].name)
        assert verify.error(short, network, *golden[short]) <= 1e-4, short
    record = json.loads((tmp_path / "weights/transform.json").read_text())
    assert len(record["training"]["files"]) == 2
    assert (tmp_path / "weights/bottom_up.safetensors").stat().st_size > 4 * 28e6  # float32


def test_another_weight_gives_another_output(folder):
    golden = verify.read_golden(GOLDEN)
    for short in ("gcn", "root", "inte", "trans", "adapt"):
        network = NETWORKS[short].make().eval()
        assert verify.error(short, network, *golden[short]) > 1e-2, short


@pytest.mark.parametrize("short", list(NETWORKS))
def test_each_tensor_of_a_checkpoint_has_one_place(short):
    network = NETWORKS[short].make()
    found = {renamed(key, network.NAMES): list(value.shape) for key, value in network.state_dict().items()}
    wanted = {}
    for prefix in CHECKPOINTS.get(short, ("",)):
        wanted |= {prefix + key: shape for key, (shape, _) in LAYOUT[prefix.rstrip("/") or short].items()}
    assert found == wanted


def test_the_adaptation_net_may_lie_in_a_folder_of_another_name(tmp_path):
    released.write(tmp_path, ["adapt"])
    (tmp_path / "model_adapt").rename(tmp_path / "model_adaptation")
    network, files = load("adapt", tmp_path)
    assert verify.error("adapt", network, *verify.read_golden(GOLDEN)["adapt"]) <= 1e-4
    assert files[0].parent.name == "model_adaptation"


FLAWS = {
    "folder": "model_inte",
    "list": "checkpoint",
    "escape": "names",
    "file": "No such file",
    "damaged": "can't be read",
    "pickle": "can't be read",
    "missing": "fc3.fc.weight is missing",
    "shape": "fc3.fc.weight should be [512, 512], is [5, 512]",
    "unknown": "fc9.fc.weight has no place",
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_what_does_not_fit_is_one_clear_line(folder, tmp_path, capfd, flaw):
    """All folders as they should be, but for model_inte."""
    for part in {path.partition("/")[0] for path in FOLDERS.values()} - {"model_inte"}:
        (tmp_path / part).symlink_to(folder / part)
    state, place = released.state("inte"), tmp_path / "model_inte"
    if flaw != "folder":
        place.mkdir()
    if flaw == "missing":
        del state["fc3.fc.weight"]
    if flaw == "shape":
        state["fc3.fc.weight"] = state["fc3.fc.weight"][:5]
    if flaw == "unknown":
        state["fc9.fc.weight"] = torch.zeros(1)
    if flaw not in ("folder", "list"):
        (place / "checkpoint").write_text("../model_tcn/99_12345.pth" if flaw == "escape" else "0.pth\n")
    if flaw not in ("folder", "list", "file"):
        torch.save(ROOT if flaw == "pickle" else state, place / "0.pth", _use_new_zipfile_serialization=False)
    if flaw == "damaged":
        (place / "0.pth").write_bytes((place / "0.pth").read_bytes()[:500])
    assert main(["released", "import", str(tmp_path), str(tmp_path / "out")]) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert FLAWS[flaw].replace("names", "it should name") in shown.err
    assert "model_inte" in shown.err
    assert not (tmp_path / "out").exists()


def test_golden_outputs_of_another_network_are_too_far_off(folder, tmp_path, capsys):
    with np.load(GOLDEN) as arrays:
        changed = dict(arrays)
    changed["inte/out_depths"] = changed["inte/out_depths"] + 1e-2
    np.savez(tmp_path / "golden.npz", **changed)
    assert main(["released", "verify", str(folder), str(tmp_path / "golden.npz")]) == 1
    errors = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [short for short, off in errors.items() if off > 1e-4] == ["inte"]
