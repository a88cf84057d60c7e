import json
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from duopose.evaluation import video
from duopose.evaluation.ablations import thresholds
from duopose.evaluation.ablations.thresholds import changed
from duopose.evaluation.runs.played import Remembering
from duopose.nodes import tracking
from duopose.nodes.detection import detection
from duopose.nodes.fusion import steady
from duopose.nodes.top_down import top_down
from duopose.stream.errors import UsageError


def test_every_threshold_that_is_listed_is_there_once_and_is_tried_at_other_values():
    tried = list(thresholds.trials())
    assert len(tried) == 2 * len({text for text, *_ in tried})
    for _, module, name, value, _ in tried:
        assert not np.array_equal(value, getattr(module, name)), name


def test_a_threshold_is_changed_in_no_module_that_has_one_of_its_own_with_that_name():
    for text, module, name, value, _ in thresholds.trials():
        own = [m for full, m in sys.modules.items() if full.startswith("duopose.") and f"\n{name} = " in source(m)]
        before = [getattr(m, name) for m in own if m is not module]
        with changed(module, name, value):
            now = [getattr(m, name) for m in own if m is not module]
        assert all(one is other for one, other in zip(before, now, strict=True)), text


@cache
def source(module):
    return Path(module.__file__).read_text() if getattr(module, "__file__", None) else ""


def test_a_threshold_is_changed_where_it_is_imported_too_and_restored():
    before = tracking.ACTIVE
    with changed(tracking, "ACTIVE", 9.0):
        assert (tracking.ACTIVE, top_down.ACTIVE) == (9.0, 9.0)
    assert (before, before) == (tracking.ACTIVE, top_down.ACTIVE)


def test_a_network_is_asked_once_for_what_it_remembers():
    asked = []

    def double(array):
        asked.append(len(array))
        return (2 * array,)

    double.arguments = {}
    network = Remembering(double)
    network.learns = True
    network(np.ones(3))
    network.learns = False
    assert network(np.ones(3))[0].tolist() == [2, 2, 2]
    network(np.zeros(4))
    network(np.zeros(4))
    assert asked == [3, 4, 4]


def test_distances_that_shake_by_a_tenth_are_measured():
    class Scene:
        ids = np.array([7])

        def __init__(self, z):
            self.joints = np.full((1, 17, 3), z)

    assert thresholds.shake([Scene(2.0), Scene(2.2), Scene(2.0)]) == pytest.approx(100 * np.log(1.1))


def test_the_program_plays_a_clip_and_prints_what_changes(monkeypatch, capsys):
    """No score reaches 2: then no track starts, and on stills no box is found."""
    tried = (
        thresholds.Thresholds(tracking, ("CONFIDENT",), steps=(2,)),
        thresholds.Thresholds(steady, ("NOISE",), "fusion"),
        thresholds.Thresholds(detection, ("MIN_SCORE_STILL",), "stills", (2,)),
    )
    monkeypatch.setattr(thresholds, "THRESHOLDS", tried)
    thresholds.main([str(video.RENDERED), "--clips", "crossing", "--step", "12"])
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])
    whole, stills = rows["as it is"], rows["stills as they are"]
    assert whole["found"] > 90
    assert stills["found"] > 90
    assert rows["tracking.CONFIDENT 0.25: 2.25"]["found"] < -10
    assert rows["detection.MIN_SCORE_STILL 0.2: 2.2"]["found"] == -stills["found"]
    assert rows["steady.NOISE 0.08: 0.056"]["found"] == 0
    assert rows["steady.NOISE 0.08: 0.056"]["shake %"] != 0


@pytest.mark.parametrize(
    ("arguments", "complaint"), [(["--clips", "waltz"], "waltz"), (["--only", "tracking.LUCK"], "tracking.LUCK")]
)
def test_what_is_not_there_is_named(arguments, complaint):
    with pytest.raises(UsageError, match=complaint):
        thresholds.main([str(video.RENDERED), *arguments])
