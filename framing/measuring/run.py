"""Estimate the shares of a scoring, corrected where labels allow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from framing.errors import InputError
from framing.measuring.matching import make_sample
from framing.measuring.options import (
    Basis,
    MixOptions,
    Scored,
    check_options,
    choose_method,
)
from framing.measuring.units import make_units, standardise, whole_articles
from framing.prevalence import Evidence, measure_mix, tally_scores
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
    mix = measure_mix(
        evidence, options.by, method=basis.method.name, level=options.level
    )
    return Measured(evidence, basis, mix)


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
    basis = Basis(choose_method(options, with_labels=bool(coded)))
    units = make_units(scored, options.by, more or {}, unseen=bool(coded))
    if options.control:
        units = standardise(units, scored, options, basis)
    if options.unit == "article":
        units = whole_articles(units, scored.codes, [*options.by, *(more or {})])
        coded = ()  # labels of sentences say nothing of articles
    tally = tally_scores(units, scored.codes, [*options.by, *(more or {})])
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


def _priors(scored: Scored) -> tuple[float, ...]:
    known = scored.card.get("frames", {}).get("priors", {})
    return tuple(float(known[code]) for code in scored.codes if code in known)
