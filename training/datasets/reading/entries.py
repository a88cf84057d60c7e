"""Large JSON files in COCO's style, one entry at a time: a file of gigabytes is never in memory as a whole."""

import json

CHUNK = 1 << 24  # characters read at a time


def entries(path, *names):
    """(name, entry) for each entry of the arrays of these names in the object that the file holds, in the file's order.

    Raises ValueError where the file is no such JSON, OSError where it can't be read.
    """
    with open(path, encoding="utf-8") as file:
        text = _Text(file)
        text.take("{")
        while text.peek() != "}":
            name = text.value()
            text.take(":")
            if name in names:
                text.take("[")
                while text.peek() != "]":
                    yield name, text.value()
                    text.skip(",")
                text.take("]")
            else:
                text.value()
            text.skip(",")


class _Text:
    """What has been read of a file and not been used yet."""

    def __init__(self, file):
        self.file, self.text, self.at = file, "", 0
        self.decode = json.JSONDecoder().raw_decode

    def more(self):
        new = self.file.read(CHUNK)
        if not new:
            raise ValueError("it ends in the middle, or is no JSON")
        self.text, self.at = self.text[self.at :] + new, 0

    def peek(self):
        """The next character that is not white space."""
        while True:
            while self.at < len(self.text) and self.text[self.at].isspace():
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            self.more()

    def take(self, expected):
        if self.peek() != expected:
            raise ValueError(f"{expected!r} expected, {self.text[self.at]!r} found")
        self.at += 1

    def skip(self, character):
        if self.peek() == character:
            self.at += 1

    def value(self):
        self.peek()
        while True:
            try:
                value, end = self.decode(self.text, self.at)
                if end < len(self.text):  # else a number may go on in the next chunk
                    self.at = end
                    return value
            except json.JSONDecodeError:
                pass
            self.more()
