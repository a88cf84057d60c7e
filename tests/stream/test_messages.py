from typing import get_type_hints

import msgspec
import pytest

from duopose.stream.messages import ArraySpec, Frame
from duopose.stream.topics import TOPICS


def array_specs(kind):
    hints = get_type_hints(kind, include_extras=True).items()
    return {
        name: hint.__metadata__[0]
        for name, hint in hints
        if isinstance(getattr(hint, "__metadata__", [None])[0], ArraySpec)
    }


@pytest.mark.parametrize("topic", TOPICS)
def test_every_payload_is_a_frozen_struct(topic):
    kind = TOPICS[topic].type
    assert issubclass(kind, msgspec.Struct)
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize("topic", TOPICS)
def test_every_array_says_what_it_holds_and_counts_people_first(topic):
    for name, spec in array_specs(TOPICS[topic].type).items():
        assert spec.unit, name
        assert spec.shape.split()[0] == "N", name


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if array_specs(TOPICS[topic].type)])
def test_whatever_speaks_of_people_carries_the_frame_it_belongs_to(topic):
    assert get_type_hints(TOPICS[topic].type)["frame"] is Frame
