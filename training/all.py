"""duopose train all --out OUT --people DIR --motion DIR ... [options]: every weight of a profile from
nothing but folders of data, stage by stage, and what they score.

    duopose train all --recipe lite --people DIR --motion DIR --pack DIR --pretrained DIR --out OUT
    duopose train all --recipe lite ... --out OUT --quick      # the whole chain in minutes
    duopose train all --recipe full --coco DIR --muco DIR ... --device cuda --out OUT

The stages are those of training/recipes.py. A second call goes on where the first was broken off:
OUT/stages says what is done, and a stage that was interrupted goes on from its own checkpoint. What
comes after a stage that was run is run again; a training that is complete (OUT/runs/NAME) learns no
more by that, remove its folder to train anew. `duopose --profile OUT/weights` runs what came out.
"""

import datetime
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from string import Formatter

from duopose.networks import weights
from duopose.stream.arguments import Parser, existing
from duopose.stream.record.reading import frames
from duopose.training import cards
from duopose.training.loop import options
from duopose.training.recipes import RECIPES

DATA = {
    "people": "photographs with people (people-v1)",
    "motion": "motion capture: train.npz, train_extra.npz, val.npz, ...",
    "pack": "bodies, clothes and surroundings to render",
    "pretrained": "MoveNet models to start from",
    "coco": "COCO 2017",
    "muco": "MuCo-3DHP",
    "mpi-inf-3dhp": "MPI-INF-3DHP",
    "human36m": "Human3.6M",
    "jta": "JTA",
    "unlabelled": "a clip, or its pictures, with people whom nobody labelled: for semi-supervised learning",
    "gt3d": "real pictures with 3D truth, for evaluation only",
    "mupots2d": "MuPoTS-3D as 2D and 3D joints, for evaluation only",
    "videos": "clips whose people are known, for evaluation only",
}


def needs(stage):
    """The names in braces in a stage's words, and what it wants besides."""
    return names(f"{stage.words} {stage.long} {stage.quick or ''}") | set(stage.only_with.split())


def names(words):
    """
    >>> sorted(names("train lifting --data {motion} --out {out}"))
    ['motion', 'out']
    """
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def chosen(recipe, folders, quick):
    """The stages of a recipe that are to be run. Raises ValueError naming the folders that are missing.

    folders   {name: folder} of what the user named
    """
    stages, missing = [], {}
    for stage in recipe:
        lacking = needs(stage) & {name.replace("-", "_") for name in DATA} - set(folders)
        if (quick and stage.quick is None) or (lacking and stage.optional):
            continue
        missing |= {name: stage.name for name in lacking}
        stages.append(stage)
    if missing:
        raise ValueError(", ".join(f"--{name.replace('_', '-')} ({stage})" for name, stage in missing.items()))
    return stages


def command(stage, values, quick):
    """The words of a stage's command after `duopose`."""
    also = [words for words in stage.also if names(words) <= set(values)]
    words = " ".join([stage.words, *also, stage.quick if quick else stage.long]).split()
    return [word.format(**values) for word in words]


def described(stage, values, quick):
    """The same as a user can read it: folders by their names in capitals."""
    capitals = {key: key.upper() if isinstance(value, Path) else value for key, value in values.items()}
    return "duopose " + " ".join(command(stage, capitals, quick))


def run(words, captured):
    """Run a stage -> seconds, CPU seconds, what it printed if `captured`. Raises CalledProcessError."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "duopose", *words], env=environment, text=True, check=True,
        stdout=subprocess.PIPE if captured else None,
    )  # fmt: skip
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return time.monotonic() - began, cpu, done.stdout


def perform(stage, values, quick, folder, anew):
    """Run a stage, unless its stamp in `folder` says that this very command is done -> the stamp, whether it was run.

    anew   whether to run it all the same: what it builds on has changed
    """
    words = command(stage, values, quick)
    stamp = folder / f"{stage.name.replace(' ', '_')}.json"
    if not anew and stamp.exists() and (done := json.loads(stamp.read_text()))["command"] == words:
        return done, False
    seconds, cpu, printed = run(words, bool(stage.measures))
    done = {"command": words, "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1)}
    if stage.measures:
        print(printed, end="", flush=True)
        done["figures"] = json.loads(printed.splitlines()[-1])
        for name in stage.measures.split():
            cards.add_figures(Path(values["weights"]) / name, described(stage, values, quick), done["figures"])
    done |= {"commit": weights.commit(), "date": datetime.date.today().isoformat()}
    stamp.write_text(json.dumps(done, indent=2) + "\n")
    return done, True


def seen(record):
    """Frames and people in a record of duopose. SystemExit where it holds no frame."""
    people = [len(line["people"]) for _, line in frames(record)]
    if not people:
        raise SystemExit(f"{record}: the new weights saw no frame of the packaged clip")
    return {"demo_frames": len(people), "demo_people": sum(people)}


def parser():
    parser = Parser(__doc__)
    parser.add_argument("--recipe", choices=RECIPES, default="lite")
    for name, what in DATA.items():
        parser.add_argument(f"--{name}", type=existing, metavar="DIR", help=what)
    parser.add_argument("--out", type=Path, required=True, help="folder for everything that is made")
    parser.add_argument("--device", type=options.device, default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="cores to use (default: all)")
    parser.add_argument("--quick", action="store_true", help="a few steps of everything")
    return parser


def main(argv):
    arguments = parser()
    given = arguments.parse_args(argv)
    folders = {name.replace("-", "_"): getattr(given, name.replace("-", "_")) for name in DATA}
    folders = {name: folder.absolute() for name, folder in folders.items() if folder}
    try:
        stages = chosen(RECIPES[given.recipe], folders, given.quick)
    except ValueError as error:
        arguments.error(f"recipe {given.recipe} also needs {error}")
    out = given.out.absolute()
    (out / "stages").mkdir(parents=True, exist_ok=True)
    values = folders | {"out": out, "weights": out / "weights", "cores": given.cores, "device": given.device}
    stamps, anew = {}, False
    for number, stage in enumerate(stages, 1):
        print(f"[{number}/{len(stages)}] {stage.name}: {described(stage, values, given.quick)}", flush=True)
        try:
            stamps[stage.name], anew = perform(stage, values, given.quick, out / "stages", anew)
        except subprocess.CalledProcessError as error:
            print(
                f"{stage.name} ended with code {error.returncode}; the same command goes on from here", file=sys.stderr
            )
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            print(f"\n{stage.name} was broken off; the same command goes on from here", file=sys.stderr)
            raise SystemExit(130) from None
    print(f"\n{'':40}{'minutes':>10}{'CPU minutes':>13}")
    for name, stamp in stamps.items():
        print(f"{name:40}{stamp['seconds'] / 60:10.1f}{stamp['cpu_seconds'] / 60:13.1f}")
    total = {key: round(sum(stamp[key] for stamp in stamps.values()) / 60, 1) for key in ("seconds", "cpu_seconds")}
    demo = out / "demo.jsonl"
    if demo.exists():
        print(f"duopose --profile {given.out / 'weights'} runs what was made")
    result = {"weights": str(out / "weights"), "minutes": total["seconds"], "cpu_minutes": total["cpu_seconds"]}
    print(json.dumps(result | (seen(demo) if demo.exists() else {})))
