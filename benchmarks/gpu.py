"""duopose bench gpu [options]: every network and the whole chain, by what runs them on a CUDA card.

Ways: torch layer by layer in float32 and in float16, compiled by torch with CUDA graphs in float16,
and by TensorRT in float16; what isn't there is left out, with the reason. Rows: ms a call of each
network for batches of 1, 2, 4 and 8, copies to the card and back included; frames a second of all
nodes one after the other, in one process; MB that torch (without TensorRT's own) holds on the card;
s until all is loaded and compiled.

--random measures HRNet-w32 in both image networks, as profile full has them, with random weights:
the speed of a network does not depend on them, the chain is left out.
"""

import contextlib
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from duopose.benchmarks import clips
from duopose.benchmarks.parts import options as common
from duopose.benchmarks.parts import people
from duopose.benchmarks.parts.calls import arrays, milliseconds
from duopose.benchmarks.parts.watched import WatchedChain
from duopose.networks.folders import weight_file, weights_folder
from duopose.nodes.profile import Profile, default
from duopose.stream.arguments import Parser, count
from duopose.stream.errors import UsageError

WAYS = {
    "eager f32": ("eager", False),
    "eager f16": ("eager", True),
    "compiled f16": ("compiled", True),
    "tensorrt f16": ("tensorrt", True),
}
BATCHES = (1, 2, 4, 8)
PEOPLE = (1, 4, 10)
SIZE = (1280, 720)
QUICK = {"batches": (1,), "people": (1,), "frames": 3}


class OneWay(Profile):
    """A profile whose networks all run one way."""

    def __init__(self, name, device, way):
        super().__init__(name, device)
        self.suffix = ".safetensors"
        self.way = WAYS[way]

    def network(self, name):
        from duopose.networks.backends import choosing

        path = weight_file(name, self.name, self.suffix).with_suffix("")
        return self._note(choosing.load(path, self.device, *self.way))


def check_device(device):
    """Raises UsageError where torch or the card is missing."""
    try:
        import torch
    except ImportError:
        raise UsageError("bench gpu needs torch: pip install 'duopose[cuda]'") from None
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("bench gpu: torch finds no CUDA device (--device cpu --quick tries the program without)")


def ways_of(device, quick):
    """-> ways that can be measured here, {way that can't: why}"""
    from duopose.networks.backends import choosing

    if device == "cpu" and quick:  # a compiler takes minutes there, and float16 is slow
        return list(WAYS)[:1], {}
    missing = {way: choosing.missing(backend) for way, (backend, _) in WAYS.items()}
    return [way for way in WAYS if not missing[way]], {way: why for way, why in missing.items() if why}


def network_times(profile, batches, device):
    """{network, batch: ms a call}"""
    found = {}
    networks = {name: profile.network(name) for name in profile.networks}
    for name, inputs in arrays(profile, 1, networks.__getitem__).items():
        for batch in batches:
            sized = [np.repeat(array[:1], batch, 0) for array in inputs]
            found[f"{name}, batch {batch}"] = milliseconds(networks[name], sized, device)["ms"]
    return found


def chain_rates(profile, shown, frames):
    """{who: frames a second} of all nodes in this process."""
    chain, found = WatchedChain(profile, time.perf_counter), {}
    for who, images in shown.items():
        filled = [clips.filled(image, *SIZE) for image in images[: frames + 2]]
        chain.play(clips.there_and_back(filled, frames + 2), warm=2)
        found[f"chain, {who}"] = 1000 / float(np.mean(chain.stopwatch.ms["frame"]))
    return found


def memory(device):
    """MB that torch has held at most since `fresh`, None on a CPU."""
    import torch

    return torch.cuda.max_memory_reserved() / 2**20 if device == "cuda" else None


def fresh(device):
    import gc

    import torch

    gc.collect()
    torch._dynamo.reset()
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def hrnet_folder(folder):
    """The weights of lite, but HRNet-w32 with random ones in its image networks -> folder, as a profile's name."""
    from duopose.networks import weights
    from duopose.networks.bottom_up import BottomUp
    from duopose.networks.top_down import TopDown

    for file in weights_folder("lite").iterdir():
        if file.suffix in (".json", ".safetensors"):
            shutil.copy(file, folder)
    for name, kind in (("top_down", TopDown), ("bottom_up", BottomUp)):
        weights.save(kind("hrnet", 32), Path(folder, name))
    return f"{folder}/"


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("--profile", help="whose networks (default: as in a run)")
    add("--device", choices=("cuda", "cpu"), default="cuda", help="(%(default)s)")
    add("--frames", type=count, default=100, help="of the chain, of each clip (%(default)s)")
    add("--random", action="store_true", help="the networks of profile full, untrained")
    add("--quick", action="store_true", help="few calls, to see that it works; on a CPU nothing is compiled")
    common.add_options(parser)
    options = parser.parse_args(argv)
    common.begin(options)
    check_device(options.device)
    batches, crowds, frames = BATCHES, PEOPLE, options.frames
    if options.quick:
        batches, crowds, frames = QUICK["batches"], QUICK["people"], QUICK["frames"]
    shown = {} if options.random else {people.name(number): people.composed(number)[0] for number in crowds}
    ways, missing = ways_of(options.device, options.quick)
    for way, why in missing.items():
        print(f"{way} is left out: {why}", flush=True)
    networks, others = {}, {}  # {way: {row: number}}
    with tempfile.TemporaryDirectory(prefix="duopose-bench-") if options.random else contextlib.nullcontext() as folder:
        name = hrnet_folder(folder) if options.random else options.profile or default(options.device)
        for way in ways:
            fresh(options.device)
            begun = time.perf_counter()
            profile = OneWay(name, options.device, way)
            profile.check(lookahead=0)
            times = network_times(profile, batches, options.device)
            loaded = time.perf_counter() - begun
            rates = chain_rates(profile, shown, frames) if shown else {}
            told = {"backend": ", ".join(sorted(profile.backends)), "MB": memory(options.device), "s to begin": loaded}
            networks[way], others[way] = times, rates | told
    title = f"duopose bench gpu, {card(options.device)}, ms a call"
    common.end(options, turned(networks), tuple(networks), title, **turned(others), card={"name": card(options.device)})


def turned(columns):
    """{column: {row: value}} -> {row: {column: value}}

    >>> turned({"a": {"x": 1}, "b": {"x": 2}})
    {'x': {'a': 1, 'b': 2}}
    """
    rows = next(iter(columns.values()))
    return {row: {name: column[row] for name, column in columns.items()} for row in rows}


def card(device):
    import torch

    return torch.cuda.get_device_name() if device == "cuda" else "no card"
