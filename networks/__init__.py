"""The paper's networks, their weight files, and what runs them with and without torch."""
