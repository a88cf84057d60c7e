"""What a node remembers of each camera, where several share it: so the classes that do the work know one camera.

detections = PerCamera(settings, lambda own: chosen.detection())
detections.of(frame).step(...)
"""

from duopose.stream.messages import camera_of


class PerCamera:
    """
    settings  of the run
    make      called with the Settings of each camera, before the first frame comes -> its state
    """

    def __init__(self, settings, make):
        self.states = {own.name: make(own) for own in settings.each}

    def of(self, message):
        """The state of the camera that the message is about."""
        return self.states[camera_of(message)]

    def __iter__(self):
        return iter(self.states.values())
