"""The live program on the clips of a data set of `training.datasets`: what it found, picture by picture, beside what is
labelled.

The loader's `sequences` says which pictures are a clip. Each clip runs as one, at 30 pictures a second where it is a
folder of them, with the true intrinsics; with --stills only the pictures that are judged, each by itself.
"""

import json
import tempfile
from pathlib import Path

import cv2
import numpy as np

from duopose.evaluation.measures import honest
from duopose.evaluation.runs import records
from duopose.stream.arguments import Parser, existing
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import BODY17
from duopose.training.datasets.reading.labelled import projected


def options(description):
    """Command line of a program on a data set -> argparse parser. What it does not know goes to the live run."""
    parser = Parser(description)
    parser.add_argument("folder", type=existing, metavar="DIR")
    parser.add_argument("--clips", nargs="+", metavar="NAME", help="these only (default: all that are there)")
    parser.add_argument("--stills", action="store_true", help="run the judged pictures only, each by itself")
    records.add_options(parser)
    return parser


def runs(loader, judged, chosen, live):
    """Clip by clip (name, [(index, `records.Found`), ...]) of the judged pictures.

    judged  tells of an index whether that picture is judged
    chosen  the arguments of `options`
    live    those of the live run
    """
    if unknown := set(chosen.clips or ()) - set(loader.sequences):
        there = ", ".join(list(loader.sequences)[:10])
        raise UsageError(f"{chosen.folder} has no clip {', '.join(sorted(unknown))}; it has {there}, ...")
    for name in chosen.clips or loader.sequences:
        wanted = [index for index in loader.sequences[name] if judged(index)]
        if wanted:
            yield name, _run(loader, name, wanted, chosen, live)


def _run(loader, name, wanted, chosen, live):
    """Judged pictures of one clip -> [(index, `records.Found`), ...]; the clip runs unless there is a record of it."""
    film = loader[wanted[0]].frame is not None and not chosen.stills
    with tempfile.TemporaryDirectory(prefix="duopose-evaluation-") as temporary:
        temporary = Path(temporary)
        record = (chosen.records or temporary) / f"{name.replace('/', '_')}{'.stills' if chosen.stills else ''}.jsonl"
        if record.exists():
            recorded = records.read(record)
        else:
            first = loader[wanted[0]]
            camera = temporary / "camera.json"
            camera.write_text(json.dumps(intrinsics(first.camera, first.size)))
            source = first.file if film else temporary / "pictures"
            if not film:
                link(loader, wanted if chosen.stills else loader.sequences[name], source)
            how = "--stills" if chosen.stills else "--every-frame"
            recorded = records.obtain(record, source, how, "--camera", camera, *live)
    by_key = {found.frame if film else Path(found.file or "").stem: found for found in recorded}
    keys = [loader[index].frame if film else picture_name(loader[index].number) for index in wanted]
    missing = [key for key in keys if key not in by_key]
    if missing:
        raise UsageError(f"{record} lacks {len(missing)} of {len(keys)} pictures of {name}, e.g. {missing[0]}")
    return [(index, by_key[key]) for index, key in zip(wanted, keys, strict=True)]


def picture_name(number):
    """Name, in a record, of a clip's picture with that number: the order of names is the order of time."""
    return f"{number:08d}"


def link(loader, indices, folder):
    """A folder with these pictures alone, under `picture_name`: links, or, of a video, copies."""
    folder.mkdir()
    for index in indices:
        sample = loader[index]
        path = folder / picture_name(sample.number)
        if sample.frame is not None:
            cv2.imwrite(f"{path}.png", cv2.cvtColor(sample.pixels(), cv2.COLOR_RGB2BGR))
        elif sample.file.exists():
            path.with_suffix(sample.file.suffix).symlink_to(sample.file.resolve())


def intrinsics(camera, size):
    """A camera as `--camera` wants it."""
    lens = dict(zip(("k1", "k2", "p1", "p2", "k3"), camera.distortion, strict=True))
    return {
        "fx": camera.fx,
        "fy": camera.fy,
        "cx": camera.cx,
        "cy": camera.cy,
        "width": size[0],
        "height": size[1],
    } | lens


def seen(found, camera):
    """Where found people are on the picture [N, 17, 2]: their measured joints, elsewhere the projection of the fused
    pose."""
    return np.where(found.body[..., 2:] > 0, found.body[..., :2], projected(found.poses["fused"], camera))


def has(found, row):
    """Which of the people found have a pose of this row of `records.ROWS` -> bool [N]"""
    return np.isfinite(found.poses[row]).all((1, 2))


def pairs(joints, pixels, scored, roots, found, camera):
    """Labelled people of one picture (BODY17, as `honest.Truth`) with who was found for them -> list of
    `honest.Pair`."""
    match = honest.match(pixels, seen(found, camera))
    poses = [{row: found.poses[row][index] for row in records.ROWS} if index >= 0 else {} for index in match]
    return [honest.Pair(*truth) for truth in zip(joints, scored, roots, poses, strict=True)]


def within(pixels, size):
    """Which places [..., 2] lie in a picture of that size; NaN does not."""
    return ((pixels >= -0.5) & (pixels <= np.array(size) - 0.5)).all(-1)


def named(*names):
    """Indices of joints in BODY17."""
    return [BODY17.index(name) for name in names]


def over(tables):
    """Plain mean of each column over clips, of those that have a number there; "people" are added up.

    >>> over([{"people": 2, "pck": 50.0}, {"people": 3, "pck": 70.0}, {"people": 0, "pck": float("nan")}])
    {'people': 5, 'pck': 60.0}
    """
    out = {}
    for column in tables[0] if tables else ():
        values = np.array([table[column] for table in tables], float)
        known = values[np.isfinite(values)]
        out[column] = int(values.sum()) if column == "people" else float(known.mean()) if len(known) else np.nan
    return out
