import json
import math

import pytest

from duopose.stream.camera_file import Cameras
from duopose.stream.errors import UsageError

ONE = {"fx": 1000, "fy": 1010, "cx": 639.5, "cy": 359.5, "width": 1280, "height": 720, "k1": 0.1, "k3": -0.2}


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "camera.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return write


def test_without_file_the_picture_is_60_degrees_wide():
    camera = Cameras().of(1280, 720)
    assert math.isclose(2 * math.degrees(math.atan(640 / camera.fx)), 60)
    assert (camera.fy, camera.cx, camera.cy, camera.origin) == (camera.fx, 639.5, 359.5, "default")


def test_a_field_of_view_is_horizontal_and_named_as_the_origin():
    camera = Cameras(fov=90).of(200, 300)
    assert math.isclose(camera.fx, 100)
    assert camera.origin == "fov"


def test_a_camera_for_this_size_is_taken_as_it_is(write):
    camera = Cameras(write(ONE)).of(1280, 720)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (1000, 1010, 639.5, 359.5)
    assert camera.distortion == (0.1, 0, 0, 0, -0.2)
    assert camera.origin == "file"


def test_a_smaller_picture_of_the_same_shape_has_a_scaled_camera(write):
    camera = Cameras(write(ONE)).of(640, 360)
    assert (camera.fx, camera.fy) == (500, 505)
    assert (camera.cx, camera.cy) == (319.5, 179.5)  # the middle stays the middle, pixel centres being whole numbers
    assert camera.distortion == (0.1, 0, 0, 0, -0.2)


def test_a_size_that_only_rounding_makes_another_shape_fits(write):
    assert Cameras(write(ONE)).of(854, 480).fx == pytest.approx(1000 * 854 / 1280)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 714), (720, 1280)])
def test_a_picture_of_another_shape_is_refused(write, width, height):
    with pytest.raises(UsageError, match=f"1280x720.*{width}x{height}"):
        Cameras(write(ONE)).of(width, height)


def test_a_camera_turned_on_its_side_is_pointed_out(write):
    with pytest.raises(UsageError, match="on its side"):
        Cameras(write(ONE)).of(720, 1280)


def test_each_image_has_its_own_camera(write):
    cameras = Cameras(write({"a.jpg": ONE, "b.jpg": ONE | {"fx": 500}}))
    assert cameras.of(1280, 720, "b.jpg").fx == 500
    with pytest.raises(UsageError, match=r"no camera for c\.jpg"):
        cameras.of(1280, 720, "c.jpg")
    with pytest.raises(UsageError, match="no folder of images"):
        cameras.of(1280, 720)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", "null", '{"fx": 1}', ONE | {"fx": 0}, ONE | {"fy": "wide"}, {"a.jpg": {"fx": 1}}]
    + [json.dumps(ONE | {"fx": math.nan}), json.dumps(ONE | {"fx": math.inf}), ONE | {"height": -720}],
)
def test_a_bad_file_is_refused_by_name_in_one_line(write, content):
    with pytest.raises(UsageError, match=r"camera\.json is not a camera file") as error:
        Cameras(write(content))
    assert "\n" not in str(error.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        Cameras(str(tmp_path / "nowhere.json"))


def test_a_camera_that_cannot_be_is_refused(tmp_path):
    path = tmp_path / "camera.json"
    path.write_text('{"fx": 1e12, "fy": 60, "cx": 31.5, "cy": 23.5, "width": 64, "height": 48}')
    with pytest.raises(UsageError, match="no camera has the focal lengths"):
        Cameras(path).of(64, 48)
