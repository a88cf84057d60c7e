"""Any frame of a video by its number."""

from bisect import bisect_right
from functools import lru_cache

import av

from duopose.stream.errors import UsageError


class Video:
    """The frames of a video file, numbered from 0 in the order they are shown. Frames in growing order are read
    fastest.

    The file is indexed once, without decoding; a read then decodes from the key frame before it. An AVI file does not
    say when a frame is shown: there frames are counted from the key frame on. Raises UsageError where the file is no
    video.
    """

    def __init__(self, path):
        self.path = path
        try:
            self.container = av.open(str(path))
            self.stream = self.container.streams.video[0]
            packets = [packet for packet in self.container.demux(self.stream) if packet.size]
        except (av.error.FFmpegError, OSError, IndexError):
            raise UsageError(f"{path} is missing or is not a video") from None
        self.stream.thread_type = "NONE"  # threads only make the one frame that is wanted come later
        self.counted = self.container.format.name == "avi" or any(packet.pts is None for packet in packets)
        places = list(range(len(packets))) if self.counted else [packet.pts for packet in packets]
        self.places = sorted(places)  # of the frames: time stamps, or numbers where they are counted
        keys = sorted((place, packet.dts) for place, packet in zip(places, packets, strict=True) if packet.is_keyframe)
        self.keys = [(place, dts if self.counted else place) for place, dts in keys if dts is not None] or [(0, 0)]
        self.frames, self.next = None, None

    def __len__(self):
        return len(self.places)

    def read(self, number):
        """uint8 [H, W, 3] RGB. Raises UsageError where the video has no such frame, or it can't be decoded."""
        if not 0 <= number < len(self):
            raise UsageError(f"{self.path} has {len(self)} frames, frame {number} is not among them")
        wanted = self.places[number]
        key, seek = self.keys[max(bisect_right(self.keys, wanted, key=lambda entry: entry[0]) - 1, 0)]
        if self.next is None or not key <= self.next <= wanted:
            self.container.seek(seek, stream=self.stream)
            self.frames, self.next = self.container.decode(self.stream), key
        try:
            for frame in self.frames:
                place = self.next if self.counted else frame.pts
                self.next = place + 1
                if place >= wanted:
                    return frame.to_ndarray(format="rgb24")
        except av.error.FFmpegError:
            pass
        self.next = None
        raise UsageError(f"{self.path}: frame {number} can't be decoded")


@lru_cache(maxsize=16)
def video(path):
    """The Video at a path; the last few stay open."""
    return Video(path)
