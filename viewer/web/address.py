"""Where the page can be opened: left in the run folder, from where the command says it to its user."""

import os
from pathlib import Path

NAME = "web.address"


def leave(folder, address):
    """Write it where the user alone can read it, whole from its first moment on."""
    begun = Path(folder, f"{NAME}.part")
    begun.unlink(missing_ok=True)
    with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(address)
    begun.rename(Path(folder, NAME))


def read(folder):
    """The address, None while there is none."""
    try:
        return Path(folder, NAME).read_text()
    except FileNotFoundError:
        return None
