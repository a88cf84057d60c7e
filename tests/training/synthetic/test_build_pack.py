"""The parts of the pack's builder that need no anny, on made-up meshes; where anny is installed, the real thing."""

import json

import cv2
import numpy as np
import pytest

from duopose.stream.errors import UsageError
from duopose.training.synthetic import build_pack, make
from duopose.training.synthetic.bodies import garments
from duopose.training.synthetic.bodies.body import Pack, fit
from duopose.training.synthetic.scene import Generator

# Two squares that share no corner, the second cut into triangles; the first has texture coordinates.
MESH = """v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
v 0 0 2
v 1 0 2
v 0 1 2
vt 0 0
vt 1 0
vt 1 1
vt 0 1
g square
f 1/1 2/2 3/3 4/4
g other # a remark
f 5 6 7
"""
HAT = """# a remark
name hat
tag Hats
tag Red
obj_file hat.obj
material hat.mhmat
x_scale 0 1 2.0
y_scale 0 2 0.5
z_scale 0 3 4.0
verts 0
 0 1 2 0.5 0.25 0.25 0.1 0.2 0.3
 3
 3
 3
 3
 3
 3
delete_verts
 1 - 3
 7
"""


def test_principal_directions_give_back_points_that_lie_on_few():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 90)) + rng.normal(size=90)
    mean, directions, coefficients = build_pack.principal(points.astype(np.float32), 3)
    np.testing.assert_allclose(coefficients @ directions + mean, points, atol=1e-4)
    np.testing.assert_allclose(coefficients.var(0), 1, atol=1e-3)
    np.testing.assert_allclose(directions @ directions.T, np.diag(np.square(directions).sum(1)), atol=1e-3)


def test_the_strongest_weights_are_kept_and_sum_to_one():
    weights = np.array([[0.1, 0.5, 0.0, 0.4], [0.25, 0.25, 0.25, 0.25]])
    kept, bones = build_pack.strongest(weights, 2)
    np.testing.assert_allclose(kept, [[5 / 9, 4 / 9], [0.5, 0.5]])
    assert bones.tolist() == [[1, 3], [0, 1]]


def test_drawn_phenotypes_are_shares_with_the_wanted_part_of_children():
    drawn, child = build_pack.draw_phenotype(np.random.default_rng(1), 4000)
    assert child.mean() == pytest.approx(build_pack.CHILDREN, abs=0.015)
    assert all(values.min() >= 0 and values.max() <= 1 for values in drawn.values())
    np.testing.assert_allclose(drawn["african"] + drawn["asian"] + drawn["caucasian"], 1)
    assert drawn["age"][child].max() < 0.5 < drawn["age"][~child].min()


def test_a_mesh_is_read_with_its_groups_in_triangles():
    count, faces, uv_faces, uv = garments.read_mesh(MESH)
    assert count == 7
    assert faces.tolist() == [[0, 1, 2], [0, 2, 3], [4, 5, 6]]
    assert uv_faces.tolist() == [[0, 1, 2], [0, 2, 3], [0, 0, 0]]
    assert uv.tolist() == [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert {name: len(part) for name, (part, _) in garments.mesh_groups(MESH).items()} == {"square": 2, "other": 1}
    assert garments.components(count, faces).tolist() == [0, 0, 0, 0, 1, 1, 1]


@pytest.fixture
def assets(tmp_path):
    """A folder like makehuman-assets with one hat."""
    folder = tmp_path / "assets" / "base" / "clothes" / "hat"
    folder.mkdir(parents=True)
    (folder / "hat.mhclo").write_text(HAT)
    (folder / "hat.obj").write_text(MESH)
    (folder / "hat.mhmat").write_text("name hat\ndiffuseTexture hat.png\naomapTexture shade.png\n")
    cv2.imwrite(str(folder / "hat.png"), np.full((2048, 2048, 4), 255, np.uint8))
    (folder / "shade.png").write_text("version https://git-lfs.github.com/spec/v1\n")
    return tmp_path / "assets"


def test_a_garment_hangs_where_its_file_says(assets, folders, tmp_path):
    out = folders[0] / "pack"
    index = garments.build_garments(assets, out)
    assert index["clothes_hat"]["tags"] == ["Hats", "Red"]
    assert index["clothes_hat"]["tex"] == "clothes_hat_tex.jpg"  # opaque
    assert index["clothes_hat"]["ao"] is None  # not a picture, only where one would be found
    assert cv2.imread(str(out / "clothes_hat_tex.jpg")).shape == (1024, 1024, 3)
    pack = Pack(out)
    pack.index = index
    item = pack.item("clothes_hat")
    rest = np.random.default_rng(2).normal(size=pack.mean_vertices.shape).astype(np.float32)
    placed = fit(item, rest)
    # MakeHuman's x, y, z are our x, z, -y.
    scale = np.abs([rest[0, 0] - rest[1, 0], rest[0, 1] - rest[3, 1], rest[0, 2] - rest[2, 2]]) / [2, 4, 0.5]
    np.testing.assert_allclose(placed[0], [0.5, 0.25, 0.25] @ rest[:3] + scale * [0.1, -0.3, 0.2], atol=1e-5)
    np.testing.assert_allclose(placed[1:], rest[[3] * 6], atol=1e-6)
    assert item.hides.tolist() == [1, 2, 3, 7]


def test_a_garment_that_does_not_fit_its_mesh_is_refused(assets, tmp_path):
    file = assets / "base" / "clothes" / "hat" / "hat.mhclo"
    file.write_text(HAT.replace(" 3\n 3\n", " 3\n"))
    with pytest.raises(ValueError, match=r"hat\.mhclo: places 4 vertices, its mesh has 7"):
        garments.build_garments(assets, tmp_path)


def test_the_skirt_of_the_base_mesh_hides_the_legs_in_it(tmp_path):
    body = [f"v {x} {y} 0" for y in (0, 4, 9, 9.9, 12) for x in (-1, 1)] + ["v 6 4 0"]
    skirt = [f"v {x} {y} 0" for y in (3, 10) for x in (-2, 2)]
    faces = [f"f {n} {n + 1} {n + 2}" for n in range(1, 10)]
    text = "\n".join([*body, *skirt, "g body", *faces, "g helper-skirt", "f 12 13 15 14"])
    index = garments.build_skirt(text, tmp_path)
    made = np.load(tmp_path / "clothes_skirt.npz")
    assert made["dele"].tolist() == [2, 3]  # between hem and waist; not the feet, the belly or a hand beside it
    assert made["vi"].tolist() == [[n] * 3 for n in (11, 12, 13, 14)]
    assert made["F"].tolist() == [[0, 1, 3], [0, 3, 2]]
    assert index["clothes_skirt"]["kind"] == "clothes"


def test_a_pack_without_garments_renders_painted_people(folders, tmp_path):
    folder, motion = folders
    bare = tmp_path / "bare"
    (bare / "pack").mkdir(parents=True)
    (bare / "panoramas").symlink_to(folder / "panoramas")
    (bare / "pack" / "body.npz").symlink_to(folder / "pack" / "body.npz")
    (bare / "pack" / "index.json").write_text(json.dumps({}))
    generator = Generator(bare, motion, seed=3)
    frame = generator.frame(0, count=2, size=(160, 120))
    assert frame.image.shape == (120, 160, 3)
    assert len(frame.people) == 2
    colours = generator.person(0).colour[generator.person(0).used]
    assert len(np.unique(colours.round(3), axis=0)) > 3  # skin, shirt, trousers, shoes


@pytest.mark.parametrize(
    ("lacking", "said"),
    [("pack/body.npz", "body.npz is missing"), ("panoramas", "no panoramas"), ("motion", "train.npz is missing")],
)
def test_what_is_missing_is_said_in_one_line(folders, tmp_path, lacking, said):
    for part in ("pack/body.npz", "pack/index.json", "panoramas"):
        if part != lacking:
            (tmp_path / part).parent.mkdir(exist_ok=True)
            (tmp_path / part).symlink_to(folders[0] / part)
    motion = tmp_path if lacking == "motion" else folders[1]
    with pytest.raises(UsageError, match=said):
        make.main(["--pack", str(tmp_path), "--motion", str(motion), str(tmp_path / "out")])


@pytest.mark.slow
def test_a_small_pack_is_built_from_anny(tmp_path):
    pytest.importorskip("anny")
    build_pack.main([str(tmp_path), "--bodies", "4"])
    pack = Pack(tmp_path)
    rest, heads = pack.rest(2)
    assert len(pack.labels) == len(heads) == 104
    assert np.ptp(rest[pack.skin_vertices, 2]) == pytest.approx(pack.stature[2], abs=0.01)
    assert (
        np.abs(pack.coco(rest)[5:7, 2] - heads[[pack.bone["upperarm01.L"], pack.bone["upperarm01.R"]], 2]).max() < 0.05
    )
