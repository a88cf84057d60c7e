"""The window: draws the newest scene, as often as the screen manages, and never holds anything up.

in   scene    only the newest of the camera that is shown counts; those that came while it was drawing are never seen
in   health   what a node wants to tell the user, and whether the run is at its end

It is sent copies that nobody waits for, and looks at pixels that may be overwritten at any time: then that scene is
left out. The window stays open at the end of a clip; closing it ends the run.
"""

import time

from vispy import app

from duopose.viewer import probe
from duopose.viewer.window import Window

SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software")  # in the names of renderers without a graphics card
SOFTWARE_RATE, CARD_RATE = 10.0, 30.0  # pictures a second without and with one: the cores are left to the networks
MOST = 0.5  # share of the time that the window may take: where a picture costs more, there are fewer
SAMPLES = 4  # per pixel, for smooth edges, where a card does the work


def main(bus, settings, film=None):
    """film: what is shown instead of what comes over the bus, as controls.film. Raises probe.NoWindow."""
    renderer = probe.renderer()
    card = not any(name in renderer.name.lower() for name in SOFTWARE)
    application = app.Application("glfw")
    private = settings is not None and settings.privacy
    cameras = () if settings is None else [own.name for own in settings.each]
    samples = SAMPLES if card else 0
    window = Window(bus, application, samples=samples, private=private, film=film, cameras=cameras)
    if settings is not None:
        bus.when_changed(window.change_cameras)
    glfw = probe.load_glfw()
    listen_to_keys(glfw, window)
    window.show()
    between, next_tick = 1 / (CARD_RATE if card else SOFTWARE_RATE), 0.0
    while not window.closed:
        glfw.wait_events_timeout(max(next_tick - time.monotonic(), 1e-4))
        begun = time.monotonic()
        if not window.closed and begun >= next_tick:
            with window.guard():
                window.tick()
        if bus.stopping or window.failure:
            window.close()
        application.process_events()  # draws
        if begun >= next_tick:
            next_tick = begun + max(between, (time.monotonic() - begun) / MOST)
    if window.failure:
        raise window.failure


def listen_to_keys(glfw, window):
    """Hand keys to `window.press`. VisPy's own way leaves out keys that are held, and mixes letters up after Ctrl."""
    names = {
        glfw.KEY_LEFT: "left", glfw.KEY_RIGHT: "right", glfw.KEY_HOME: "home", glfw.KEY_END: "end",
        glfw.KEY_ESCAPE: "escape", glfw.KEY_TAB: "tab",
    }  # fmt: skip
    last = [""]  # what an American keyboard has on the key that went down last

    def key(_, code, scancode, action, modifiers):
        if action == glfw.RELEASE:
            return
        last[0] = chr(code).lower() if 0 < code < 128 else ""
        if code in names:
            window.press(("shift+" if modifiers & glfw.MOD_SHIFT else "") + names[code])

    def character(_, code):
        window.press(chr(code).lower() if code < 128 else last[0])  # a Greek keyboard has the keys where others have

    handle = window.native._id
    glfw.set_key_callback(handle, key)
    glfw.set_char_callback(handle, character)
