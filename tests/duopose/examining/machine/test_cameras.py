"""Webcams of recorded machines: their names and modes, and what hinders."""

import errno
import struct

import pytest

from duopose.examining.machine import cameras, v4l2
from tests.duopose.examining import machines
from tests.duopose.examining.looking import look, marks, text

MODES = [
    {"format": "YUYV", "size": [640, 480], "rates": [30.0]},
    {"format": "MJPG", "size": [1920, 1080], "rates": [30.0, 15.0]},
    {"format": "MJPG", "size": [1280, 720], "rates": [60.0, 30.0]},
]


FORMATS = {  # of a webcam: {format: {size: seconds between pictures, as fractions}}
    b"MJPG": {(1280, 720): [(1, 30), (1, 15)], (640, 480): [(1, 30)]},
    b"YUYV": {(640, 480): [(1001, 30000)]},
}


class Webcam:
    """Answers ioctl as a driver does: formats, their sizes, rates of each size."""

    def __init__(self, device=0x04200001, busy=False):
        """device: its capabilities."""
        self.device, self.busy = device, busy

    def __call__(self, handle, request, buffer):
        if request == v4l2.QUERYCAP:
            card, of_both = b"HD Pro Webcam C920", 0x84A00001
            struct.pack_into("16s32s32sIII", buffer, 0, b"uvcvideo", card, b"usb-1", 1, of_both, self.device)
        elif request == v4l2.REQBUFS:
            if self.busy:
                raise OSError(errno.EBUSY, "busy")
        else:
            self.enumerate(request, buffer)

    def enumerate(self, request, buffer):
        index, code, width, height = struct.unpack_from("IIII", buffer)
        try:
            if request == v4l2.ENUM_FMT:
                struct.pack_into("32s4s", buffer, 12, b"Motion-JPEG", list(FORMATS)[index])
            elif request == v4l2.ENUM_FRAMESIZES:
                sizes = FORMATS[struct.pack("I", code)]
                struct.pack_into("III", buffer, 8, v4l2.DISCRETE, *list(sizes)[index])
            else:
                assert request == v4l2.ENUM_FRAMEINTERVALS
                struct.pack_into("III", buffer, 16, 1, *FORMATS[struct.pack("I", code)][width, height][index])
        except IndexError:
            raise OSError(errno.EINVAL, "no more") from None


class AnySize(Webcam):
    """Gives pictures of any size from 16x16 to 800x600, as a virtual camera does."""

    def enumerate(self, request, buffer):
        if request == v4l2.ENUM_FRAMESIZES:
            struct.pack_into("7I", buffer, 8, 3, 16, 800, 2, 16, 600, 2)
        elif request == v4l2.ENUM_FRAMEINTERVALS:
            raise OSError(errno.ENOTTY, "not known")
        else:
            super().enumerate(request, buffer)


def test_requests_have_the_numbers_of_the_kernel():
    assert v4l2.QUERYCAP == 0x80685600
    assert v4l2.ENUM_FMT == 0xC0405602
    assert v4l2.REQBUFS == 0xC0145608
    assert v4l2.ENUM_FRAMESIZES == 0xC02C564A
    assert v4l2.ENUM_FRAMEINTERVALS == 0xC034564B


def test_a_webcam_says_its_name_and_its_modes():
    said = v4l2.camera(0, Webcam())
    assert (said["name"], said["busy"]) == ("HD Pro Webcam C920", False)
    assert said["modes"] == [
        {"format": "MJPG", "size": [1280, 720], "rates": [30.0, 15.0]},
        {"format": "MJPG", "size": [640, 480], "rates": [30.0]},
        {"format": "YUYV", "size": [640, 480], "rates": [30.0]},
    ]


def test_of_a_range_of_sizes_the_largest_is_told():
    said = v4l2.camera(0, AnySize())
    assert [mode["size"] for mode in said["modes"]] == [[800, 600]] * 2
    assert said["modes"][0]["rates"] == []


def test_a_webcam_in_use_says_so():
    assert v4l2.camera(0, Webcam(busy=True))["busy"]


def test_a_device_that_only_tells_of_pictures_is_no_camera():
    assert v4l2.camera(0, Webcam(device=0x04A00000)) is None


def test_a_driver_that_has_endless_formats_is_not_believed():
    class Endless(AnySize):
        def enumerate(self, request, buffer):
            if request == v4l2.ENUM_FMT:
                struct.pack_into("32s4s", buffer, 12, b"", b"MJPG")
            else:
                super().enumerate(request, buffer)

    assert len(v4l2.camera(0, Endless())["modes"]) == v4l2.MOST


def saying(**said):
    """What asks the devices by name: {"video0": what it says}; others only tell of pictures."""
    return lambda module, *devices, seconds: ([[one, said.get(one.rpartition("/")[2])] for one in devices], None)


def free(modes=MODES):
    return {"name": "as it says", "busy": False, "modes": modes}


def test_two_webcams_are_told_with_their_largest_modes(tmp_path):
    root = machines.two_webcams(tmp_path)
    part = look(cameras.examine, root, ask=saying(video0=free(), video2=free(MODES[:1])))
    assert [camera["device"] for camera in part.facts["cameras"]] == [f"{root}/dev/video{n}" for n in (0, 2)]
    assert marks(part) == ["ok", "ok"]
    assert "MJPG 1920x1080 at 30/s, MJPG 1280x720 at 60/s, YUYV 640x480 at 30/s" in text(part)


def test_a_webcam_in_use_is_told_with_the_program_that_uses_it(tmp_path):
    root = machines.two_webcams(tmp_path)
    part = look(cameras.examine, root, ask=saying(video0=free(), video2={"name": "", "busy": True, "modes": []}))
    assert marks(part) == ["ok", "problem"]
    assert "in use by zoom (process 4711)" in text(part)
    assert not part.prevents  # a file or a stream can still be played


def test_a_webcam_without_permission_names_the_group(tmp_path):
    part = look(cameras.examine, machines.two_webcams(tmp_path), may_open=lambda device: False)
    assert set(marks(part)) == {"problem"}
    assert "sudo usermod --append --groups" in text(part)
    assert "docker run --device" in text(part)


def test_a_driver_that_hangs_is_told_as_such(tmp_path):
    hanging = lambda module, *devices, seconds: ([], "it did not end in 3 s")  # noqa: E731
    part = look(cameras.examine, machines.two_webcams(tmp_path), ask=hanging)
    assert "it does not answer (it did not end in 3 s)" in text(part)
    assert "unplug it" in part.findings[0].remedy


def test_what_is_no_camera_at_all_is_told_by_the_real_question(tmp_path):
    """Empty files take the place of devices: each is opened and asked, in a process of its own."""
    part = look(cameras.examine, machines.two_webcams(tmp_path))
    assert marks(part) == ["problem"] * 4
    assert "Inappropriate ioctl for device" in text(part)


def test_a_webcam_that_is_slow_at_what_a_run_asks_for_is_a_note(tmp_path):
    slow = free([{"format": "YUYV", "size": [1280, 720], "rates": [10.0]}])
    part = look(cameras.examine, machines.two_webcams(tmp_path), ask=saying(video0=slow))
    assert marks(part) == ["note"]
    assert "--camera-size 640x480" in part.findings[0].remedy


def test_no_webcam_is_no_fault(tmp_path):
    assert marks(look(cameras.examine, tmp_path)) == ["ok"]


@pytest.mark.parametrize("number", [0, 2])
def test_names_come_from_the_system(number, tmp_path):
    found = {one["device"]: one["name"] for one in cameras.devices(machines.two_webcams(tmp_path))}
    assert found[f"{tmp_path}/dev/video{number}"] == machines.NAMES[number]
    assert len(found) == 4
