"""What the judge of several streams says of runs that were well and of those that were not."""

import pytest

from duopose.benchmarks.parts.live_run import Seen
from duopose.benchmarks.several import judging
from duopose.benchmarks.several.faults import Found, Part

NAMES = ("door", "yard", "gate")
PARTS = [
    Part("alone", 0.0, 20.0, ("door",)),
    Part("all", 20.0, 40.0, NAMES),
    Part("yard killed", 40.0, 50.0, ("door", "gate")),
    Part("all again", 50.0, 70.0, NAMES),
    Part("gate frozen", 70.0, 80.0, ("door", "yard")),
    Part("all at the end", 80.0, 100.0, NAMES),
]


def scenes(camera, slower=1.0, late=0.0, without=()):
    """As many as there would be if 12 a second were shared by those that are up."""
    found, number = [], 0
    for part in PARTS:
        if camera in part.up:
            every = len(part.up) / 12 * (1.0 if len(part.up) == 1 else slower)
            count = int((part.end - part.begin) / every)
            for place in range(count):
                at = part.begin + every * place
                seen = Seen(at, at - 0.1, at, 0.1 + late * (part.name == "all at the end"), number + place, {}, camera)
                found += [seen] * (seen.number not in without)
            number += count
    return found


def judged(code=0, back=3.0, **given):
    each = {name: scenes(name, **given.get(name, {})) for name in NAMES}
    found = Found(PARTS, each, {"yard": back, "gate": 2.0}, "", code)
    return judging.wrong(judging.figures(found), found, 12)


def test_cameras_that_share_fairly_are_well():
    assert judged() == []
    assert judged(yard={"without": [100, 101]}) == []  # of the one whose server was killed


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"code": 1}, "the run has ended with 1"),
        ({"back": None}, "yard did not come back"),
        ({"door": {"without": [500]}}, "door: 1 frames were lost"),
        ({"door": {"late": 0.4}}, "door: latency (95 %) was 100 ms, at the end 500 ms"),
        ({"gate": {"slower": 1.5}}, "all: one has 26% more or less than the mean"),
        ({name: {"slower": 1.3} for name in NAMES}, "all together have"),
        ({"yard": {"late": 6.0}}, "yard: a frame took 6100 ms"),
    ],
)
def test_what_is_wrong_is_named(how, said):
    lines = judged(**how)
    assert any(line.startswith(said) for line in lines), lines
