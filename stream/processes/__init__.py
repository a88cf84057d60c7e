"""The supervisor, the node processes that it starts and watches, and the folder of their run."""
