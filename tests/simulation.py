"""Corpora whose shares are known, to see how often an estimate finds them.

Sentences stand in articles, articles in sources of unequal size. An article carries a
code with a chance of its own, drawn around the share of its source. What the model says
of a sentence is made by a classifier with the error rates of the shipped one, in one of
four worlds:

- `unerring`: the model says what is so;
- `kept`: the model finds and mistakes a code equally often in every source, but sources
  carry it at other rates than the articles it was trained on;
- `calibrated`: of the sentences with score p in a source a part p carries the code;
- `broken`: sources word things in their own way, so that the model's scores run higher
  in one and lower in another.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from framing.comparison import ask_pairs, compare
from framing.intervals import Estimates
from framing.model import Bools, Floats, Ints
from framing.prevalence import (
    METHODS,
    Evidence,
    Groups,
    LabelledSample,
    Tally,
    estimate,
    tally_scores,
)
from framing.prevalence.naive import labelled_alone
from framing.sampling import draw_sample

CARD = Path(__file__).parents[1] / "models" / "relations" / "card.json"

WORLDS = ("unerring", "kept", "calibrated", "broken")
BASE_RATES = (0.01, 0.03, 0.10, 0.20, 0.40)
"""Each is a code of its own in every corpus."""

ARTICLES = tuple(np.geomspace(30, 300, 8).round().astype(int).tolist())
"""Of each source."""

SENTENCES = 20
"""Of an article, on average; their number is Poisson, and at least 1."""

ICC = (0.05, 0.15)
"""How alike sentences of one article are, drawn between these for each source."""

APART = 0.4
"""How far the sources' true shares lie from the base rate, as a standard deviation of
the log-odds."""

SHIFT = 0.7
"""How far a source moves the scores where the assumption is broken, in the same way."""

LABELS = 50
"""Of each source."""

ALONE = "labels"
"""Name of the share among the labels alone."""


@dataclass(frozen=True)
class Classifier:
    """A classifier whose scores are calibrated at the base rate of its training.

    The log of the likelihood ratio of a sentence is normal with variance
    `distance`^2 and mean half that, above nought with the code and below without. Where
    it exceeds `cut` the code is given.
    """

    distance: float
    cut: float
    trained: float

    @classmethod
    def of_rates(cls, rightly: float, wrongly: float, trained: float) -> "Classifier":
        """Return the one that gives the code rightly and wrongly at these rates."""
        distance = ndtri(rightly) - ndtri(wrongly)
        return cls(distance, distance**2 / 2 - distance * ndtri(rightly), trained)

    def evidence(self, coded: Bools, rng: np.random.Generator) -> Floats:
        """Return the log of the likelihood ratio of sentences."""
        middle = np.where(coded, 0.5, -0.5) * self.distance**2
        return np.asarray(middle + self.distance * rng.standard_normal(coded.shape))


def shipped_classifier() -> Classifier:
    """Return one with the error rates of the shipped model on outlets it did not see.

    Averages over its codes, from the model's card.
    """
    frames = json.loads(CARD.read_text(encoding="utf-8"))["frames"]
    rows = {row["code"]: row for row in frames["each_source_left_out"]}
    macro = rows.pop("macro")
    trained = np.mean([row["n"] for row in rows.values()]) / frames["n_units"]
    rightly = macro["recall"]
    wrongly = rightly * (1 / macro["precision"] - 1) * trained / (1 - trained)
    return Classifier.of_rates(rightly, wrongly, float(trained))


@dataclass(frozen=True)
class Corpus:
    """Scored sentences with what is so.

    `coded` of shape (n_sentences, n_codes); `process` of shape (n_sources, n_codes) is
    the share that each source's writing tends to, of which its articles are a sample.
    """

    tally: Tally
    coded: Bools
    process: Floats

    @property
    def own(self) -> Floats:
        """Shares in the articles themselves, shape (n_sources, n_codes)."""
        sums = [np.bincount(self.tally.cell, column) for column in self.coded.T]
        return np.column_stack(sums) / np.bincount(self.tally.cell)[:, None]


def make_corpus(
    world: str,
    rng: np.random.Generator,
    *,
    base_rates: Sequence[float] = BASE_RATES,
    articles: Sequence[int] = ARTICLES,
    classifier: Classifier | None = None,
) -> Corpus:
    """Return a corpus of a world; its codes are named by their base rates."""
    classifier = classifier or shipped_classifier()
    codes = [f"{100 * rate:g}%" for rate in base_rates]
    source = np.repeat(np.arange(len(articles)), articles)
    sentences = np.maximum(rng.poisson(SENTENCES, len(source)), 1)
    shape = (len(articles), len(codes))
    share = expit(logit(base_rates) + APART * rng.standard_normal(shape))
    strength = 1 / rng.uniform(*ICC, shape) - 1
    leaning = rng.beta((share * strength)[source], ((1 - share) * strength)[source])
    article = np.repeat(np.arange(len(source)), sentences)
    own = source[article]
    coded = rng.random((len(article), len(codes))) < leaning[article]
    told = classifier.evidence(coded, rng)
    start = np.full(shape, logit(classifier.trained))
    if world == "calibrated":
        start = logit(share)
    elif world == "broken":
        start += SHIFT * rng.standard_normal(shape)
    proba = expit(start[own] + told)
    decided = proba > expit(logit(classifier.trained) + classifier.cut)
    if world == "unerring":
        proba, decided = coded.astype(float), coded
    tally = tally_arrays(own, article, proba, decided, codes)
    return Corpus(tally, coded, share)


def tally_arrays(
    source: Ints, article: Ints, proba: Floats, decided: Bools, codes: Sequence[str]
) -> Tally:
    """Return the tally of sentences given as arrays; sources and articles numbered."""
    columns = {code: decided[:, k] for k, code in enumerate(codes)}
    columns |= {f"p_{code}": proba[:, k] for k, code in enumerate(codes)}
    scores = pd.DataFrame(columns).assign(
        source=source, doc_id=article, cannot_say=False
    )
    return tally_scores(scores, codes)


def label(
    tally: Tally, coded: Bools, at: Ints, weight: Floats | None = None
) -> LabelledSample:
    """Return sentences, by their numbers, with their labels."""
    return LabelledSample(
        coded=coded[at],
        proba=tally.proba[at],
        decided=tally.decided[at],
        weight=np.ones(len(at)) if weight is None else weight,
        source=tally.source[tally.cell[at]],
        article=tally.article[at],
        unit_of_pair=np.arange(len(at)),
        cell_of_pair=tally.cell[at],
    )


def draw_labels(corpus: Corpus, n: int, seed: int) -> LabelledSample:
    """Return a random sample of labels, the same number of every source."""
    tally = corpus.tally
    units = pd.DataFrame({"source": tally.cells["source"].to_numpy()[tally.cell]})
    drawn = draw_sample(units, n, seed=seed)
    weight = 1 / drawn["probability"].to_numpy()
    return label(tally, corpus.coded, drawn.index.to_numpy(), weight)


def estimates(
    evidence: Evidence, methods: Sequence[str] = (*METHODS, ALONE)
) -> dict[str, Estimates]:
    """Return the shares of every source by each method."""
    cells = Groups.by(evidence.tally, ["source"]).cells
    return {
        method: labelled_alone(evidence, cells)
        if method == ALONE
        else estimate(method, evidence, cells)
        for method in methods
    }


def judge(found: Estimates, truth: Floats, level: float = 0.95) -> pd.DataFrame:
    """Return how far each share is off and whether its interval holds the truth.

    One row per source and code, in their order; NaN where there is no estimate, or no
    interval, as of counts where the articles are all there are.
    """
    low, high = found.bounds(level)
    n_sources, n_codes = truth.shape
    known = high > low
    held = np.where(known, (low <= truth) & (truth <= high), np.nan)
    return pd.DataFrame(
        {
            "source": np.repeat(np.arange(n_sources), n_codes),
            "code": np.tile(np.arange(n_codes), n_sources),
            "truth": truth.ravel(),
            "bias": (found.share - truth).ravel(),
            "error": np.abs(found.share - truth).ravel(),
            "coverage": held.ravel(),
            "width": np.where(known, high - low, np.nan).ravel(),
        }
    )


def simulate(
    world: str,
    n_corpora: int,
    *,
    seed: int,
    census: bool = False,
    methods: Sequence[str] = (*METHODS, ALONE),
    base_rates: Sequence[float] = BASE_RATES,
    articles: Sequence[int] = ARTICLES,
    labels: int = LABELS,
) -> pd.DataFrame:
    """Return what `judge` says of many corpora, with a column `method`.

    `code` is the base rate. With `census` the truth is the share in the articles
    themselves, else in the writing they are a sample of.
    """
    rng = np.random.default_rng(seed)
    classifier = shipped_classifier()
    rows = []
    for number in range(n_corpora):
        corpus = make_corpus(
            world, rng, base_rates=base_rates, articles=articles, classifier=classifier
        )
        sample = draw_labels(corpus, labels * len(articles), seed + number)
        priors = (classifier.trained,) * len(base_rates)
        evidence = Evidence(corpus.tally, sample, priors, census)
        truth = corpus.own if census else corpus.process
        rows += [
            judge(found, truth).assign(method=method, corpus=number)
            for method, found in estimates(evidence, methods).items()
        ]
    table = pd.concat(rows, ignore_index=True)
    return table.assign(code=np.array(base_rates)[table["code"]], world=world)


def summarise(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return bias, mean absolute error, coverage and mean width of groups of rows."""
    return rows.groupby(list(by), sort=False)[
        ["bias", "error", "coverage", "width"]
    ].mean()


def split_outlet(
    rng: np.random.Generator,
    *,
    n_sources: int = 2,
    articles: int = 60,
    labelled: bool = False,
    base_rates: Sequence[float] = BASE_RATES,
) -> Evidence:
    """Return sources that are random parts of the articles of one outlet.

    Each has as many articles; whatever differs between them is chance.
    """
    n = n_sources * articles
    whole = make_corpus("kept", rng, base_rates=base_rates, articles=(n,))
    tally = whole.tally
    source = (rng.permutation(n) % n_sources)[tally.article]
    split = tally_arrays(source, tally.article, tally.proba, tally.decided, tally.codes)
    process = np.repeat(whole.process, n_sources, axis=0)
    sample = None
    if labelled:
        seed = int(rng.integers(2**31))
        sample = draw_labels(
            Corpus(split, whole.coded, process), LABELS * n_sources, seed
        )
    return Evidence(split, sample)


def compare_all(evidence: Evidence, method: str, how: str = "holm") -> pd.DataFrame:
    """Return the differences of all pairs of sources."""
    asked = ask_pairs(evidence, ["source"])
    return compare(evidence, asked, method=method, level=0.95, how=how)
