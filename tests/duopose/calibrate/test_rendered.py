"""Rendered people whom the real networks saw: the focal length is right to 7 % where it is known, refused otherwise."""

import pytest

from duopose.calibrate.people import focal_from
from duopose.stream.errors import UsageError
from tests.duopose.calibrate import rendered

KNOWN = {"walk_92_tilt24_fov65_60s"}  # clips that say enough: a minute, as docs/calibrate.md asks


@pytest.mark.parametrize("name", rendered.read())
def test_the_focal_length_is_right_or_refused(name):
    steps, size, focal = rendered.read()[name]
    if name in KNOWN:
        found = focal_from(steps, *size)
        assert found.focal == pytest.approx(focal, rel=0.07)
        assert abs(found.focal / focal - 1) < 2 * found.focal_sd
    else:
        with pytest.raises(UsageError, match="leave the focal length open by"):
            focal_from(steps, *size)
