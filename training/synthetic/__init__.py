"""Rendered people with exact labels: bodies and clothes from a pack, motion from capture, light from panoramas."""
