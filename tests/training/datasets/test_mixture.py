"""Which pictures the image networks learn from, as the options say."""

import pickle
from functools import partial

import numpy as np
import pytest

from duopose.stream.arguments import Parser
from duopose.stream.errors import UsageError
from duopose.training import bottom_up, detector, top_down
from duopose.training.datasets import mixture
from duopose.training.datasets.mixture import Mixture, Pictures
from duopose.training.images.judging import judge_best
from duopose.training.loop.options import training_record
from tests.evaluation.copies import crowd, grey, standing, write_human36m, write_jta
from tests.training.datasets import folders as datasets


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Folders whose content nobody looks at."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()


def parsed(*words):
    return mixture.add_options(Parser("duopose train ...: a test")).parse_args(words)


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Folders of a tiny COCO (with val2017), MuCo-3DHP and MPI-INF-3DHP (with its test set)."""
    folder = tmp_path_factory.mktemp("sets")
    for split in ("train2017", "val2017"):
        datasets.coco(folder / "coco", split)
    datasets.muco(folder / "muco")
    datasets.mpi_inf_3dhp_test(datasets.mpi_inf_3dhp(folder / "mpi"))
    return folder


def test_pictures_come_from_each_set_as_often_as_its_weight_says():
    draw = Mixture([("a" * 5, 3), ("b", 1), ("c", 0)])
    rng = np.random.default_rng(0)
    drawn = [draw(rng) for _ in range(400)]
    assert len(draw) == 6
    assert drawn.count("a") == pytest.approx(300, abs=30)
    assert "c" not in drawn


@pytest.mark.parametrize(
    ("words", "weights"),
    [
        ("--people a", {"people": 1}),
        ("--people a --rendered b c", {"people": 0.7, "rendered": 0.3}),
        ("--people a --rendered b --share 0.5", {"people": 0.5, "rendered": 0.5}),
        ("--rendered b", {"rendered": 1}),
        ("--coco a --muco b", {"coco": 0.5, "muco": 0.5}),
        ("--people a --coco b --rendered c --share 0.2", {"people": 0.4, "rendered": 0.2, "coco": 0.4}),
        ("--coco a --muco b --mpi-inf-3dhp c --shares coco=2 muco=0.5", {"coco": 2, "muco": 0.5, "mpi-inf-3dhp": 1}),
        ("--people a --rendered b --shares rendered=3", {"people": 1, "rendered": 3}),
    ],
)
def test_shares_are_as_asked_for_and_as_they_were_before(words, weights):
    assert mixture.shares(parsed(*words.split())) == pytest.approx(weights)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "at least one of --people"),
        ("--coco a --shares muco=1", "no --muco"),
        ("--coco a --muco b --shares muco=0 coco=0", "weight 0"),
    ],
)
def test_what_cannot_be_mixed_is_one_clear_line(words, reason):
    with pytest.raises(UsageError, match=reason):
        mixture.shares(parsed(*words.split()))


@pytest.mark.parametrize("word", ["coco", "coco=much", "coco=-1", "imagenet=1"])
def test_a_share_that_is_none_is_refused(word):
    with pytest.raises(UsageError, match=f"'{word}' is not SET=WEIGHT"):
        parsed("--shares", word)


def test_a_mixture_of_public_sets_draws_from_all_of_them(sets):
    words = ("--coco", sets / "coco", "--muco", sets / "muco", "--mpi-inf-3dhp", sets / "mpi", "--shares", "coco=2")
    options = parsed(*map(str, words))
    draw = pickle.loads(pickle.dumps(mixture.mixture(options)))  # as the processes get it that prepare batches
    rng = np.random.default_rng(0)
    pictures = [draw(rng) for _ in range(80)]
    flat = sum(bool(np.isnan(picture.focal)) for picture in pictures)
    assert flat == pytest.approx(40, abs=12)  # COCO knows no focal length
    assert all(np.isnan(picture.depths).all() == np.isnan(picture.focal) for picture in pictures)
    assert len({len(picture.boxes) for picture in pictures}) == 2  # one person and two
    assert mixture.described(options) == [
        "COCO 2017 person keypoints, train2017",
        "MuCo-3DHP",
        "MPI-INF-3DHP, training sequences",
    ]


def test_pictures_to_judge_by_are_spread_evenly():
    few = Pictures(range(101), most=3)
    assert few.chosen.tolist() == [0, 50, 100]
    assert Pictures(range(4)).chosen.tolist() == [0, 1, 2, 3]


def test_judgement_needs_photographs(sets):
    assert len(mixture.photographs(parsed("--coco", str(sets / "coco"))).human()) == 2
    with pytest.raises(UsageError, match="nothing to judge by"):
        mixture.photographs(parsed("--muco", str(sets / "muco")))


def test_batches_of_all_image_networks_can_be_made_from_public_sets(sets):
    words = ("--coco", sets / "coco", "--muco", sets / "muco", "--mpi-inf-3dhp", sets / "mpi")
    draw = mixture.mixture(parsed(*map(str, words)))
    for module in (top_down, bottom_up, detector):
        data = module.batch(draw, np.random.default_rng(1))
        for name, tensor in data.items():
            assert tensor.isfinite().all(), name
    data = bottom_up.batch(draw, np.random.default_rng(1))
    assert data["measured"].any()  # MuCo-3DHP and MPI-INF-3DHP teach depth
    assert (data["weight"] == 0).any()  # and nothing about faces
    assert data["guide"].any()
    assert not bottom_up.batch(draw, np.random.default_rng(1), blind=True)["guide"].any()


def test_the_network_is_judged_by_cocos_val2017_and_by_the_test_set_of_mpi_inf_3dhp(sets):
    """With a network that finds nothing, since what counts is that every picture can be judged."""
    nothing = lambda *arrays: tuple(  # noqa: E731
        np.zeros((1, count, arrays[0].shape[1] // 4, arrays[0].shape[2] // 4), np.float32) for count in (17, 17, 17, 1)
    )
    options = parsed("--coco", str(sets / "coco"), "--mpi-inf-3dhp", str(sets / "mpi"))
    options.judge = options.answers = None
    assert judge_best(nothing, bottom_up.to_judge_by(options))["measured recall"] == 0
    crops = lambda crop: nothing(crop)[:2]  # noqa: E731
    assert top_down.judge(crops, mixture.photographs(options))["ap"] == 0


def test_one_person_a_box_learns_nothing_of_the_others(sets):
    (picture,) = [p for p in mixture.mixture(parsed("--muco", str(sets / "muco"))).sets[0] if len(p.boxes) == 2]
    alone = top_down.only(picture, 1)
    np.testing.assert_array_equal(alone.joints, picture.joints[1:])
    assert (len(alone.boxes), len(alone.depths), len(alone.ignore), alone.complete) == (1, 1, 0, True)
    batch = partial(top_down.batch, lambda rng: picture)
    both, one = (batch(np.random.default_rng(0), one_person=how)["known"].sum() for how in (False, True))
    assert 0 < one < both


@pytest.mark.parametrize("name", ["human36m", "jta"])
def test_the_image_networks_learn_from_a_set_with_clips_alone_and_are_judged_by_what_is_held_out(name, tmp_path):
    for subject in (1, 5, 6, 7, 8):
        write_human36m(tmp_path / "human36m", subject, {0: standing(0, 4), 5: standing(1, 4)}, take=1 + (subject > 7))
    for split in ("train", "val"):
        write_jta(tmp_path / "jta", "seq_0", crowd(3), split=split)
    for file in (tmp_path / name).rglob("*.jpg"):
        grey(file, *((1000, 1002) if name == "human36m" else (1920, 1080)))
    options = parsed(f"--{name}", str(tmp_path / name))
    data = bottom_up.batch(mixture.mixture(options), np.random.default_rng(1))
    assert all(tensor.isfinite().all() for tensor in data.values())
    assert data["measured"].any()
    options.judge = options.answers = None
    (judged,) = bottom_up.to_judge_by(options).values()
    assert len(judged) == len(mixture.photographs(options)) == {"human36m": 2, "jta": 3}[name]
    assert np.isfinite(judged[0].depths).any()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((top_down, "--muco"), "nothing to judge by"),
        ((detector, "--coco"), "is not COCO 2017"),
        ((bottom_up, "--coco"), "nothing to judge depths by"),
        ((bottom_up, "--mpi-inf-3dhp"), "is not MPI-INF-3DHP"),
    ],
)
def test_programs_say_what_is_missing(words, reason, tmp_path):
    program, option = words
    with pytest.raises(UsageError, match=reason):
        program.main([option, str(tmp_path), "--pretrained", str(tmp_path)])


def test_a_run_says_which_sets_it_learned_from(sets):
    words = ["--coco", f"{sets}/coco", "--muco", f"{sets}/muco", "--rendered", "./b", "c", "--shares", "muco=0"]
    options = parsed(*words)
    record = training_record("top_down", words, options)
    assert record["data"] == ["rendered by training/synthetic/make.py: b, c", "COCO 2017 person keypoints, train2017"]
    assert record["command"] == "duopose train top_down --coco coco --muco muco --rendered b c --shares muco=0"
