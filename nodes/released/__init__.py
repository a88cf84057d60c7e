"""The paper's authors' networks in the nodes, used as the authors use them. docs/released.md says what differs."""
