"""What the processes of the pipeline do: a folder for each node, and beside them what several nodes use."""
