"""Sender: poses for other programs, as they are found. Started with `--send ADDRESS`.

in   scene   everyone in frame k
"""

from duopose.sending.lsl import Stream
from duopose.sending.targets import parse
from duopose.sending.vmc import Performer
from duopose.sending.websocket import Feed


def main(bus, settings):
    outlets = []
    for target in map(parse, settings.send):
        if target.kind == "ws":
            outlets.append(Feed(target))
        else:
            kind = {"vmc": Performer, "lsl": Stream}[target.kind]
            outlets.append(kind(target, settings.send_person, settings.each[0].name))

    def change(settings, _):
        for outlet in outlets:
            if not isinstance(outlet, Feed):  # which has all cameras
                outlet.camera = settings.each[0].name

    bus.when_changed(change)
    try:
        for _, scene in bus.each():
            for outlet in outlets:
                outlet.send(scene)
    finally:
        for outlet in outlets:
            outlet.close()
