"""Where figures come from and go to: runs of the live program, clips played by the nodes, tables."""
