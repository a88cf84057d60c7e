"""A window that is closed `settings.lookahead` s after it has been shown the last frame there will be."""

import time


def main(bus, settings):
    for _, boxes in bus.each():
        if boxes.frame.number == settings.total - 1:
            time.sleep(settings.lookahead)
            return
