"""A camera for tests: serves a bare H.264 stream at rtsp://127.0.0.1:PORT/live, over and over, at its own pace.

    /usr/bin/python3 benchmarks/parts/rtsp_server.py STREAM.h264 PORT RATE

Runs under Debian's own Python, which has `gi`:
    apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
        gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-rtsp gstreamer1.0-libav
Each frame of the stream stands behind an access unit delimiter (clips.write(..., form="h264") makes such ones).
"""

import itertools
import sys
import threading
import time
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

DELIMITER = b"\x00\x00\x00\x01\x09"
PIPELINE = (
    "( appsrc name=src is-live=true format=time do-timestamp=true "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au "
    "! h264parse config-interval=1 ! rtph264pay name=pay0 pt=96 aggregate-mode=zero-latency )"
)


class Camera(GstRtspServer.RTSPMediaFactory):
    def __init__(self, frames, rate):
        super().__init__()
        self.frames, self.rate = frames, rate
        self.set_shared(True)

    def do_create_element(self, url):
        pipeline = Gst.parse_launch(PIPELINE)
        threading.Thread(target=self.feed, args=(pipeline.get_by_name("src"),), daemon=True).start()
        return pipeline

    def feed(self, source):
        due = time.monotonic()
        for frame in itertools.cycle(self.frames):
            if source.emit("push-buffer", Gst.Buffer.new_wrapped(frame)) != Gst.FlowReturn.OK:
                return
            due = max(due + 1 / self.rate, time.monotonic() - 0.5)  # after a freeze, no flood of what was missed
            time.sleep(max(0.0, due - time.monotonic()))


def main(path, port, rate):
    Gst.init(None)
    frames = [DELIMITER + part for part in Path(path).read_bytes().split(DELIMITER)[1:]]
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service=port)
    server.get_mount_points().add_factory("/live", Camera(frames, float(rate)))
    server.attach(None)
    print(f"rtsp://127.0.0.1:{port}/live", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
