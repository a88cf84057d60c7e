import cv2
import msgspec
import numpy as np

from duopose.stream.record.pictures import Pictures
from tests.viewer.scenes import HEIGHT, WIDTH, make_scene


def brightness(pictures, number):
    image = pictures.of(make_scene([], number=number, stamp=round(number / 10, 4)).frame)
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert np.ptp(image) < 16
    return image.mean()


def test_the_picture_of_a_frame_is_found_by_its_stamp_forwards_and_back(clip):
    pictures = Pictures(clip)
    for number in (0, 1, 2, 9, 4, 4, 5, 0, 9, 3):
        assert abs(brightness(pictures, number) - (20 * number + 20)) < 8


def test_an_image_is_found_by_its_name_and_what_is_missing_is_none(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 6, 3), (10, 20, 30), np.uint8))
    frame = make_scene([]).frame
    images = Pictures(tmp_path)
    assert images.of(msgspec.structs.replace(frame, file="a.png"))[0, 0].tolist() == [30, 20, 10]
    assert images.of(msgspec.structs.replace(frame, file="b.png")) is None
