"""duopose evaluate mupots3d DIR [--clips TS1 ...] [--records FOLDER] [options of duopose]: MuPoTS-3D,
every protocol by its name.

DIR as training/datasets/mupots.py shows it. Per clip, and the plain mean over the clips (of all 20:
the published form):

  honest      nothing aligned: joints where they were predicted, relative to the pelvis or (abs) in
              the camera's frame
  normalised  as the set's MATLAB script: directions as predicted, bone lengths of the truth
  aligned     as the paper's figures come about: each pose turned as Procrustes' alignment to the
              truth turns it, then normalised; abs: upon the true pelvis, moved along its ray to the
              depth that scale and offset, fitted per clip, make of the predicted
  authors     the paper's public evaluation code, its wrong bone pairs included: matched by pose;
              abs: upon the true pelvis, moved along its ray to the predicted depth

pck, pck_abs: % of the joints within 150 mm; auc: mean over 0, 5, ..., 150 mm. Everyone annotated
counts, whom nobody found as wrong at every joint; `_matched`: those found only; `_visible`,
`_occluded`: joints by their label. 14 joints; the set's neck is our thorax. People meet on the
image as in the MATLAB script. ap_root_25: as 3DMPPE RootNet, all predictions by score, pelvis
within 250 mm; the mean row pools all clips.
"""

import numpy as np

from duopose.evaluation.measures import mupots
from duopose.evaluation.measures.metrics import auc, pck, procrustes, rooted
from duopose.evaluation.measures.root import ap_root
from duopose.evaluation.runs import records, sequences
from duopose.evaluation.runs.tables import report
from duopose.stream.skeleton import BODY17, PELVIS
from duopose.training.datasets.mupots import Mupots
from duopose.training.datasets.reading.sample import HIDDEN

ORDER = [BODY17.index({"neck": "thorax", "head": "nose"}.get(name, name)) for name in mupots.JOINTS]
PROTOCOLS = ("honest", "normalised", "aligned", "authors")


def aligned(frames, matches):
    """Frames whose predictions, one per person found, are turned and placed by the truth (see the head), and their
    matches."""
    true, met, found = mupots.pairs_found(frames, matches)
    depth, pelvis = found[:, mupots.PELVIS, 2], true[met][:, mupots.PELVIS]
    scale, offset = np.linalg.lstsq(np.stack([depth, np.ones(len(depth))], 1), pelvis[:, 2])[0]
    placed = pelvis * ((scale * depth + offset) / pelvis[:, 2])[:, None]
    poses = rooted(procrustes(found, true[met]), mupots.PELVIS) + placed[:, None]
    ends = np.cumsum([(match >= 0).sum() for match in matches], dtype=int)[:-1]
    out = (
        [mupots.Frame(frame.truth, of) for frame, of in zip(frames, np.split(poses, ends), strict=True)]
        if frames
        else []
    )
    return out, [np.where(match >= 0, np.cumsum(match >= 0) - 1, -1) for match in matches]


def errors(protocol, frames, matches, absolute):
    """Errors [people, 14] mm of everyone annotated, by one of the PROTOCOLS."""
    if protocol == "authors":
        return mupots.authors_errors(frames, absolute)
    if protocol == "aligned":
        frames, matches = aligned(frames, matches)
    return mupots.errors(frames, matches, absolute, normalise=protocol != "honest")


def near(values):
    """PCK of errors in mm, NaN without any."""
    return pck(values, mupots.NEAR) if values.size else np.nan


def figures(relative, absolute, occluded):
    """Errors [people, 14] mm and labels bool [people, 14] of one clip -> {column: value}"""
    matched = relative[:, 0] < mupots.MISSED
    out = {"people": len(relative), "found": 100 * matched.mean() if len(matched) else np.nan}
    for kind, values in (("", relative), ("_abs", absolute)):
        out |= {f"pck{kind}": near(values), f"auc{kind}": auc(values, mupots.THRESHOLDS) if len(values) else np.nan}
        out |= {f"pck{kind}_matched": near(values[matched])}
        out |= {f"pck{kind}_visible": near(values[~occluded]), f"pck{kind}_occluded": near(values[occluded])}
    return out


def judge(loader, judged, row):
    """One clip and one row of `records.ROWS` -> {protocol: {column: value}}, and its frames for `ap_root`."""
    frames, matches, occluded, roots = [], [], [], []
    for index, found in judged:
        people, there = loader.people(index), sequences.has(found, row)
        if len(people.ids):
            poses = 1000 * found.poses[row][there][:, ORDER]
            seen = sequences.seen(found, loader[index].camera)[there][:, ORDER]
            frames.append(mupots.Frame(1000 * people.joints, poses))
            matches.append(mupots.match_on_image(people.pixels, seen))
            occluded.append(people.scores[:, mupots.SCORED] == HIDDEN)
            roots.append(
                (1000 * people.joints[:, mupots.PELVIS], 1000 * found.poses[row][there, PELVIS], found.scores[there])
            )
    occluded = np.concatenate([np.zeros((0, 14), bool), *occluded])
    table = {
        protocol: figures(*(errors(protocol, frames, matches, absolute) for absolute in (False, True)), occluded)
        for protocol in PROTOCOLS
    }
    return table, roots


def main(argv):
    chosen, live = sequences.options(__doc__).parse_known_args(argv)
    loader = Mupots(chosen.folder)
    clips, roots = {}, {row: [] for row in records.ROWS}
    for name, judged in sequences.runs(loader, lambda index: True, chosen, live):
        for row in records.ROWS:
            clips[name, row], seen = judge(loader, judged, row)
            clips[name, row]["honest"]["ap_root_25"] = ap_root(seen)
            roots[row] += seen
    rows = {
        f"{name}: {row}: {protocol}": table[protocol] for (name, row), table in clips.items() for protocol in PROTOCOLS
    }
    for row in records.ROWS:
        for protocol in PROTOCOLS:
            rows[f"{row}: {protocol}"] = sequences.over(
                [table[protocol] for (_, of), table in clips.items() if of == row]
            )
        rows[f"{row}: honest"]["ap_root_25"] = ap_root(roots[row])
    report(rows)
