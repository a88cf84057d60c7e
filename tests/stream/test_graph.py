import pytest

from duopose.stream.graph import NODES, check
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
