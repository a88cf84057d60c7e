"""The programs of `duopose train`: how every weight was made."""
