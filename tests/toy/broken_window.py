"""A window that cannot be opened."""


def main(bus, settings):
    raise OSError("no display")
