"""How much each set counts in a mean that is to tell of the next person, not of the sets that happen to be there.

A set is worth the people in it, not its frames: frames of one clip are alike, and a second minute of the same person
says little. But one picture of a person says less than several. So everyone counts n / (n + 1). n is the number of
moments at which that person is labelled: pictures, and seconds begun of a clip. One picture is half a person, a long
clip nearly a whole one. Who is in two sets (a clip and the same clip with somebody added) counts half in each. Who
bears one name in two pictures of a set is taken for one person.
"""

import json
from collections import Counter


def moments(gt):
    """{whom the set calls so: number of moments} of a set as parsed from JSON ("gt3d-1")."""
    seen = {}
    for number, frame in enumerate(gt["frames"]):
        moment = int(frame["frame"] // gt["fps"]) if "video" in gt else number
        for person in frame["persons"]:
            seen.setdefault(person["id"], set()).add(moment)
    return {person: len(when) for person, when in seen.items()}


def faces(gt):
    """{whom the set calls so: the joints of that person's first frame}: equal in two sets = the same person."""
    seen = {}
    for frame in gt["frames"]:
        for person in frame["persons"]:
            seen.setdefault(person["id"], json.dumps(person["joints_cam"]))
    return seen


def votes(sets):
    """{name: gt} -> {name: how much the set counts}

    A clip of three seconds with two people, and a picture of one of them at the same moment:

    >>> def people(*x): return [{"id": n, "joints_cam": [[place, 0, 4]]} for n, place in enumerate(x)]
    >>> clip = {"video": "a.mp4", "fps": 2, "frames": [{"frame": n, "persons": people(n, n + 9)} for n in range(6)]}
    >>> picture = {"frames": [{"image": "a.jpg", "persons": people(9)}]}
    >>> votes({"clip": clip, "picture": picture})
    {'clip': 1.125, 'picture': 0.25}
    """
    who = {name: faces(gt) for name, gt in sets.items()}
    shown = Counter(face for people in who.values() for face in set(people.values()))
    return {
        name: sum(n / (n + 1) / shown[who[name][person]] for person, n in moments(gt).items())
        for name, gt in sets.items()
    }
