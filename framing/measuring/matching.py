"""Labels as a random sample of the scored sentences."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from framing.errors import LabelError, shown
from framing.measuring.options import Basis, Scored
from framing.measuring.units import PLACE, ROW, UNSEEN, decide, make_sentences
from framing.model import Floats, Ints
from framing.prevalence import LabelledSample, Tally
from framing.records import CodedUnit

N_SHOWN = 5


def make_sample(
    units: pd.DataFrame,
    tally: Tally,
    scored: Scored,
    coded: Sequence[CodedUnit],
    basis: Basis,
) -> LabelledSample | None:
    """Return the labels as a sample of the tally's sentences."""
    sentences = make_sentences(scored, units)
    rows, found = match_units(sentences, coded, basis)
    first = sentences.drop_duplicates(ROW).set_index(ROW)
    said = ~first.loc[rows, "cannot_say"].to_numpy(dtype=bool)
    if not said.all():
        basis.dropped.append(
            f"{(~said).sum()} labels of sentences that the model cannot say anything of"
        )
    rows, found = rows[said], [u for u, s in zip(found, said, strict=True) if s]
    if not found:
        msg = (
            f"{_where(coded)}: the model cannot say anything of the labelled "
            "sentences. Label others."
        )
        raise LabelError(msg)
    pairs = sentences.loc[sentences[ROW].isin(rows)]
    number = pd.Series(np.arange(len(rows)), index=rows)
    names = {name: k for k, name in enumerate(tally.sources)}
    own = first.loc[rows]
    source, place = own["source"].to_numpy(), own[PLACE].to_numpy()
    proba = own[[f"p_{code}" for code in tally.codes]].to_numpy(dtype=np.float64)
    basis.n_labels = len(rows)
    basis.n_labelled_sources = len(set(source))
    return LabelledSample(
        coded=np.array(
            [[code in unit.codes for code in tally.codes] for unit in found]
        ),
        proba=proba,
        decided=np.where(
            own[UNSEEN].to_numpy()[:, None],
            decide(proba, scored),
            own[list(tally.codes)].to_numpy(dtype=bool),
        ),
        weight=_label_weights(found, source) * tally.weight[place],
        source=np.array([names[name] for name in source]),
        article=tally.article[place],
        unit_of_pair=number.loc[pairs[ROW]].to_numpy(),
        cell_of_pair=tally.cell[pairs[PLACE].to_numpy()],
    )


def _label_weights(found: Sequence[CodedUnit], source: Sequence[str]) -> Floats:
    """Return one by the chance of being drawn; equal where chances are not known."""
    chance = np.array([unit.probability for unit in found])
    if (chance > 0).all():
        return np.asarray(1 / chance)
    if (chance > 0).any():
        msg = "some labels have a probability and some have none. Fill in all, or none."
        raise LabelError(msg)
    return np.ones(len(found))


def match_units(
    sentences: pd.DataFrame, coded: Iterable[CodedUnit], basis: Basis
) -> tuple[Ints, list[CodedUnit]]:
    """Return the scored sentence of each coded unit, by its `row`, and those found.

    Raises
    ------
    LabelError
        None is found, or one is coded in two ways.
    """
    coded = list(coded)
    documents = {unit.doc_id for unit in coded}
    near = sentences.loc[sentences["doc_id"].isin(documents)].drop_duplicates(ROW)
    texts = [" ".join(text.split()) for text in near["text"]]
    by_start = dict(
        zip(zip(near["doc_id"], near["start"], strict=True), near[ROW], strict=True)
    )
    by_number = dict(
        zip(zip(near["doc_id"], near["sent_no"], strict=True), near[ROW], strict=True)
    )
    by_text = dict(zip(zip(near["doc_id"], texts, strict=True), near[ROW], strict=True))
    text_of = dict(zip(near[ROW], texts, strict=True))
    rows: dict[int, CodedUnit] = {}
    lost, changed = [], []
    for unit in coded:
        text = " ".join(unit.text.split())
        named = by_start.get((unit.doc_id, unit.start))
        if named is None:
            named = by_number.get((unit.doc_id, unit.sent_no))
        same = named is not None and text_of[named] == text
        row = named if same else by_text.get((unit.doc_id, text))
        if row is not None:
            _refuse_contradiction(rows.get(int(row)), unit)
            rows[int(row)] = unit
        elif named is not None:
            changed.append(unit)
        else:
            lost.append(unit)
    if not rows:
        msg = (
            f"{_where(coded)}: no label belongs to a sentence of these results. Score "
            "the articles that were labelled."
        )
        raise LabelError(msg)
    if lost:
        basis.dropped.append(f"{len(lost)} labels of no sentence here ({_where(lost)})")
    if changed:
        basis.dropped.append(
            f"{len(changed)} labels whose text differs from the article's now "
            f"({_where(changed)})"
        )
    return np.array(list(rows), dtype=np.int64), list(rows.values())


def _refuse_contradiction(first: CodedUnit | None, second: CodedUnit) -> None:
    if first is not None and set(first.codes) != set(second.codes):
        msg = (
            f"{_where([first])} and {_where([second])}: other codes for the same "
            "sentence. Settle which holds."
        )
        raise LabelError(msg)


def _where(units: Sequence[CodedUnit]) -> str:
    places = [unit.where or unit.doc_id for unit in units[:N_SHOWN]]
    return ", ".join(shown(place) for place in places)
