"""A run of the real capture and recorder with a toy between them, as a program: `... CLIP RECORD VIDEO [SETTINGS]`.

SETTINGS: more of them, as JSON. It says what the nodes say on stderr and ends as the run does.
"""

import json
import sys

from duopose.stream.processes.supervisor import Supervisor
from duopose.stream.settings import Settings
from tests.toy.scenes import NODES

clip, record, video, *more = sys.argv[1:]
settings = {"source": clip, "record": record, "save_video": video or None, "every_frame": False, "in_flight": 3}
outcome = Supervisor(Settings(**settings | json.loads(more[0] if more else "{}")), NODES).run()
print(outcome.message, file=sys.stderr)
sys.exit(outcome.code)
