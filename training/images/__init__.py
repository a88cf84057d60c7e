"""Pictures, targets and losses of the image networks."""
