"""The programs of `duopose bench`: how fast Duopose is, and the clips and streams they measure on."""
