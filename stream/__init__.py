"""What the processes of a run say to each other, and how: tables, messages, bus, shared memory."""
