"""One run of the toy pipeline as a program of its own: `python -m tests.toy.run FOLDER RECORD TOTAL FPS`.

Prints the run folder and the processes' numbers once all are at work, and ends with the run's exit code.
"""

import sys

from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.settings import Settings
from tests.toy import NODES

where, record, total, fps = sys.argv[1:]
told = False


def tell(supervisor):
    global told
    if supervisor.going and not told:
        told = True
        pids = [process.child.pid for process in supervisor.processes.values()]
        print(supervisor.folder.path, *pids, flush=True)


settings = Settings(record=record, total=int(total), camera_fps=float(fps))
sys.exit(Supervisor(settings, NODES, where).run(tell).code)
