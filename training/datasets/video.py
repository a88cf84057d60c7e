"""Any frame of a video by its number."""

from bisect import bisect_right
from functools import lru_cache

import av

from stream.errors import UsageError


class Video:
    """The frames of a video file, numbered from 0 in the order they are shown. Frames in growing order are read fastest.

    The file is indexed once, without decoding; a read then decodes from the key frame before it. A video without time
    stamps is decoded from its start instead. Raises UsageError where the file is no video.
    """

    def __init__(self, path):
        self.path = path
        self.stamps, self.keys = [], []
        try:
            self.container = av.open(str(path))
            self.stream = self.container.streams.video[0]
            packets = [packet for packet in self.container.demux(self.stream) if packet.size]
        except (av.error.FFmpegError, OSError, IndexError):
            raise UsageError(f"{path} is missing or is not a video") from None
        self.timed = all(packet.pts is not None for packet in packets)
        self.stamps = sorted(packet.pts for packet in packets) if self.timed else list(range(len(packets)))
        self.keys = sorted(packet.pts for packet in packets if packet.is_keyframe) if self.timed else [0]
        self.stream.thread_type = "NONE"  # threads only make the one frame that is wanted come later
        self.frames, self.next = None, None

    def __len__(self):
        return len(self.stamps)

    def read(self, number):
        """uint8 [H, W, 3] RGB. Raises UsageError where the video ends before."""
        if not 0 <= number < len(self):
            raise UsageError(f"{self.path} has {len(self)} frames, frame {number} is not among them")
        wanted = self.stamps[number]
        key = self.keys[max(bisect_right(self.keys, wanted) - 1, 0)]
        if self.next is None or not key <= self.next <= wanted:
            self.container.seek(key if self.timed else 0, stream=self.stream, any_frame=False)
            self.frames, self.next = self.container.decode(self.stream), key
        try:
            for frame in self.frames:
                at = frame.pts if self.timed else self.next
                self.next = at + 1
                if at >= wanted:
                    return frame.to_ndarray(format="rgb24")
        except av.error.FFmpegError:
            pass
        self.next = None
        raise UsageError(f"{self.path}: frame {number} can't be decoded")


@lru_cache(maxsize=16)
def video(path):
    """The Video at a path; the last few stay open."""
    return Video(path)
