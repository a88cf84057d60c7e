"""Graphics cards: none, one that torch does not see, one that it does."""

import pytest

from duopose.examining.findings import Part
from duopose.examining.machine import accelerator
from tests.duopose.examining.looking import look, marks, text


def told(seen, device, trouble=None):
    """What is said where torch has answered this."""
    part = Part("graphics card")
    part.facts = {"torch": "2.6.0", "torch_tensorrt": None, "seen": seen}
    accelerator.tell_torch(part, device, trouble)
    return part


def test_a_machine_without_a_driver_has_nothing_to_mend(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # no nvidia-smi
    if accelerator.shutil.which("nvidia-smi"):
        return
    part = look(accelerator.examine, "cpu", tmp_path)
    assert marks(part) == ["ok"]
    assert part.facts["seen"] is None  # torch was not imported


def test_a_card_that_torch_sees_is_named():
    seen = {"cuda": "12.4", "devices": ["NVIDIA H200"], "backend": "compiled", "trouble": None}
    part = told(seen, "cuda")
    assert "torch 2.6.0 (CUDA 12.4) sees NVIDIA H200" in text(part)
    assert "networks run compiled there" in text(part)
    assert not part.prevents


def test_a_back_end_that_can_not_be_used_is_a_note():
    seen = {
        "cuda": "12.4",
        "devices": ["NVIDIA H200"],
        "backend": "compiled",
        "trouble": "torch-tensorrt can't be used",
    }
    part = told(seen, "cuda")
    assert "torch-tensorrt can't be used" in text(part)
    assert not part.prevents


@pytest.mark.parametrize(("device", "prevents"), [("cpu", False), ("cuda", True)])
@pytest.mark.parametrize(
    ("seen", "trouble", "why"),
    [
        ({"cuda": None, "devices": []}, None, "it was built without CUDA"),
        ({"cuda": "12.4", "devices": []}, None, "it finds no device"),
        (None, "it did not end in 20 s", "it did not end in 20 s"),
    ],
)
def test_a_card_that_torch_does_not_see_prevents_a_run_on_it_only(seen, trouble, why, device, prevents):
    part = told(seen, device, trouble=trouble)
    assert part.prevents == prevents
    assert why in text(part)
    assert part.findings[0].remedy
