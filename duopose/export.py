"""duopose export RECORD.jsonl --to FORMAT[,FORMAT ...] [options]: recorded poses as files that other programs read.

    duopose CLIP --headless --record POSES.jsonl
    duopose export POSES.jsonl --to bvh,glb --smooth 6

{formats}

x right, y up from the floor, which is estimated, z towards the camera: right-handed, the camera
above the origin. With --axes camera the camera's own: x right, y down, z forward. bvh, glb and usda
hold bones of constant length (medians), fitted to the joints; how far off they are is printed.
docs/export.md tells how to open the files in Blender, Unity, OpenSim.
"""

import argparse
import importlib.util
from pathlib import Path

import numpy as np

from duopose.exporting.formats import FORMATS
from duopose.exporting.grid import rate_of
from duopose.exporting.levelled import camera_to_level
from duopose.exporting.person import Person, Wanted
from duopose.exporting.tracks import count_runs, read
from duopose.stream.arguments import Parser, count, existing, positive
from duopose.stream.errors import UsageError

MOST_RATE = 1000.0  # rows a second
PAGE = "html"  # of the whole run; the other formats are of people


def main(argv):
    told = "\n".join(f"    {name:9}{form.about}" for name, form in FORMATS.items())
    told += f"\n    {PAGE:9}the scene as a page that plays in a browser, one file, without pictures"
    parser = Parser(__doc__.replace("{formats}", told))
    add = parser.add_argument
    add("record", type=existing, metavar="RECORD.jsonl", help="what duopose --record wrote")
    add("--to", required=True, type=names, metavar="FORMAT[,FORMAT ...]", help="of those above")
    add("--out", metavar="FOLDER", help="where the files go (default: beside the record)")
    add("--overwrite", action="store_true", help="write over files that are there")
    add("--person", type=count, nargs="+", metavar="ID", help="these only (default: everyone)")
    add("--run", type=count, metavar="N", help="which run of the record, from 1 up (default: the last)")
    add("--axes", choices=("up", "camera"), help="see above (default: up; pictures of --stills: camera)")
    add("--rate", type=positive, metavar="HZ",
        help="rows a second of bvh, glb, usda, trc and c3d (default: the record's)")  # fmt: skip
    add("--fill", type=positive, default=0.0, metavar="S",
        help="fill gaps of up to S seconds (default: mark them all)")  # fmt: skip
    add("--smooth", type=positive, metavar="HZ", help="low pass, shifts nothing in time; 6 is usual (default: none)")
    arguments = parser.parse_args(argv)
    try:
        if PAGE in arguments.to:
            arguments.to.remove(PAGE)
            write_page(arguments)
        if arguments.to:
            run = read(arguments.record, arguments.run)
            people = chosen(run, arguments)
            targets = files(run, people, arguments)
            for name, path, whom in targets:
                written(FORMATS[name].write, path, whom)
                print(report(FORMATS[name], path, whom))
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and error.filename is None:  # the disk is full
            raise
        raise UsageError(error) from None
    others = count_runs(arguments.record) - 1
    if others and arguments.run is None:
        print(f"this was the last of {others + 1} runs of the record; --run N takes another")


def names(text):
    """
    >>> names("bvh,glb,bvh")
    ['bvh', 'glb']
    """
    wanted = list(dict.fromkeys(text.split(",")))
    for name in wanted:
        if name not in (*FORMATS, PAGE):
            raise argparse.ArgumentTypeError(f"{name!r} is no format; there are {', '.join((*FORMATS, PAGE))}")
    return wanted


def write_page(arguments):
    """The last run of the record as a page."""
    from duopose.viewer.web.record import page

    if arguments.run is not None or arguments.person:
        raise UsageError(f"--to {PAGE} shows the last run and everyone in it: neither --run nor --person goes with it")
    folder = Path(arguments.out) if arguments.out else arguments.record.parent
    path = folder / f"{arguments.record.stem}.html"
    check_free(path, arguments.overwrite)
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{path}: {page(arguments.record, path)} frames")


def check_free(path, overwrite):
    """Raise UsageError where something is that must not be written over."""
    if path.exists() and not (overwrite and path.is_file()):
        raise UsageError(f"{path} is there already: --overwrite writes over it, --out FOLDER writes elsewhere")


def chosen(run, arguments):
    """-> [Person], those asked for. UsageError for what can't be asked of this run."""
    check_time(run, arguments)
    identities = [track.identity for track in run.tracks]
    for identity in arguments.person or ():
        if identity not in identities:
            raise UsageError(f"--person {identity}: there are {', '.join(map(str, identities))} in {arguments.record}")
    level = arguments.axes == "up" or (arguments.axes is None and not run.stills)
    matrix = camera_to_level(run.tracks) if level else np.eye(4)
    rate = None if run.stills else arguments.rate or rate_of(run.frames.stamps)
    wanted = Wanted(matrix, rate, arguments.fill, arguments.smooth)
    return [Person(track, run, wanted) for track in run.tracks if track.identity in (arguments.person or identities)]


def check_time(run, arguments):
    """Raise UsageError where a format or an option needs more of time than the run has."""
    if run.stills:
        what = "a single picture" if len(run.frames.stamps) == 1 else "pictures that stand alone (--stills)"
        asked = [f"--to {name}" for name in arguments.to if FORMATS[name].rate]
        asked += [f"--{name}" for name in ("rate", "fill", "smooth") if getattr(arguments, name)]
        asked += ["--axes up"] if arguments.axes == "up" and len(run.frames.stamps) > 1 else []
        if asked:
            raise UsageError(
                f"{asked[0]} wants one movement, and {arguments.record} holds {what}: csv, parquet and coco do"
            )
        return
    if arguments.rate and arguments.rate > MOST_RATE:
        raise UsageError(f"--rate {arguments.rate:g}: at most {MOST_RATE:g}")
    recorded = rate_of(run.frames.stamps)
    if arguments.smooth and arguments.smooth >= recorded / 2:
        raise UsageError(
            f"--smooth {arguments.smooth:g}: {recorded:g} frames/s show nothing faster than {recorded / 2:g} Hz"
        )


def files(run, people, arguments):
    """-> [(format, path, those in it)]. UsageError where one can't be written, before any is."""
    folder = Path(arguments.out) if arguments.out else arguments.record.parent
    targets = []
    for name in arguments.to:
        form = FORMATS[name]
        if form.package and importlib.util.find_spec(form.package) is None:
            raise UsageError(f"--to {name}: {form.package} is not installed: pip install 'duopose[export]'")
        groups = [[person] for person in people] if form.each else [people]
        for whom in groups:
            number = f"_person{whom[0].identity}" if form.each else ""
            targets.append((name, folder / f"{run.name}{number}{form.ending}", whom))
    for _, path, _ in targets:
        check_free(path, arguments.overwrite)
    folder.mkdir(parents=True, exist_ok=True)
    return targets


def written(write, path, people):
    """The file is there when it is whole."""
    part = path.with_name(path.name + ".part")
    try:
        write(part, people)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def report(form, path, people):
    """What was written, in a line."""
    if form.each or form.rate:
        motions = [person.motion for person in people]
        told = [f"{sum(len(motion.times) for motion in motions)} rows at {motions[0].rate:g}/s"]
        if form.each:
            told.append(f"from {motions[0].times[0]:.2f} s")
        gaps, seconds = map(sum, zip(*(motion.gaps() for motion in motions), strict=True))
        if gaps:
            told.append(f"{gaps} gaps, {seconds:.2f} s")
        if form.bones:
            errors = [(person.identity, 1000 * person.fitted.error) for person in people]
            told += [
                f"person {identity} fits within {np.nanmax(error):.1f} mm ({np.sqrt(np.nanmean(error**2)):.1f} rms)"
                for identity, error in errors
            ]
    else:
        told = [f"{sum(len(person.track.rows) for person in people)} poses of {len(people)} people"]
    return f"{path}: {', '.join(told)}"
