"""What a model's scores miss in each source, told by labels: the rectifier.

A source's mean score is off by its mean residual, label minus score, which a random
sample of labelled sentences tells (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic
2023, Science 382:669-674; the survey statisticians' difference estimator, Saerndal,
Swensson and Wretman 1992, chapter 6). A source with few labels cannot tell it well by
itself. So residuals are taken as in small-area estimation (Fay and Herriot 1979, JASA
74:269-277; Rao and Molina 2015, chapter 10): the source's own, drawn towards those of
all sources by as much as they agree with each other.
"""

from dataclasses import dataclass

import numpy as np

from framing.model import Floats, Ints

PSEUDO = 4.0
"""Labels added to the variance, half of them carrying the code (Agresti and Coull
1998, American Statistician 52:119-126): where a sample of a rare code happens to hold
few of it, its variance alone says too little."""

N_TAU = 400
"""Points of the grid over the spread of the sources' residuals."""


@dataclass(frozen=True)
class Residuals:
    """Mean residuals of one code in each source, from labelled sentences.

    Arrays of shape (n_sources,): `mean` (NaN without labels), `n` labelled sentences,
    `size` their effective number (unequal weights count for less), `squares` the sum
    of squares over articles within sources and `free` what it is to be divided by,
    `articles` the labelled articles. `pseudo` is the sum of squares of `PSEUDO` labels.
    """

    mean: Floats
    n: Floats
    size: Floats
    squares: Floats
    free: Floats
    articles: Floats
    pseudo: float

    @property
    def labelled(self) -> Floats:
        """Which sources have a label, as bools."""
        return np.asarray(self.n > 0)

    @property
    def df(self) -> float:
        """Degrees of freedom of the pooled variance."""
        return float(max(np.maximum(self.articles - 1, 0).sum(), 1.0))

    def pooled_variance(self) -> float:
        """Return the variance of a residual within sources, over all sources."""
        squares = self.squares.sum() + self.pseudo
        return float(squares / (self.free.sum() + PSEUDO))

    def own_variances(self) -> Floats:
        """Return the variance of a residual in each source by itself."""
        return (self.squares + self.pseudo) / (self.free + PSEUDO)


def sum_residuals(
    residual: Floats,
    expected: Floats,
    weight: Floats,
    source: Ints,
    article: Ints,
    n_sources: int,
) -> Residuals:
    """Return the mean residuals of one code.

    Parameters
    ----------
    residual, expected, weight : ndarray of shape (n_labels,)
        Label minus score; the score; one by the chance of being drawn.
    source, article : ndarray of int, shape (n_labels,)
        Numbers of the source and of the article (copies of one text are one article).
    """
    n = np.bincount(source, minlength=n_sources).astype(np.float64)
    total = np.bincount(source, weight, minlength=n_sources)
    scaled = weight * (n / np.where(total > 0, total, 1.0))[source]
    with np.errstate(invalid="ignore"):
        mean = np.bincount(source, scaled * residual, minlength=n_sources) / n
    pairs, where = np.unique(
        np.column_stack([source, article]), axis=0, return_inverse=True
    )
    within = np.bincount(where.ravel(), scaled * (residual - mean[source])).astype(
        float
    )
    own = pairs[:, 0] if len(pairs) else np.zeros(0, dtype=np.int64)
    articles = np.bincount(own, minlength=n_sources).astype(np.float64)
    squared_weights = np.bincount(source, scaled**2, minlength=n_sources)
    usual = float(np.average(expected, weights=weight)) if len(expected) else 0.5
    return Residuals(
        mean=mean,
        n=n,
        size=n**2 / np.where(n > 0, squared_weights, 1.0),
        squares=np.bincount(own, within**2, minlength=n_sources).astype(float),
        free=squared_weights * (1 - 1 / np.maximum(articles, 1)),
        articles=articles,
        pseudo=PSEUDO / 2 * (usual**2 + (1 - usual) ** 2),
    )


@dataclass(frozen=True)
class Posterior:
    """What is known of the sources' residuals: mean (n_sources,) and covariance.

    `spread` is the posterior mean of tau, how far sources differ in them.
    """

    mean: Floats
    covariance: Floats
    spread: float


def hierarchical(residual: Floats, variance: Floats) -> Posterior:
    """Return the posterior of the sources' residuals.

    r_s ~ N(rho_s, V_s), rho_s ~ N(mu, tau^2), mu flat, the density of tau proportional
    to tau; tau is integrated over a grid (Gelman et al. 2013, "Bayesian Data Analysis",
    section 5.4, equations 5.17 to 5.21, with that prior on tau).

    Parameters
    ----------
    residual, variance : ndarray of shape (n_sources,)
        r_s and V_s; NaN and anything for a source without labels, whose residual is
        then predicted from the others.

    Raises
    ------
    ValueError
        No source has a label.
    """
    known = ~np.isnan(residual)
    if not known.any():
        msg = "no source has a label"
        raise ValueError(msg)
    tau = _tau_grid(variance[known])
    spread2 = np.square(tau)[:, None]
    r, v = residual[known], variance[known]
    precision = 1 / (v + spread2)
    mu_variance = 1 / precision.sum(axis=1)
    mu = (precision * r).sum(axis=1) * mu_variance
    fit = 0.5 * (np.log(precision) - precision * np.square(r - mu[:, None])).sum(axis=1)
    log_density = np.log(tau) + 0.5 * np.log(mu_variance) + fit
    weight = np.exp(log_density - log_density.max()) * np.gradient(tau)
    weight /= weight.sum()
    # Without labels nothing pulls a residual away from mu.
    toward_mu = np.ones((len(tau), len(residual)))
    toward_mu[:, known] = v * precision
    left = np.where(known, (1 - toward_mu) * np.where(known, variance, 0.0), spread2)
    mean_given = toward_mu * mu[:, None]
    mean_given[:, known] += (1 - toward_mu[:, known]) * r
    mean = weight @ mean_given
    shared = toward_mu * np.sqrt(weight * mu_variance)[:, None]
    apart = (mean_given - mean) * np.sqrt(weight)[:, None]
    covariance = shared.T @ shared + apart.T @ apart + np.diag(weight @ left)
    return Posterior(mean, covariance, float(weight @ tau))


def _tau_grid(variance: Floats) -> Floats:
    """Return values of tau from far below the sampling errors up to 1.

    Shares lie in [0, 1], so that no spread of residuals can be above 1.
    """
    least = 0.02 * np.sqrt(max(float(variance.min()), 1e-12))
    return np.geomspace(min(least, 0.5), 1.0, N_TAU)


def disagreement(residual: Floats, variance: Floats) -> Floats:
    """Return how far each source's residual lies from that of all others, as z.

    The difference over its standard error; NaN without labels, or without others. A
    source that stands out makes others look odd: drop it and ask again.
    """
    known = ~np.isnan(residual)
    precision = np.where(known, 1 / variance, 0.0)
    r = np.where(known, residual, 0.0)
    rest = precision.sum() - precision
    with np.errstate(invalid="ignore", divide="ignore"):
        others = ((precision * r).sum() - precision * r) / rest
        z = (r - others) / np.sqrt(variance + 1 / rest)
    # With one source labelled the rest is what rounding leaves of nothing.
    return np.where(known & (known.sum() > 1), z, np.nan)
