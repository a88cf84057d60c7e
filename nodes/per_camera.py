"""What a node remembers of each camera, where several share it: so the classes that do the work know one camera.

detections = PerCamera(bus, settings, lambda own: chosen.detection())
detections.of(frame).step(...)

When the run gets other cameras, those that stay keep their state, and so do those that only have another name.
"""

from duopose.stream.messages import camera_of


class PerCamera:
    """
    bus       of the node
    settings  of the run
    make      called with the Settings of each camera, before its first frame comes -> its state
    rename    called with a state and the Settings under the camera's new name -> its state from now on
    close     called with the state of a camera that has left
    """

    def __init__(self, bus, settings, make, rename=lambda state, own: state, close=lambda state: None):
        self.make, self.rename, self.close = make, rename, close
        self.settings = {own.name: own for own in settings.each}
        self.states = {own.name: make(own) for own in settings.each}
        bus.when_changed(self._change)

    def _change(self, settings, renamed):
        old_names = {new: old for old, new in renamed.items()}
        kept = {own.name: self.states.pop(own.name) for own in settings.each if self.settings.get(own.name) == own}
        moved = {new: self.states.pop(old) for new, old in old_names.items()}
        for state in self.states.values():
            self.close(state)
        self.settings = {own.name: own for own in settings.each}
        self.states = {own.name: self._state(own, kept, moved) for own in settings.each}

    def _state(self, own, kept, moved):
        if own.name in kept:
            return kept[own.name]
        return self.rename(moved[own.name], own) if own.name in moved else self.make(own)

    def of(self, message):
        """The state of the camera that the message is about."""
        return self.states[camera_of(message)]

    def __iter__(self):
        return iter(self.states.values())

    def __len__(self):
        return len(self.states)
