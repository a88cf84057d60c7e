"""The data sets that training reads: what each loader makes of a tiny copy of its set."""

import json

import cv2
import numpy as np
import pytest

from duopose.stream.errors import UsageError
from duopose.stream.skeleton import BODY17, COCO17
from duopose.training.datasets.check import main as look
from duopose.training.datasets.coco import Coco
from duopose.training.datasets.mpi_inf_3dhp import JOINTS as MPI_JOINTS
from duopose.training.datasets.mpi_inf_3dhp import MpiInf3dhp, calibration
from duopose.training.datasets.muco import JOINTS, Muco
from duopose.training.datasets.reading.sample import picture
from duopose.training.datasets.reading.video import Video
from tests.training.datasets import folders as datasets
from tests.training.datasets.folders import FOCAL, MIDDLE, SIZE, projected, standing

FACE = [COCO17.index(name) for name in ("nose", "left_eye", "right_eye", "left_ear", "right_ear")]
LIMBS = range(5, 17)


def coco_points(x, z, names=JOINTS.names):
    """[12, 3] metres of the COCO17 joints from the shoulders down."""
    points = dict(zip(names, standing(names, x, z), strict=True))
    return np.array([points[COCO17[joint]] for joint in LIMBS])


# COCO


def test_coco_gives_people_with_keypoints_and_ignores_crowds_and_people_without(tmp_path):
    photographs = Coco(datasets.coco(tmp_path))
    assert len(photographs) == 2
    sample = photographs[1]  # in the order of their numbers: 3, 7
    assert sample.file.name == "000000000007.jpg"
    assert sample.camera is None
    assert sample.complete
    np.testing.assert_array_equal(sample.coco2d[0, 0], [30, 20, 1])  # whole pixels are centres
    np.testing.assert_array_equal(sample.coco2d[0, 3], [0, 0, 0])
    np.testing.assert_allclose(sample.coco2d[0, 16], [78, 60, 0.6])
    np.testing.assert_array_equal(sample.boxes, [[19.5, 9.5, 70.5, 50]])  # boxes are measured from the corner
    np.testing.assert_array_equal(sample.ignore, [[99.5, 4.5, 20, 30], [1.5, 2.5, 4, 5]])
    np.testing.assert_array_equal(
        sample.body2d[0, BODY17.index("left_wrist")], sample.coco2d[0, COCO17.index("left_wrist")]
    )
    assert np.isnan(sample.coco3d).all()
    assert np.isnan(sample.root).all()


def test_coco_teaches_no_depth(tmp_path):
    learned = picture(Coco(datasets.coco(tmp_path))[1])
    assert learned.size == (120, 80)
    assert abs(int(learned.image[40, 60, 0]) - 70) < 3
    assert np.isnan(learned.depths).all()
    assert np.isnan(learned.focal)
    assert (learned.joints[0, :, 2] > 0).sum() == 16
    assert learned.trust == 1


def test_coco_may_keep_its_pictures_in_images(tmp_path):
    datasets.coco(tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "train2017").rename(tmp_path / "images/train2017")
    assert Coco(tmp_path)[0].pixels().shape == (80, 120, 3)


# MuCo-3DHP


def test_muco_in_metres_and_where_the_picture_shows_it(tmp_path):
    sample = Muco(datasets.muco(tmp_path))[0]
    assert sample.file.name == "000090.png"
    truth = coco_points(0.1, 12.0)
    np.testing.assert_allclose(sample.coco3d[0, 5:], truth, atol=1e-5)
    np.testing.assert_allclose(sample.coco2d[0, 5:, :2], projected(truth), atol=1e-3)
    np.testing.assert_allclose(sample.root, [[0.1, 0, standing(["pelvis"], 0, 12.0)[0, 2]]], atol=1e-6)
    assert (sample.coco2d[0, 5:, 2] == 1).all()
    assert (sample.camera.fx, sample.camera.fy, sample.camera.cx, sample.camera.cy) == (*FOCAL, *MIDDLE)
    image, wrist = sample.pixels(), sample.coco2d[0, COCO17.index("left_wrist"), :2]
    np.testing.assert_allclose(datasets.middle_of(image, wrist), wrist, atol=0.1)


def test_muco_labels_no_face_and_says_so(tmp_path):
    sample = Muco(datasets.muco(tmp_path))[0]
    assert np.isnan(sample.coco2d[:, FACE]).all()
    assert np.isnan(sample.coco3d[:, FACE]).all()
    assert np.isfinite(sample.body3d).all()  # the nose is the set's head joint
    learned = picture(sample)
    assert np.isnan(learned.joints[:, FACE, 2]).all()
    assert np.isfinite(learned.joints[:, FACE, :2]).all()
    np.testing.assert_allclose(learned.depths[0, 5:], coco_points(0.1, 12.0)[:, 2], rtol=1e-6)
    assert learned.focal == pytest.approx(1495)


def test_muco_knows_who_is_behind_and_leaves_out_who_is_not_in_the_picture(tmp_path):
    sample = Muco(datasets.muco(tmp_path))[1]
    assert sample.file.name == "000004.png"
    assert len(sample.coco2d) == 2  # the third one stands 9 m to the side
    order = np.argsort(sample.root[:, 2])
    front, back = sample.coco2d[order]
    assert (front[5:15, 2] == 1).all()
    assert (front[15:, 2] == 0).all()  # the ankles are below the picture
    hidden = back[:, 2] == np.float32(0.6)
    assert hidden[COCO17.index("left_wrist")]
    assert not any(hidden[COCO17.index(name)] for name in ("right_wrist", "right_elbow", "right_knee"))
    box, hull = sample.boxes[order[0]], front[5:15, :2]
    assert (box[:2] < hull.min(0)).all()
    assert (box[:2] + box[2:] > hull.max(0)).all()


def test_muco_of_the_owners_script_teaches_joints_but_no_depth(tmp_path):
    folder, pixels = datasets.muco_chunk(tmp_path / "augmented_set_001")
    composites = Muco(folder)
    assert len(composites) == 2
    sample = composites[1]
    assert sample.file == folder / "000002.jpg"
    wrist = JOINTS.names.index("left_wrist")
    np.testing.assert_allclose(sample.coco2d[:, COCO17.index("left_wrist"), :2], pixels[:, wrist, :, 1].T, rtol=1e-6)
    assert sample.camera is None
    assert np.isnan(sample.coco3d).all()


# MPI-INF-3DHP


@pytest.fixture(scope="module")
def mpi(tmp_path_factory):
    return datasets.mpi_inf_3dhp(tmp_path_factory.mktemp("mpi"))


def test_mpi_inf_3dhp_reads_videos_and_picture_files_frame_by_frame(mpi):
    frames = MpiInf3dhp(mpi, step=1)
    assert len(frames) == 11 + 12  # one frame is labelled that the video lacks
    for index, (sequence, number, stamp) in {3: ("S1/Seq1/4", 3, 0.12), 15: ("S3/Seq2/2", 4, 0.08)}.items():
        sample = frames[index]
        assert (sample.sequence, sample.number) == (sequence, number)
        assert sample.stamp == pytest.approx(stamp)
        truth = coco_points(-0.2 + 0.03 * number, 11.0, MPI_JOINTS.names)
        np.testing.assert_allclose(sample.coco3d[0, 5:], truth, atol=1e-5)
        np.testing.assert_allclose(sample.coco2d[0, 5:, :2], projected(truth), atol=1e-3)
        assert np.isnan(sample.coco2d[0, FACE]).all()
        image, elbow = sample.pixels(), sample.coco2d[0, COCO17.index("left_elbow"), :2]
        np.testing.assert_allclose(datasets.middle_of(image, elbow), elbow, atol=0.5)  # a frame later lies 4 px further
        assert sample.size == SIZE
        assert sample.ids.tolist() == [0]


def test_mpi_inf_3dhp_takes_every_so_many_th_frame(mpi):
    frames = MpiInf3dhp(mpi, step=5)
    assert [frames[index].number for index in range(len(frames))] == [0, 5, 10, 0, 5, 10]
    with pytest.raises(IndexError):
        frames[len(frames)]


def test_the_swapped_frames_of_s4_are_swapped_back(mpi, tmp_path, monkeypatch):
    monkeypatch.setattr("duopose.training.datasets.mpi_inf_3dhp.SWAPPED", {(1, 1): slice(3, 5)})
    frames = MpiInf3dhp(mpi, step=1)
    left, right = COCO17.index("left_knee"), COCO17.index("right_knee")
    assert frames[2].coco3d[0, left, 0] > frames[2].coco3d[0, right, 0]
    for index in (3, 4):
        assert frames[index].coco3d[0, left, 0] < frames[index].coco3d[0, right, 0]
        assert frames[index].coco2d[0, left, 0] < frames[index].coco2d[0, right, 0]
    assert frames[5].coco3d[0, left, 0] > frames[5].coco3d[0, right, 0]


def test_the_test_set_of_mpi_inf_3dhp_has_valid_frames_and_the_camera_that_projects_them(tmp_path):
    frames = MpiInf3dhp(datasets.mpi_inf_3dhp_test(tmp_path), "test", step=1)
    assert [frames[index].number for index in range(len(frames))] == [0, 2, 3]
    sample = frames[1]
    camera = sample.camera
    np.testing.assert_allclose([camera.fx, camera.fy, camera.cx, camera.cy], [*FOCAL, *MIDDLE], rtol=1e-6)
    assert sample.file.name == "img_000003.jpg"
    np.testing.assert_allclose(sample.coco3d[0, 5:], coco_points(0.0, 13.0), atol=1e-5)
    image, wrist = sample.pixels(), sample.coco2d[0, COCO17.index("right_wrist"), :2]
    np.testing.assert_allclose(datasets.middle_of(image, wrist), wrist, atol=0.3)


def test_calibration_files_name_each_camera(tmp_path):
    (tmp_path / "camera.calibration").write_text(datasets.mpi_calibration([0, 7]))
    cameras = calibration(tmp_path / "camera.calibration")
    assert list(cameras) == [0, 7]
    camera, size = cameras[7]
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (*FOCAL, *MIDDLE)
    assert size == SIZE


# Folders that are something else


@pytest.mark.parametrize(("loader", "name"), [(Coco, "COCO 2017"), (Muco, "MuCo-3DHP"), (MpiInf3dhp, "MPI-INF-3DHP")])
@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_is_not_the_set_is_one_clear_line(tmp_path, loader, name, there):
    folder = tmp_path if there else tmp_path / "nowhere"
    with pytest.raises(UsageError, match=name) as error:
        loader(folder)
    assert str(folder) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("damage", ["cut", "other", "keys"])
def test_damaged_labels_are_one_clear_line(tmp_path, damage):
    for loader, make, file in (
        (Coco, datasets.coco, "annotations/person_keypoints_train2017.json"),
        (Muco, datasets.muco, "MuCo-3DHP.json"),
    ):
        path = make(tmp_path / loader.__name__) / file
        text = path.read_text()
        path.write_text({"cut": text[:-30], "other": "no JSON", "keys": text.replace("image_id", "picture_id")}[damage])
        with pytest.raises(UsageError, match=path.name) as error:
            loader(tmp_path / loader.__name__)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(("lost", "reason"), [("images", "names no picture"), ("one", "people without picture")])
def test_people_of_pictures_that_are_not_there_are_one_clear_line(tmp_path, lost, reason):
    path = datasets.muco(tmp_path) / "MuCo-3DHP.json"
    labels = json.loads(path.read_text())
    labels["images"] = labels["images"][1:] if lost == "one" else []
    path.write_text(json.dumps(labels))
    with pytest.raises(UsageError, match=reason):
        Muco(tmp_path)


def test_a_damaged_annotation_of_mpi_inf_3dhp_is_one_clear_line(tmp_path):
    folder = datasets.mpi_inf_3dhp(tmp_path, frames=2)
    (folder / "S1/Seq1/annot.mat").write_bytes(b"nothing")
    with pytest.raises(UsageError, match=r"annot\.mat"):
        MpiInf3dhp(folder)


def test_pixels_that_do_not_fit_their_labels_are_one_clear_line(tmp_path):
    folder = datasets.muco(tmp_path)
    labels = json.loads((folder / "MuCo-3DHP.json").read_text())
    labels["images"][0]["width"] = 300
    (folder / "MuCo-3DHP.json").write_text(json.dumps(labels))
    with pytest.raises(UsageError, match="256x240, its labels are for 300x240"):
        Muco(folder)[0].pixels()
    (folder / "augmented_set/1/000004.png").unlink()
    with pytest.raises(UsageError, match=r"000004\.png is missing"):
        Muco(folder)[1].pixels()


# Videos


@pytest.mark.parametrize(("suffix", "codec"), [("avi", "mpeg4"), ("mp4", "libx264"), ("avi", "libx264")])
def test_any_frame_of_a_video_in_any_order(tmp_path, suffix, codec):
    path = tmp_path / f"video.{suffix}"
    shades = [20 + 18 * number for number in range(12)]
    datasets.video(path, [np.full((64, 64, 3), shade, np.uint8) for shade in shades], codec)
    video = Video(path)
    assert len(video) == 12
    for number in (7, 8, 2, 11, 0, 0, 5):
        assert abs(int(video.read(number).mean()) - shades[number]) < 6, number
    with pytest.raises(UsageError, match="12 frames"):
        video.read(12)


def test_what_is_no_video_is_one_clear_line(tmp_path):
    (tmp_path / "video.avi").write_text("nothing")
    with pytest.raises(UsageError, match="is not a video"):
        Video(tmp_path / "video.avi")


# The program that looks at a folder


def looked_at(capsys, *words):
    look(list(map(str, words)))
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_check_of_a_folder_tells_what_is_in_it_and_draws_it(tmp_path, mpi, capsys):
    found = looked_at(capsys, "mpi-inf-3dhp", mpi, "--draw", tmp_path / "drawn", "--count", 2)
    assert found["pictures"] == 6
    assert found["sequences"] == 2
    assert found["people"] == 1
    assert found["labelled"] == pytest.approx(12 / 17)
    assert found["seen"] == 1
    assert found["depth"] == pytest.approx([10.94] * 3, abs=0.01)
    assert max(found["reprojection"]) < 0.01
    thigh = np.linalg.norm(np.subtract(*standing(["left_hip", "left_knee"], 0, 0)))
    assert found["thigh"] == pytest.approx([thigh] * 3, abs=2e-3)
    assert (found["body"], found["rate"]) == (1, 5)  # 25 a second, every fifth
    images = [cv2.imread(str(file)) for file in sorted((tmp_path / "drawn").iterdir())]
    assert [image.shape for image in images] == [(SIZE[1], SIZE[0], 3)] * 2
    assert (np.ptp(images[0], axis=2) > 50).sum() > 100  # the dots are grey, what is drawn is not


def test_the_check_of_a_set_without_3d_knows_no_depth(tmp_path, capsys):
    found = looked_at(capsys, "coco", datasets.coco(tmp_path))
    assert found["depth"] is found["reprojection"] is found["thigh"] is found["rate"] is None
    assert found["body"] == 0
    assert found["labelled"] == 1
    assert found["hidden"] == pytest.approx(1 / 17)
    assert found["outside"] == pytest.approx(1 / 17)


def test_3d_that_does_not_belong_to_the_pixels_is_noticed(tmp_path, capsys):
    folder = datasets.muco(tmp_path)
    labels = json.loads((folder / "MuCo-3DHP.json").read_text())
    for entry in labels["annotations"]:
        entry["keypoints_img"] = [[x + 30, y] for x, y in entry["keypoints_img"]]
    (folder / "MuCo-3DHP.json").write_text(json.dumps(labels))
    assert looked_at(capsys, "muco", folder)["reprojection"][0] == pytest.approx(30, abs=0.01)


def test_the_check_of_another_folder_says_what_is_missing(tmp_path):
    with pytest.raises(UsageError, match=r"is not MuCo-3DHP: no MuCo-3DHP\.json in it"):
        look(["muco", str(tmp_path)])
