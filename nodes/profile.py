"""A profile: which networks run in the nodes, where their weights lie, and the parts of the nodes made of them.

Networks and nodes are imported where they are asked for: each process loads what it runs, and a `lite` run no torch.
"""

import importlib.util
import json

from duopose.networks.folders import weight_file, weights_folder
from duopose.networks.runtime import load
from duopose.stream.errors import UsageError

# Crops side by side, in the node that has most to do. More would only take the cores from the other nodes.
STREAMS = 2


def find(name="lite", device="cpu"):
    """The profile of that name.

    name    "lite", "full", "released" (the networks of the paper's authors), or a folder with weights, written with a /
    device  "cpu" or "cuda"
    """
    released = name == "released" or (weights_folder(name) / "transform.json").exists()
    return (Released if released else Profile)(name, device)


def default(device):
    """Name of the profile where none was asked for: for CUDA `full` if its weights are there, else `lite`."""
    return "full" if device == "cuda" and not find("full", device).missing else "lite"


class Profile:
    """Our networks, of some size.

    backends  what runs the networks that were loaded so far, e.g. {"OpenVINO bf16"}

    However many parts of nodes are made, each network is loaded once: several cameras share it.
    """

    networks = ("detector", "top_down", "gcn", "joint_tcn", "root_tcn", "bottom_up", "integration")
    patience = 1  # times as long as the table of nodes says, a node may be silent
    # What its nodes import when they begin.
    modules = (
        "duopose.nodes.capture.opening",
        "duopose.nodes.detection.detection",
        "duopose.nodes.top_down.top_down",
        "duopose.nodes.top_down.lifting",
        "duopose.nodes.bottom_up.bottom_up",
        "duopose.nodes.fusion.integration",
    )

    def __init__(self, name, device="cpu"):
        self.name, self.device = name, device
        self.folder = weights_folder(name)
        self.suffix = ".xml" if device == "cpu" else ".safetensors"
        self.backends = set()
        self.prepared = {}  # what `once` has given

    # ---- what is there

    @property
    def missing(self):
        """The first weight file that is not there, or None."""
        files = (self.folder / (name + self.suffix) for name in self.networks)
        return next((file for file in files if not file.exists()), None)

    @property
    def lookaheads(self):
        """Frames of delay that the temporal networks were trained for."""
        return json.loads((self.folder / "joint_tcn.json").read_text())["arguments"]["lookaheads"]

    def check(self, lookahead):
        """Raise UsageError unless the weights are there, also for that look-ahead, and what runs them."""
        if self.missing:
            raise UsageError(f"profile {self.name}: weights are missing: {self.missing}")
        if lookahead not in self.lookaheads:
            known = ", ".join(map(str, self.lookaheads))
            raise UsageError(f"--lookahead {lookahead}: there are weights for {known}")

    # ---- networks, ready to be called

    def network(self, name):
        """The network of that name. Raises FileNotFoundError that names the missing file."""
        return self._note(load(name, self.name, self.device, streams=STREAMS if name.startswith("top_down") else 1))

    def lifting_networks(self):
        """-> nodes.top_down.lifting.Networks"""
        from duopose.nodes.top_down import lifting

        return self.once(lifting.prepare, *lifting.Networks._fields)

    def integration_network(self):
        """Takes any number of people at once."""
        from duopose.nodes.fusion import integration

        return self.once(integration.prepare, "integration")

    def once(self, prepare, *names):
        """What `prepare` makes of the networks of these names, made at the first call."""
        if names not in self.prepared:
            self.prepared[names] = prepare(*map(self.network, names))
        return self.prepared[names]

    def _note(self, network):
        self.backends.add(network.backend)
        return network

    # ---- parts of the nodes

    def detection(self):
        """-> nodes.detection.detection.Detection"""
        from duopose.nodes.detection import detection

        return detection.Detection(self.once(detection.prepare, "detector"))

    def top_down(self, max_people, prepared=True):
        """-> nodes.top_down.top_down.TopDown

        prepared   its network is compiled for the largest crops; else it is left to the caller
        """
        from duopose.nodes.top_down import top_down

        network = self.once(lambda network: network, "top_down")
        return top_down.TopDown(top_down.prepare(network) if prepared else network, max_people)

    def lifting(self, lookahead=0):
        """-> nodes.top_down.lifting.Lifting"""
        from duopose.nodes.top_down.lifting import Lifting

        return Lifting(self.lifting_networks(), lookahead)

    def bottom_up(self, max_people):
        """-> nodes.bottom_up.bottom_up.BottomUp"""
        from duopose.nodes.bottom_up import bottom_up

        return bottom_up.BottomUp(self.once(bottom_up.prepare, "bottom_up"), max_people)

    def integration(self):
        """-> nodes.fusion.integration.Integration"""
        from duopose.nodes.fusion.integration import Integration

        return Integration(self.integration_network())


class Released(Profile):
    """The networks that the paper's authors released, used as the authors use them; see docs/released.md.

    torch runs them in float32. The authors released neither a detector nor a top-down network: those of `lite` stand
    in, unless a public HRNet was imported.
    """

    networks = ("gcn", "joint_tcn", "root_tcn", "bottom_up", "transform", "integration")
    lookaheads = (0, 121)  # frames: none, or half the window of 243
    patience = 30  # a frame can take seconds on a CPU

    def __init__(self, name, device="cpu"):
        super().__init__(name, device)
        self.suffix = ".safetensors"

    def check(self, lookahead):
        if self.missing:
            raise UsageError(
                f"profile released: weights are missing: {self.missing}; from the authors' checkpoints "
                f"duopose released import CKPTS_DIR {self.folder} makes them"
            )
        super().check(lookahead)
        if importlib.util.find_spec("torch") is None or importlib.util.find_spec("safetensors") is None:
            raise UsageError("profile released needs torch: pip install 'duopose[cuda]'")

    def network(self, name):
        if name in self.networks:
            return self._eager(name, method="lift" if name == "gcn" else "__call__")
        if (self.folder / f"{name}.safetensors").exists():
            return self._eager(name, half=True)
        return self._note(load(name, "lite", self.device))

    def _eager(self, name, half=False, method="__call__"):
        from duopose.networks.backends.eager import EagerNetwork

        path = weight_file(name, self.name, ".safetensors").with_suffix("")
        return self._note(EagerNetwork(path, self.device, half and self.device == "cuda", method))

    def lifting_networks(self):
        """-> nodes.released.lifting.Networks"""
        from duopose.nodes.released import lifting

        return self.once(lifting.prepare, *lifting.Networks._fields)

    def integration_network(self):
        return self.network("integration")

    def lifting(self, lookahead=0):
        """-> nodes.released.lifting.Lifting"""
        from duopose.nodes.released.lifting import Lifting

        return Lifting(self.lifting_networks(), lookahead)

    def bottom_up(self, max_people):
        """-> nodes.released.bottom_up.BottomUp"""
        from duopose.nodes.released import bottom_up

        network = bottom_up.prepare(self.network("bottom_up"))
        return bottom_up.BottomUp(network, self.network("transform"), max_people)

    def integration(self):
        """-> nodes.released.integration.Integration"""
        from duopose.nodes.released.integration import Integration

        return Integration(self.integration_network())
