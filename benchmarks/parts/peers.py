"""Others who find people's joints, and Duopose, each over one clip in the same words."""

import time
import warnings
from typing import NamedTuple

import numpy as np
import torch

from duopose.benchmarks import clips
from duopose.benchmarks.parts import runs
from duopose.benchmarks.parts.watched import Stopwatch
from duopose.evaluation.baselines import blazepose, movenet
from duopose.networks.runtime import core, import_openvino

WARM = 5  # frames that don't count


class Pass(NamedTuple):
    """A clip from its beginning to its end."""

    fps: float
    people: float  # found in a frame
    cpu_ms: float  # a frame, of all cores together


class Duopose:
    """The whole program, metres and identities included."""

    def __init__(self, clip, start_clip):
        self.clip = clip
        self.start = runs.run(start_clip, "--every-frame").cpu_s

    def play(self):
        run = runs.run(self.clip, "--every-frame")
        frames = run.stats["frames_processed"]
        self.boxes = [frame.boxes for frame in run.found]
        return Pass(run.stats["fps"], run.people, 1000 * (run.cpu_s - self.start) / frames)


class MediaPipePose:
    """MediaPipe as `mediapipe_peer.MediaPipe` runs it; it reports one person."""

    def __init__(self, clip, mediapipe):
        self.clip, self.mediapipe = clip, mediapipe

    def play(self):
        told = self.mediapipe.ask(clip=str(self.clip), warm=WARM)
        frames = told["frames"]
        return Pass(frames / told["seconds"], told["found"] / frames, 1000 * told["cpu_s"] / frames)


class InThisProcess:
    """Anything that is called picture by picture: `look`, uint8 [H, W, 3] RGB and its number -> people found."""

    def __init__(self, clip, look):
        self.images, self.look = clips.pictures(clip), look

    def play(self):
        clock, worked = Stopwatch(time.perf_counter), Stopwatch()
        look = clock.watched("frame", worked.watched("frame", self.look))
        found = [look(image, number) for number, image in enumerate(self.images)][WARM:]
        ms, cpu_ms = (float(np.mean(watch.ms["frame"][WARM:])) for watch in (clock, worked))
        return Pass(1000 / ms, float(np.mean(found)), cpu_ms)


def movenet_look(folder):
    """MoveNet MultiPose for boxes and Thunder on each, by OpenVINO, as evaluation.baselines.movenet has them."""
    networks = [OpenVinoTwin(network) for network in movenet.load(folder)]
    return lambda image, number: len(movenet.find(networks, image).boxes)


def blazepose_look(folder, boxes):
    """BlazePose on each of the boxes that Duopose found in that picture (finding them is not counted)."""
    network = blazepose.load(folder)

    def look(image, number):
        own = boxes[min(number, len(boxes) - 1)]
        for box in own:
            blazepose.landmarks(network, image, box)
        return len(own)

    return look


class OpenVinoTwin:
    """A torch network {head: maps} run by OpenVINO, float32, on all cores; compiled for each shape it meets."""

    def __init__(self, network):
        self.network, self.compiled = network, {}

    def __call__(self, pictures):
        shape = tuple(pictures.shape)
        if shape not in self.compiled:
            self.compiled[shape] = self._compile(pictures)
        names, model = self.compiled[shape]
        answers = model(pictures.contiguous().numpy())
        return {name: torch.from_numpy(answers[place]) for place, name in enumerate(names)}

    def _compile(self, pictures):
        with torch.no_grad():
            names = list(self.network(pictures))
        wrapped = Values(self.network, names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # OpenVINO still calls torch.jit.trace
            model = import_openvino().convert_model(wrapped, example_input=pictures, input=[tuple(pictures.shape)])
        return names, core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


class Values(torch.nn.Module):
    """A network's dictionary as a tuple, in the order of `names`."""

    def __init__(self, network, names):
        super().__init__()
        self.network, self.names = network, names

    def forward(self, pictures):
        found = self.network(pictures)
        return tuple(found[name] for name in self.names)
