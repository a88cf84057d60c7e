"""A table for people, and the same numbers as JSON for programs."""

import json
import math


def cell(value):
    """One number as text.

    >>> [cell(value) for value in (0.91666, 12.345, 140.26, 7, None, float("nan"), "lite")]
    ['0.917', '12.35', '140.3', '7', '-', '-', 'lite']
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.{3 if abs(value) < 1 else 2 if abs(value) < 100 else 1}f}"


def table(rows):
    """{row name: {column: value}} -> text, columns in order of first appearance."""
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    lines = [["", *columns]] + [[name, *(cell(row.get(column)) for column in columns)] for name, row in rows.items()]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [[line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])] for line in lines]
    return "\n".join("  ".join(line) for line in padded)


def plain(value):
    """The same with plain numbers, rounded to 1e-4; what is not a number becomes None, so that the JSON is valid."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value


def report(*tables):
    """Print each table, then all their rows, {row: {column: value}}, as one line of JSON."""
    tables = [plain(rows) for rows in tables if rows]
    print("\n\n".join(map(table, tables)))
    print(json.dumps({name: row for rows in tables for name, row in rows.items()}))
