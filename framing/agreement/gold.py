"""The gold label of each unit, by a stated rule."""

from collections import Counter
from collections.abc import Iterable, Mapping

from framing.codebook import Codebook
from framing.records import GOLD_CODER, Gold, Label

RULES = ("majority", "union", "drop")
"""What decides where coders differ and nobody adjudicated."""


def compute_gold(
    labels: Iterable[Label], codebook: Codebook, *, rule: str = "majority"
) -> tuple[list[Gold], Counter[str]]:
    """Return the gold label of each unit, and how many came about in which way.

    A unit takes its adjudicated decision if there is one, else what its coders
    agree on (a single coder agrees with himself), else what the rule says:
    "majority" takes each code that more than half of the coders gave and drops
    the unit if a code stands at exactly half, "union" takes every code that
    anyone gave, "drop" drops the unit. Stance goes target by target in the same
    way, and is the last value of the codebook ("when in doubt") in a tie.

    Returns
    -------
    list of Gold, in order of doc_id and place; counts by "adjudicated",
    "agreed", "single coder", the rule's name, and "dropped".
    """
    if rule not in RULES:
        msg = f"rule must be one of {', '.join(RULES)}"
        raise ValueError(msg)
    units: dict[tuple[str, int, int], list[Label]] = {}
    for label in labels:
        units.setdefault(label.unit, []).append(label)
    gold, counts = [], Counter[str]()
    for _, decisions in sorted(units.items()):
        decided = _decide(decisions, codebook, rule)
        counts["dropped" if decided is None else decided.rule] += 1
        if decided is not None:
            gold.append(decided)
    return gold, counts


def _decide(decisions: list[Label], codebook: Codebook, rule: str) -> Gold | None:
    settled = [label for label in decisions if label.coder == GOLD_CODER]
    if settled:
        label = settled[-1]
        return _gold(label, label.codes, label.stance, "adjudicated")
    label = decisions[0]
    stance = _vote_stance([d.stance for d in decisions], codebook.stances[-1])
    if len(decisions) == 1:
        return _gold(label, label.codes, stance, "single coder")
    votes = Counter(code for d in decisions for code in d.codes)
    if set(votes.values()) <= {len(decisions)}:
        return _gold(label, label.codes, stance, "agreed")
    if rule == "drop" or (codebook.coding == "single" and rule == "union"):
        return None
    if rule == "majority" and any(2 * n == len(decisions) for n in votes.values()):
        return None
    least = 1 if rule == "union" else len(decisions) // 2 + 1
    codes = tuple(sorted(code for code, n in votes.items() if n >= least))
    if codebook.coding == "single" and len(codes) != 1:
        return None
    return _gold(label, codes, stance, rule)


def _vote_stance(decisions: list[Mapping[str, str]], in_doubt: str) -> dict[str, str]:
    targets = sorted({target for decision in decisions for target in decision})
    stance = {}
    for target in targets:
        votes = Counter(d[target] for d in decisions if target in d)
        value, n = votes.most_common(1)[0]
        stance[target] = value if 2 * n > votes.total() else in_doubt
    return stance


def _gold(
    label: Label, codes: tuple[str, ...], stance: Mapping[str, str], rule: str
) -> Gold:
    return Gold(
        label.doc_id,
        label.start,
        label.end,
        label.text,
        codes,
        dict(sorted(stance.items())),
        label.source,
        rule,
    )
