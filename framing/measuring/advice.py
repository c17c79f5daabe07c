"""What would make the shares of a scoring better: how many labels, of which source."""

from collections.abc import Sequence

import pandas as pd

from framing.measuring.options import MixOptions, Scored
from framing.measuring.run import Measured, measure
from framing.prevalence import MIN_ARTICLES
from framing.records import CodedUnit
from framing.sampling import labels_by_counts, sayable

HALF_WIDTHS = (0.10, 0.05)
"""Precisions offered, as shares: what tells a mention from a habit, and what most
differences between outlets are made of."""


def advise(scored: Scored, measured: Measured, options: MixOptions) -> str:
    """Return in one line what would help most, empty if nothing is known to."""
    if options.unit == "article":
        return ""
    if measured.evidence.sample is None:
        return _advise_first_labels(scored, measured, options)
    if not measured.basis.method.needs_labels:
        return ""
    return _advise_more_labels(measured)


def _advise_first_labels(
    scored: Scored, measured: Measured, options: MixOptions
) -> str:
    articles = scored.counts.articles
    compared = measured.mix.loc[measured.mix["low"].notna()]
    if "source" in compared:
        articles = articles.loc[articles["source"].isin(set(compared["source"]))]
    if not sayable(articles).sum():
        return ""
    each = [
        labels_by_counts(articles, scored.codes, half, level=options.level).median()
        for half in HALF_WIDTHS
    ]
    needed = [
        f"{n:.0f} an outlet for ± {100 * half:.0f} points"
        for n, half in zip(each, HALF_WIDTHS, strict=True)
    ]
    return (
        "Corrected shares need random labels of these sentences: framing annotate "
        f"RESULTS --order sample --sheet FILE; about {', '.join(needed)}, to which the "
        "sampling of articles adds its own"
    )


def _advise_more_labels(measured: Measured) -> str:
    mix = measured.mix
    if "source" not in mix or "n_labels" not in mix:
        return ""
    coded = mix.loc[mix["n_labels"].notna()]
    # A source without labels in one month may have them in another.
    most = coded.groupby("source")[["n_labels", "n_articles"]].max()
    enough = most["n_articles"] >= MIN_ARTICLES
    missing = most.index[enough & (most["n_labels"] == 0)].tolist()
    if missing:
        return f"Label sentences of {missing[0]}: no label of it corrects its shares"
    known = coded.dropna(subset=["low"])
    widths = known.assign(half=(known["high"] - known["low"]) / 2)
    for widest in widths.nlargest(1, "half").to_dict("records"):
        return (
            f"The widest interval is that of {widest['code']} in {widest['source']}, ± "
            f"{100 * widest['half']:.0f} points: labels of it would narrow it most"
        )
    return ""


def count_needed(
    scored: Scored,
    coded: Sequence[CodedUnit],
    half_width: float,
    *,
    level: float,
) -> pd.DataFrame:
    """Return how many random labels each source needs for a precision.

    Parameters
    ----------
    coded : sequence of CodedUnit
        The random labels there are; see `framing.measuring.keep_own`.

    Returns
    -------
    DataFrame, one row per source: `source sentences needed labelled to_go`.
    """
    articles = scored.counts.articles
    needed = labels_by_counts(articles, scored.codes, half_width, level=level)
    mix = measure(scored, MixOptions(), coded).mix
    labelled = pd.Series(0, index=needed.index)
    if "n_labels" in mix:
        known = mix.loc[mix["code"] == scored.codes[0]].set_index("source")["n_labels"]
        labelled = known.reindex(needed.index).fillna(0).astype(int)
    table = pd.DataFrame(
        {
            "sentences": sayable(articles).groupby(articles["source"]).sum(),
            "needed": needed,
            "labelled": labelled,
        }
    )
    table["to_go"] = (table["needed"] - table["labelled"]).clip(lower=0)
    return table.rename_axis("source").reset_index()
