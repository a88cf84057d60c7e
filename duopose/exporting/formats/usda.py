"""USD as text, with UsdSkel: everyone as a skinned skeleton. Metres, y up; time codes are rows since the first frame.

Who is not there, before, after and in gaps, is invisible. https://openusd.org/release/api/_usd_skel__schemas.html
"""

import numpy as np

from duopose.exporting.formats.body import body, rest_places
from duopose.exporting.formats.glb import presence
from duopose.exporting.skeleton import HIPS, NAMES, PARENTS
from duopose.stream.overlay import colour_of


def write(path, people):
    """Everyone into one file."""
    motions = [person.motion for person in people]
    first, last = min(m.first for m in motions), max(m.first + len(m.times) - 1 for m in motions)
    with open(path, "w", encoding="ascii") as file:
        file.write(
            f'#usda 1.0\n(\n    defaultPrim = "People"\n    metersPerUnit = 1\n    upAxis = "Y"\n'
            f"    startTimeCode = {first}\n    endTimeCode = {last}\n"
            f"    timeCodesPerSecond = {motions[0].rate:.10g}\n)\n\n"
            'def Xform "People"\n{\n'
        )
        for person in people:
            file.writelines(_person(person))
        file.write("}\n")


def _person(person):
    """The text of one person, in pieces."""
    name, fitted, motion = f"Person{person.identity}", person.fitted, person.motion
    home = f"/People/{name}"
    changes, there = presence(motion)
    seen = ", ".join(
        f'{row}: "{"inherited" if now else "invisible"}"' for row, now in zip(changes, there.tolist(), strict=True)
    )
    joints = ", ".join(f'"{_path(bone)}"' for bone in range(len(NAMES)))
    rest = fitted.offsets.copy()
    yield (
        f'    def SkelRoot "{name}" (\n        prepend apiSchemas = ["SkelBindingAPI"]\n    )\n    {{\n'
        f"        token visibility.timeSamples = {{{seen}}}\n\n"
        '        def Skeleton "Skeleton" (\n            prepend apiSchemas = ["SkelBindingAPI"]\n        )\n        {\n'
        f"            uniform token[] joints = [{joints}]\n"
        f"            uniform matrix4d[] bindTransforms = [{_shifts(rest_places(rest))}]\n"
        f"            uniform matrix4d[] restTransforms = [{_shifts(rest)}]\n"
        f"            rel skel:animationSource = <{home}/Motion>\n        }}\n\n"
    )
    yield from _body(home, body(fitted.offsets), colour_of(person.identity))
    ones = ", ".join(["(1, 1, 1)"] * len(NAMES))
    yield (
        f'        def SkelAnimation "Motion"\n        {{\n            uniform token[] joints = [{joints}]\n'
        f"            half3[] scales = [{ones}]\n            quatf[] rotations.timeSamples = {{\n"
    )
    for row, turns in enumerate(fitted.rotations[..., (3, 0, 1, 2)].tolist(), motion.first):
        yield f"                {row}: [{_tuples(turns, '(%.7g, %.7g, %.7g, %.7g)')}],\n"
    yield "            }\n            float3[] translations.timeSamples = {\n"
    others = _tuples(rest[1:].tolist(), "(%.6f, %.6f, %.6f)")
    for row, hips in enumerate(fitted.root.tolist(), motion.first):
        yield f"                {row}: [{_tuples([hips], '(%.6f, %.6f, %.6f)')}, {others}],\n"
    yield "            }\n        }\n    }\n"


def _body(home, shape, colour):
    points = _tuples(shape.points.tolist(), "(%.6f, %.6f, %.6f)")
    paint = _tuples([[part / 255 for part in colour]], "(%.3f, %.3f, %.3f)")
    count = len(shape.points)
    yield (
        f'        def Mesh "Body" (\n            prepend apiSchemas = ["SkelBindingAPI"]\n        )\n        {{\n'
        f'            uniform token subdivisionScheme = "none"\n'
        f"            point3f[] points = [{points}]\n"
        f"            int[] faceVertexCounts = {[3] * len(shape.faces)}\n"
        f"            int[] faceVertexIndices = {shape.faces.flatten().tolist()}\n"
        f"            color3f[] primvars:displayColor = [{paint}]\n"
        f"            matrix4d primvars:skel:geomBindTransform = {_shifts(np.zeros((1, 3)))}\n"
        f"            int[] primvars:skel:jointIndices = {shape.bones.tolist()} (\n"
        f'                elementSize = 1\n                interpolation = "vertex"\n            )\n'
        f"            float[] primvars:skel:jointWeights = {[1] * count} (\n"
        f'                elementSize = 1\n                interpolation = "vertex"\n            )\n'
        f"            rel skel:skeleton = <{home}/Skeleton>\n        }}\n\n"
    )


def _path(bone):
    """
    >>> _path(2)
    'Hips/RightUpperLeg/RightLowerLeg'
    """
    return NAMES[bone] if bone == HIPS else f"{_path(PARENTS[bone])}/{NAMES[bone]}"


def _tuples(rows, how):
    return ", ".join([how % tuple(row) for row in rows])


def _shifts(places):
    """Matrices that shift by [N, 3], as USD writes them: for rows."""
    return _tuples(places.tolist(), "((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (%.6f, %.6f, %.6f, 1))")
