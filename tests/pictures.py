"""Small videos and images for tests, with the faults that real ones have."""

import struct

import av
import cv2
import numpy as np


def picture(number, width=64, height=48):
    """uint8 [H, W, 3] RGB, its grey value tells the number; the top left quarter is brighter."""
    image = np.full((height, width, 3), 20 + 10 * (number % 16), np.uint8)
    image[: height // 2, : width // 2] += 60
    return image


def number_of(image):
    """What `picture` hid in an image that has gone through a codec."""
    return round((float(np.median(image[-8:, -8:])) - 20) / 10)


def video(path, frames=12, rate=25, **size):
    """A video whose every frame stands alone, so that one damaged frame damages no other."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.pix_fmt, stream.options = "yuv420p", {"g": "1", "crf": "10"}
        stream.height, stream.width = picture(0, **size).shape[:2]
        for number in range(frames):
            image = picture(number, **size)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return str(path)


def damage(path, number):
    """Overwrite the `number`-th frame of a video with zeros."""
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][number]
        start, size = packet.pos, packet.size
    with open(path, "r+b") as file:
        file.seek(start)
        file.write(bytes(size))


def turn(path):
    """Note in an MP4 that it is to be shown turned clockwise by a quarter, as phones do."""
    with open(path, "r+b") as file:
        header = file.read().find(b"tkhd")
        file.seek(header + 4 + 40)
        file.write(struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30))


def jpeg(path, image=None, orientation=None):
    """A JPEG; `orientation` as EXIF numbers it, 6 = to be turned clockwise by a quarter."""
    image = picture(0) if image is None else image
    content = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()
    if orientation:
        exif = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x112, 3, 1, orientation, 0, 0)
        content = content[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + content[2:]
    path.write_bytes(content)
    return path
