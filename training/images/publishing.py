"""Publishing an image network: the best of a run becomes shipped weights, judged as they will run."""

import json
import shutil
import tempfile
from pathlib import Path

import torch

from duopose.networks import weights
from duopose.networks.runtime import Network
from duopose.training import cards
from duopose.training.loop.export import export
from duopose.training.loop.options import check_command
from duopose.training.loop.replacing import replaces

CALIBRATION = 300  # examples by which 8 bits are laid over the range of what layers say


def publish(name, options, network, examples, judge, data, open_axes=None, int8=True, calibration=None, exact=()):
    """Write weights, JSON, OpenVINO model and card to options.publish, unless what is there is better, and print what
    they are worth as JSON.

    name                  of the program
    network               of the run's sizes; takes the weights of the run's best.pt
    examples, open_axes   as export takes them
    judge                 networks.runtime.Network -> dict of figures
    data                  the option that names what judges, as the command to repeat it says it
    int8                  store large weights in 8 bits, else in 16
    calibration, exact    as export takes them: the OpenVINO model computes in 8 bits
    """
    path = options.publish
    network.load_state_dict(torch.load(options.out / "best.pt", map_location="cpu"))
    record = {"training": json.loads((options.out / "training.json").read_text()), "bf16": True}
    if calibration is not None:
        record["precision"] = "int8"
    with tempfile.TemporaryDirectory(prefix="duopose-publish-") as folder:
        new = Path(folder, path.name)
        weights.save(network, new, int8=int8, **record)
        differences = export(new, examples, open_axes, int8, calibration, exact)
        accuracy = judge(Network(new.with_suffix(".xml")))
        there = path.with_suffix(".xml").exists() and not options.replace
        if replaces(accuracy, judge(Network(path.with_suffix(".xml"))) if there else None, path):
            told = accuracy | {"command": check_command(name, options, data)}
            weights.save(network, new, int8=int8, **record, accuracy=told)
            cards.write(new)
            path.parent.mkdir(parents=True, exist_ok=True)
            for file in new.parent.iterdir():
                shutil.move(file, path.with_name(file.name))
    print(json.dumps({"differs_from_torch": differences} | accuracy))
