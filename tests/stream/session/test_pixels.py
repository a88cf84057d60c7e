"""What is stored of a picture is the picture."""

import numpy as np
import pytest

from duopose.stream.session.pixels import CODECS, Encoder, decode

RANDOM = np.random.default_rng(1)
SIZES = ((48, 64), (97, 61), (2, 2), (270, 480))


@pytest.mark.parametrize("codec", CODECS)
def test_every_picture_comes_back_to_the_bit_and_by_itself(codec):
    encoder = Encoder(codec)
    pictures = [RANDOM.integers(0, 256, (height, width, 3), np.uint8) for height, width in (*SIZES, SIZES[0], SIZES[0])]
    stored = [encoder.encode(picture) for picture in pictures]
    for picture, data in reversed(list(zip(pictures, stored, strict=True))):
        np.testing.assert_array_equal(decode(data, codec, *picture.shape[:2]), picture)


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_no_such_picture_is_none(codec):
    data = Encoder(codec).encode(RANDOM.integers(0, 256, (48, 64, 3), np.uint8))
    assert codec == "ffv1" or decode(data[: len(data) // 2], codec, 48, 64) is None  # FFV1 does not notice
    assert codec == "ffv1" or decode(data, codec, 64, 48) is None  # FFV1 does not say how large it is
    assert decode(b"", codec, 48, 64) is None
    assert decode(RANDOM.bytes(300), "h264", 48, 64) is None
    assert decode(data, "gif", 48, 64) is None
