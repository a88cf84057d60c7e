"""A camera on loopback that speaks RTSP, and does on purpose what real ones do: slow, silent, gone in mid-word.

The server of benchmarks/rtsp_server.py is a real one; this one needs nothing but Python, and can be made to fail.
"""

import contextlib
import itertools
import socket
import struct
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

SDP = "\r\n".join(
    ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 127.0.0.1", "t=0 0", "m=video 0 RTP/AVP 96",
     "a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=1", "a=control:video", ""]
)  # fmt: skip
DELIMITER = b"\0\0\0\1\x09"  # before each frame of what `clips.write(..., form="h264")` makes
HEADERS = {
    "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n",
    "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n",
    "SETUP": "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
}


@contextmanager
def camera(path=None, rate=1.0, first=0, silent_for=0.0, mute_at=None, close_at=None, port=0):
    """The camera's address, until the end of the block.

    path        bare H.264 stream that it plays over and over, as `clips.write` makes it
    rate        frames a second
    first       the frame that a new client sees first
    silent_for  s after PLAY without a packet
    mute_at     the request from which it answers nothing any more, "" = from the first
    close_at    the request at which it closes the connection
    port        0 = any
    """
    frames = [DELIMITER + part for part in path.read_bytes().split(DELIMITER)[1:]] if path else []
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
                answer = f"RTSP/1.0 200 OK\r\n{sequence}{HEADERS.get(method, 'Session: 1' + chr(13) + chr(10))}\r\n"
                client.sendall((answer + (SDP if method == "DESCRIBE" else "")).encode())
                if method == "PLAY":
                    over.wait(silent_for)
                    send(client, play)

    def send(client, frames):
        sequence, start = 0, time.monotonic()
        for number, frame in enumerate(frames):
            units = [unit for unit in frame.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
            for place, unit in enumerate(units, 1):
                marker = 0x80 if place == len(units) else 0
                packet = struct.pack(">BBHII", 0x80, 96 | marker, sequence & 0xFFFF, int(90000 * number / rate), 1)
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
    # python -m tests.rtsp STREAM.h264 PORT RATE, as benchmarks/rtsp_server.py
    with camera(Path(sys.argv[1]), float(sys.argv[3]), port=int(sys.argv[2])) as url:
        print(url, flush=True)
        threading.Event().wait()
