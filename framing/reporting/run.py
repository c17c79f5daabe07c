"""A whole report, section by section."""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from framing.agreement import Reliability, choose_coders, measure_reliability
from framing.errors import shown
from framing.labelstore import read_labels
from framing.measuring import Measured, measure
from framing.project import Project
from framing.report.content import CodeAbout, Report
from framing.reporting.methods import describe_method, published, write_methods
from framing.reporting.opening import open_material
from framing.reporting.options import Material, ReportOptions, check_options
from framing.reporting.references import list_references
from framing.reporting.reliance import (
    calibration_table,
    confusion_table,
    copies_table,
    left_out_table,
    list_checks,
    list_words,
)
from framing.reporting.sentences import (
    choose_sentences,
    describe_evidence,
    describe_words,
)
from framing.reporting.shares import (
    changes_table,
    differences_table,
    mix_table,
    periods_table,
    stance_table,
    targets_table,
)

MOST_LISTED = 100
"""Items of a list in `run.json` that the report repeats."""


def make_report(
    folder: Path,
    project: Project,
    options: ReportOptions | None = None,
    *,
    sample: Path | None = None,
) -> Report:
    """Return everything a report of a results folder shows.

    The same results, labels and options give the same report.

    Parameters
    ----------
    folder : Path
        Results of a scoring.
    project : Project
        The study that the results belong to.
    sample : Path
        Coding sheet or label file of a random sample of these sentences; by default
        the sample labelled in the study.

    Raises
    ------
    InputError
        The folder holds no results, or what is asked cannot be had of them.
    LabelError
        The labels cannot be used.
    ModelError
        The results were made with another codebook.
    """
    options = options or ReportOptions()
    check_options(options)
    material = open_material(folder, project, options, sample)
    measured = measure(
        material.scored,
        options.mix,
        material.coded,
        labels_from=material.labels_from,
    )
    report = _fill(material, options, measured)
    agreement = _agreement(material)
    methods = write_methods(material, options, measured.basis, report, agreement)
    return replace(report, methods=methods, references=list_references(methods))


def _fill(material: Material, options: ReportOptions, measured: Measured) -> Report:
    """Return the report without its methods section."""
    mix = mix_table(material, measured)
    sources = list(dict.fromkeys(mix["source"]))
    reference, differences = differences_table(material, options, measured)
    period, periods = periods_table(material, options)
    changes = changes_table(material, options)
    targets = targets_table(material, options)
    stance = stance_table(material, list(dict.fromkeys(targets["target"])))
    evidence, source_words = choose_sentences(material, options, sources)
    describe_words(material)
    checks = list_checks(material, measured, options.mix)
    confusion = confusion_table(material, measured)
    calibration = calibration_table(material)
    copies = copies_table(material)
    left_out = left_out_table(material, measured)
    return Report(
        title=options.title or f"The framing mix of {_count(len(sources), 'outlet')}",
        facts=_facts(material, measured),
        codes=[
            CodeAbout(code.name, code.title, code.definition)
            for code in material.codebook.codes
        ],
        mix=mix,
        method=describe_method(measured.basis, options),
        reference=reference,
        differences=differences,
        period=period,
        periods=periods,
        event=options.event,
        changes=changes,
        targets=targets,
        stance=stance,
        evidence=evidence,
        evidence_note=describe_evidence(material, evidence, options.seed),
        words=list_words(material),
        source_words=source_words,
        checks=checks,
        calibration=calibration,
        confusion=confusion,
        copies=copies,
        left_out=left_out,
        methods=(),
        references=(),
        card=material.card,
        manifest=_manifest(material),
        command=_command(material, options),
        notes={section: " ".join(texts) for section, texts in material.notes.items()},
    )


def _facts(material: Material, measured: Measured) -> dict[str, str]:
    articles = material.scored.counts.articles
    about = material.run["model"]
    facts = {
        "Articles": f"{len(articles):,}",
        "Sentences": f"{int(articles['n_sentences'].sum()):,}",
        "Outlets": f"{articles['source'].nunique():,}",
        "Published": published(material).removeprefix("on "),
        "Codebook": f"{material.codebook.name} {material.codebook.version}",
        "Model": str(about["sha256"])[:12],
    }
    if frames := material.scored.card.get("frames"):
        trained = f"trained on {frames['n_units']:,} sentences"
        facts["Model"] = f"{trained}: {facts['Model']}"
    basis = measured.basis
    facts["Shares"] = "counted, not corrected"
    if basis.method.needs_labels:
        facts["Shares"] = f"corrected by {basis.n_labels:,} labels"
    elif basis.method.name != "count":
        facts["Shares"] = f"by {basis.method.name}, without labels"
    return {name: value for name, value in facts.items() if value}


def _agreement(material: Material) -> Reliability | None:
    """Return how far the coders of the study agree; None without two of them."""
    if not any(material.labels.glob("*.jsonl")):
        return None
    labels = read_labels(material.labels, material.codebook).labels
    coders = choose_coders(labels)
    if len(coders) < 2:
        return None
    found = measure_reliability(labels, material.codebook, coders=coders)
    return found if found.n_shared else None


def _manifest(material: Material) -> str:
    run: dict[str, Any] = {
        key: _shortened(value) for key, value in material.run.items()
    }
    return json.dumps(run, indent=1, ensure_ascii=False, sort_keys=True)


def _shortened(value: Any) -> Any:
    if not isinstance(value, list) or len(value) <= MOST_LISTED:
        return value
    left = len(value) - MOST_LISTED
    return [*value[:MOST_LISTED], f"and {left:,} more in run.json"]


def _command(material: Material, options: ReportOptions) -> str:
    """Return the commands that made the results and this report."""
    made = ["framing", *map(str, material.run.get("command", ()))]
    lines = [shlex.join(made)] if len(made) > 1 else []
    if options.command:
        lines.append(shlex.join(options.command))
    return "\n".join(shown(line, 10_000) for line in lines)


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
