"""framing from Python: what the commands do, as functions that return tables.

An entrance like the command line: it asks and hands on, and computes nothing. Nothing
is printed; what goes wrong is a `FramingError` that says what to do.
"""

from framing.api.articles import read
from framing.api.results import Results, open
from framing.api.scoring import score
from framing.api.single import Explained, agree, explain
from framing.errors import FramingError

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
