"""The network: what a run would open. Nothing is opened and nothing is sent here."""

import os

from duopose.stream.processes.run_folder import places

OPENED = {  # by options only
    "--metrics [HOST:]PORT": "HTTP, on 127.0.0.1 unless a host is named",
    "--listen tcp://HOST:PORT": "poses for other machines, encrypted; with --insecure not",
}


def examine(part):
    inside = [f"{place}/duopose-{os.getuid()}-*" for place in places()[:1]]
    part.facts = {"inside": inside, "opened_by": OPENED, "sent": "nothing"}
    part.good(
        f"by itself a run opens no port; its processes talk over sockets in {''.join(inside) or 'a folder'}, which "
        "only this user can enter"
    )
    part.good("ports are opened by " + "; by ".join(f"{option}: {what}" for option, what in OPENED.items()))
    part.good("nothing is sent to anybody; a stream's camera is asked for its pictures")
