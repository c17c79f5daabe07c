"""How each outlet frames the relations between states, with defensible numbers.

What the command line does, from Python (docs/python.md): `score`, `open`, `read`,
`explain` and `agree`. They are loaded when they are first asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framing.api import (
        Explained,
        FramingError,
        Results,
        agree,
        explain,
        open,
        read,
        score,
    )

__version__ = "0.1.0"

__all__ = [
    "Explained",
    "FramingError",
    "Results",
    "agree",
    "explain",
    "open",
    "read",
    "score",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        msg = f"module 'framing' has no attribute {name!r}"
        raise AttributeError(msg)
    from framing import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
