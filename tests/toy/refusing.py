"""Finds that the user asked for something impossible."""

from duopose.stream.errors import UsageError


def main(bus, settings):
    raise UsageError(f"{settings.source}: no such file")
