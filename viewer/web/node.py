"""The window in a browser: serves the newest scene to pages on this machine. Started with `--web`.

in   scene    everyone in frame k
in   health   what a node wants to tell the user, and whether the run is at its end
"""

import time
from collections import defaultdict

import cv2

from duopose.viewer.drawing.together import TOGETHER, Gathering
from duopose.viewer.web import page
from duopose.viewer.web.address import leave
from duopose.viewer.web.door import Door, bind
from duopose.viewer.web.scenes import SceneWriter, to_json
from duopose.viewer.web.server import Server

PICTURES = 0.1  # s between two pictures
WIDEST, QUALITY = 640, 75  # pixels; of JPEG, 0..100


def with_picture(scene, pixels):
    """What a page gets as a picture: the length of its scene in four bytes, big-endian, the scene, a JPEG.

    scene   bytes, as SceneWriter gives
    pixels  uint8 [H, W, 3] RGB
    """
    height, width = pixels.shape[:2]
    share = min(1.0, WIDEST / max(height, width))
    small = cv2.resize(pixels, (round(share * width) or 1, round(share * height) or 1), interpolation=cv2.INTER_AREA)
    quality = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), quality)[1]
    return memoryview(len(scene).to_bytes(4, "big") + scene + jpeg.tobytes())


def news(health, settings):
    """What the page is told besides the scenes -> JSON, None where a node's Health says nothing for the user."""
    note, ended = settings.without_secrets(health.note), health.state == "stopping"
    return to_json({"note": note, "ended": ended}) if note or ended else None


def tabs_of(settings):
    """Names of what a page can show: each camera, and all in one space where several say where they stand."""
    placed = [own.name for own in settings.each if own.pose is not None]
    return [own.name for own in settings.each] + [TOGETHER] * (len(placed) > 1)


def main(bus, settings):
    door, writers, next_picture = Door(), defaultdict(SceneWriter), defaultdict(float)  # of each camera
    title = ", ".join(own.name or own.shown_source for own in settings.each)
    gathering = Gathering([own.name for own in settings.each])
    server = Server(bind(settings.web), door, page.about(title, True, not settings.privacy, tabs_of(settings)))
    leave(bus.folder, door.address(server.port))

    def change(settings, renamed):
        gathering.forget([own.name for own in settings.each if own.name not in renamed.values()])
        names = tabs_of(settings)
        server.expect(names)
        server.show("cameras", to_json({"cameras": names, "renamed": renamed}))

    bus.when_changed(change)
    for topic, message in bus.each():
        if topic == "health":
            told = news(message, settings) if message.node != bus.node.name else None
            if told:
                server.show("news", told)
            continue
        now, camera = time.monotonic(), message.frame.camera_name
        if gathering.add(message) and gathering.is_one and server.shows(TOGETHER):
            server.show("scene", writers[TOGETHER].write(gathering.scene(), now), TOGETHER)
        scene = writers[camera].write(message, now)
        if not settings.privacy and server.wants_pictures(camera) and now >= next_picture[camera]:
            pixels = bus.pixels(message.frame)
            if pixels is not None:
                next_picture[camera] = now + PICTURES
                server.show("picture", with_picture(scene, pixels), camera)
        server.show("scene", scene, camera)
    server.close()
