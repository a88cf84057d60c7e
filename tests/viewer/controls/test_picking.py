import numpy as np

from duopose.stream.skeleton import BODY17, COCO17
from duopose.viewer.controls.picking import facts, nearest
from duopose.viewer.floor import Floor, to_world
from tests.viewer.scenes import make_scene, person

WRIST = BODY17.index("left_wrist")


def test_the_nearest_joint_is_meant_and_none_far_off_or_behind():
    pixels = np.random.default_rng(0).uniform(0, 1000, (3, 17, 2))
    pixels[1, 5] = 500, 300
    depths = np.ones((3, 17))
    pixels[pixels[..., 0] < 560] += 600
    pixels[1, 5] = 500, 300
    assert nearest(pixels, depths, (505, 304), 720) == (1, 5)
    assert nearest(pixels, depths, (500, 270), 720) is None
    assert nearest(pixels, depths, (500, 270), 1440) == (1, 5)
    depths[1, 5] = -1
    assert nearest(pixels, depths, (500, 300), 720) is None
    assert nearest(pixels[:0], depths[:0], (500, 300), 720) is None


def told(scene):
    return facts(scene, to_world(Floor().camera_to_world(), scene.joints), 0, WRIST)


def test_a_joint_tells_where_it_is_and_whether_it_was_seen():
    scene = make_scene([person(0, 4)])
    x, y, z = scene.joints[0, WRIST]
    distance, height, seen, branches = told(scene)
    assert distance == f"{np.sqrt(x * x + y * y + z * z):.2f} m from the camera"
    assert height == f"{1.4 - y:.2f} m above the floor"
    assert (seen, branches) == ("seen, score 0.90", "one branch only")
    scene.coco[0, COCO17.index("left_wrist")] = 0
    assert told(scene)[2] == "not seen: filled in by the networks"


def test_a_joint_tells_how_far_the_branches_are_apart():
    scene = make_scene([person(0, 4)])
    scene.top_down[:], scene.bottom_up[:] = scene.joints, scene.joints + (0.03, 0.04, 0)
    assert told(scene)[-1] == "the branches are 50 mm apart"


def test_a_joint_tells_its_uncertainty_where_the_scene_has_it():
    scene = make_scene([person(0, 4)])
    scene.depth_sd[:], scene.joint_sd[:] = 0.05, 0.032
    distance = np.linalg.norm(scene.joints[0, BODY17.index("left_wrist")])
    assert told(scene)[0] == f"{distance:.2f} m from the camera ± {0.05 * distance:.2f}"
    assert "± 32 mm in the body" in told(scene)
