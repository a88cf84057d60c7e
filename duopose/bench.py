"""duopose bench NAME [options]: how fast it is.

Each program prints a table and, as its last line, the same as JSON.
"""

from duopose.running.programs import run


def main(argv):
    return run(__doc__, "duopose.benchmarks", argv)
