"""Detection: frame -> boxes of the people in it, without identity.

in   frame  sets the pace
out  boxes  of every frame; between two looks of the detector its last ones, marked as not fresh
"""

from duopose.nodes import profiles
from duopose.nodes.detection.detection import LONG, SHORT, Detection


def main(bus, settings):
    network = profiles.image_network("detector", settings)
    network.prepare((1, SHORT, LONG, 3))  # the usual shape; a portrait's is compiled when the first one comes
    node = Detection(network)
    for _, frame in bus.each():
        bus.publish("boxes", node.step(bus.pixels(frame), frame))
