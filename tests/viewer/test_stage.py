"""What is drawn: people where they are, in the colours of their identities, and nothing else."""

import cv2
import numpy as np

from duopose.stream.overlay import colour_of
from duopose.stream.skeleton import BODY17, COCO17
from duopose.viewer import offscreen
from tests.viewer.scenes import HEIGHT, WIDTH, colourfulness, make_scene, person, project


def render(scene, image, width=WIDTH, height=HEIGHT, view="orbit"):
    """One scene and its frame as a picture, uint8 RGBA."""
    camera = offscreen.Camera(width, height)
    camera.show(scene, image)
    return camera.shoot(view)


def hue_of(colour):
    return cv2.cvtColor(np.uint8(colour).reshape(1, 1, -1)[..., :3], cv2.COLOR_RGB2HSV)[0, 0, 0] * 2


def hue_gap(pixel, identity):
    gap = abs(int(hue_of(pixel)) - int(hue_of(colour_of(identity))))
    return min(gap, 360 - gap)


def test_each_bone_is_drawn_where_the_camera_sees_it_and_in_the_colour_of_its_identity(screen):
    people = [person(-0.8, 5.0), person(0.6, 6.5)]
    image = render(make_scene(people, ids=[4, 9]), None, WIDTH, HEIGHT, "front")
    for joints, identity in zip(people, (4, 9), strict=True):
        for start, end in (("right_hip", "right_knee"), ("left_knee", "left_ankle"), ("left_shoulder", "left_elbow")):
            x, y = project((joints[BODY17.index(start)] + joints[BODY17.index(end)]) / 2)
            pixel = image[round(y), round(x)]
            assert colourfulness(pixel) > 60
            assert hue_gap(pixel, identity) < 16


def test_nothing_colourful_is_drawn_away_from_the_people(screen):
    image = render(make_scene([person(-0.8, 3.0)]), None, WIDTH, HEIGHT, "front")
    left, top = project(person(-0.8, 3.0)).min(0) - (60, 60)
    right, bottom = project(person(-0.8, 3.0)).max(0) + (60, 60)
    outside = np.ones(image.shape[:2], bool)
    outside[max(round(top), 0) : round(bottom), max(round(left), 0) : round(right)] = False
    assert colourfulness(image)[outside].max() < 60


def test_a_tag_in_the_colour_of_the_identity_stands_over_the_head(screen):
    joints = person(0.0, 5.0)
    image = render(make_scene([joints], ids=[2]), None, WIDTH, HEIGHT, "front")
    x, y = project(joints[BODY17.index("head_top")])
    over = image[round(y) - 45 : round(y) - 12, round(x) - 50 : round(x) + 50, :3].astype(int)
    exact = np.abs(over - colour_of(2)).max(-1) <= 2
    assert exact.sum() > 40


def test_a_limb_that_nobody_measured_is_drawn_darker(screen):
    joints = person(0.0, 5.0)
    scene = make_scene([joints])
    scene.coco[0, COCO17.index("left_ankle")] = 0
    image = render(scene, None, WIDTH, HEIGHT, "front").astype(int)

    def shin(side):
        x, y = project((joints[BODY17.index(f"{side}_knee")] + joints[BODY17.index(f"{side}_ankle")]) / 2)
        return image[round(y), round(x), :3].max()

    assert shin("left") < 0.7 * shin("right")


def test_someone_seen_by_one_branch_only_is_drawn_thinner(screen):
    areas = []
    for source in (3, 1, 2):
        image = render(make_scene([person(0.0, 3.0)], sources=[source]), None, WIDTH, HEIGHT, "front")
        x, y = project(person(0.0, 3.0)[BODY17.index("left_knee")])
        areas.append((colourfulness(image[round(y) - 25 : round(y) - 15, round(x) - 20 : round(x) + 20]) > 60).sum())
    assert areas[1] == areas[2]
    assert areas[1] < 0.75 * areas[0]


def test_a_scene_without_people_is_an_empty_floor(screen):
    for view in offscreen.VIEWS:
        image = render(make_scene([]), None, 320, 180, view)
        assert image.shape == (180, 320, 4)
        assert colourfulness(image).max() < 60


def test_the_video_is_shown_with_the_joints_drawn_in(screen):
    video = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    scene = make_scene([person(0.0, 3.0)])
    image = render(scene, video, 640, 360)
    card = image[20:110, 20:180]
    assert (np.abs(card[..., :3].astype(int) - 128).max(-1) <= 3).mean() > 0.7
    assert (np.abs(card[..., :3].astype(int) - colour_of(1)).max(-1) < 60).sum() > 20
    assert (video == 128).all()


def test_a_crowd_is_drawn_with_coarser_tubes_but_complete(screen):
    people = [person(x, z) for z in (5, 7, 9, 11) for x in (-2, -1, 0, 1, 2)]
    image = render(make_scene(people), None, WIDTH, HEIGHT, "above")
    assert (colourfulness(image) > 60).sum() > 500


def test_one_wrong_depth_does_not_push_the_others_out_of_sight(screen):
    sound, wrong = [person(-1, 4), person(0.5, 5), person(1, 6)], [person(0, 90)]
    for view in ("orbit", "above"):
        images = [render(make_scene(people), None, WIDTH, HEIGHT, view) for people in (sound, sound + wrong)]
        alone, together = ((colourfulness(image) > 60).sum() for image in images)
        assert together > 0.8 * alone


def test_a_bar_along_the_ray_says_how_sure_a_distance_is(screen):
    """A bar adds colour beside the body, and a longer one more of it."""
    scene, colourful = make_scene([person(0, 4.0)]), []
    for sd in (np.nan, 0.05, 0.3):
        scene.depth_sd[:] = sd
        colourful.append((colourfulness(render(scene, None, 640, 480)) > 30).sum())
    assert colourful[0] < colourful[1] < colourful[2] - 50
