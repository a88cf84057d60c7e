"""A video that breaks off anywhere is played up to there, or is one line and exit code 2, never a traceback."""

import subprocess
import sys
from collections import Counter

import av
import pytest

from duopose.benchmarks import clips
from duopose.nodes.capture.files import VideoFile
from duopose.nodes.capture.sources import DEMO
from duopose.nodes.recorder.video_file import VideoFile as Film
from duopose.stream.errors import UsageError
from tests.places import ROOT
from tests.waiting import LONG

KINDS = ("mp4", "mkv", "ts", "h264", "film")  # "film" is what --save-video writes
FRAMES = 60


def copied(path, source):
    """The pictures of an MP4 in another container, as they are."""
    with av.open(str(source)) as there, av.open(str(path), "w") as here:
        stream = here.add_stream_from_template(there.streams.video[0])
        for packet in there.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                here.mux(packet)
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """{kind: bytes of a whole video}."""
    folder = tmp_path_factory.mktemp("whole")
    pictures = list(clips.there_and_back(clips.pictures(DEMO), FRAMES))
    clips.write(folder / "clip.mp4", pictures, 15)
    clips.write(folder / "clip.h264", pictures, 15, "h264")
    film = Film(str(folder / "film.mp4"))
    for number, picture in enumerate(pictures):
        film.add(picture, number / 15)
    film.close()
    files = {"mp4": "clip.mp4", "h264": "clip.h264", "film": "film.mp4"}
    for kind in ("mkv", "ts"):
        files[kind] = copied(folder / f"clip.{kind}", folder / "clip.mp4").name
    return {kind: (folder / name).read_bytes() for kind, name in files.items()}


def cut(whole, kind, share, folder):
    path = folder / f"cut.{'mp4' if kind == 'film' else kind}"
    path.write_bytes(whole[kind][: int(share * len(whole[kind]))])
    return path


def read(path):
    """How many pictures there are before it breaks off; None where the user is told that there is none."""
    try:
        return sum(1 for picture in VideoFile(path, Counter()).pictures() if picture.pixels().any())
    except UsageError:
        return None


@pytest.mark.parametrize(("kind", "cuts"), [
    ("mp4", 5), ("film", 3), *(pytest.param(kind, 50, marks=pytest.mark.slow) for kind in KINDS)
])  # fmt: skip
def test_a_video_is_read_up_to_where_it_was_cut(whole, kind, cuts, tmp_path, chance):
    assert read(cut(whole, kind, 1.0, tmp_path)) == FRAMES
    shares = sorted(chance.random() for _ in range(cuts))
    found = [read(cut(whole, kind, share, tmp_path)) for share in shares]
    counts = [count or 0 for count in found]
    if kind == "mp4":  # its index stands at its end
        assert set(found) <= {None, FRAMES}  # nobody needs what comes after the index
        assert all(count is None for count, share in zip(found, shares, strict=True) if share < 0.95)
    else:
        assert counts == sorted(counts)
        assert all(count >= FRAMES * share - 20 for count, share in zip(counts, shares, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_command_says_in_one_line_what_it_can_not_read(whole, kind, tmp_path, chance):
    for share in (0.0, chance.random(), chance.random()):
        path, record = cut(whole, kind, share, tmp_path), tmp_path / "record.jsonl"
        command = [sys.executable, "-m", "duopose", path, "--headless", "--record", record, "--overwrite"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONG)
        assert run.returncode in (0, 2)
        # but how far a slow machine has come, and that kernels are compiled at the first start of all
        said = [
            line for line in run.stderr.splitlines() if not (" a second" in line or "compiling the kernels" in line)
        ]
        assert len(said) == (1 if run.returncode == 2 else 0), run.stderr
        assert (run.returncode == 0) == bool(read(path))
