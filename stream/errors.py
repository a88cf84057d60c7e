"""The one exception that means "the user has to change something": it ends a run with exit code 2 and its one line."""


class WrongInput(Exception):
    """Input or output that can't be opened, or an option that makes no sense. The message is one line for the user."""


def without_password(source):
    """A source as it may be shown or written down: user, password and secret parameters of a URL are left out.

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
    secret = ("pass", "pwd", "token", "secret", "key", "auth", "sig")
    query = "&".join(
        f"{name}=***" if value and any(word in name.lower() for word in secret) else name + equals + value
        for name, equals, value in (part.partition("=") for part in query.split("&"))
    )
    return f"{scheme}://{'***@' if at else ''}{rest}{question}{query}"
