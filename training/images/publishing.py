"""Publishing an image network: the best of a run becomes shipped weights, judged as they will run."""

import json

import torch

from duopose.networks import weights
from duopose.networks.runtime import Network
from duopose.training import cards
from duopose.training.loop.export import export
from duopose.training.loop.options import check_command

CALIBRATION = 300  # examples by which 8 bits are laid over the range of what layers say


def publish(name, options, network, examples, judge, data, open_axes=None, int8=True, calibration=None, exact=()):
    """Write weights, JSON, OpenVINO model and card to options.publish, and print what they are worth as JSON.

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
    weights.save(network, path, int8=int8, **record)
    differences = export(path, examples, open_axes, int8, calibration, exact)
    accuracy = judge(Network(path.with_suffix(".xml")))
    accuracy["command"] = check_command(name, options, data)
    weights.save(network, path, int8=int8, **record, accuracy=accuracy)
    cards.write(path)
    print(json.dumps({"differs_from_torch": differences} | accuracy))
