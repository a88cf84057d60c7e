"""CSV for spreadsheets and scripts: a row a person and frame (columns.py). Metres; the cells of a gap are empty."""

import csv

import numpy as np

from duopose.exporting.formats.columns import NAMES, columns


def write(path, people):
    """Everyone into one file."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(NAMES)
        for person in people:
            table = columns(person)
            rows.writerows(zip(*(_cells(table[name]) for name in NAMES), strict=True))


def _cells(values):
    if isinstance(values, list) or values.dtype.kind == "i":
        return values  # csv writes None as an empty cell
    return ["" if cell is None else cell for cell in _rounded(values)]


def _rounded(values):
    plain = np.round(values.astype(np.float64), 4)
    return [None if np.isnan(number) else number for number in plain.tolist()]
