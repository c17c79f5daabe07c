"""How far a model can be trusted on a corpus: what differs from its training.

A scored corpus is compared with what the model says of outlets that it did not see:
each outlet of its training scored by a fit without it. That an outlet is new is no
reason for doubt; that it is further off than new outlets are is one.

The thresholds are measured by `benchmarks/trust.py`, which prints the figures given
beside them: on topic are the training outlets, each by a fit without it, and the four
demo outlets; off topic are invented sport reports and recipes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from framing.errors import shown
from framing.model import Floats

MIN_ARTICLES = 5
"""Articles below which nothing is warned of: single articles on the topic differ from
the rest by as much as sport does."""

UNKNOWN_FACTOR = 1.4
"""By what factor more words may be unknown than on the worst outlet left out of
training. Measured: sport 1.2, which is told by its scores and not by its words, recipes
1.8; halfway between recipes and the worst outlet itself."""

SHIFT = 0.40
"""Distance of the scores from those of training. Measured: on topic at most 0.23, and
0.36 for five articles; sport and recipes 0.52, and at least 0.46 for five articles."""

BLANK_ARTICLES = 0.20
"""Share of articles in which no sentence probably carries a code. Measured: on topic at
most 0.13, since two of fifteen articles of many training outlets are about other things
on purpose; sport and recipes 1."""

BLANK_ERRORS = 2.0
"""Standard errors by which that share must be exceeded: few articles vary much."""

CANNOT_SAY = 0.05
"""Share of sentences without a known word. Measured: on topic at most 0.007. Sport and
recipes have none either: it is another language or a broken text that shows here."""

PROBABLY = 0.5
"""Score from which a sentence probably carries a code."""

DOUBT = ": these texts may be unlike those that the model learned from."
NOTHING_USUAL = "training left no figure to compare with"

N_NAMED = 3
"""Sources and years named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Check:
    """One figure about a corpus, what it usually is, and what it means in words.

    `usual` is NaN where nothing is usual or training left no figure to compare with.
    """

    name: str
    value: float
    usual: float
    warning: bool
    text: str


@dataclass(frozen=True, slots=True)
class Trust:
    """What speaks for and against the figures of a corpus, and what would help."""

    checks: list[Check]
    advice: str = ""

    @property
    def warnings(self) -> list[Check]:
        """The checks that give reason for doubt."""
        return [check for check in self.checks if check.warning]


def measure_trust(
    scores: pd.DataFrame,
    codes: Sequence[str],
    card: Mapping[str, Any],
    out_of_fold: pd.DataFrame,
    *,
    years: Collection[str] = (),
    advice: str = "",
    highest: pd.DataFrame | None = None,
) -> Trust:
    """Return what speaks for and against trusting a model on a corpus.

    Parameters
    ----------
    scores : DataFrame
        One row per unit: `doc_id source date kind cannot_say p_<code>` and, for the
        words, `n_words n_known`. Only rows of kind "sentence" count. Or one row per
        article, the sums of its sentences: then with `n_sentences`, and `highest` (its
        highest score) in place of the scores.
    codes : sequence of str
    card : mapping
        The card of the model.
    out_of_fold : DataFrame
        One row per training unit: `doc_id source u_<code>`, its scores by a fit
        without its source. Empty if the model came without.
    years : collection of str
        Years of the articles in training, if they are known.
    advice : str
        What would help most, for the reader.
    highest : DataFrame
        `n_sentences` by their `highest` score, needed with sums.

    Returns
    -------
    Trust, without the checks for which something is missing
    """
    units = scores
    if "kind" in scores:
        units = scores.loc[scores["kind"] == "sentence"].reset_index(drop=True)
    out_of_fold = out_of_fold.reset_index(drop=True)
    found = [
        check_words(units, card),
        check_shift(units if highest is None else highest, out_of_fold, codes),
        check_articles(units, out_of_fold, codes),
        check_cannot_say(units, card),
        check_sources(units, card),
        check_years(units, years),
        check_error(card),
    ]
    checks = [check for check in found if check]
    if units["doc_id"].nunique() < MIN_ARTICLES:
        checks = [_calm(check) for check in checks]
    return Trust(checks, advice)


def _calm(check: Check) -> Check:
    """Return a check without its warning."""
    if not check.warning:
        return check
    doubt = f"; fewer than {MIN_ARTICLES} articles are too few to judge by."
    return replace(check, warning=False, text=check.text.removesuffix(DOUBT) + doubt)


def check_words(units: pd.DataFrame, card: Mapping[str, Any]) -> Check | None:
    """Return how many of the words the model knows; actors do not count.

    They are too few if more are unknown, by `UNKNOWN_FACTOR`, than on the worst outlet
    left out of training. A factor and not a difference, since a model of few labels
    knows fewer words everywhere.
    """
    if not {"n_words", "n_known"} <= set(units.columns):
        return None
    n_words = float(units["n_words"].sum())
    if not n_words:
        return None
    value = float(units["n_known"].sum()) / n_words
    usual, low = _usual(_left_out(card, "known_words"), np.min)
    warning = 1 - value > UNKNOWN_FACTOR * (1 - low)
    text = f"The model knows {_percent(value)} of the words"
    usually = f"usually {_percent(usual)}, at least {_percent(low)}"
    return _check("words", value, usual, warning, f"{text} ({_unseen(usual, usually)})")


def check_shift(
    units: pd.DataFrame, out_of_fold: pd.DataFrame, codes: Sequence[str]
) -> Check | None:
    """Return how far scores lie from those of training.

    The measure is the distance of Kolmogorov and Smirnov between the highest scores
    of sentences here and of training units by fits without their outlet: the largest
    difference between the shares of sentences that stay below some score. It has the
    same range for every codebook and a few odd sentences do not move it. The highest
    score is taken since which code it is differs between outlets on the topic too.

    Usual is the largest distance of a training outlet from the others. Where that is
    more than `SHIFT`, as between very unlike outlets, it is the threshold.
    """
    here, there = _highest(units, codes, "p_"), _highest_unseen(out_of_fold, codes)
    if here.empty or there.empty:
        return None
    weights = _sentences(units).loc[here.index].to_numpy(dtype=np.float64)
    below, above = distances(here.to_numpy(), there.to_numpy(), weights)
    value = max(below, above)
    usual = _most_distant(there, out_of_fold.loc[there.index, "source"])
    warning = value > np.fmax(SHIFT, usual)
    far = "far lower than" if below > above else "far higher than"
    text = f"Sentences score {far if warning else 'much like'} unseen ones of training"
    usually = f"at most {usual:.2f}"
    text += f" (distance {value:.2f} of 1; {_unseen(usual, usually)})"
    return _check("scores", value, usual, warning, text)


def check_articles(
    units: pd.DataFrame, out_of_fold: pd.DataFrame, codes: Sequence[str]
) -> Check | None:
    """Return the share of articles in which no sentence probably carries a code.

    Where only some articles are about other things, the scores of all sentences shift
    little, but those articles are left blank. Too many are blank if they exceed, by
    `BLANK_ERRORS` standard errors, both `BLANK_ARTICLES` and the training outlet with
    most of them.
    """
    blank = _blank(units, _highest(units, codes, "p_"))
    there = _highest_unseen(out_of_fold, codes)
    if blank.empty or there.empty or "doc_id" not in out_of_fold:
        return None
    value = float(blank.mean())
    trained = _blank(out_of_fold, there).groupby(level="source").mean()
    usual, high = _usual(trained.to_numpy(), np.max)
    limit = max(BLANK_ARTICLES, high)
    error = np.sqrt(limit * (1 - limit) / len(blank))
    warning = value > limit + BLANK_ERRORS * error
    text = f"In {_percent(value)} of the articles no sentence probably carries a code"
    usually = f"usually {_percent(usual)}, at most {_percent(high)}"
    text += f" ({_unseen(usual, usually)})"
    return _check("articles", value, usual, warning, text)


def check_cannot_say(units: pd.DataFrame, card: Mapping[str, Any]) -> Check | None:
    """Return the share of sentences of which the model knows no word."""
    said = units["cannot_say"].dropna()
    if said.empty:
        return None
    value = float(said.sum() / _sentences(units).loc[said.index].sum())
    usual, high = _usual(_left_out(card, "cannot_say"), np.max)
    warning = value > np.fmax(CANNOT_SAY, high)
    text = f"The model can say nothing about {_percent(value)} of the sentences"
    text += f" ({_unseen(usual, f'at most {_percent(high)}')})"
    return _check("cannot say", value, usual, warning, text)


def check_sources(units: pd.DataFrame, card: Mapping[str, Any]) -> Check | None:
    """Return how many sources are new to the model; that is no reason for doubt."""
    trained = set(card.get("sources") or ())
    here = sorted(set(units["source"].dropna()))
    if not trained or not here:
        return None
    new = [source for source in here if source not in trained]
    names = _some([shown(source or "(no name)", 40) for source in new])
    if not new:
        text = f"All {len(here)} sources were in training: the model errs less on them"
    elif len(new) == len(here):
        text = f"No source was in training: {names}"
    else:
        text = f"{len(new)} of {len(here)} sources were not in training: {names}; "
        text += "on the others the model errs less"
    return _check("sources", float(len(new)), np.nan, False, text)


def check_years(units: pd.DataFrame, years: Collection[str]) -> Check | None:
    """Return the share of dated sentences of years that training did not have.

    Nobody has measured how much worse a model gets with the years: no warning.
    """
    here = units["date"].fillna("").astype(str).str[:4]
    here = here[here != ""]
    if not years or here.empty:
        return None
    new = here[~here.isin([str(year) for year in years])]
    n = _sentences(units)
    part = float(n.loc[new.index].sum() / n.loc[here.index].sum())
    text = "All dated sentences are of years that were in training"
    if len(new):
        share = _percent(part)
        names = _some([shown(year, 10) for year in sorted(set(new))])
        text = f"{share} of the dated sentences are of years not in training: {names}"
    return _check("years", part, np.nan, False, text)


def check_error(card: Mapping[str, Any]) -> Check | None:
    """Return how far uncorrected shares were off on outlets left out of training."""
    errors = expected_error(card)
    if not errors:
        return None
    value = float(np.mean(list(errors.values())))
    each = ", ".join(f"{code} {100 * error:.0f}" for code, error in errors.items())
    text = f"Uncorrected shares of unseen outlets were off by {100 * value:.0f} points"
    return _check("error", value, value, False, f"{text} ({each})")


def expected_error(
    card: Mapping[str, Any], figure: str = "share_error"
) -> dict[str, float]:
    """Return by how much shares were off on outlets that a model had not seen.

    The mean over training outlets, each left out in turn, of the absolute difference
    between the share of decisions and the share of gold; empty if the card has none.
    """
    errors = [own[figure] for own in _outlets(card) if own.get(figure)]
    if not errors:
        return {}
    return {
        code: float(np.mean([abs(error[code]) for error in errors]))
        for code in errors[0]
    }


def distances(
    first: Floats, second: Floats, weights: Floats | None = None
) -> tuple[float, float]:
    """Return how far the first numbers lie below the second, and how far above.

    The two one-sided statistics of Kolmogorov and Smirnov (scipy's `ks_2samp` with
    "greater" and with "less"): the largest differences between the shares of numbers
    up to some point. `weights` say how often each of the first numbers is there.
    """
    points = np.concatenate([first, second])
    order = np.argsort(first)
    n = np.ones(len(first)) if weights is None else weights[order]
    up_to = np.concatenate([[0.0], np.cumsum(n)])
    ones = np.searchsorted(first[order], points, side="right")
    others = np.searchsorted(np.sort(second), points, side="right")
    apart = up_to[ones] / up_to[-1] - others / len(second)
    return float(max(apart.max(), 0.0)), float(max(-apart.min(), 0.0))


def _sentences(units: pd.DataFrame) -> pd.Series:
    """Return how many sentences each row stands for."""
    if "n_sentences" in units:
        return units["n_sentences"]
    return pd.Series(1, index=units.index)


def _most_distant(highest: pd.Series, sources: pd.Series) -> float:
    """Return the largest distance of one source's scores from those of the others."""
    if sources.nunique() < 2:
        return np.nan
    everything = np.sort(highest.to_numpy())
    # The others are everything less the source's own n of N: the distance from them is
    # N / (N - n) times that from everything, which needs no sorting anew.
    return max(
        max(distances(own.to_numpy(), everything))
        * (len(everything) / (len(everything) - len(own)))
        for _, own in highest.groupby(sources)
    )


def _highest(table: pd.DataFrame, codes: Sequence[str], prefix: str) -> pd.Series:
    """Return the highest score of each row; rows without scores are left out."""
    if "highest" in table:
        return table["highest"].dropna()
    columns = [f"{prefix}{code}" for code in codes]
    if not set(columns) <= set(table.columns):
        return pd.Series(dtype=np.float64)
    return table[columns].max(axis=1, skipna=False).dropna()


def _highest_unseen(out_of_fold: pd.DataFrame, codes: Sequence[str]) -> pd.Series:
    """Return the highest score of units by a fit without their source.

    Where no source was left out, by a fit without their article.
    """
    by_source = _highest(out_of_fold, codes, "u_")
    return _highest(out_of_fold, codes, "p_") if by_source.empty else by_source


def _blank(table: pd.DataFrame, highest: pd.Series) -> pd.Series:
    """Return for each source and article whether no sentence reaches `PROBABLY`."""
    own = table.loc[highest.index]
    return highest.groupby([own["source"], own["doc_id"]]).max() < PROBABLY


def _outlets(card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the figures of the outlets, each left out of training in turn."""
    frames = card.get("frames")
    sources = frames.get("sources") if isinstance(frames, Mapping) else None
    return list(sources.values()) if isinstance(sources, Mapping) else []


def _left_out(card: Mapping[str, Any], figure: str) -> Floats:
    found = [own[figure] for own in _outlets(card) if figure in own]
    return np.array(found, dtype=np.float64)


def _usual(figures: Floats, worst: Callable[[Floats], Any]) -> tuple[float, float]:
    """Return the median and the worst of some figures; NaN if there are none."""
    if not len(figures):
        return np.nan, np.nan
    return float(np.median(figures)), float(worst(figures))


def _check(name: str, value: float, usual: float, warning: bool, text: str) -> Check:
    return Check(name, value, usual, bool(warning), text + (DOUBT if warning else "."))


def _unseen(usual: float, figures: str) -> str:
    """Return what is usual on unseen outlets in words, or that nobody knows it."""
    return NOTHING_USUAL if np.isnan(usual) else f"unseen in training: {figures}"


def _percent(share: float) -> str:
    return "under 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def _some(names: Sequence[str]) -> str:
    left = len(names) - N_NAMED
    more = f" and {left} more" if left > 0 else ""
    return ", ".join(names[:N_NAMED]) + more
