"""Networks so small that their training takes no time."""

SMALL_LIFTING = ["--frames", "9", "--lookaheads", "0", "4", "--channels", "4", "8", "16", "16"]  # of train lifting
