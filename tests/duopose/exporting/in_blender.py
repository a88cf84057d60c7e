"""python -m tests.duopose.exporting.in_blender RATE OUT FILE ...: where Blender puts the bones of files it imports.

It writes JSON: for each file the scene's rate, then {armature: {bone: [[x, y, z], ...]}}, metres in Blender's world
(z up), a row a frame of the scene, and {armature: [whether the renderer would show its bodies, ...]}.
"""

import json
import sys
from pathlib import Path

import bpy


def imported(path, rate):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = round(rate)
    if path.suffix == ".bvh":
        bpy.ops.import_anim.bvh(
            filepath=str(path), global_scale=0.01, axis_forward="-Z", axis_up="Y", update_scene_fps=True, frame_start=0
        )
    elif path.suffix == ".glb":
        bpy.ops.import_scene.gltf(filepath=str(path))
    else:
        bpy.ops.wm.usd_import(filepath=str(path))
    armatures = [thing for thing in scene.objects if thing.type == "ARMATURE"]
    first, last = ends(armatures)
    places = {thing.name: {bone.name: [] for bone in thing.pose.bones} for thing in armatures}
    sizes = {thing.name: [] for thing in armatures}
    for frame in range(first, last + 1):
        scene.frame_set(frame)
        for thing in armatures:
            for bone in thing.pose.bones:
                places[thing.name][bone.name].append([*(thing.matrix_world @ bone.head)])
            sizes[thing.name].append(thing.pose.bones[0].matrix.to_scale()[0])
    return {"fps": scene.render.fps / scene.render.fps_base, "first": first, "places": places, "sizes": sizes}


def ends(armatures):
    """First and last frame of all their movements."""
    ranges = [thing.animation_data.action.frame_range for thing in armatures]
    return int(min(start for start, _ in ranges)), round(max(end for _, end in ranges))


if __name__ == "__main__":
    rate, out, *files = sys.argv[1:]
    Path(out).write_text(json.dumps({file: imported(Path(file), float(rate)) for file in files}))
