"""Tells systemd how the run is doing, where it was started by a unit of Type=notify: sd_notify(3)."""

import contextlib
import os
import socket


class Notify:
    """
    address   of the service manager's socket, as $NOTIFY_SOCKET has it: a path, or @name for one without a file
    """

    def __init__(self, address):
        self.address = "\0" + address[1:] if address.startswith("@") else address
        self.ready = False

    def update(self, now):
        """Take in a watch.Now: ready with the first scene, alive while scenes come; a line for `systemctl status`."""
        if now.trouble:
            self._send(f"STATUS={now.trouble}")
            return
        ready, self.ready = ("" if self.ready else "READY=1\n"), True
        self._send(f"{ready}WATCHDOG=1\nSTATUS={now.rate:.1f} frames a second, {now.people} people")

    def _send(self, text):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.setblocking(False)
            to.sendto(text.encode(), self.address)


def service_manager():
    """The service manager that waits to be notified, or None. Its address is taken out of the environment."""
    address = os.environ.pop("NOTIFY_SOCKET", None)
    return Notify(address) if address else None
