"""Articles become sentences with exact offsets, each marked by its kind."""

from framing.records import Span
from framing.segment.split import split_sentences

__all__ = ["Span", "split_sentences"]
