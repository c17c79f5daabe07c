"""One-vs-rest logistic regression: fitted with scikit-learn, applied without.

The estimator is scikit-learn's `LogisticRegression` (liblinear), one for each
class. Probabilities are calibrated by Platt's method (Platt 1999, "Probabilistic
outputs for support vector machines"): a logistic regression on decision values
of sentences that the model did not see.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.model import Bools, Floats, Head, Rows

if TYPE_CHECKING:  # scoring does without scipy's sparse arrays
    from scipy.sparse import csr_matrix


def decide(rows: Rows, coef: Floats, intercept: Floats | float) -> Floats:
    """Return decision values (log-odds before calibration).

    Parameters
    ----------
    rows : Rows of shape (n_views, n_features)
    coef : ndarray of shape (n_classes, n_features)
    intercept : ndarray of shape (n_classes,)

    Returns
    -------
    ndarray of shape (n_views, n_classes)
    """
    moved = [
        np.bincount(rows.rows, rows.values * w[rows.columns], minlength=rows.shape[0])
        for w in coef
    ]
    return np.asarray(np.column_stack(moved) + intercept)


def calibrate(head: Head, z: Floats) -> Floats:
    """Return probabilities in [0, 1] for decision values, same shape.

    With exactly one class a unit, rows sum to 1.
    """
    logits = z * head.calibration[:, 0] + head.calibration[:, 1]
    return softmax(logits) if head.single else sigmoid(logits)


def choose(head: Head, proba: Floats) -> Bools:
    """Return which classes hold, by the thresholds of the head.

    Several classes or none may hold; with exactly one class a unit it is the one
    whose probability exceeds its threshold by the largest factor.
    """
    if not head.single:
        return np.asarray(proba >= head.thresholds)
    best = np.argmax(proba / head.thresholds, axis=1)
    return np.asarray(np.arange(len(head.classes)) == best[:, None])


def sigmoid(z: Floats) -> Floats:
    """Return 1 / (1 + exp(-z)) without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def softmax(logits: Floats) -> Floats:
    """Return rows of probabilities that sum to 1."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


@dataclass(frozen=True, slots=True, order=True)
class Penalty:
    """How a regression is held back; the smaller, the simpler.

    `c` is the inverse strength of the L2 penalty. Features are scaled by their
    log-count ratio to the power `ratio_power`: 0 leaves them as they are, with more
    a feature that hardly tells the classes apart is penalised more.
    """

    ratio_power: float
    c: float


def to_matrix(rows: Rows) -> "csr_matrix":
    """Return feature rows as scikit-learn takes them."""
    from scipy.sparse import csr_matrix

    return csr_matrix((rows.values, (rows.rows, rows.columns)), shape=rows.shape)


def _one_thread() -> AbstractContextManager[Any]:
    """Keep to one thread: a sum by several of them ends in other digits.

    The same labels give the same model on any number of cores.
    """
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


def fit_weights(
    matrix: "csr_matrix",
    gold: Bools,
    weights: Floats,
    penalty: Penalty,
    *,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return coefficients (n_classes, n_features) and intercepts (n_classes,).

    `weights` count the units. A class that every unit has, or none, gets no
    coefficients and an intercept that says so: there is nothing to learn from.
    """
    from sklearn.linear_model import LogisticRegression

    coef = np.zeros((gold.shape[1], matrix.shape[1]))
    intercept = np.zeros(gold.shape[1])
    for k, labels in enumerate(gold.T):
        if labels.all() or not labels.any():
            intercept[k] = 5.0 if labels.all() else -5.0
            continue
        ratio = _log_count_ratio(matrix, labels, penalty.ratio_power)
        estimator = LogisticRegression(
            C=penalty.c,
            class_weight="balanced",
            solver="liblinear",
            max_iter=1000,
            random_state=seed,
        )
        with _one_thread():
            estimator.fit(matrix.multiply(ratio).tocsr(), labels, sample_weight=weights)
        coef[k], intercept[k] = estimator.coef_[0] * ratio, estimator.intercept_[0]
    return coef, intercept


def _log_count_ratio(matrix: "csr_matrix", labels: Bools, power: float) -> Floats:
    """Return how strongly each feature speaks for or against a class.

    The absolute naive-Bayes log-count ratio of Wang and Manning (2012, "Baselines
    and bigrams", section 2), raised to a power and scaled to mean square 1 so that
    it does not change the strength of the penalty.
    """
    with_class = np.asarray(matrix[labels].sum(axis=0)).ravel() + 1.0
    without = np.asarray(matrix[~labels].sum(axis=0)).ravel() + 1.0
    ratio = np.abs(np.log(with_class / with_class.sum() / without * without.sum()))
    scaled = ratio**power
    return np.asarray(scaled / np.sqrt(np.mean(scaled**2)))


def fit_calibration(z: Floats, gold: Bools, weights: Floats) -> Floats:
    """Return Platt's a and b per class from decision values of unseen units.

    Returns
    -------
    ndarray of shape (n_classes, 2)
    """
    from sklearn.linear_model import LogisticRegression

    calibration = np.tile([1.0, 0.0], (z.shape[1], 1))
    for k, labels in enumerate(gold.T):
        if labels.all() or not labels.any():
            continue
        estimator = LogisticRegression(C=1e6, max_iter=1000)
        with _one_thread():
            estimator.fit(z[:, [k]], labels, sample_weight=weights)
        calibration[k] = max(estimator.coef_[0, 0], 1e-3), estimator.intercept_[0]
    return calibration


def fit_softmax(z: Floats, gold: Bools, weights: Floats) -> Floats:
    """Return a shared slope and a shift per class for exactly one class a unit.

    Temperature scaling (Guo, Pleiss, Sun and Weinberger 2017, "On calibration of
    modern neural networks", section 4.2) with a shift per class, fitted to the
    likelihood of units that the model did not see.

    Returns
    -------
    ndarray of shape (n_classes, 2); the first column is the same number throughout.
    """
    from scipy.optimize import minimize

    share = weights / weights.sum()

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope, shift = np.exp(parameters[0]), parameters[1:]
        p = softmax(slope * z + shift)
        off = (p - gold) * share[:, None]
        gradient = np.concatenate([[slope * (off * z).sum()], off.sum(axis=0)])
        likelihood = np.log(np.maximum((p * gold).sum(axis=1), 1e-300))
        return float(-(share * likelihood).sum()), gradient

    with _one_thread():
        found = minimize(loss, np.zeros(1 + z.shape[1]), jac=True, method="L-BFGS-B")
    slopes = np.full(z.shape[1], np.exp(found.x[0]))
    return np.column_stack([slopes, found.x[1:]])


def contributions(
    head: Head, rows: Rows, names: Sequence[str]
) -> list[tuple[str, Floats]]:
    """Return what each feature of one sentence adds to the log-odds.

    Returns
    -------
    list of (feature, ndarray of shape (n_classes,)); with the entry "intercept"
    they add up to the calibrated log-odds of each class.

    Raises
    ------
    ValueError
        `rows` holds more or less than one sentence.
    """
    if rows.shape[0] != 1:
        msg = "contributions are those of one sentence"
        raise ValueError(msg)
    scale, shift = head.calibration.T
    found: list[tuple[str, Floats]] = [
        (names[column], scale * head.coef[:, column] * value)
        for column, value in zip(rows.columns, rows.values, strict=True)
    ]
    return [*found, ("intercept", scale * head.intercept + shift)]
