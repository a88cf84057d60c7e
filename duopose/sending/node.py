"""Sender: poses for other programs, as they are found. Started with `--send ADDRESS`.

in   scene   everyone in frame k
"""

from duopose.sending.targets import parse
from duopose.sending.vmc import Performer
from duopose.sending.websocket import Feed


def main(bus, settings):
    outlets = []
    for target in map(parse, settings.send):
        first = settings.each[0].name
        outlets.append(Feed(target) if target.kind == "ws" else Performer(target, settings.send_person, first))
    try:
        for _, scene in bus.each():
            for outlet in outlets:
                outlet.send(scene)
    finally:
        for outlet in outlets:
            outlet.close()
