"""The address of the page in a browser: said once, when it can be opened, on stderr alone.

Who has it sees the run. So the page leaves it in the run folder, which its user alone can enter, and no message, log
file or session ever holds it.
"""

from pathlib import Path

from duopose.running.log import tell_secret
from duopose.viewer.web.address import read


class PageAddress:
    """wanted   whether the run has a page"""

    def __init__(self, wanted):
        self.wanted = wanted

    def tick(self, supervisor):
        address = read(Path(supervisor.folder.path)) if self.wanted else None
        if address:
            tell_secret(f"in a browser of this machine: {address} (Ctrl-C ends the run)")
            self.wanted = False
