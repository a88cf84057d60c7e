"""A run from the command line: its arguments, the checks before it, its progress and its report."""
