"""One part: some articles in, their tables and counts out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from framing.excerpt import FEW, excerpt
from framing.model import Model
from framing.parts import write_part
from framing.prevalence import Counts, count_scores
from framing.records import Article
from framing.results import ARTICLES, COUNTS, HIGHEST, SCORES, STANCE, TARGETS
from framing.scorer import Scorer
from framing.scoring.copied import SKETCHES, sketch_part
from framing.scoring.tables import score_articles, unit_texts

Tables = Mapping[str, pd.DataFrame]
"""The tables of a part, by the names of their files."""


@dataclass(frozen=True)
class Task:
    """A part to score."""

    name: str
    articles: Sequence[Article]


@dataclass(frozen=True)
class Work:
    """What is done to every part: everything that a worker must be told once.

    `folder` is where the tables of the parts are written, `lasting` whether they are
    of use to a later run.
    """

    model: Model
    folder: Path
    lasting: bool = True


@dataclass(frozen=True)
class Done:
    """A part that was scored and written: its number of articles."""

    n_articles: int


_ANY = "Some ministers met. Others signed a deal with the firm, officials said."


class PartScorer:
    """A model that scores parts, made once for each process."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._scorer: Scorer | None = None

    def __call__(self, task: Task) -> Done:
        """Score a part and write its tables."""
        tables = part_tables(task.articles, self._scorer_for(task.articles))
        write_part(self.work.folder, task.name, tables, lasting=self.work.lasting)
        return Done(len(task.articles))

    def make_ready(self) -> None:
        """Load all that scoring takes, which the first part would do."""
        self._scorer = Scorer(self.work.model)
        part_tables([Article("", "", "", "", _ANY)], self._scorer)

    def _scorer_for(self, articles: Sequence[Article]) -> Scorer:
        """Return the scorer of all parts, or one of a few articles at the start."""
        few = sum(len(a.text) + len(a.title) for a in articles) <= FEW
        if self._scorer is None and few:
            return Scorer(excerpt(self.work.model, list(unit_texts(articles))))
        if self._scorer is None:
            self._scorer = Scorer(self.work.model)
        return self._scorer


def part_tables(articles: Sequence[Article], scorer: Scorer) -> Tables:
    """Return all tables of a part."""
    scores, about, stance = score_articles(articles, scorer)
    counts = count_scores(scores, stance, scorer.model.frames.classes)
    return {
        SCORES: scores,
        ARTICLES: about,
        STANCE: stance,
        COUNTS: _count_all(counts, about),
        TARGETS: counts.targets,
        HIGHEST: counts.highest,
        SKETCHES: sketch_part(about, scores),
    }


def _count_all(counts: Counts, about: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of every article, of those without any unit too."""
    keys = ["doc_id", "source", "date"]
    table = about[keys].merge(counts.articles, how="left", on=keys)
    names = [str(name) for name in table]
    whole = [n for n in names if n.startswith(("n_", "d_"))] + ["cannot_say", "none"]
    sums = [n for n in names if n.startswith(("p_", "v_"))]
    table[[*whole, *sums]] = table[[*whole, *sums]].fillna(0)
    return table.astype(dict.fromkeys(whole, "int64"))
