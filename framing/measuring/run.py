"""Estimate the shares of a scoring, corrected where labels allow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from framing.copies import CHOICES
from framing.errors import FramingError, InputError
from framing.measuring.copied import (
    add_copy_shares,
    copies_in_words,
    find_left_out,
    has_copies,
    keep_counted,
)
from framing.measuring.matching import make_sample
from framing.measuring.options import (
    Basis,
    MixOptions,
    Scored,
    check_options,
    choose_method,
)
from framing.measuring.units import make_units, standardise, whole_articles
from framing.prevalence import Evidence, measure_mix, tally_counts
from framing.records import CodedUnit


@dataclass(frozen=True)
class Measured:
    """Shares with what they rest on."""

    evidence: Evidence
    basis: Basis
    mix: pd.DataFrame


def measure(
    scored: Scored,
    options: MixOptions,
    coded: Sequence[CodedUnit] = (),
    *,
    labels_from: str = "",
) -> Measured:
    """Return the mix of every group; see `framing.prevalence.measure_mix`.

    Where there are copies, it has the shares by every choice of `options.copies`, too:
    `share_all, n_all, share_own, n_own, share_first, n_first`.

    Parameters
    ----------
    coded : sequence of CodedUnit
        A random sample of the sentences, coded by people; may be empty.
    labels_from : str
        Where they are from, in words.

    Raises
    ------
    InputError
        A column that was asked for is not there, or the method cannot be had.
    LabelError
        None of the labels belongs to a scored sentence.
    """
    evidence, basis = gather(scored, options, coded)
    basis.labels_from = labels_from if coded else ""
    mix = _mix(evidence, basis, options)
    if has_copies(scored):
        others = _with_and_without(scored, options, coded, mix)
        mix = add_copy_shares(mix, others)
    return Measured(evidence, basis, mix)


def _mix(evidence: Evidence, basis: Basis, options: MixOptions) -> pd.DataFrame:
    return measure_mix(
        evidence, options.by, method=basis.method.name, level=options.level
    )


def _with_and_without(
    scored: Scored, options: MixOptions, coded: Sequence[CodedUnit], mix: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the mix by each choice of copies; an empty one where it cannot be had."""
    mixes = {}
    for choice in CHOICES:
        other = replace(options, copies=choice)
        try:
            found = (
                mix if other == options else _mix(*gather(scored, other, coded), other)
            )
        except FramingError:  # say, no label is left of articles that count
            found = mix.iloc[:0]
        mixes[choice] = found
    return mixes


def gather(
    scored: Scored,
    options: MixOptions,
    coded: Sequence[CodedUnit] = (),
    more: Mapping[str, pd.Series] | None = None,
) -> tuple[Evidence, Basis]:
    """Return what shares are estimated from, and what that rests on.

    `more` adds columns to the cells: values by `doc_id`.
    """
    check_options(options)
    left_out = find_left_out(scored, options.copies)
    coded = [unit for unit in coded if unit.doc_id not in left_out]
    basis = Basis(choose_method(options, with_labels=bool(coded)))
    if has_copies(scored):
        basis.copies = copies_in_words(scored, options.copies)
    if options.all_kinds:
        scored = _as_sentences(scored)
        coded = ()  # labels of sentences say nothing of headings
    single = basis.method.name == "em"
    if single and not scored.is_whole:
        msg = "em needs the scores of all sentences: keep them by -o RESULTS."
        raise InputError(msg)
    cells = [*options.by, *(more or {})]
    units = make_units(
        scored, options.by, more or {}, unseen=bool(coded), single=single
    )
    units = keep_counted(units, scored, options.copies).reset_index(drop=True)
    if options.control:
        units = standardise(units, scored, options, basis)
    if options.unit == "article":
        units = whole_articles(units, scored.codes)
        coded = ()  # labels of sentences say nothing of articles
    tally = tally_counts(units, scored.codes, cells)
    evidence = Evidence(
        tally,
        make_sample(units, tally, scored, coded, basis) if coded else None,
        priors=_priors(scored),
        census=options.census,
        single=scored.single,
    )
    if basis.method.name == "em" and not evidence.priors:
        msg = (
            "em needs shares in training, which the card lacks. Train the model again."
        )
        raise InputError(msg)
    return evidence, basis


def _as_sentences(scored: Scored) -> Scored:
    """Return a scoring in which everything counts as a sentence."""
    if not scored.is_whole:
        msg = "all kinds are counted from the scores of all units: read them all."
        raise InputError(msg)
    return replace(scored, scores=scored.scores.assign(kind="sentence"), known=None)


def _priors(scored: Scored) -> tuple[float, ...]:
    known = scored.card.get("frames", {}).get("priors", {})
    return tuple(float(known[code]) for code in scored.codes if code in known)
