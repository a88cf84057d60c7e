"""A record of two people and everything that is exported from it, made once."""

import contextlib
import io

import numpy as np
import pytest

from duopose import export
from duopose.exporting.grid import gap_from
from duopose.exporting.levelled import camera_to_level
from duopose.exporting.person import Person, Wanted
from duopose.exporting.tracks import read
from tests.duopose.exporting.recorded import RATE, walker, write_record

COUNT = 60  # frames
ONE, FOUR = 1, 4  # identities: one is always there, four comes later, is lost for a while and leaves
FIRST, LAST, MISSING = 12, 47, range(20, 30)  # frames of FOUR


@pytest.fixture(scope="session")
def record(tmp_path_factory):
    path = tmp_path_factory.mktemp("record") / "walk.jsonl"
    times = np.arange(COUNT) / RATE
    late = walker(times[FIRST : LAST + 1], x=1.2, depth=5, facing=90)
    write_record(path, {ONE: (0, walker(times, x=-0.8), ()), FOUR: (FIRST, late, MISSING)}, COUNT)
    return path


@pytest.fixture(scope="session")
def exported(record):
    """-> the folder with the files, what was printed."""
    folder, said = record.parent / "files", io.StringIO()
    with contextlib.redirect_stdout(said):
        export.main([str(record), "--to", "bvh,glb,usda,trc,c3d,csv,coco", "--out", str(folder)])
    return folder, said.getvalue()


@pytest.fixture(scope="session")
def people(record):
    """{identity: Person} as the files should hold them."""
    run = read(record)
    wanted = Wanted(camera_to_level(run.tracks), RATE)
    assert gap_from(run.frames.stamps, 0) < 2 / RATE
    return {track.identity: Person(track, run, wanted) for track in run.tracks}
