"""How far the model can be trusted on a scoring."""

from framing.measuring.options import Scored
from framing.trust import Trust, measure_trust


def judge(scored: Scored, advice: str = "") -> Trust:
    """Return what speaks for and against trusting the model on a scoring."""
    counts = scored.counts
    return measure_trust(
        counts.articles.loc[counts.articles["n_sentences"] > 0],
        scored.codes,
        scored.card,
        scored.out_of_fold,
        years=scored.card.get("years", ()),
        advice=advice,
        highest=counts.highest,
    )
