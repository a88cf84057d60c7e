"""Several streams in one run: one server is killed, one is frozen, and nobody else notices."""

from contextlib import ExitStack

import pytest

from duopose.benchmarks.several import judging
from duopose.benchmarks.several.faults import Run
from tests.chaos.helpers import RATE, VARIES, serving, slowness, write_stream

SECONDS = 40.0  # with what it takes to start, to come and to come back again


@pytest.mark.slow
def test_cameras_that_come_fail_and_come_back_cost_the_others_no_frame(tmp_path):
    stream = write_stream(tmp_path / "camera.h264")
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(stream)) for name in ("door", "yard", "gate")}
        found = Run(servers, SECONDS, tmp_path).play()
    told = judging.figures(found)
    print("\n".join(judging.lines(told)))
    assert judging.wrong(told, found, RATE, VARIES * slowness()) == []
