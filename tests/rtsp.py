"""A camera on loopback that speaks RTSP, and does on purpose what real ones do: slow, silent, gone in mid-word.

The server of benchmarks/parts/rtsp_server.py is a real one; this one needs nothing but Python, and can be made to fail.
"""

import contextlib
import itertools
import re
import socket
import struct
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

SDP = "\r\n".join(
    ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 127.0.0.1", "t=0 0", "m=video 0 RTP/AVP 96",
     "a=rtpmap:96 {codec}/90000", "a=control:video", ""]
)  # fmt: skip
# Before each frame of a bare stream, as `clips.write(..., form="h264")` makes it: the delimiter of H.264 or of H.265.
DELIMITER = re.compile(rb"(?=\x00\x00\x00\x01(?:\x09|\x46\x01))")
HEADERS = {
    "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n",
    "SETUP": "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
}
TICKS = 90000  # of an RTP stamp, a second


@contextmanager
def camera(path=None, rate=1.0, first=0, silent_for=0.0, mute_at=None, close_at=None, port=0, codec="H264", stamp=None):
    """The camera's address, until the end of the block.

    path        bare stream that it plays over and over, as `clips.write` makes it
    rate        frames a second
    first       the frame that a new client sees first
    silent_for  s after PLAY without a packet
    mute_at     the request from which it answers nothing any more, "" = from the first
    close_at    the request at which it closes the connection
    port        0 = any
    codec       that it says it sends
    stamp       s, what the packets of frame number n bear, a function of n; None = the true time
    """
    frames = [part for part in DELIMITER.split(path.read_bytes()) if part] if path else []
    description = SDP.format(codec=codec)
    describe = f"Content-Type: application/sdp\r\nContent-Length: {len(description)}\r\n"
    headers = HEADERS | {"DESCRIBE": describe}
    play = itertools.islice(itertools.cycle(frames), first, None)

    def talk(client):
        with client, client.makefile("rb") as requests:
            for line in requests:
                method = line.split(b" ")[0].decode()
                sequence = next(word for word in requests if word.lower().startswith(b"cseq:")).decode()
                while requests.readline() not in (b"\r\n", b""):
                    pass
                if method == close_at:
                    return
                if mute_at in (method, ""):
                    over.wait()
                    return
                answer = f"RTSP/1.0 200 OK\r\n{sequence}{headers.get(method, 'Session: 1' + chr(13) + chr(10))}\r\n"
                client.sendall((answer + (description if method == "DESCRIBE" else "")).encode())
                if method == "PLAY":
                    over.wait(silent_for)
                    send(client, play)

    def send(client, frames):
        sequence, start = 0, time.monotonic()
        for number, frame in enumerate(frames):
            units = [unit for unit in frame.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
            for place, unit in enumerate(units, 1):
                marker = 0x80 if place == len(units) else 0
                ticks = int(TICKS * (stamp(number) if stamp else number / rate)) & 0xFFFFFFFF
                packet = struct.pack(">BBHII", 0x80, 96 | marker, sequence & 0xFFFF, ticks, 1)
                client.sendall(struct.pack(">cBH", b"$", 0, len(packet) + len(unit)) + packet + unit)
                sequence += 1
            if over.wait(max(0.0, start + (number + 1) / rate - time.monotonic())):
                return

    def answer():
        while True:
            try:
                client, _ = listening.accept()
            except OSError:  # the end of the block
                return
            threading.Thread(target=forgiving, args=(client,), daemon=True).start()

    def forgiving(client):
        with contextlib.suppress(OSError):  # the client has left
            talk(client)

    over = threading.Event()
    with socket.create_server(("127.0.0.1", port)) as listening:
        threading.Thread(target=answer, daemon=True).start()
        yield f"rtsp://127.0.0.1:{listening.getsockname()[1]}/live"
        over.set()
        listening.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    # python -m tests.rtsp STREAM.h264 PORT RATE, as benchmarks/parts/rtsp_server.py
    with camera(Path(sys.argv[1]), float(sys.argv[3]), port=int(sys.argv[2])) as url:
        print(url, flush=True)
        threading.Event().wait()
