"""Several cameras that share one run, and what happens to some of them: `duopose bench cameras --faults`."""
