"""A session: every message of a run and its pictures, in one MCAP file. What `--session` writes and `replay` reads.

One channel per topic: messages as `wire.encode` makes them, with the fields of their type as schema. Channel "pixels"
has each frame's picture, right behind the frame (pixels.py). Sequence numbers are the frames', times are wall-clock.
Metadata "duopose" at the head says what the run was asked to do. Nothing is chunked and every batch is flushed, so a
run that is killed leaves all but what it had not written yet; such a file has no index, and needs none.
"""

import contextlib
import struct
import time
from typing import NamedTuple, get_type_hints

import msgspec
from mcap.exceptions import McapError
from mcap.reader import SeekingReader
from mcap.records import Channel, Message, Metadata, Schema
from mcap.stream_reader import StreamReader
from mcap.writer import Writer

from duopose.stream.errors import UsageError
from duopose.stream.messages import arrays_of
from duopose.stream.topics import TOPICS

PIXELS = "pixels"  # channel of the pictures
ABOUT = "duopose"  # name of the metadata at the head
LARGEST = 1 << 28  # bytes of one record; a picture of 8000x6000 has 144 MB before it is compressed
BROKEN = (McapError, ValueError, struct.error, EOFError, OverflowError)  # how mcap complains of a torn or foreign file


class Entry(NamedTuple):
    topic: str
    number: int  # of the frame it belongs to, 0 = of none
    encoding: str  # "msgpack", or of a picture its codec
    data: bytes


def fields_of(kind):
    """What a message type consists of, as text: what is written under one text can be read under the same only."""
    arrays = arrays_of(kind)
    lines = []
    for name, hint in get_type_hints(kind).items():
        if name in arrays:
            lines.append(f"{name}: {arrays[name].dtype} [{arrays[name].shape}] {arrays[name].unit}")
        elif isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            lines.append(f"{name}: ({'; '.join(fields_of(hint).splitlines())})")
        else:
            lines.append(f"{name}: {getattr(hint, '__name__', hint) if isinstance(hint, type) else hint}")
    return "\n".join(lines)


class SessionWriter:
    """Raises UsageError if the file can't be opened, or holds something; OSError while writing if the disk is full."""

    def __init__(self, path, about, codec):
        """about: {name: text} for the head; codec: of the pictures, see pixels.py"""
        try:
            self.file = open(path, "ab")  # noqa: SIM115
        except OSError as error:
            raise UsageError(f"can't write {path}: {error.strerror}") from None
        if self.file.tell():
            self.file.close()
            raise UsageError(f"{path} holds something already: a session is one run, name another file")
        self.writer = Writer(self.file, use_chunking=False)
        self.writer.start(profile="duopose", library=f"duopose {about['version']}")
        self.writer.add_metadata(ABOUT, about)
        self.channels = {PIXELS: self.writer.register_channel(PIXELS, codec, 0)}
        for topic, (kind, _) in TOPICS.items():
            schema = self.writer.register_schema(kind.__name__, "duopose", fields_of(kind).encode())
            self.channels[topic] = self.writer.register_channel(topic, "msgpack", schema)

    def write(self, entries):
        """Add (topic, number of the frame, bytes) each; a picture's topic is PIXELS. Afterwards they outlive a kill."""
        now = time.time_ns()
        for topic, number, data in entries:
            self.writer.add_message(self.channels[topic], now, data, now, number)
        self.file.flush()

    def close(self):
        """Add index and end mark."""
        self.writer.finish()
        self.file.close()

    def abandon(self):
        """Close a file that can't be written any more."""
        with contextlib.suppress(OSError):
            self.file.close()


class Session:
    """A session file, read from its beginning to its end, or to where it was torn.

    about   {name: text} of the head
    Raises UsageError if it is none, or one whose messages were others than this version's.
    """

    def __init__(self, path):
        self.path, self.about = path, None
        for record in self._records():
            if isinstance(record, Metadata) and record.name == ABOUT:
                self.about = record.metadata
            elif isinstance(record, Schema):
                self._check(record)
            elif isinstance(record, Message):
                break
        if self.about is None:
            raise UsageError(f"{path} is not a session of duopose (--session writes one)")

    def _check(self, schema):
        kind = next((kind for kind, _ in TOPICS.values() if kind.__name__ == schema.name), None)
        if self.about is not None and kind is not None and fields_of(kind).encode() != schema.data:
            version = self.about.get("version", "?")
            raise UsageError(f"{self.path} is by duopose {version}, whose messages were others: replay it with that")

    def _records(self):
        try:
            with open(self.path, "rb") as file:
                yield from StreamReader(file, record_size_limit=LARGEST).records
        except OSError as error:
            raise UsageError(f"{self.path}: {error.strerror}") from None
        except BROKEN:  # torn, or no such file at all: what was read until here stands
            return

    def entries(self):
        """Yield each Entry, in the order of writing."""
        channels = {}
        for record in self._records():
            if isinstance(record, Channel):
                channels[record.id] = record
            elif isinstance(record, Message) and record.channel_id in channels:
                channel = channels[record.channel_id]
                yield Entry(channel.topic, record.sequence, channel.message_encoding, record.data)

    def total(self):
        """How many pictures it holds, by its index; None where it was torn and has none."""
        try:
            with open(self.path, "rb") as file:
                summary = SeekingReader(file, record_size_limit=LARGEST).get_summary()
        except BROKEN:
            return None
        if summary is None or summary.statistics is None:
            return None
        pixels = next((id for id, channel in summary.channels.items() if channel.topic == PIXELS), None)
        return summary.statistics.channel_message_counts.get(pixels, 0)
