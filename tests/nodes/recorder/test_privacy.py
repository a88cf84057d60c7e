import numpy as np
import pytest

from duopose.benchmarks import clips
from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.settings import Settings
from tests.pictures import video
from tests.toy.scenes import NODES


@pytest.mark.parametrize("privacy", [False, True])
def test_a_private_video_shows_people_and_not_one_pixel_of_the_source(tmp_path, privacy):
    source, saved = video(tmp_path / "clip.mp4", frames=4, width=320, height=240), str(tmp_path / "saved.mp4")
    settings = Settings(source=source, save_video=saved, privacy=privacy)
    assert Supervisor(settings, NODES, tmp_path).run().code == 0
    written = clips.pictures(saved)
    assert len(written) == 4
    for picture in written:
        ground = np.concatenate([picture[:20].reshape(-1), picture[-20:].reshape(-1)])  # nothing is drawn there
        assert (ground.max() < 10) == privacy
        assert picture.max() > 100  # the box with the identity
