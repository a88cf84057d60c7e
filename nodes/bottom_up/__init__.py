"""The node bottom_up: everyone's pose from the whole frame, guided by the top-down joints (paper 3.2)."""
