"""`framing annotate`: sentences to label, on a local page or in a sheet."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framing.cli import common, opening
from framing.cli.progress import progress
from framing.errors import LabelError, StorageError, shown
from framing.records import SEED_CODER

if TYPE_CHECKING:
    import pandas as pd

    from framing.coding import CodingUnit
    from framing.measuring import Scored
    from framing.records import Gold, Label

SHEET_ORDERS = ("sample", "outlet", "random")
"""Orders that a sheet may have: read back, all its rows count as drawn at random."""


def run(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT|RESULTS",
            help="Articles, or the results folder of a scoring.",
        ),
    ],
    coder: Annotated[
        str, typer.Option("--coder", help="Whose labels they are; for the page.")
    ] = "",
    order: Annotated[
        str,
        typer.Option(
            "--order",
            help="mixed (half sample, half uncertain), sample, random, uncertain, "
            "outlet, disagree or audit; sheets take sample, outlet or random. By "
            "default mixed, but sample for sheets and without a model.",
        ),
    ] = "",
    n: Annotated[int, typer.Option("-n", min=1, help="Sentences in all.")] = 200,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", help="Write a coding sheet (CSV) instead of the page."),
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Hide title, outlet and date.")
    ] = False,
    suggest: Annotated[
        bool,
        typer.Option("--suggest", help="Show what the model would say: it biases."),
    ] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 for any free one.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page by itself.")
    ] = True,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    seed: common.SeedOption = 0,
    quiet: common.QuietOption = False,
) -> None:
    """Label sentences on a local page, or draw a coding sheet.

    The page goes on where the coder stopped; every decision is on the disk before the
    next sentence comes. Only random orders (sample, outlet, random, and the half of
    mixed) correct shares.

    \b
    Examples:
      framing annotate results/ --coder anna
      framing annotate results/ -n 400 --sheet sheet.csv
    """
    order = order or ("sample" if sheet else "")
    _check_asked(coder, order, sheet)
    open_it = common.open_study if sheet else common.open_own_study
    study = open_it(project, codebook)
    scored = _open(inputs, study, order, quiet=quiet)
    order = order or ("mixed" if scored.codes else "sample")
    if sheet:
        drawn = _draw(scored, study, order, n, seed=seed)
        _write_sheet(sheet, drawn, study.codebook.names, quiet=quiet)
        return
    from framing.coding import CodingSession
    from framing.web import serve

    units = _queue(scored, study, order, n, seed=seed)
    session = CodingSession(
        units,
        study.codebook,
        coder,
        study.project.labels / f"{coder}.jsonl",
        now=common.now,
    )
    for warning in session.warnings:
        common.say(warning, quiet=quiet)
    serve(
        session,
        port=port,
        open_browser=browser,
        blind=blind,
        suggest=suggest,
        say=common.say,
    )
    common.say(f"{session.n_done:,} of {len(units):,} labelled.", quiet=quiet)


def _check_asked(coder: str, order: str, sheet: Path | None) -> None:
    """Refuse what would make wrong labels."""
    if sheet and order not in SHEET_ORDERS:
        msg = f"a sheet takes {', '.join(SHEET_ORDERS)}: others cannot correct shares"
        raise typer.BadParameter(msg, param_hint="--order")
    if sheet and sheet.exists():
        msg = f"{shown(sheet)}: there already, maybe with codes. Choose another name."
        raise StorageError(msg)
    if not sheet and not re.fullmatch(r"\w[\w.-]{0,60}", coder):
        what = f"{shown(coder)!r} is no name" if coder else "name the coder"
        msg = f"{what}: letters, digits, - and ., as the label file will be called"
        raise typer.BadParameter(msg, param_hint="--coder")
    if coder == SEED_CODER:
        msg = f"{SEED_CODER} is what the tagger is called. Take another name"
        raise typer.BadParameter(msg, param_hint="--coder")
    if order and not sheet:
        from framing.coding import check_order

        check_order(order)


def _open(
    inputs: list[str], study: "common.Study", order: str, *, quiet: bool
) -> "Scored":
    """Return a scoring to draw from: an earlier one, a new one, or one without scores.

    Articles are scored only where the order asks for scores.
    """
    from framing.articles import ReadOptions
    from framing.coding import split_inputs
    from framing.measuring import Scored, scored_by
    from framing.modelstore import MODEL_FILE
    from framing.scoring import score_inputs

    if folder := opening.results_folder(inputs):
        from framing.study.opening import open_results

        return open_results([folder], study)[0]
    if order in SHEET_ORDERS or not (study.project.model / MODEL_FILE).exists():
        scores, articles, log = split_inputs(inputs, ReadOptions())
        scored = Scored(scores, articles, _no_stance())
    else:
        loaded, _, place = common.open_model(study, None)
        with progress("scoring", "articles", quiet=quiet) as advance:
            done = score_inputs(inputs, ReadOptions(), loaded, advance=advance)
        scored, log = (
            scored_by(done.scores, done.articles, done.stance, place),
            done.log,
        )
    common.say_what_was_read(log, quiet=quiet)
    return scored


def _no_stance() -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(columns=["doc_id", "sent_no", "target", "stance"])


def _draw(
    scored: "Scored", study: "common.Study", order: str, n: int, *, seed: int
) -> "pd.DataFrame":
    from framing.coding import draw_queue, with_context

    units = with_context(scored.scores, scored.articles)
    widths = _widths(scored, study) if order == "outlet" else {}
    known = scored.card.get("frames", {}).get("thresholds", {})
    return draw_queue(
        units,
        order,
        n,
        thresholds=dict.fromkeys(scored.codes, 0.5) | known,
        single=study.codebook.coding == "single",
        widths=widths,
        seed=seed,
    )


def _widths(scored: "Scored", study: "common.Study") -> Mapping[str, float]:
    """Return how wide the widest interval of each source is now."""
    from framing.measuring import MixOptions, keep_own, measure
    from framing.study.opening import read_sample

    if not scored.codes:
        msg = "no shares to narrow yet: name the results folder of a scoring"
        raise typer.BadParameter(msg, param_hint="--order outlet")
    coded, _ = read_sample(study, None)
    mix = measure(scored, MixOptions(), keep_own(scored, coded)).mix
    width = (mix["high"] - mix["low"]).where(mix["code"].isin(scored.codes))
    return dict(width.groupby(mix["source"]).max().fillna(0.0))


def _queue(
    scored: "Scored", study: "common.Study", order: str, n: int, *, seed: int
) -> "list[CodingUnit]":
    """Return the units of a sitting."""
    from framing.coding import Prompter, disputed, with_context
    from framing.project import read_codebook_targets
    from framing.seedwords import SeedWords
    from framing.views import Viewer

    viewer = Viewer(read_codebook_targets(study.codebook), SeedWords(()))
    prompter = Prompter(
        lambda text: tuple(viewer.name_targets(viewer.read(text))),
        scored.codes,
        scored.stance,
    )
    if order not in ("disagree", "audit"):
        return prompter.make_units(_draw(scored, study, order, n, seed=seed))
    from framing.audit import suspect_units
    from framing.labelstore import read_labels

    labels = read_labels(study.project.labels, study.codebook).labels
    if order == "disagree":
        wanted: Sequence[Label | Gold] = disputed(labels)
    else:
        table = scored.out_of_fold
        wanted = suspect_units(labels, table, study.codebook) if len(table) else []
    if not wanted:
        msg = f"{order}: there is nothing to look at again."
        raise LabelError(msg)
    units = with_context(scored.scores, scored.articles)
    return prompter.find_units(units, wanted[:n], order)


def _write_sheet(
    path: Path, drawn: "pd.DataFrame", codes: tuple[str, ...], *, quiet: bool
) -> None:
    from framing.atomic import write_atomic
    from framing.coding import make_sheet
    from framing.results import csv_text

    write_atomic(path, csv_text(make_sheet(drawn, codes)).encode())
    n = drawn["source"].nunique()
    common.say(
        f"{len(drawn):,} sentences of {n} sources in {shown(path)}.", quiet=quiet
    )
