"""Where coders differ, as a list to go through and as tables for ReCal."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from framing.agreement.alpha import GAP
from framing.agreement.reliability import lay_out
from framing.codebook import Codebook
from framing.model import Ints
from framing.records import GOLD_CODER, Label

NONE = "none"
"""Stands for a decision that no code holds; codes cannot have that name."""


def list_disagreements(
    labels: Iterable[Label], codebook: Codebook, *, coders: Sequence[str]
) -> pd.DataFrame:
    """Return the units on which coders differ, with the decision of each.

    Returns
    -------
    DataFrame, one row per unit, in order of articles and places: `doc_id start end
    source text disputed`, then `<coder>: codes` and `<coder>: stance` for each coder,
    empty if he did not code the unit, and `settled`, the codes of the adjudicated
    decision if there is one. `disputed` names the codes and the targets that coders
    differ on. Several codes are parted by "|", as in `China=critical`.
    """
    units: dict[tuple[str, int, int], dict[str, Label]] = {}
    for label in labels:
        units.setdefault(label.unit, {})[label.coder] = label
    rows: list[dict[str, str | int]] = []
    for _, by_coder in sorted(units.items()):
        decisions = [by_coder[coder] for coder in coders if coder in by_coder]
        disputed = _disputed(decisions, codebook)
        if disputed:
            settled = by_coder.get(GOLD_CODER)
            rows.append(
                {
                    **_describe(decisions),
                    "disputed": "|".join(disputed),
                    **_decided(by_coder, coders),
                    "settled": _codes(settled) if settled else "",
                }
            )
    own = (f"{coder}: {what}" for coder in coders for what in ("codes", "stance"))
    columns = ["doc_id", "start", "end", "source", "text", "disputed", *own, "settled"]
    return pd.DataFrame(rows, columns=columns)


def _disputed(decisions: Sequence[Label], codebook: Codebook) -> list[str]:
    """Return the codes and the targets that decisions on a unit differ on."""
    codes = [
        code
        for code in codebook.names
        if len({code in label.codes for label in decisions}) > 1
    ]
    targets = sorted({target for label in decisions for target in label.stance})
    return codes + [
        target
        for target in targets
        if len({d.stance[target] for d in decisions if target in d.stance}) > 1
    ]


def _describe(decisions: Sequence[Label]) -> dict[str, str | int]:
    first = decisions[0]
    return {
        "doc_id": first.doc_id,
        "start": first.start,
        "end": first.end,
        "source": next((d.source for d in decisions if d.source), ""),
        "text": first.text,
    }


def _decided(by_coder: dict[str, Label], coders: Sequence[str]) -> dict[str, str]:
    cells = {}
    for coder in coders:
        label = by_coder.get(coder)
        cells[f"{coder}: codes"] = _codes(label) if label else ""
        stance = sorted(label.stance.items()) if label else []
        cells[f"{coder}: stance"] = "|".join(f"{t}={value}" for t, value in stance)
    return cells


def _codes(label: Label) -> str:
    return "|".join(label.codes) or NONE


def recal_tables(
    labels: Iterable[Label], codebook: Codebook, *, coders: Sequence[str]
) -> dict[str, str]:
    """Return tables that ReCal2 and ReCal3 read, by the name of the variable.

    ReCal takes digits only, without a header and without gaps: a column per coder, a
    row per unit that all of them coded. A code is 1 or 0, stance the number of its
    value in the codebook, from 1.

    References
    ----------
    Freelon (2010), ReCal: intercoder reliability calculation as a web service,
    International J. Internet Science 5:20-33; dfreelon.org/utils/recalfront.
    """
    sheet = lay_out(labels, codebook, coders)
    tables = {
        code: _lines(
            np.where(
                sheet.chosen == GAP,
                GAP,
                np.array([code in s for s in sheet.sets], dtype=bool)[sheet.chosen],
            )
        )
        for code in codebook.names
    }
    stances = np.where(sheet.stances == GAP, GAP, sheet.stances + 1)
    return {**tables, STANCE: _lines(stances)}


STANCE = "target-stance"
"""Name of the table of stance: no code can have a hyphen."""


def _lines(values: Ints) -> str:
    """Return the rows without gaps as CSV."""
    whole = values[(values != GAP).all(axis=1)]
    return "".join(",".join(map(str, row)) + "\n" for row in whole.tolist())
