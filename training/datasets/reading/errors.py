"""Files that the user names: what is wrong with one is told in one line."""

import zipfile
from contextlib import contextmanager

from duopose.stream.errors import UsageError

DAMAGE = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, IndexError, zipfile.BadZipFile)


@contextmanager
def reading(path, what):
    """While a file is read: whatever is wrong with it becomes a UsageError that names it.

    what   it should be, as in "motion capture"
    """
    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(f"{error.filename or path} is missing") from None
    except DAMAGE as error:
        why = f"it lacks {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        raise UsageError(f"{path} can't be read as {what}: {why}") from None
