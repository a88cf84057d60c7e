"""Nobody in any frame: what most of a surveillance camera's day looks like."""

import msgspec

from tests.toy.scenes import scene


def main(bus, settings):
    for _, frame in bus.each():
        one = scene(frame)
        arrays = {name: getattr(one, name)[:0] for name in one.__struct_fields__ if name not in ("frame", "fused_at")}
        bus.publish("scene", msgspec.structs.replace(one, **arrays))
