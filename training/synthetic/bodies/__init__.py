"""Rendered people: bodies, clothes and what they are made of."""
