"""Any node of the real pipeline, whose messages, but for its health, are each followed by some that are broken.

The seed of what is broken is `settings.total`.
"""

import importlib
import random

from duopose.stream.graph import NODES
from tests.chaos.mutations import mutated

TIMES = 4  # broken messages for each whole one


def main(bus, settings):
    chance, send = random.Random(f"{settings.total} {bus.node.name}"), bus._send

    def send_more(topic, data):
        send(topic, data)
        for _ in range(TIMES if topic != "health" else 0):
            send(topic, mutated(data, chance))

    bus._send = send_more
    importlib.import_module(next(node.module for node in NODES if node.name == bus.node.name)).main(bus, settings)
