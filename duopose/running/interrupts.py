"""Ctrl-C, and what asks a program to end: the same at every moment of a run."""

import signal
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # as the supervisor


@contextmanager
def quiet_end():
    """Each of them raises KeyboardInterrupt, once: what is tidied up then is not disturbed by a second one.

    For the time before and after the supervisor, which has a handler of its own. Without it a SIGTERM would leave the
    process that compiles the kernels, and do nothing at all where the program is the first of a container.
    """
    handlers = {number: signal.signal(number, _interrupt) for number in ENDING}
    try:
        yield
    except KeyboardInterrupt:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a signal came, and the program ends in a moment
            handlers = {}
        raise
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _interrupt(*_):
    ignore()
    raise KeyboardInterrupt


def ignore():
    """From here on the program ends by itself in a moment: it writes what it has found and goes."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
