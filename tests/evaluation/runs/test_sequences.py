"""What all programs on sets of clips have in common."""

import importlib
import re

import pytest

from duopose.evaluation import jta
from duopose.evaluation.runs import sequences
from duopose.stream.errors import UsageError
from duopose.training.datasets.jta import Jta
from tests.evaluation.copies import crowd, last_line, numbered, record, write_jta

PROGRAMS = ("mupots3d", "jta", "human36m", "threedpw", "panoptic3d")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_folder_that_is_not_the_set_is_named(name, tmp_path):
    with pytest.raises(UsageError, match=re.escape(str(tmp_path))):
        importlib.import_module(f"duopose.evaluation.{name}").main([str(tmp_path)])


def test_a_record_without_a_judged_picture_is_named(tmp_path):
    write_jta(tmp_path, "seq_256", crowd())
    record(tmp_path / "seq_256.jsonl", crowd(10), numbered(10))
    with pytest.raises(UsageError, match=r"seq_256\.jsonl lacks 1 of 2 pictures of seq_256, e\.g\. 00000019"):
        jta.main([str(tmp_path), "--records", str(tmp_path)])


def test_an_unknown_clip_is_named(tmp_path):
    write_jta(tmp_path, "seq_256", crowd(1))
    with pytest.raises(UsageError, match=r"no clip seq_1; it has seq_256"):
        jta.main([str(tmp_path), "--clips", "seq_1"])


def test_only_chosen_clips_are_judged(tmp_path, capsys):
    for name in ("seq_256", "seq_258"):
        write_jta(tmp_path, name, crowd(10))
        record(tmp_path / f"{name}.jsonl", crowd(10), numbered(10))
    jta.main([str(tmp_path), "--records", str(tmp_path), "--clips", "seq_258"])
    assert last_line(capsys)["fused"]["pictures"] == 1


def test_pictures_of_a_clip_lie_in_the_order_of_time(tmp_path):
    write_jta(tmp_path, "seq_256", crowd(11))
    loader = Jta(tmp_path, "test")
    sequences.link(loader, range(11), tmp_path / "links")
    links = sorted((tmp_path / "links").iterdir())
    assert [link.resolve().name for link in links] == [f"{number}.jpg" for number in range(1, 12)]
