"""A picture of a benchmark's table."""

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot

from duopose.evaluation.runs.tables import cell

ROW, EDGE = 0.28, 1.2  # inches: height of a bar, and of what stands above and below all of them
WIDTH = 4.2  # inches of a column


def bars(path, rows, columns, title):
    """Rows {name: {column: number}} -> a PNG with bars for each of `columns`; what has no number has none."""
    figure, axes = pyplot.subplots(
        1, len(columns), squeeze=False, sharey=True, figsize=(2 + WIDTH * len(columns), EDGE + ROW * len(rows))
    )
    names = list(rows)
    for axis, column in zip(axes[0], columns, strict=True):
        values = [rows[name].get(column) or 0.0 for name in names]
        drawn = axis.barh(names, values, color="tab:blue")
        axis.bar_label(drawn, [cell(float(value)) for value in values], padding=2, fontsize=8)
        axis.set_xlabel(column)
        axis.margins(x=0.15)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].invert_yaxis()
    figure.suptitle(title)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
