"""Top-down branch: boxes -> the joints of everyone in the enlarged crops -> identity -> a 3D pose per track.

in   boxes     the detector's boxes of a frame; sets the pace
out  people    everyone's joints in the image, with identity: what the bottom-up branch starts from, so it comes first
out  pose_top  everyone's pose in metres in the camera's frame
"""

from duopose.nodes import profiles
from duopose.nodes.top_down import crops
from duopose.nodes.top_down.lifting import Delayed
from duopose.nodes.top_down.top_down import TopDown, nobody


def main(bus, settings):
    network = profiles.image_network("top_down", settings)
    for size in (1, 2, crops.BATCH):
        network.prepare((size, crops.HEIGHT, crops.WIDTH, 3))
    node = TopDown(network, settings.max_people)
    delayed = Delayed(profiles.lifting(settings), settings.waiting)
    for _, boxes in bus.each(tick=settings.lookahead > 0):
        if boxes is None:  # quiet: the clip has ended, or the camera hangs
            poses = delayed.rest()
        else:
            image = bus.pixels(boxes.frame)
            people = nobody(boxes.frame) if image is None else node.step(image, boxes)
            bus.publish("people", people)
            poses = delayed.add(people)
        for message in poses:
            bus.publish("pose_top", message)
