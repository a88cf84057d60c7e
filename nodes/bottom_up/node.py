"""Bottom-up branch: the whole frame at once, guided by the top-down joints -> everyone's pose in camera space.

in   people       the frame's top-down joints; sets the pace
out  pose_bottom  everyone's pose in metres in the camera's frame, without identity
"""

from duopose.nodes import profiles
from duopose.nodes.bottom_up.bottom_up import nobody


def main(bus, settings):
    node = profiles.bottom_up(settings)
    for _, people in bus.each():
        image = bus.pixels(people.frame)
        bus.publish("pose_bottom", nobody(people.frame) if image is None else node.step(image, people))
