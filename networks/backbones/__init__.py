"""The trunks of the image networks."""
