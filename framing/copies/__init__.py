"""Near-copies and republished wire text among articles; marks, never deletes.

An article is sketched where it is read (`sketch_texts`); all sketches together, and a
second look at the few texts that may be copies, give the marks (`find_copies`).
"""

from framing.copies.agencies import AGENCIES, is_agency
from framing.copies.keeping import CHOICES, keep_articles, measure_copying
from framing.copies.marking import COPY_COLUMNS, OTHER, SAME, find_copies
from framing.copies.originals import COPY
from framing.copies.shingles import Sketch, Sketches, sketch_texts
from framing.copies.texts import join_sentences
from framing.copies.units import group_units

__all__ = [
    "AGENCIES",
    "CHOICES",
    "COPY",
    "COPY_COLUMNS",
    "OTHER",
    "SAME",
    "Sketch",
    "Sketches",
    "find_copies",
    "group_units",
    "is_agency",
    "join_sentences",
    "keep_articles",
    "measure_copying",
    "sketch_texts",
]
