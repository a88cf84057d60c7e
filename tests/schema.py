"""The format of records as a JSON Schema, which is packaged."""

import importlib.resources
import json

from jsonschema import Draft202012Validator

SCHEMA = json.loads((importlib.resources.files("duopose.nodes.recorder") / "record.schema.json").read_text())


def problems(path):
    """What is wrong with the lines of a record -> [(line number, message)]."""
    check = Draft202012Validator(SCHEMA)
    lines = enumerate(map(json.loads, path.read_text().splitlines()), 1)
    return [(number, error.message) for number, line in lines for error in check.iter_errors(line)]
