"""The main path: articles -> parts -> tables -> counts; `framing.measuring` goes on.

A stream of articles is cut into parts of a fixed number. Each is scored by itself, by
this process or another one, and counted; its tables are kept on the disk, or nothing
but its counts. What comes out does not depend on who scored which part when.
"""

from framing.scoring.run import (
    PART,
    Scoring,
    Wanted,
    describe_run,
    make_manifest,
    score_inputs,
    stance_mix,
)
from framing.scoring.tables import score_articles, text_hash
from framing.scoring.thresholds import set_thresholds
from framing.scoring.workers import Way, by_processes, connect

__all__ = [
    "PART",
    "Scoring",
    "Wanted",
    "Way",
    "by_processes",
    "connect",
    "describe_run",
    "make_manifest",
    "score_articles",
    "score_inputs",
    "set_thresholds",
    "stance_mix",
    "text_hash",
]
