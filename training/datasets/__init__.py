"""Public data sets as their owners publish them, one file a set, all as `sample.Sample`. docs/datasets.md lists
them."""
