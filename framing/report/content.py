"""What a report says, before it has a shape: tables, sentences and texts.

`framing.reporting` fills it from a results folder; `framing.report.page` makes one HTML
file of it, `framing.report.figures` the figures for a paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class CodeAbout:
    """A code as the codebook has it."""

    code: str
    title: str
    definition: str


@dataclass(frozen=True)
class Marked:
    """Words that moved a score, `text[start:end]`, by how much in log-odds."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Evidence:
    """A sentence shown for a code: `why` is "telling", "random" or "unsure".

    `base` (the model's intercept), the weights of `marks` and `other` (what has no
    place in the text, such as the number of actors, and words of little weight) add up
    to `log_odds`; `score` is calibrated.
    """

    source: str
    code: str
    why: str
    score: float
    given: bool
    text: str
    marks: Sequence[Marked]
    base: float
    other: float
    log_odds: float
    title: str = ""
    date: str = ""
    url: str = ""
    targets: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """Everything in a report. Shares are in [0, 1], tables are long (tidy).

    Attributes
    ----------
    title : str
    facts : mapping of str to str
        What stands at its head: articles, sentences, outlets, period, model, method.
    codes : sequence of CodeAbout
    mix : DataFrame
        `source code share low high counted` (the naive share) `normalised n_articles
        n_sentences n_labels note`; `note` says why a source is greyed, else "".
    method : str
        In words what `share` is: counted or corrected, by which labels.
    reference : str
        The source that others are compared with; empty for all pairs.
    differences : DataFrame
        `a b code difference low high p p_adjusted`, largest first.
    period : str
        "week", "month", "quarter" or "year".
    periods : DataFrame
        `source period code share low high n_articles partial`.
    event : str
        ISO date, or "".
    changes : DataFrame
        At the event: `source code before after difference low high p p_adjusted`.
    targets : DataFrame
        `target code share low high n_sentences`.
    stance : DataFrame
        `target source favourable neutral critical n_sentences n_articles`.
    evidence : sequence of Evidence
    evidence_note : str
        How many of how many sentences are shown and how they were chosen.
    words : DataFrame
        `code word weight`, what most raises each code in the model.
    source_words : DataFrame
        `source code word n expected score`, what distinguishes a source's sentences.
    checks : sequence of (level, text)
        Can I trust this? `level` is "ok", "note" or "warning".
    calibration : DataFrame
        `code score observed n`.
    confusion : DataFrame
        `code coded_given coded_missed given_wrongly neither precision recall f1`.
    copies : DataFrame
        `source n_articles n_copies share`; empty if copies were not looked for.
    left_out : DataFrame
        `what n reason`.
    methods : sequence of str
        Paragraphs of the methods section, with the figures of this run.
    references : sequence of str
    card : str
        The model card in Markdown.
    manifest : str
        `run.json`.
    command : str
        The command that makes this report again.
    """

    title: str
    facts: Mapping[str, str]
    codes: Sequence[CodeAbout]
    mix: pd.DataFrame
    method: str
    reference: str
    differences: pd.DataFrame
    period: str
    periods: pd.DataFrame
    event: str
    changes: pd.DataFrame
    targets: pd.DataFrame
    stance: pd.DataFrame
    evidence: Sequence[Evidence]
    evidence_note: str
    words: pd.DataFrame
    source_words: pd.DataFrame
    checks: Sequence[tuple[str, str]]
    calibration: pd.DataFrame
    confusion: pd.DataFrame
    copies: pd.DataFrame
    left_out: pd.DataFrame
    methods: Sequence[str]
    references: Sequence[str]
    card: str
    manifest: str
    command: str
    notes: Mapping[str, str] = field(default_factory=dict)
    """What stands under a section, by its name: why it is empty, what to mind."""

    @property
    def is_corrected(self) -> bool:
        """Whether shares are anything else than what was counted."""
        both = self.mix[["share", "counted"]].dropna()
        return bool(((both["share"] - both["counted"]).abs() > 1e-9).any())
