"""A record as files that other programs read: `duopose export`.

record -> tracks -> (smoothing) -> levelled -> sampled on a grid -> (fitted: bones that keep their lengths) -> formats/
"""
