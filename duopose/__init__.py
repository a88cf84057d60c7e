"""Everyone's 3D pose, live, in metres, from one ordinary camera.

For other programs: `duopose.subscribe` listens to a run, `duopose.Pipeline` is one inside a program. Nothing is
imported before it is used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duopose.nodes.chain import Pipeline
    from duopose.stream.subscribe import subscribe

__version__ = "0.1.0"
__all__ = ["Pipeline", "__version__", "subscribe"]

LAZY = {"Pipeline": ("duopose.nodes.chain", "Pipeline"), "subscribe": ("duopose.stream.subscribe", "subscribe")}


def __getattr__(name: str) -> Any:
    if name not in LAZY:
        raise AttributeError(f"module 'duopose' has no attribute {name!r}")
    module, what = LAZY[name]
    return getattr(importlib.import_module(module), what)


def __dir__() -> list[str]:
    return sorted({*globals(), *LAZY})
