"""The first labelling of a text that nobody has labelled: by seed words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from framing.articles import ReadLog, ReadOptions, read_articles
from framing.codebook import Codebook
from framing.errors import LabelError
from framing.labelstore import LabelSet
from framing.records import SEED_CODER, Article, Hit, Label
from framing.seedwords import SeedWords
from framing.segment import split_sentences
from framing.tagger import Tagger, check_words
from framing.targets import Targets

if TYPE_CHECKING:  # tagging a text does without
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Tagged:
    """A sentence of an article with the hits that gave it codes."""

    article: Article
    start: int
    end: int
    text: str
    hits: tuple[Hit, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that the hits give, sorted."""
        return tuple(sorted({hit.code for hit in self.hits}))


def make_tagger(codebook: Codebook, seeds: SeedWords, targets: Targets) -> Tagger:
    """Return the tagger of a codebook."""
    return Tagger(seeds, targets, codebook.names)


def tag_inputs(
    inputs: Sequence[str], options: ReadOptions, tagger: Tagger, log: ReadLog
) -> Iterator[Tagged]:
    """Yield the sentences of all articles with their seed words."""
    for article in read_articles(inputs, options, log):
        for span in split_sentences(article.text, title=article.title):
            if span.kind == "sentence":
                text = article.text[span.start : span.end]
                hits = tuple(tagger.find(text))
                yield Tagged(article, span.start, span.end, text, hits)


def tag_table(tagged: Sequence[Tagged]) -> "pd.DataFrame":
    """Return tagged sentences as a table; `words` says what gave which code.

    Returns
    -------
    DataFrame, one row per sentence: `doc_id source date start end text codes words`.
    Several codes are parted by `|`; a word reads `code:start-end:words found`, its
    offsets counted in the sentence.
    """
    import pandas as pd

    rows = [
        (
            t.article.doc_id,
            t.article.source,
            t.article.date,
            t.start,
            t.end,
            t.text,
            "|".join(t.codes),
            "; ".join(
                f"{h.code}:{h.start}-{h.end}:{t.text[h.start : h.end]}" for h in t.hits
            ),
        )
        for t in tagged
    ]
    columns = ["doc_id", "source", "date", "start", "end", "text", "codes", "words"]
    return pd.DataFrame(rows, columns=columns)


def tag_labels(
    tagged: Sequence[Tagged], codebook: Codebook, *, now: datetime
) -> list[Label]:
    """Return tagged sentences as labels of the coder `seed-words`.

    With exactly one code a unit, sentences with none or several are left out.
    """
    single = codebook.coding == "single"
    return [
        Label(
            t.article.doc_id,
            t.start,
            t.end,
            t.text,
            t.codes,
            {},
            SEED_CODER,
            now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            codebook.signature,
            t.article.source,
        )
        for t in tagged
        if not single or len(t.codes) == 1
    ]


def check_seed_words(
    tagger: Tagger, labels: LabelSet, codebook: Codebook, *, seed: int = 0
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return how every seed word and every code fares against gold.

    Returns
    -------
    Table of words as `framing.tagger.check_words` gives it, table of codes as
    `framing.evaluation.measure_codes` gives it. Labels of the coder `seed-words`
    are no gold here.

    Raises
    ------
    LabelError
        There is no other label.
    """
    import pandas as pd

    from framing.agreement import compute_gold
    from framing.evaluation import measure_codes

    human = [label for label in labels.labels if label.coder != SEED_CODER]
    gold, _ = compute_gold(human, codebook)
    if not gold:
        msg = f"{codebook.name}: no label of a person to check against. Label some."
        raise LabelError(msg)
    texts = [unit.text for unit in gold]
    wanted = pd.DataFrame(
        [[c in unit.codes for c in codebook.names] for unit in gold]
    ).to_numpy(dtype=bool)
    codes = measure_codes(
        wanted,
        tagger.tag(texts),
        None,
        codebook.names,
        groups=[unit.doc_id for unit in gold],
        seed=seed,
    )
    return check_words(tagger, gold), codes
