"""Pairs of poses that training takes from the branches, with painted people in front of networks that read them."""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from duopose.nodes.chain import Networks
from duopose.nodes.top_down.lifting import Networks as Lifting
from duopose.stream.errors import UsageError
from duopose.training import branch_pairs
from tests.painted import (  # fmt: skip
    FOCAL,
    HEIGHT,
    WIDTH,
    BottomUpNetwork,
    DetectorNetwork,
    TopDownNetwork,
    frame,
    paint,
    standing,
    upright,
)

DEPTHS = (4.2, 4.8)


class Flat(SimpleNamespace):
    """A lifting network that answers as `answer` says."""

    def __call__(self, *arrays):
        return (self.answer(*arrays),)


def shipped():
    """Networks that see painted people; lifted they are flat and stand 4.5 m away."""
    temporal = {"frames": 3, "lookaheads": [0]}
    gcn = Flat(answer=lambda points, *_: np.concatenate([points, 0 * points[..., :1]], -1) * np.float32(0.45))
    poses = Flat(answer=lambda windows: windows[:, -1:, :51].reshape(-1, 1, 17, 3), arguments=temporal)
    depth = Flat(answer=lambda windows: np.log(4.5) + windows[:, -1:, 70], arguments=temporal)
    return Networks(DetectorNetwork(), TopDownNetwork(), Lifting(gcn, poses, depth), BottomUpNetwork(DEPTHS), None)


def shot(people, truth, number=0, still=False):
    return branch_pairs.Shot(paint(people), frame(number, still=still), people, truth)


def two_people():
    people = np.stack([standing(180, 240), standing(450, 240)])
    bodies = [
        upright() + np.float32([(x - WIDTH / 2) / FOCAL * z, 0, z]) for x, z in zip((180, 450), DEPTHS, strict=True)
    ]
    return people, np.stack(bodies)


def test_a_picture_without_people_gives_no_rows():
    empty = branch_pairs.Shot(
        np.full((HEIGHT, WIDTH, 3), 128, np.uint8), frame(), np.zeros((0, 17, 3), np.float32), np.zeros((0, 17, 3))
    )
    (rows,) = branch_pairs.pairs(shipped(), [empty])
    assert rows["truth"].shape == rows["top"].shape == (0, 17, 3)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_each_pair_comes_with_the_truth_of_its_own_person(order):
    people, bodies = two_people()
    (rows,) = branch_pairs.pairs(shipped(), [branch_pairs.Shot(paint(people), frame(), people[order], bodies[order])])
    assert len(rows["truth"]) == 2
    for row, truth in enumerate(rows["truth"]):
        assert rows["bottom"][row, 0, 2] == pytest.approx(truth[0, 2], rel=0.02)
        assert rows["rays"][row, 11].tolist() == pytest.approx((truth[11, :2] / truth[11, 2]).tolist(), abs=0.15)
    assert rows["partner"].tolist() == [1, 0]
    assert (rows["top_confidence"] > 0).sum() >= 28


def test_someone_who_is_not_in_the_truth_is_left_out():
    people, bodies = two_people()
    (rows,) = branch_pairs.pairs(shipped(), [shot(people, bodies)._replace(coco=people[:1], body=bodies[:1])])
    np.testing.assert_array_equal(rows["truth"], bodies[:1])
    assert rows["partner"].tolist() == [-1]


def test_partners_are_counted_over_all_pictures():
    people, bodies = two_people()
    rows = branch_pairs.pairs(shipped(), [shot(people, bodies), shot(people, bodies, number=1)])
    arrays = branch_pairs.join(rows, [7, 8])
    assert arrays["picture"].tolist() == [0, 0, 1, 1]
    assert arrays["run"].tolist() == [7, 7, 8, 8]
    assert arrays["partner"].tolist() == [1, 0, 3, 2]
    assert arrays["truth"].dtype == arrays["rays"].dtype == np.float32


def test_the_program_reads_shards_and_writes_what_both_branches_say(tmp_path, monkeypatch, capsys):
    people, bodies = two_people()
    _, coded = cv2.imencode(".png", cv2.cvtColor(paint(people), cv2.COLOR_RGB2BGR))
    np.savez(
        tmp_path / "shard_000.npz", image=coded, image_start=[0, len(coded)], size=[[WIDTH, HEIGHT]], number=[5],
        camera=np.float32([[FOCAL, FOCAL, (WIDTH - 1) / 2, (HEIGHT - 1) / 2]]), person_start=[0, 3],
        share=[1, 0.9, 0.02], visibility=np.full((3, 17), 2), coco2d=people[[0, 1, 1], :, :2], body3d=bodies[[0, 1, 0]],
    )  # fmt: skip
    monkeypatch.setattr(branch_pairs, "load_networks", lambda profile, device, without: shipped())
    branch_pairs.main([str(tmp_path), "--out", str(tmp_path / "pairs.npz")])
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (summary["pictures"], summary["people"]) == (1, 2)
    saved = np.load(tmp_path / "pairs.npz")
    assert sorted(saved["truth"][:, 0, 2].tolist()) == pytest.approx(sorted(bodies[:, 0, 2].tolist()))


def test_a_folder_without_anything_to_look_at_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(branch_pairs, "load_networks", lambda profile, device, without: shipped())
    with pytest.raises(UsageError, match=r"no shard_\*\.npz"):
        branch_pairs.main([str(tmp_path), "--out", str(tmp_path / "pairs.npz")])
