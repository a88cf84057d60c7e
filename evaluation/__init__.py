"""The programs of `duopose evaluate`: how right the poses are."""
