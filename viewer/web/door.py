"""Who is let in: a browser on this machine that was given the address, and no page but ours.

The token in the path keeps out other users and programs. The Host header has to name this machine, so that no name of
somebody else's that was made to point here (DNS rebinding) works; the Origin of a stream has to be the page's own.
"""

import os
import re
import secrets
import socket

from duopose.stream.errors import UsageError

HOST = "127.0.0.1"  # the page is for this machine alone
NAMES = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")  # any port: it may come through a tunnel
TOKEN_BYTES = 24
PAGE, STREAM = "", "scenes"  # what is to be had below the token


def bind(port):
    """A listening socket on this machine, port 0 = any free one. Raises UsageError."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        why = os.strerror(error.errno)  # its own words name the address once more
        raise UsageError(f"--web {port}: can't listen at {HOST}:{port}: {why}; name another port") from None


class Door:
    """Knows the token; decides about requests."""

    def __init__(self):
        self.token = secrets.token_urlsafe(TOKEN_BYTES)

    def refusal(self, path, hosts, origins):
        """HTTP status with which a request is turned away, None if it is let in.

        path            of the request, with its query
        hosts, origins  values of the headers of these names, as often as they were sent
        """
        if len(hosts) != 1 or not NAMES.fullmatch(hosts[0]):
            return 403
        token, slash, wanted = path.removeprefix("/").partition("/")
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return 403
        if not slash or wanted not in (PAGE, STREAM):
            return 404
        if wanted == STREAM and origins != [f"http://{hosts[0]}"]:
            return 403
        return None

    def wants_stream(self, path):
        """Whether a request that was let in is for the scenes, else for the page."""
        return path.endswith(f"/{STREAM}")

    def address(self, port):
        return f"http://{HOST}:{port}/{self.token}/"
