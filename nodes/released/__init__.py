"""The paper's authors' networks in the nodes, used as the authors use them. docs/released.md lists the differences."""
