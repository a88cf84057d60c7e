"""duopose evaluate uncertainty FOLDER [--clips NAME ...] [--records FOLDER] [options of duopose]: whether
errors are as large as the record says.

FOLDER holds rendered clips with their truth (`duopose train render_clips`); each runs with
--every-frame and its camera. Judged is everyone of whom a tenth can be seen, where annotators put
joints. Per clip and over all people of all clips (`evaluation/measures/calibration.py`):

  depth      % of the errors of the root's log depth within one standard deviation, `depth_sd` of
             the record; 68.3 where that is right
  depth_sd   what was said, median, %
  joints     % of the distances of joints, relative to the root, within `joint_sd`
  joint_sd   what was said, median, mm

"not in this record" stands where a record says nothing of it. `duopose evaluate gt3d` has the same
rows for real pictures.
"""

import tempfile
from pathlib import Path

from duopose.evaluation import ablation, gt3d, video
from duopose.evaluation.measures import calibration
from duopose.evaluation.runs import records
from duopose.evaluation.runs.tables import report
from duopose.stream.arguments import Parser, existing
from duopose.stream.errors import UsageError


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", type=existing)
    parser.add_argument("--clips", nargs="+", metavar="NAME", help="these only (default: all that bear their truth)")
    records.add_options(parser)
    chosen, live = parser.parse_known_args(argv)
    clips = {name: clip for name, clip in video.known_clips(chosen.folder).items() if "frames" in clip[1]}
    names = chosen.clips or list(clips)
    if not names or set(names) - set(clips):
        unknown = ", ".join(sorted(set(names) - set(clips))) or "no clip"
        raise UsageError(f"{chosen.folder}: {unknown} with the truth of its joints; there are: {', '.join(clips)}")
    pairs = {}
    with tempfile.TemporaryDirectory(prefix="duopose-evaluation-") as temporary:
        for name in names:
            recorded = video.record_of(*clips[name], chosen.records, Path(temporary), live)
            pairs[name], _ = gt3d.pair_up(ablation.truth(clips[name][1]), recorded)
    everyone = [pair for clip in pairs.values() for pair in clip]
    report({name: calibration.figures(people, "fused") for name, people in (pairs | {"all": everyone}).items()})
