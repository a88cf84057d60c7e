"""The command `duopose`."""


def main(argv=None):
    from duopose import live

    return live.main(argv)
