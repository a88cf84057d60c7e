"""Both branches' poses of one person, simulated or real: what the integration network learns from."""
