"""Shares adjusted for a model's rates of error, taken to be alike everywhere."""

from collections.abc import Iterator

import numpy as np

from framing.intervals import Estimates, combine_df, df_of_sums
from framing.model import Bools, Floats
from framing.prevalence.evidence import Evidence, sample_of
from framing.prevalence.naive import as_census, average_scores, count_decisions
from framing.prevalence.sums import Members
from framing.prevalence.tally import stack

MIN_CONTRAST = 0.05
"""Least difference between the rates at which a code is given rightly and wrongly; with
less the adjusted counts divide by nearly nothing."""


def acc(evidence: Evidence, groups: Members) -> Estimates:
    """Return the adjusted count.

    Rogan and Gladen 1978, American Journal of Epidemiology 107:71-76.
    """
    decided = sample_of(evidence).decided.astype(np.float64)
    return _adjusted(evidence, count_decisions(evidence, groups), decided)


def pacc(evidence: Evidence, groups: Members) -> Estimates:
    """Return the probabilistic adjusted count.

    Bella, Ferri, Hernandez-Orallo and Ramirez-Quintana 2010, ICDM 2010:737-742.
    """
    return _adjusted(
        evidence, average_scores(evidence, groups), sample_of(evidence).proba
    )


def _adjusted(evidence: Evidence, naive: Estimates, said: Floats) -> Estimates:
    """Return (naive - wrongly) / (rightly - wrongly), with the variance of all three.

    `rightly` and `wrongly` are what the model says on average of sentences with and
    without the code, over all labels; `said` of shape (n_labels, n_codes). Variance by
    the delta method (Rogan and Gladen 1978, p. 74).
    """
    columns = []
    for k, coded in enumerate(sample_of(evidence).coded.T):
        rightly = _rate(evidence, said[:, k], coded)
        wrongly = _rate(evidence, said[:, k], ~coded)
        columns.append(_adjust_code(naive, k, rightly, wrongly))
    return stack(columns)


Rate = tuple[float, float, float]
"""An average over labels, its variance and degrees of freedom."""


def _rate(evidence: Evidence, said: Floats, which: Bools) -> Rate:
    sample = sample_of(evidence)
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


def em(evidence: Evidence, groups: Members) -> Estimates:
    """Return what EM finds for shifted priors (Saerens, Latinne and Decaestecker 2002).

    Neural Computation 14:21-41, equation 2.9: over all codes where a sentence has
    exactly one, else for each code against its absence. The variance is that of the
    estimating equation, linearised over articles.
    """
    if len(evidence.priors) != len(evidence.tally.codes):
        msg = "em needs the shares of the codes in training"
        raise ValueError(msg)
    if not evidence.tally.is_of_sentences:
        msg = "em needs the scores of single sentences, not sums"
        raise ValueError(msg)
    priors = np.asarray(evidence.priors, dtype=np.float64)
    n_groups, n_codes = groups.shape[0], len(priors)
    solved = [_solve_group(evidence, row, priors) for row in _members(groups)]
    share = np.array([found[0] for found in solved]).reshape(n_groups, n_codes)
    columns = []
    for k in range(n_codes):
        error = (
            np.column_stack([found[1][:, k] for found in solved])
            if solved
            else np.zeros((evidence.tally.shape[0], 0))
        )
        articles = np.array([float(found[2]) for found in solved])
        covariance, df = _spread(error, articles)
        unsized = np.full((n_groups, 1), np.nan)
        columns.append(Estimates(share[:, [k]], covariance[None], df[:, None], unsized))
    return as_census(stack(columns), evidence)


def _members(groups: Members) -> Iterator[Bools]:
    """Yield for each group which cells belong to it."""
    for g in range(groups.shape[0]):
        members = np.zeros(groups.shape[1], dtype=np.bool_)
        members[groups.cell[groups.group == g]] = True
        yield members


def _spread(error: Floats, articles: Floats) -> tuple[Floats, Floats]:
    """Return the covariance of group estimates and their degrees of freedom.

    Parameters
    ----------
    error : ndarray of shape (n_articles, n_groups)
        What each article adds to the error of an estimate (linearised).
    articles : ndarray of shape (n_groups,)
        Number of articles of each group.
    """
    from scipy import sparse

    table = sparse.csr_array(error)  # most articles are of one group
    inflate = np.sqrt(articles / np.maximum(articles - 1, 1))
    covariance = (table.T @ table).toarray() * np.outer(inflate, inflate)
    squared = table.multiply(table)
    second = np.asarray(squared.sum(axis=0)).ravel()
    fourth = np.asarray(squared.multiply(squared).sum(axis=0)).ravel()
    return covariance, df_of_sums(second, fourth, articles)


def _solve_group(
    evidence: Evidence, cells: Bools, priors: Floats
) -> tuple[Floats, Floats, int]:
    """Return shares of a group, the errors per article, and how many articles."""
    tally = evidence.tally
    mine = cells[tally.cell] & (tally.said > 0)
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
