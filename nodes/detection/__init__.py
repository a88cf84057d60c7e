"""The node detection: boxes of the people in a picture."""
