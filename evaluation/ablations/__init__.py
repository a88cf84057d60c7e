"""What Duopose does with an idea of the paper switched off, a loss left out, a threshold moved."""
