"""What tells the tracker who somebody is, beside joints and box: the clothes, and the place where a track ended."""
