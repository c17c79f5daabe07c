"""What unseen-unit scores say of the units that a model was trained on.

A share is corrected by what labels say beyond the scores. Labels that the model
learned from are no exception only if each is compared with a score by a fit that
did not see it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from framing.model import Floats
from framing.records import Gold
from framing.training.examples import Examples


def tabulate(
    gold: Sequence[Gold], examples: Examples, by_article: Floats, by_source: Floats
) -> pd.DataFrame:
    """Return the training units with their gold and out-of-fold probabilities.

    Parameters
    ----------
    gold : sequence of Gold
        The units of `examples`, in the same order.
    examples : Examples
    by_article, by_source : ndarray of shape (n_units, n_classes)
        Probabilities by fits without the unit's article, and without its source.

    Returns
    -------
    DataFrame, one row per unit: `doc_id start end source weight`, then for each
    code `<code>` (gold), `p_<code>` (without its article) and `u_<code>` (without
    its source).
    """
    columns: dict[str, object] = {
        "doc_id": pd.Series([unit.doc_id for unit in gold], dtype="str"),
        "start": np.array([unit.start for unit in gold], dtype=np.int64),
        "end": np.array([unit.end for unit in gold], dtype=np.int64),
        "source": pd.Series([unit.source for unit in gold], dtype="str"),
        "weight": examples.weights,
    }
    for k, code in enumerate(examples.classes):
        columns[code] = examples.gold[:, k]
        columns[f"p_{code}"] = by_article[:, k].astype(np.float32)
        columns[f"u_{code}"] = by_source[:, k].astype(np.float32)
    return pd.DataFrame(columns)
