"""The one kind of failure that is the user's to mend."""


class UsageError(Exception):
    """What was asked for cannot be done. Its one line goes to stderr, without traceback; the exit code is 2."""
