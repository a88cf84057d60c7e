"""People nobody measured: pseudo-labels, how consistent they are, and the adversary (paper 3.4)."""
