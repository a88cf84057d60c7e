"""Bottom-up branch: the whole frame at once, guided by the top-down joints -> everyone's pose in camera space.

in   people       the frame's top-down joints; sets the pace
out  pose_bottom  everyone's pose in metres in the camera's frame, without identity
"""

from duopose.nodes import profile
from duopose.stream.messages import Poses, empty


def main(bus, settings):
    chosen = profile.find(settings.profile, settings.device)
    node = chosen.bottom_up(settings.max_people)  # knows nothing of earlier frames: one for all cameras
    bus.name_backends(chosen.backends)
    for _, people in bus.each():
        image = bus.pixels(people.frame)
        bus.publish("pose_bottom", empty(Poses, people.frame) if image is None else node.step(image, people))
