"""The formats that `duopose export` writes: a file each, with `write(path, people)`, and this table of them."""

from collections.abc import Callable
from typing import NamedTuple

from duopose.exporting.formats import bvh, c3d, coco, csv, glb, parquet, trc, usda


class Format(NamedTuple):
    write: Callable  # (path, list of Person): a list of one where each has a file
    about: str  # units, axes, and for whom, as --help tells
    ending: str
    each: bool = False  # a file a person
    rate: bool = True  # rows at a constant rate: can't be made of pictures that have no time
    bones: bool = False  # bones that keep their lengths, fitted to the joints
    package: str | None = None  # that only this format needs


FORMATS = {
    "bvh": Format(bvh.write, "skeleton, a file a person; cm, degrees", ".bvh", each=True, bones=True),
    "glb": Format(glb.write, "glTF 2.0, skeletons of everyone with a body; m, s", ".glb", bones=True),
    "usda": Format(usda.write, "USD, the same; m", ".usda", bones=True),
    "trc": Format(trc.write, "OpenSim's markers, a file a person; mm, a gap is empty", ".trc", each=True),
    "c3d": Format(c3d.write, "points, a file a person; mm, a gap has residual -1", ".c3d", each=True),
    "csv": Format(csv.write, "a row a person and frame, as recorded; m, a gap is empty", ".csv", rate=False),
    "parquet": Format(parquet.write, "the same columns (pyarrow: duopose[export])", ".parquet", rate=False,
                      package="pyarrow"),
    "coco": Format(coco.write, "2D keypoints of COCO; pixels, as recorded", ".coco.json", rate=False),
}  # fmt: skip
