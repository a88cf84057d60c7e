"""The node fusion: the poses of both branches become everyone, once (paper 3.3)."""
