"""The page in a real browser: people are seen, nothing complains, and the policy holds."""

from contextlib import ExitStack

import cv2
import numpy as np
import pytest

from duopose.stream.overlay import colour_of
from duopose.viewer.drawing.together import TOGETHER, Gathering, tint
from duopose.viewer.web import page as page_of
from duopose.viewer.web.door import Door, bind
from duopose.viewer.web.node import with_picture
from duopose.viewer.web.record import page as write_page
from duopose.viewer.web.scenes import SceneWriter
from duopose.viewer.web.server import Server
from tests.viewer.placed import POSES, seen_by
from tests.viewer.scenes import make_scene, person
from tests.viewer.web.browser import Browser
from tests.viewer.web.test_page import record  # noqa: F401
from tests.waiting import until

RED = np.full((360, 640, 3), (180, 30, 30), np.uint8)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def tab(browser):
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(browser.tab(**how))


def pixels_of(image, identity):
    """How many pixels have the hue of an identity."""
    return pixels_of_hue(image, cv2.cvtColor(np.uint8([[colour_of(identity)]]), cv2.COLOR_RGB2HSV)[0, 0, 0])


def pixels_of_hue(image, hue):
    """hue: 0..180, as OpenCV has it"""
    hues = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    off = np.abs(hues[..., 0].astype(int) - int(hue))
    return int(((np.minimum(off, 180 - off) < 8) & (hues[..., 1] > 120) & (hues[..., 2] > 90)).sum())


def scene(number=0):
    return SceneWriter().write(make_scene([person(-0.5, 4), person(1, 5)], ids=[1, 2], number=number), number / 10)


@pytest.mark.parametrize("how", [{}, {"width": 390, "height": 780, "theme": "light"}], ids=["desk", "phone"])
def test_a_run_is_seen_with_its_pictures(server, tab, how):
    page = tab(**how)
    page.open(server.address)
    until(server.wants_pictures)
    server.show("picture", with_picture(scene(), RED))
    server.show("scene", scene())
    until(lambda: page.run("document.getElementById('status').textContent").startswith("frame 0 · 2 people"))
    until(lambda: min(pixels_of(page.shot(), identity) for identity in (1, 2)) > 800)
    shot = page.shot()
    red = (np.abs(shot.astype(int) - (180, 30, 30)).max(-1) < 12).sum()
    assert red > 10_000
    bright = shot[-60:, :40].mean()
    assert bright > 200 if how else bright < 60
    page.run("document.getElementById('camera').click()")
    until(lambda: (np.abs(page.shot().astype(int) - (180, 30, 30)).max(-1) < 90).sum() > 2 * red)
    assert min(pixels_of(page.shot(), identity) for identity in (1, 2)) > 800
    page.run("document.getElementById('video').click()")
    until(lambda: not server.wants_pictures())
    assert page.said == []
    assert set(page.asked) <= {server.address, f"{server.address.replace('http', 'ws', 1)}scenes"} | {
        url for url in page.asked if url.startswith("data:")
    }


def test_pausing_holds_the_moment_and_the_end_is_said(server, tab):
    page = tab()
    page.open(server.address)
    server.show("scene", scene(1))
    status = "document.getElementById('status').textContent"
    until(lambda: page.run(status).startswith("frame 1"))
    page.run("document.getElementById('pause').click()")
    server.show("scene", scene(2))
    until(lambda: page.run(status).startswith("paused"))
    page.run("document.getElementById('pause').click()")
    server.show("scene", scene(3))
    until(lambda: page.run(status).startswith("frame 3"))
    server.close()
    until(lambda: page.run(status).startswith("the run has ended"))
    assert page.said == []


def test_what_is_slipped_into_the_page_does_not_run_and_asks_for_nothing(server, tab):
    page = tab()
    page.open(server.address)
    until(lambda: server.pages)
    blocked = """(async () => {
        const script = document.createElement("script");
        script.textContent = "window.slipped = true";
        document.body.append(script);
        const asks = [
            () => fetch("http://127.0.0.1:9/"), () => import("data:text/javascript,1"), () => new Function("")(),
        ];
        const answer = async (ask) => { try { await ask(); return "done"; } catch { return "no"; } };
        const answers = await Promise.all(asks.map(answer));
        return [window.slipped ?? "no", ...answers].join(" ");
    })()"""  # fmt: skip
    assert page.run(blocked) == "no no no no"


def test_a_record_plays_from_a_file(tab, record, tmp_path):  # noqa: F811
    out = tmp_path / "poses.html"
    write_page(record, out)
    page = tab()
    page.open(out.as_uri())
    until(lambda: pixels_of(page.shot(), 1) > 800)
    until(lambda: pixels_of(page.shot(), 2) > 800)
    page.run(
        "const play = document.getElementById('play'); if (play.textContent === 'Pause') play.click();"
        "const seek = document.getElementById('seek'); seek.value = 7; seek.dispatchEvent(new Event('input'))"
    )
    until(lambda: page.run("document.getElementById('status').textContent").startswith("frame 7"))
    assert page.run("document.getElementById('time').textContent") == "0:00.7 / 0:01.1"
    assert page.said == []
    assert {url.split(":")[0] for url in page.asked} <= {"file", "data"}


def test_people_of_all_cameras_stand_in_one_space(tab):
    door, gathering, writer = Door(), Gathering(list(POSES)), SceneWriter()
    server = Server(bind(0), door, page_of.about("yard", live=True, pictures=True, cameras=[*POSES, TOGETHER]))
    page = tab()
    page.open(door.address(server.port))
    cameras = "document.getElementById('cameras')"
    until(lambda: page.run(f"[...{cameras}.options].map(({{value}}) => value).join()") == ",".join([*POSES, TOGETHER]))
    page.run(f"{cameras}.value = '{TOGETHER}'; {cameras}.dispatchEvent(new Event('change'))")
    until(lambda: server.shows(TOGETHER))
    for name in POSES:
        gathering.add(seen_by(name))
    server.show("scene", writer.write(gathering.scene(), 0.0), TOGETHER)
    until(lambda: "6 people" in page.run("document.getElementById('status').textContent"))
    assert "3 cameras" in page.run("document.getElementById('status').textContent")
    shades = np.uint8([[np.round(255 * np.array(tint(number))) for number in range(3)]])
    hues = cv2.cvtColor(shades, cv2.COLOR_RGB2HSV)[0, :, 0]
    until(lambda: min(pixels_of_hue(page.shot(), hue) for hue in hues) > 300)
    assert page.run("document.getElementById('card').hidden")
    assert page.said == []
    server.close()
