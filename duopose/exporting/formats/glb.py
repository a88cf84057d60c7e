"""glTF 2.0 in one binary file: everyone as a skinned skeleton with one animation. Metres, seconds, y up.

Time counts from the first frame of the run. Who is not there, before, after and in gaps, has no size.
https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

import json
import struct

import numpy as np

from duopose.exporting.formats.body import body, rest_places
from duopose.exporting.skeleton import HIPS, NAMES, PARENTS
from duopose.stream.overlay import colour_of

FLOAT, WHOLE, BYTE = 5126, 5125, 5121  # component types: float32, uint32, uint8
SHAPES = {1: "SCALAR", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
TURNING = [bone for bone in range(len(NAMES)) if bone in PARENTS]  # what carries nothing never turns
MAGIC, VERSION, JSON, BINARY = 0x46546C67, 2, 0x4E4F534A, 0x004E4942


def write(path, people):
    """Everyone into one file."""
    scene = Scene()
    for person in people:
        scene.add(person)
    scene.save(path)


class Scene:
    """The tables of a glTF file as they grow, and its binary part."""

    def __init__(self):
        self.views, self.accessors, self.binary, self.size = [], [], [], 0
        self.nodes, self.meshes, self.materials, self.skins, self.roots = [], [], [], [], []
        self.samplers, self.channels = [], []

    def add(self, person):
        """One person: a node above the hips, a node a bone, a body, a skin, and their part of the animation."""
        fitted, motion, name = person.fitted, person.motion, f"person{person.identity}"
        root = len(self.nodes)
        bones = [root + 1 + bone for bone in range(len(NAMES))]
        skin, mesh = root + 1 + len(NAMES), len(self.meshes)
        self.roots.append(root)
        self.nodes.append({"name": name, "children": [bones[HIPS], skin]})
        for bone, label in enumerate(NAMES):
            place = fitted.root[0] if bone == HIPS else fitted.offsets[bone]
            children = [bones[child] for child, parent in enumerate(PARENTS) if parent == bone]
            node = {"name": label, "translation": place.tolist(), "children": children}
            self.nodes.append({key: value for key, value in node.items() if value != []})
        self.nodes.append({"name": f"{name} body", "mesh": mesh, "skin": len(self.skins)})
        inverse = np.tile(np.eye(4, dtype=np.float32), (len(NAMES), 1, 1))  # a matrix' columns one after the other
        inverse[:, 3, :3] = -rest_places(fitted.offsets)
        matrices = self.accessor(inverse.reshape(-1, 16), FLOAT)
        self.skins.append({"joints": bones, "skeleton": bones[HIPS], "inverseBindMatrices": matrices})
        self._body(fitted.offsets, name, colour_of(person.identity))
        self._animate(fitted, motion, bones)

    def _body(self, offsets, name, colour):
        shape = body(offsets)
        joints = np.zeros((len(shape.bones), 4), np.uint8)
        joints[:, 0] = shape.bones
        weights = np.float32([(1, 0, 0, 0)]).repeat(len(joints), 0)
        primitive = {
            "attributes": {
                "POSITION": self.accessor(shape.points, FLOAT, bounds=True),
                "JOINTS_0": self.accessor(joints, BYTE),
                "WEIGHTS_0": self.accessor(weights, FLOAT),
            },
            "indices": self.accessor(shape.faces.reshape(-1, 1), WHOLE),
            "material": len(self.materials),
        }
        self.meshes.append({"name": name, "primitives": [primitive]})
        paint = {"baseColorFactor": [*(part / 255 for part in colour), 1.0], "metallicFactor": 0.0}
        self.materials.append({"name": name, "pbrMetallicRoughness": paint})

    def _animate(self, fitted, motion, bones):
        times = self.accessor(motion.times.astype(np.float32).reshape(-1, 1), FLOAT, bounds=True)
        self._channel(bones[HIPS], "translation", times, fitted.root)
        for bone in TURNING:
            self._channel(bones[bone], "rotation", times, fitted.rotations[:, bone])
        changes, there = presence(motion)
        when = self.accessor((changes / motion.rate).astype(np.float32).reshape(-1, 1), FLOAT, bounds=True)
        self._channel(bones[HIPS], "scale", when, np.repeat(there.astype(np.float32)[:, None], 3, 1), "STEP")

    def _channel(self, node, path, times, values, how="LINEAR"):
        values = self.accessor(values.astype(np.float32), FLOAT)
        self.channels.append({"sampler": len(self.samplers), "target": {"node": node, "path": path}})
        self.samplers.append({"input": times, "output": values, "interpolation": how})

    def accessor(self, array, kind, bounds=False):
        """Put [N, numbers each] into the binary part -> number of its accessor."""
        content = np.ascontiguousarray(array).tobytes()
        self.views.append({"buffer": 0, "byteOffset": self.size, "byteLength": len(content)})
        told = {"bufferView": len(self.views) - 1, "componentType": kind, "count": len(array),
                "type": SHAPES[array.shape[1]]}  # fmt: skip
        if bounds:
            told |= {"min": array.min(0).tolist(), "max": array.max(0).tolist()}
        self.accessors.append(told)
        content += bytes(-len(content) % 4)
        self.binary.append(content)
        self.size += len(content)
        return len(self.accessors) - 1

    def save(self, path):
        told = {
            "asset": {"version": "2.0", "generator": "duopose export"},
            "scene": 0, "scenes": [{"nodes": self.roots}], "nodes": self.nodes,
            "meshes": self.meshes, "materials": self.materials, "skins": self.skins,
            "animations": [{"name": "recorded", "samplers": self.samplers, "channels": self.channels}],
            "accessors": self.accessors, "bufferViews": self.views, "buffers": [{"byteLength": self.size}],
        }  # fmt: skip
        text = json.dumps(told, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        with open(path, "wb") as file:
            file.write(struct.pack("<3I", MAGIC, VERSION, 12 + 8 + len(text) + 8 + self.size))
            file.write(struct.pack("<2I", len(text), JSON) + text)
            file.write(struct.pack("<2I", self.size, BINARY))
            file.writelines(self.binary)


def presence(motion):
    """When a person comes and goes -> int [K], rows since the first frame of the run; bool [K], there from then on."""
    there = np.concatenate([[False] * bool(motion.first), motion.seen, [False]])
    rows = np.concatenate([[0] * bool(motion.first), motion.first + np.arange(len(motion.seen) + 1)])
    changes = np.concatenate([[True], there[1:] != there[:-1]])
    return rows[changes], there[changes]
