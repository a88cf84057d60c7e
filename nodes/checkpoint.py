"""What a node keeps across its own death: a file in the run folder, written with each frame, read by its next life."""

import contextlib
from pathlib import Path

import msgspec
import numpy as np


class Checkpoint:
    """
    folder  of the run
    name    of the node, and of the camera: graph.name_of
    kind    type of what is kept, as msgspec takes it; may hold arrays
    """

    def __init__(self, folder, name, kind):
        self.path = Path(folder, f"{name}.checkpoint")
        self.nobody = False  # the last one that was kept knows nobody
        self.encoder = msgspec.msgpack.Encoder(enc_hook=_pack)
        self.decoder = msgspec.msgpack.Decoder(kind, dec_hook=_unpack)

    def load(self):
        """What the life before has kept, or None. Once only: if that is what kills the node, the next life is free."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        self.path.unlink()
        return self.decoder.decode(data)

    def save(self, value, nobody=False):
        """Keep it, as a whole or not at all. Where memory is full, nothing is kept: the node goes on.

        nobody   it knows nobody. Of such ones in a row, which differ by the time alone, the first is kept
        """
        if nobody and self.nobody:
            return
        draft = self.path.with_suffix(".new")
        try:
            draft.write_bytes(self.encoder.encode(value))
            draft.replace(self.path)
            self.nobody = nobody
        except OSError:
            self.nobody = False
            for path in (draft, self.path):  # nor what is too old
                with contextlib.suppress(OSError):
                    path.unlink()


def _pack(array):
    return array.dtype.str, array.shape, array.tobytes()


def _unpack(kind, packed):
    dtype, shape, data = packed
    return np.frombuffer(data, dtype).reshape(shape)
