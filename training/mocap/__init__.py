"""Motion capture: clips, other bodies and motions, cameras, and what a 2D network would have seen of them."""
