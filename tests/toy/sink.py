"""Writes one line per message into `settings.record`: frame number, number found in the pixels."""

from duopose.stream.messages import Done


def main(bus, settings):
    with open(settings.record, "a") as file:
        for _, boxes in bus.each():
            print(boxes.frame.number, int(boxes.boxes[0, 0]), file=file, flush=True)
            bus.publish("done", Done(boxes.frame.number))
