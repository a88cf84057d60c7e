"""The program every node runs in: `python -m duopose.stream.processes.child NAME`, started by the supervisor only.

`... child spare MODULE ...` imports the modules and waits to be told which node it is (spare.py).
"""

import contextlib
import faulthandler
import importlib
import os
import sys
import traceback
from pathlib import Path

from duopose.stream.bus import Bus
from duopose.stream.errors import UsageError
from duopose.stream.processes.orders import Orders, follow, read_job


def main():
    faulthandler.enable()
    for module in sys.argv[2:]:
        importlib.import_module(module)
    call_process(sys.argv[1])
    job = read_job(sys.stdin.buffer)
    if job is None:  # a spare one that nobody needed
        os._exit(0)
    call_process(job.name)
    log = os.open(Path(job.folder, f"{job.name}.log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    orders = Orders(go=job.going)
    follow(sys.stdin.buffer, orders, job.folder)
    code = run(job, orders)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # nothing is left to do, and libraries that crash while they unload are not our crash


def call_process(name):
    """What `top` and `ps` show."""
    with contextlib.suppress(OSError):  # Linux alone has it
        Path("/proc/self/comm").write_text(name)


def run(job, orders):
    """The node's `main` from begin to end -> exit code. Why it failed, in one line, is left in the run folder."""
    error_file = Path(job.folder, f"{job.name}.error")
    try:
        bus = Bus(job.folder, job.name, job.nodes, orders, job.change)
        module = next(node.module for node in job.nodes if node.name == job.name)
        importlib.import_module(module).main(bus, job.settings)
        bus.close()
        return 0
    except UsageError as error:
        error_file.write_text(str(error))
        return 2
    except BaseException as error:
        traceback.print_exc()
        where = traceback.extract_tb(error.__traceback__)[-1]
        what = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
        error_file.write_text(f"{what} ({Path(where.filename).name}:{where.lineno})")
        return 1


if __name__ == "__main__":
    main()
