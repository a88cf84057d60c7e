import pytest

from duopose.stream.graph import NODES, check, started
from duopose.stream.settings import Settings
from duopose.stream.topics import TOPICS


def changed(node, **fields):
    return [line._replace(**fields) if line.name == node else line for line in NODES]


def test_the_tables_fit_together():
    check(NODES, TOPICS)


def test_a_topic_without_producer_is_named():
    with pytest.raises(ValueError, match=r"'scene'.*'fusion'"):
        check(changed("fusion", outputs=()), TOPICS)


def test_a_topic_with_two_producers_is_named():
    with pytest.raises(ValueError, match=r"'boxes'.*\['capture', 'detection'\]"):
        check(changed("capture", outputs=("frame", "boxes")), TOPICS)


def test_a_topic_that_nobody_reads_is_named():
    with pytest.raises(ValueError, match="nobody reads 'done'"):
        check(changed("capture", inputs=()), TOPICS)


def test_a_topic_that_is_not_listed_is_named_with_its_node():
    with pytest.raises(ValueError, match=r"'viewer'.*'sceen'"):
        check(changed("viewer", inputs=("sceen",)), TOPICS)


def test_a_name_used_twice_is_named():
    with pytest.raises(ValueError, match="'detection'"):
        check(changed("top_down", name="detection"), TOPICS)


def test_a_node_of_the_pipeline_cannot_wait_for_one_that_is_not_always_there():
    with pytest.raises(ValueError, match=r"'recorder' reads 'regions', but 'regions' is not always there"):
        check(changed("recorder", inputs=("scene", "regions")), TOPICS)


def test_a_topic_that_only_a_window_would_read_is_named():
    with pytest.raises(ValueError, match="nobody reads 'done'"):
        check([*changed("capture", inputs=())[:-1], NODES[-1]._replace(inputs=("scene", "done"))], TOPICS)


@pytest.mark.parametrize(
    ("node", "fields"),
    [("regions", {"restart": "maybe"}), ("regions", {"when": "aksed"}), ("fusion", {"restart": "never"})],
)
def test_a_line_that_makes_no_sense_is_named(node, fields):
    with pytest.raises(ValueError, match=rf"'{node}'.*{next(iter(fields.values()))!r}"):
        check(changed(node, **fields), TOPICS)


def test_a_run_has_the_pipeline_and_what_was_asked_for():
    pipeline = [node.name for node in NODES if node.when == "always"]
    assert [node.name for node in started(Settings(headless=True))] == pipeline
    assert [node.name for node in started(Settings())] == [*pipeline, "viewer"]
    assert [node.name for node in started(Settings(headless=True, also=("regions",)))] == [*pipeline, "regions"]


def test_each_camera_has_a_capture_of_its_own_and_shares_the_rest():
    several = started(Settings(headless=True, cameras=(Settings(name="door"), Settings(name="yard"))))
    alone = started(Settings(headless=True))
    assert [node.name for node in several][:3] == ["capture.door", "capture.yard", "detection"]
    assert [node.camera for node in several][:3] == ["door", "yard", None]
    assert several[2:] == alone[1:]
    assert alone[0] == NODES[0]
