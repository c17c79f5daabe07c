"""Ways to estimate shares from scores, and from labels where there are some."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from framing.intervals import Estimates, combine_df, df_of_sums
from framing.model import Bools, Floats
from framing.prevalence.tally import (
    LabelledSample,
    Matrix,
    Tally,
    ratio,
    spread,
    stack,
    sum_cells,
)
from framing.rectifier import Posterior, Residuals, hierarchical, sum_residuals

SUPPORTED = 0.5
"""Part of a group's sentences that must lie in sources with labels before it gets a
corrected share: a source alone needs labels of its own, a month or "the rest" need
them for most of what they hold."""

MIN_CONTRAST = 0.05
"""Least difference between the rates at which a code is given rightly and wrongly; with
less the adjusted counts divide by nearly nothing."""


@dataclass(frozen=True)
class Evidence:
    """What an estimate may rest on.

    `priors` are the shares of the codes in training, which EM starts from. With
    `census` the articles are all there are: then only labels are a sample. With
    `single` a sentence has exactly one code, and corrected shares sum to 1.
    """

    tally: Tally
    sample: LabelledSample | None = None
    priors: Sequence[float] = ()
    census: bool = False
    single: bool = False


@dataclass(frozen=True)
class Method:
    """A way to estimate shares; `assumes` is what it asks the reader to believe."""

    name: str
    needs_labels: bool
    corrects: bool
    assumes: str
    run: Callable[[Evidence, Matrix], Estimates]


def estimate(method: str, evidence: Evidence, groups: Matrix) -> Estimates:
    """Return the shares of groups of cells by a method of `METHODS`.

    Parameters
    ----------
    groups : sparse array of shape (n_groups, n_cells)

    Raises
    ------
    ValueError
        The method needs labels, or priors, and there are none.
    """
    chosen = METHODS[method]
    if chosen.needs_labels and evidence.sample is None:
        msg = f"{method} needs labels of this corpus"
        raise ValueError(msg)
    found = chosen.run(evidence, groups)
    if evidence.single and chosen.corrects:
        found = _sum_to_one(found)
    return found


def _count(evidence: Evidence, groups: Matrix) -> Estimates:
    tally = evidence.tally
    found = _ratios(tally, tally.decided.astype(np.float64), groups)
    # Sentences that avoid each other could seem to be more than there are.
    size = np.minimum(found.size, np.maximum(groups @ tally.n_said, 1)[:, None])
    return as_census(replace(found, size=size), evidence)


def _mean(evidence: Evidence, groups: Matrix) -> Estimates:
    found = _ratios(evidence.tally, evidence.tally.proba, groups)
    return as_census(found, evidence)


def _ratios(tally: Tally, values: Floats, groups: Matrix) -> Estimates:
    base = tally.sums()
    return stack([ratio(tally.sums(column), base, groups) for column in values.T])


def as_census(found: Estimates, evidence: Evidence) -> Estimates:
    """Return estimates without sampling error where the articles are all there are."""
    if not evidence.census:
        return found
    nothing = np.zeros_like(found.covariance)
    return replace(found, covariance=nothing, size=np.full_like(found.size, np.nan))


def labelled_alone(evidence: Evidence, groups: Matrix) -> Estimates:
    """Return the shares that the labels say by themselves, without the model."""
    tally, sample = evidence.tally, _sample(evidence)
    unit, cell = sample.unit_of_pair, sample.cell_of_pair
    weight, article = sample.weight[unit], sample.article[unit]

    def sums(values: Floats) -> Matrix:
        return sum_cells(weight * values, article, cell, tally.shape)

    base = sums(np.ones(len(unit)))
    found = stack(
        [
            ratio(sums(column[unit].astype(np.float64)), base, groups)
            for column in sample.coded.T
        ]
    )
    n = groups @ np.bincount(cell, minlength=tally.shape[1])
    size = np.minimum(found.size, np.maximum(n, 1)[:, None])
    # Labels lie about one to an article: Wilson's interval knows how unevenly few of
    # them make the variance of a rare code, and degrees that say so again are too few.
    texts = (base @ groups.T > 0).sum(axis=0).ravel()
    found = replace(
        found, df=np.maximum(found.df, np.maximum(texts - 1.0, 1.0)[:, None])
    )
    if not evidence.census:
        return replace(found, size=size)
    unseen = np.clip(1 - n / np.maximum(groups @ tally.n_said, 1), 1e-6, 1)
    scale = np.sqrt(np.outer(unseen, unseen))
    return replace(
        found, covariance=found.covariance * scale, size=size / unseen[:, None]
    )


def _sample(evidence: Evidence) -> LabelledSample:
    assert evidence.sample is not None  # `estimate` has seen to it
    return evidence.sample


def residuals_of(evidence: Evidence, code: int) -> Residuals:
    """Return the mean residuals of a code, by its number, in every source."""
    sample = _sample(evidence)
    return sum_residuals(
        sample.coded[:, code] - sample.proba[:, code],
        sample.proba[:, code],
        sample.weight,
        sample.source,
        sample.article,
        len(evidence.tally.sources),
    )


def label_variances(
    evidence: Evidence, residuals: Residuals, variance: Floats | float
) -> Floats:
    """Return the variance of each source's mean residual, shape (n_sources,).

    In a census by the finite-population correction: what is labelled is known.
    """
    found = variance / np.maximum(residuals.size, 1.0)
    if evidence.census:
        tally = evidence.tally
        there = np.bincount(tally.source, tally.n_said, len(residuals.n))
        # Never nought: a source all labelled would have no variance to weigh it by.
        found = found * np.clip(1 - residuals.n / np.maximum(there, 1), 1e-6, 1.0)
    return np.asarray(found)


def _ppi(evidence: Evidence, groups: Matrix) -> Estimates:
    return _rectified(evidence, groups, _own_residuals)


def _own_residuals(
    evidence: Evidence, residuals: Residuals
) -> tuple[Posterior, Floats]:
    variance = label_variances(evidence, residuals, residuals.own_variances())
    known = residuals.articles > 1
    mean = np.where(known, residuals.mean, np.nan)
    spread = np.diag(np.where(known, variance, 0.0))
    return Posterior(mean, spread, np.inf), np.maximum(residuals.articles - 1, 1.0)


def _hierarchical(evidence: Evidence, groups: Matrix) -> Estimates:
    return _rectified(evidence, groups, _pooled_residuals)


def _pooled_residuals(
    evidence: Evidence, residuals: Residuals
) -> tuple[Posterior, Floats]:
    variance = label_variances(evidence, residuals, residuals.pooled_variance())
    return (
        hierarchical(residuals.mean, variance),
        np.full(len(residuals.n), residuals.df),
    )


Rectifier = Callable[[Evidence, Residuals], tuple[Posterior, Floats]]


def _rectified(evidence: Evidence, groups: Matrix, rectifier: Rectifier) -> Estimates:
    """Return mean scores plus what labels say they miss in each source.

    A group takes the residuals of its sources in proportion to its sentences, so that
    the months of a source share what is known of it.
    """
    scored = _mean(evidence, groups)
    parts = _source_parts(evidence.tally, groups)
    columns = [
        _rectify_code(scored, k, parts, *rectifier(evidence, residuals), residuals.n)
        for k, residuals in enumerate(
            residuals_of(evidence, k) for k in range(len(evidence.tally.codes))
        )
    ]
    return stack(columns)


def _rectify_code(
    scored: Estimates,
    code: int,
    parts: Floats,
    posterior: Posterior,
    label_df: Floats,
    n_labels: Floats,
) -> Estimates:
    moved = parts @ np.nan_to_num(posterior.mean)
    from_labels = parts @ posterior.covariance @ parts.T
    covariance = scored.covariance[code] + from_labels
    df = combine_df(
        (scored.variance[:, code], scored.df[:, code]),
        # Of several sources the one with the fewest labels is the weak link.
        (np.diagonal(from_labels), _least(parts, label_df)),
    )
    share = np.clip(scored.share[:, code] + moved, 0.0, 1.0)
    share[parts @ (n_labels > 0) < SUPPORTED] = np.nan
    share[parts @ np.isnan(posterior.mean) > 0] = np.nan
    unsized = np.full((len(share), 1), np.nan)
    return Estimates(share[:, None], covariance[None], df[:, None], unsized)


def _least(parts: Floats, df: Floats) -> Floats:
    return np.asarray(np.where(parts > 0, df, np.inf).min(axis=1, initial=np.inf))


def _source_parts(tally: Tally, groups: Matrix) -> Floats:
    """Return what part of each group's sentences each source has."""
    counted = tally.weight * tally.said
    cells = np.bincount(tally.cell, counted, minlength=len(tally.cells))
    owner = np.zeros((len(tally.cells), len(tally.sources)))
    owner[np.arange(len(tally.cells)), tally.source] = cells
    found = np.asarray(groups @ owner)
    total = found.sum(axis=1, keepdims=True)
    return np.asarray(found / np.where(total > 0, total, 1.0))


def _acc(evidence: Evidence, groups: Matrix) -> Estimates:
    """Return the adjusted count.

    Rogan and Gladen 1978, American Journal of Epidemiology 107:71-76.
    """
    decided = _sample(evidence).decided.astype(np.float64)
    return _adjusted(evidence, _count(evidence, groups), decided)


def _pacc(evidence: Evidence, groups: Matrix) -> Estimates:
    """Return the probabilistic adjusted count.

    Bella, Ferri, Hernandez-Orallo and Ramirez-Quintana 2010, ICDM 2010:737-742.
    """
    return _adjusted(evidence, _mean(evidence, groups), _sample(evidence).proba)


def _adjusted(evidence: Evidence, naive: Estimates, said: Floats) -> Estimates:
    """Return (naive - wrongly) / (rightly - wrongly), with the variance of all three.

    `rightly` and `wrongly` are what the model says on average of sentences with and
    without the code, over all labels; `said` of shape (n_labels, n_codes). Variance by
    the delta method (Rogan and Gladen 1978, p. 74).
    """
    columns = []
    for k, coded in enumerate(_sample(evidence).coded.T):
        rightly = _rate(evidence, said[:, k], coded)
        wrongly = _rate(evidence, said[:, k], ~coded)
        columns.append(_adjust_code(naive, k, rightly, wrongly))
    return stack(columns)


Rate = tuple[float, float, float]
"""An average over labels, its variance and degrees of freedom."""


def _rate(evidence: Evidence, said: Floats, which: Bools) -> Rate:
    sample = _sample(evidence)
    base = np.bincount(sample.article, sample.weight * which)
    part = np.bincount(sample.article, sample.weight * which * said)
    n = int((base > 0).sum())
    if n == 0:
        return np.nan, np.nan, 1.0
    rate = part.sum() / base.sum()
    error = ((part - rate * base) / base.sum())[base > 0]
    squares = np.square(error)
    df = df_of_sums(squares.sum(), np.square(squares).sum(), n)
    return float(rate), float(squares.sum() * n / max(n - 1, 1)), float(df)


def _adjust_code(
    naive: Estimates, code: int, rightly: Rate, wrongly: Rate
) -> Estimates:
    gap = rightly[0] - wrongly[0]
    if not gap > MIN_CONTRAST:
        gap = np.nan
    share = np.clip((naive.share[:, code] - wrongly[0]) / gap, 0.0, 1.0)
    known = np.nan_to_num(share)
    right = np.outer(known, known) * rightly[1]
    wrong = np.outer(1 - known, 1 - known) * wrongly[1]
    covariance = np.nan_to_num((naive.covariance[code] + right + wrong) / gap**2)
    df = combine_df(
        (naive.variance[:, code], naive.df[:, code]),
        (np.diagonal(right), np.full(len(share), rightly[2])),
        (np.diagonal(wrong), np.full(len(share), wrongly[2])),
    )
    unsized = np.full((len(share), 1), np.nan)
    return Estimates(share[:, None], covariance[None], df[:, None], unsized)


EM_STEPS = 1000
EM_CLOSE = 1e-6
"""When EM stops: the share moves by less, or after so many steps."""


def _em(evidence: Evidence, groups: Matrix) -> Estimates:
    """Return what EM finds for shifted priors (Saerens, Latinne and Decaestecker 2002).

    Neural Computation 14:21-41, equation 2.9: over all codes where a sentence has
    exactly one, else for each code against its absence. The variance is that of the
    estimating equation, linearised over articles.
    """
    if len(evidence.priors) != len(evidence.tally.codes):
        msg = "em needs the shares of the codes in training"
        raise ValueError(msg)
    priors = np.asarray(evidence.priors, dtype=np.float64)
    n_groups, n_codes = groups.shape[0], len(priors)
    solved = [_solve_group(evidence, row, priors) for row in _members(groups)]
    share = np.array([found[0] for found in solved]).reshape(n_groups, n_codes)
    columns = []
    for k in range(n_codes):
        error = sparse.csr_array(
            np.column_stack([found[1][:, k] for found in solved])
            if solved
            else np.zeros((evidence.tally.shape[0], 0))
        )
        articles = np.array([float(found[2]) for found in solved])
        covariance, df = spread(error, articles)
        unsized = np.full((n_groups, 1), np.nan)
        columns.append(Estimates(share[:, [k]], covariance[None], df[:, None], unsized))
    return as_census(stack(columns), evidence)


def _members(groups: Matrix) -> Iterator[Bools]:
    """Yield for each group which cells belong to it."""
    for g in range(groups.shape[0]):
        yield groups[[g]].toarray().ravel() > 0


def _solve_group(
    evidence: Evidence, cells: Bools, priors: Floats
) -> tuple[Floats, Floats, int]:
    """Return shares of a group, the errors per article, and how many articles."""
    tally = evidence.tally
    mine = cells[tally.cell] & tally.said
    errors = np.zeros((tally.shape[0], len(priors)))
    if not mine.any():
        return np.full(len(priors), np.nan), errors, 0
    proba, weight, article = tally.proba[mine], tally.weight[mine], tally.article[mine]
    if evidence.single:
        share, amounts = solve_em(proba, weight, priors)
    else:
        both = [
            solve_em(np.column_stack([p, 1 - p]), weight, np.array([prior, 1 - prior]))
            for p, prior in zip(proba.T, priors, strict=True)
        ]
        share = np.array([found[0][0] for found in both])
        amounts = np.column_stack([found[1][:, 0] for found in both])
    np.add.at(errors, article, amounts)
    return share, errors, len(np.unique(article))


def solve_em(proba: Floats, weight: Floats, priors: Floats) -> tuple[Floats, Floats]:
    """Return the shares that EM ends at, and what each sentence adds to their error.

    Parameters
    ----------
    proba : ndarray of shape (n_sentences, n_classes), rows summing to 1
    priors : ndarray of shape (n_classes,), the shares in training
    """
    parts = weight / weight.sum()
    likely = proba / np.maximum(priors, 1e-12)
    share, shifted = priors, proba
    for _ in range(EM_STEPS):
        shifted = share * likely
        shifted = shifted / np.maximum(shifted.sum(axis=1, keepdims=True), 1e-300)
        new = parts @ shifted
        moved = float(np.abs(new - share).max())
        share = new
        if moved < EM_CLOSE:
            break
    # How much of a shift in the shares EM gives back to itself.
    together = (shifted * parts[:, None]).T @ shifted
    given_back = (np.diag(share) - together) / np.maximum(share, 1e-12)
    amounts = parts[:, None] * (shifted - share)
    kept = np.eye(len(share)) - given_back
    return share, amounts @ np.linalg.pinv(kept, rcond=1e-6).T


def _sum_to_one(found: Estimates) -> Estimates:
    """Return shares divided by their sum in each group, their errors likewise."""
    total = found.share.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        scale = np.where(total > 0, 1 / total, np.nan)
    return replace(
        found,
        share=found.share * scale,
        covariance=found.covariance * np.nan_to_num(scale @ scale.T)[None],
    )


METHODS = {
    method.name: method
    for method in (
        Method(
            "count",
            False,
            False,
            "decisions counted: holds if false and missed codes cancel in every source",
            _count,
        ),
        Method(
            "mean",
            False,
            False,
            "mean calibrated score: holds if scores are calibrated in every source",
            _mean,
        ),
        Method(
            "ppi",
            True,
            True,
            "mean score plus the mean residual of the source's own labels: holds if "
            "those were drawn at random",
            _ppi,
        ),
        Method(
            "acc",
            True,
            True,
            "adjusted count (Rogan-Gladen): holds if the model finds and mistakes a "
            "code equally often in every source",
            _acc,
        ),
        Method(
            "pacc",
            True,
            True,
            "probabilistic adjusted count: holds if scores of sentences with the code, "
            "and of those without, are alike in every source",
            _pacc,
        ),
        Method(
            "em",
            False,
            True,
            "EM for shifted priors (Saerens et al.): holds if sources differ from the "
            "training articles, and from each other, in nothing but the share",
            _em,
        ),
        Method(
            "hierarchical",
            True,
            True,
            "mean score plus the residual of the source's labels, drawn towards that "
            "of all sources: holds if labels were drawn at random",
            _hierarchical,
        ),
    )
}
"""The methods by name; references in docs/methods.md."""
