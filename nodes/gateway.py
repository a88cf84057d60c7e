"""Gateway: the scenes, and the pictures if asked, for other machines. Started with `--listen tcp://HOST:PORT`.

in   scene   everyone in frame k; what other machines get are the bytes of the same message
"""

import cv2

from duopose.stream import wire
from duopose.stream.messages import Jpeg
from duopose.stream.network.server import Server

QUALITY = 80  # of JPEG, 0..100


def jpeg(picture):
    """uint8 [H, W, 3] RGB -> the bytes of a JPEG."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    return cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)[1].tobytes()


def main(bus, settings):
    server, told = Server(settings.listen, settings.keys), 0
    for _, scene in bus.each(tick=True):
        if scene is not None:
            wanted = settings.listen_frames and server.wanted("picture")  # else nobody is to pay for it
            picture = bus.pixels(scene.frame) if wanted else None
            if picture is not None:
                server.send("picture", wire.encode(Jpeg(scene.frame, jpeg(picture))))
            server.send("scene", wire.encode(scene))
        bus.count("rubbish", server.rubbish - told)
        told = server.rubbish
    server.close()
