"""Public networks that do the same, to stand beside ours."""
