"""Fails over its first frame."""


def main(bus, settings):
    for _, frame in bus.each():
        raise ValueError(f"no good: frame {frame.number}")
