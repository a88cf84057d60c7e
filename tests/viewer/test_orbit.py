import numpy as np

from duopose.viewer.orbit import Orbit, to_pixels


def test_a_framed_orbit_has_every_point_in_the_picture():
    points = np.random.default_rng(0).uniform((-3, 0, 0), (4, 9, 2), (40, 3))
    for azimuth, elevation in ((28, 17), (90, 3), (0, 90), (-140, 40)):
        orbit = Orbit(azimuth, elevation)
        orbit.frame(points, 16 / 9)
        pixels, depths = to_pixels(points, *orbit.matrices(1600, 900), 1600, 900)
        assert (depths > 0).all()
        assert (pixels > 0).all()
        assert (pixels < (1600, 900)).all()
        assert max(np.ptp(pixels[:, 0]) / 1600, np.ptp(pixels[:, 1]) / 900) > 0.6
