"""The page is whole by itself: nothing in it comes from elsewhere, nothing runs that was not in it."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from duopose.stream.overlay import colour_of
from duopose.viewer.floor import to_world
from duopose.viewer.web import page
from duopose.viewer.web.record import page as write_page
from duopose.viewer.web.scenes import SceneWriter
from tests.viewer.recording import line_of, recorded
from tests.viewer.scenes import make_scene, person


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.inside, self.texts = [], None, {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ("script", "style"):
            self.inside = dict(attributes).get("id", tag)

    def handle_data(self, data):
        if self.inside:
            self.texts[self.inside] = self.texts.get(self.inside, "") + data

    def handle_endtag(self, tag):
        self.inside = None


def whole(title="a clip", scenes="[]"):
    return scenes.join(page.parts(page.about(title, True, True)))


def test_nothing_in_the_page_comes_from_elsewhere():
    text = whole()
    assert set(re.findall(r"\w+://[^\s'\"]*", text)) == {"http://www.w3.org/2000/svg"}  # a name, asked of nobody
    for word in ("@import", "url(", "import(", "importScripts", "fetch(", "XMLHttpRequest", "eval(", "innerHTML"):
        assert word not in text
    for tag, attributes in Reader(text).tags:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert attributes.get(name, "data:").startswith("data:"), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)


def test_the_policy_names_exactly_what_is_in_the_page():
    read = Reader(whole())
    for name in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(read.texts[name].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in page.policy()


@pytest.mark.parametrize("title", ["</script><script>alert(1)</script>", "{script}", "<!--<script>", "\u2028'\"\\"])
def test_a_source_of_any_name_stays_a_name(title):
    plain, odd = Reader(whole()), Reader(whole(title))
    assert [tag for tag, _ in odd.tags] == [tag for tag, _ in plain.tags]
    assert json.loads(odd.texts["about"])["title"] == title
    assert odd.texts["script"] == plain.texts["script"]


def test_a_scene_holds_everyone_as_the_window_has_them():
    scene = make_scene([person(0, 4), person(1, 5)], ids=[3, 7], sources=[3, 1], number=5, stamp=0.25)
    scene.coco[1, 15, 2] = 0  # nobody saw the left ankle
    scene.depth_sd[0] = 0.05
    writer = SceneWriter()
    told = json.loads(writer.write(scene, 1.0))
    assert (told["frame"], told["stamp"], told["size"], told["latency"]) == (5, 0.25, [640, 360], 50)
    one, other = told["people"]
    assert (one["id"], other["id"], one["both"], other["both"]) == (3, 7, True, False)
    assert tuple(one["colour"]) == colour_of(3)
    assert one["joints"][:3] == [0, 450, 4000]  # mm: the pelvis of `person`
    assert one["measured"] == (1 << 17) - 1
    assert other["measured"] == (1 << 17) - 1 - (1 << 6)
    assert (one["coco"][15] is None, other["coco"][15] is None) == (False, True)
    assert (one["sd"], other["sd"]) == (0.05, None)
    matrix = writer.floor.camera_to_world()
    assert told["floor"] == pytest.approx(matrix[:3], abs=1e-4)
    assert abs(to_world(matrix, scene.joints[0])[3, 2]) < 0.25  # an ankle is near the floor


def test_nobody_is_a_scene_too():
    assert json.loads(SceneWriter().write(make_scene([]), 0.0))["people"] == []


@pytest.fixture
def record(tmp_path):
    scenes = [make_scene([person(n / 10, 4), person(1, 5)], number=n, stamp=n / 10) for n in range(12)]
    path = tmp_path / "poses.jsonl"
    path.write_text("".join(json.dumps(line_of(scene, recorded(scene))) + "\n" for scene in scenes))
    return path


def test_a_record_becomes_one_file_that_holds_all_of_it(record, tmp_path):
    out = tmp_path / "poses.html"
    assert write_page(record, out) == 12
    read = Reader(out.read_text())
    scenes = json.loads(read.texts["scenes"])
    assert [scene["frame"] for scene in scenes] == list(range(12))
    assert scenes[11]["people"][0]["joints"][0] == 1100
    assert json.loads(read.texts["about"])["live"] is False
    policies = [attributes["content"] for _, attributes in read.tags if "http-equiv" in attributes]
    assert policies == [page.policy()]
    assert "connect-src 'none'" in policies[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["poses.html", "poses.jsonl"]


def test_what_is_no_record_leaves_the_file_that_was_there(record, tmp_path):
    out = tmp_path / "poses.html"
    out.write_text("kept")
    for text, complaint in (("", "holds no frame"), ("words\n", ":1: not a line of a record")):
        record.write_text(text)
        with pytest.raises(ValueError, match=complaint):
            write_page(record, out)
        assert out.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["poses.html", "poses.jsonl"]
