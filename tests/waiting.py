"""Waiting for what another thread or process does."""

import time

LONG = 300.0  # s: no claim about speed, only the end of a test that has failed


def until(condition):
    """Wait until the condition holds. Raises AssertionError where it never does."""
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, f"what was waited for did not come in {LONG:.0f} s"
        time.sleep(0.002)
