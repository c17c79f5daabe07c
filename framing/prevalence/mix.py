"""The table of shares: every way to see them side by side."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from framing.intervals import Estimates
from framing.model import Bools, Floats, Ints
from framing.prevalence.evidence import Evidence
from framing.prevalence.methods import estimate
from framing.prevalence.naive import as_census, labelled_alone
from framing.prevalence.rectified import label_variances, residuals_of
from framing.prevalence.sums import Members, Numbers, Places
from framing.prevalence.tally import Groups, Tally, count_in, ratio
from framing.rectifier import disagreement

NONE = "none"
CANNOT_SAY = "cannot say"
MIN_ARTICLES = 5
"""Articles below which no interval is given and nothing is compared: the variance
between four things or fewer is hardly known."""

BLOCK = 500
"""Groups measured at once: each keeps its covariance with all others of its block."""

DISAGREES = 0.05
"""Chance that any source's labels are said to disagree where none do."""

MIX_COLUMNS = (
    "code",
    "n_articles",
    "n_texts",
    "n_sentences",
    "n",
    "share",
    "low",
    "high",
    "mix",
    "method",
    "count",
    "mean",
)
COUNTED = ("n_articles", "n_texts", "n_sentences", "n")
LABEL_COLUMNS = ("n_labels", "labelled", "labelled_low", "labelled_high", "disagrees")


def measure_mix(
    evidence: Evidence,
    by: Sequence[str] = ("source",),
    *,
    method: str = "count",
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the share of each code in each group, in every way there is.

    Parameters
    ----------
    by : sequence of str
        Columns of the tally's cells that make the groups.
    method : str
        One of `framing.prevalence.METHODS`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame, one row per group and code, then "none" and "cannot say": the columns of
    `by` and

    - `code, n_articles`, `n_texts` (copies of one text once), `n_sentences`, and `n`
      sentences decided to carry the code;
    - `share, low, high` by `method` ("none" and "cannot say" are always counted): the
      fraction of the sentences that the model can say something about, of all
      sentences for "cannot say". NaN where nothing supports a share; bounds are NaN
      with fewer than `MIN_ARTICLES` texts too;
    - `mix`, the code's part of all codes of the group, NaN where none was given;
    - `method`, `count` (share of decisions), `mean` (mean calibrated score);
    - with labels: `n_labels`, `labelled, labelled_low, labelled_high` (share among the
      labels alone) and `disagrees` (the model errs on the group's sources in another
      way than on the rest).
    """
    groups = Groups.by(evidence.tally, by)
    blocks = [
        _measure_block(
            evidence,
            groups.take(np.arange(start, min(start + BLOCK, len(groups.names)))),
            method=method,
            level=level,
        )
        for start in range(0, max(len(groups.names), 1), BLOCK)
    ]
    names = [*by, *MIX_COLUMNS, *(LABEL_COLUMNS if evidence.sample else ())]
    table = pd.concat(blocks, ignore_index=True).reindex(columns=names)
    return table.astype({name: np.int64 for name in names if name in COUNTED})


def _measure_block(
    evidence: Evidence, groups: Groups, *, method: str, level: float
) -> pd.DataFrame:
    tally = evidence.tally
    chosen = estimate(method, evidence, groups.cells)
    counted = chosen
    if method != "count":
        counted = estimate("count", evidence, groups.cells)
    texts = n_texts(tally, groups.cells)
    few = texts < MIN_ARTICLES
    low, high = bounds(chosen, few, level)
    columns: dict[str, Numbers] = {
        "n": _numbers(tally, groups.cells, tally.decided),
        "share": chosen.share,
        "low": low,
        "high": high,
        "mix": _parts(chosen.share),
        "count": counted.share,
        "mean": estimate("mean", evidence, groups.cells).share,
    }
    if evidence.sample is not None:
        columns |= _labelled_columns(evidence, groups.cells, level)
    shared = {
        "n_articles": _distinct(tally.document, tally.cell, groups.cells),
        "n_texts": texts,
        "n_sentences": groups.cells @ tally.numbers(tally.n),
    }
    tables = [
        _rows(groups, shared, code, method, {k: v[:, i] for k, v in columns.items()})
        for i, code in enumerate(tally.codes)
    ]
    tables += [
        _rows(groups, shared, code, "count", counted)
        for code, counted in _uncoded(evidence, groups, few, level).items()
    ]
    table = pd.concat([t for t in tables if len(t)] or tables[:1])
    return table.sort_index(kind="stable")


def _rows(
    groups: Groups,
    shared: dict[str, Numbers],
    code: str,
    method: str,
    columns: dict[str, Numbers],
) -> pd.DataFrame:
    return groups.names.assign(**shared, **columns, code=code, method=method)


def _numbers(tally: Tally, groups: Members, amounts: Numbers) -> Numbers:
    """Return the sums of each column of amounts in each group."""
    counts = [tally.numbers(column) for column in amounts.T]
    return np.asarray(groups @ np.column_stack(counts))


def _uncoded(
    evidence: Evidence, groups: Groups, few: Bools, level: float
) -> dict[str, dict[str, Numbers]]:
    """Return the columns of "none" and of "cannot say", which are only counted."""
    tally = evidence.tally
    unsaid = tally.n - tally.said
    found = {}
    for name, part, base in (
        (NONE, tally.none, tally.said),
        (CANNOT_SAY, unsaid, tally.n),
    ):
        found_share = ratio(tally.sums(part), tally.sums(base), groups.cells)
        share = as_census(found_share, evidence)
        low, high = bounds(share, few, level)
        found[name] = {
            "n": _numbers(tally, groups.cells, part[:, None])[:, 0],
            "share": share.share[:, 0],
            "low": low[:, 0],
            "high": high[:, 0],
            "count": share.share[:, 0],
        }
    return found


def bounds(found: Estimates, few: Bools, level: float) -> tuple[Floats, Floats]:
    """Return bounds at a level, NaN for groups with too few articles.

    In a census of decisions or scores nothing was sampled: there is no interval.
    """
    if few.all():  # a few articles are no reason to load scipy's quantiles
        none = np.full_like(found.share, np.nan)
        return none, none.copy()
    low, high = found.bounds(level)
    sure = (found.variance <= 0) & np.isnan(found.size)
    nothing = few[:, None] | np.isnan(found.share) | sure
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def n_texts(tally: Tally, groups: Members) -> Ints:
    """Return how many different texts each group has; copies count once."""
    return _distinct(tally.article, tally.cell, groups)


def _distinct(item: Ints, cell: Ints, groups: Members) -> Ints:
    """Return how many different items each group holds."""
    shape = (int(item.max(initial=-1)) + 1, groups.shape[1])
    return count_in(Places.of(item, cell, shape)[0], groups)


def _parts(share: Floats) -> Floats:
    """Return each code's part of all codes of a group."""
    total = share.sum(axis=1, keepdims=True)
    return np.where(total > 0, share / np.where(total > 0, total, 1.0), np.nan)


def _labelled_columns(
    evidence: Evidence, groups: Members, level: float
) -> dict[str, Numbers]:
    sample = evidence.sample
    assert sample is not None  # asked for only with labels
    alone = labelled_alone(evidence, groups)
    low, high = alone.bounds(level)
    n = groups @ np.bincount(sample.cell_of_pair, minlength=groups.shape[1])
    return {
        "n_labels": np.broadcast_to(n[:, None], alone.share.shape),
        "labelled": alone.share,
        "labelled_low": low,
        "labelled_high": high,
        "disagrees": _disagreeing(evidence, groups),
    }


def _find_odd(residual: Floats, variance: Floats, alpha: float) -> Bools:
    """Return which sources' residuals are not those of the rest, the oddest first."""
    from scipy.special import ndtri

    odd = np.zeros(len(residual), dtype=bool)
    while True:
        z = np.abs(disagreement(np.where(odd, np.nan, residual), variance))
        most = np.nanmax(z, initial=0.0)
        if most <= -ndtri(alpha / 2):
            return odd
        # Of two sources neither can be told to be the odd one.
        odd |= z >= most - 1e-9


def _disagreeing(evidence: Evidence, groups: Members) -> Bools:
    """Return for which groups and codes a source's residual is not that of the rest.

    By z-tests of sources and codes, at a level divided by their number (Bonferroni).
    """
    tally = evidence.tally
    stands_out = np.zeros((len(tally.sources), len(tally.codes)), dtype=bool)
    for k in range(len(tally.codes)):
        found = residuals_of(evidence, k)
        variance = label_variances(evidence, found, found.pooled_variance())
        stands_out[:, k] = _find_odd(found.mean, variance, DISAGREES / stands_out.size)
    owned = np.zeros((len(tally.cells), len(tally.sources)))
    owned[np.arange(len(tally.cells)), tally.source] = 1
    return np.asarray(((groups @ owned) @ stands_out) > 0)


def measure_stance(stance: pd.DataFrame, values: Sequence[str]) -> pd.DataFrame:
    """Return how each source speaks of each target.

    Parameters
    ----------
    stance : DataFrame
        One row per sentence and target: `source, doc_id, target, stance`; or one per
        article and target, with the number of sentences `s_<value>` of each value.
    values : sequence of str
        The stance values of the codebook.

    Returns
    -------
    DataFrame, one row per source and target: `source target n_articles n` (sentences
    that name the target) and a share in [0, 1] per value.
    """
    columns = [f"s_{value}" for value in values]
    counts = stance
    if "stance" in stance:
        spoken = {f"s_{v}": (stance["stance"] == v).astype(int) for v in values}
        counts = stance.assign(**spoken)
    grouped = counts.groupby(["source", "target"], sort=True)
    sums = grouped[columns].sum()
    n = sums.sum(axis=1)
    table = sums.div(n, axis=0).set_axis(list(values), axis=1)
    table.insert(0, "n_articles", grouped["doc_id"].nunique())
    table.insert(1, "n", n)
    return table.reset_index()
