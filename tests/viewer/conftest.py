import av
import numpy as np
import pytest

from duopose.viewer import offscreen
from duopose.viewer.offscreen import Unavailable
from tests.viewer.bus import FakeBus
from tests.viewer.scenes import HEIGHT, WIDTH


@pytest.fixture(scope="session")
def screen():
    """Off-screen OpenGL, or a reason to skip."""
    try:
        return offscreen.hidden_canvas()
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def window(screen):
    from vispy.app import Application

    from duopose.viewer.window import Window

    window = Window(FakeBus(), Application("egl"), (320, 180))
    yield window
    window.close()


@pytest.fixture
def clip(tmp_path):
    """Ten frames of rising brightness, ten a second, beginning at 0 s."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = WIDTH, HEIGHT
        for number in range(10):
            grey = np.full((HEIGHT, WIDTH, 3), 20 * number + 20, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode())
    return path
