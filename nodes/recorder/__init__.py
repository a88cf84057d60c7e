"""The node recorder: what is found, as JSON lines, video and statistics."""
