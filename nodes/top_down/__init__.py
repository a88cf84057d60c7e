"""The node top_down: joints, identity and 3D pose of everyone, box by box (paper 3.1)."""
