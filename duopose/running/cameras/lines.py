"""In which line of a TOML text each key stands."""

import re

HEADER = re.compile(r"\s*\[([^\[\],]+)\]\s*(?:#.*)?")
KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*(?:\.|=)")


def lines_of(text: str) -> dict[tuple[str, ...], int]:
    """{(table, ..., key): line} of a TOML text, from 1 up; also of the tables. tomllib does not tell.

    >>> lines_of("[camera.door]\\nsource = 0")
    {('camera',): 1, ('camera', 'door'): 1, ('camera', 'door', 'source'): 2}
    """
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.fullmatch(line):
            table = tuple(part.strip(" \t\"'") for part in header[1].split("."))
            for count in range(1, len(table) + 1):
                found.setdefault(table[:count], number)
        elif key := KEY.match(line):
            found.setdefault((*table, key[1]), number)
    return found
