"""Like scenes.py, but a frame is let go only when `settings.lookahead` others have come after it, or none does."""

from tests.toy.scenes import scene


def main(bus, settings):
    waiting = []
    for _, frame in bus.each():
        waiting.append(frame)
        if len(waiting) > settings.lookahead:
            bus.publish("scene", scene(waiting.pop(0)))
    for frame in waiting:
        bus.publish("scene", scene(frame))
