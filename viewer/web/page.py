"""The page as one file: assets/ put together, with a policy that lets it run nothing else and ask nobody.

The policy names style and script by their hashes, so that nothing that was slipped in, by a source's name say, runs.
"""

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from duopose.viewer.web.scenes import SHAPE, to_json

SCRIPTS = ("orbit", "bodies", "ground", "painter", "labels", "picture", "chart", "sources", "app")  # in this order
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:"  # data: its own icon


@cache
def _asset(name):
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


@cache
def style():
    return _asset("style.css")


@cache
def script():
    """One script: each file's names are seen by those after it, and by nothing outside."""
    return '"use strict";\n{\n' + "\n".join(_asset(f"{name}.js") for name in SCRIPTS) + "}\n"


def data(value):
    """JSON as it may stand in HTML: bytes, or what can be written as JSON -> text."""
    encoded = value if isinstance(value, bytes) else to_json(value)
    return encoded.decode().replace("<", "\\u003c")


def about(title, live, pictures, cameras=("",)):
    """What the page has to know before the first scene.

    title      the source, without secrets
    live       scenes come from the run; else they lie in the page
    pictures   whether the run may show them
    cameras    names of the run's cameras, a tab each
    """
    return {"title": title, "live": live, "pictures": pictures, "cameras": list(cameras), "shape": SHAPE}


def policy(connect="'none'"):
    """The Content-Security-Policy. connect: where the page may get its scenes."""
    return f"{NOTHING}; script-src {_hash(script())}; style-src {_hash(style())}; connect-src {connect}"


def parts(about, meta_policy=""):
    """-> the HTML before and after the scenes that may lie in it."""
    texts = {"about": data(about), "policy": meta_policy, "style": style(), "script": script()}
    whole = re.split(r"\{(\w+)\}", _asset("page.html"))  # text, name, text, name, ...
    scenes = whole.index("scenes")
    filled = [texts.get(part, "") if place % 2 else part for place, part in enumerate(whole)]
    return "".join(filled[:scenes]), "".join(filled[scenes:])


def _hash(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
