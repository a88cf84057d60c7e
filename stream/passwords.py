"""Addresses of cameras hold passwords: how they may be shown and written down."""

import re

SECRET = ("pass", "pwd", "token", "secret", "key", "auth", "sig")  # in the name of a parameter: its value is not shown


def without_password(source: str) -> str:
    """A source as it may be shown: user, password and secret parameters of an address are left out.

    >>> without_password("rtsp://me:pa@ss/word@camera/live?token=abc&fps=5")
    'rtsp://***@camera/live?token=***&fps=5'
    >>> without_password("clip@home.mp4")
    'clip@home.mp4'
    """
    scheme, separator, rest = source.partition("://")
    if not separator:
        return source
    _, at, rest = rest.rpartition("@")
    rest, question, query = rest.partition("?")
    query = "&".join(
        f"{name}=***" if value and any(word in name.lower() for word in SECRET) else name + equals + value
        for name, equals, value in (part.partition("=") for part in query.split("&"))
    )
    return f"{scheme}://{'***@' if at else ''}{rest}{question}{query}"


def without_passwords(text: str) -> str:
    """The same for every address in a text: what libraries write may hold one.

    >>> without_passwords("can't open rtsp://me:pass@camera/live?token=abc")
    "can't open rtsp://***@camera/live?token=***"
    """
    return re.sub(r"\w+://\S+", lambda found: without_password(found[0]), text)
