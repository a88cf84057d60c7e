"""What this process has used so far."""

import resource
import sys
import time


def cpu_seconds():
    """User and system time, s."""
    return time.process_time()


def peak_megabytes():
    """The most memory it held at a time, MB. (Linux' getrusage would count the parent's memory at the start too.)"""
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (2**20 if sys.platform == "darwin" else 2**10)


def resident_bytes(pid):
    """Memory that another process, or "self", holds now, bytes; None where it is gone or the system does not say."""
    try:
        with open(f"/proc/{pid}/statm") as status:
            return int(status.read().split()[1]) * resource.getpagesize()
    except OSError:
        return None
