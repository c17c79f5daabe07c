"""`framing train`: labels in, a model and its card out."""

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common
from framing.errors import ModelError, shown

if TYPE_CHECKING:
    import pandas as pd

    from framing.records import Article
    from framing.training import Taken

N_PLACES = 3
"""Units that are named of those left out for one reason; --json has more."""


def run(
    rule: Annotated[
        str,
        typer.Option("--rule", help="Where coders differ: majority, union or drop."),
    ] = "majority",
    left_out: Annotated[
        bool,
        typer.Option(
            "--left-out/--no-left-out",
            help="Measure with each outlet left out in turn (slow).",
        ),
    ] = True,
    curve: Annotated[
        bool,
        typer.Option(
            "--curve", help="Learning curve: is more labelling worth it? (slow)"
        ),
    ] = False,
    seed_weight: Annotated[
        float,
        typer.Option(
            "--seed-weight",
            min=0,
            max=1,
            help="What a label of coder seed-words counts where nobody else labelled.",
        ),
    ] = 0.0,
    as_json: common.JsonOption = False,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    seed: common.SeedOption = 0,
    quiet: common.QuietOption = False,
) -> None:
    """Train the model of a codebook on its labels.

    Example: framing train
    """
    from framing.agreement import RULES
    from framing.labelstore import read_labels
    from framing.modelstore import save_model
    from framing.project import read_codebook_targets
    from framing.training import TrainSettings, take_labels, train
    from framing.training.card import card_text

    if rule not in RULES:
        msg = f"choose one of {', '.join(RULES)}"
        raise typer.BadParameter(msg, param_hint="--rule")
    study = common.open_study(project, codebook)
    labels = read_labels(study.project.labels, study.codebook)
    taken = take_labels(
        labels.labels, study.codebook, rule=rule, seed_weight=seed_weight
    )
    articles = _read_articles(study)
    before = _describe_before(study, taken, articles)
    if not (as_json or quiet) and _can_train(before, study.codebook.names):
        _print_before(before, study.codebook.names)
    card_before = _read_old_card(study, quiet=quiet)
    training = train(
        labels,
        study.codebook,
        targets=read_codebook_targets(study.codebook),
        seeds=study.project.read_seed_words(study.codebook),
        settings=TrainSettings(rule, seed, left_out, curve, seed_weight),
        dates={doc_id: article.date for doc_id, article in articles.items()},
        say=lambda text: common.say(text, quiet=quiet),
    )
    for warning in training.warnings:
        common.say(warning, quiet=quiet)
    text = card_text(training.card)
    digest = save_model(
        study.project.model, training.model, training.card, text, training.out_of_fold
    )
    if as_json:
        about = {"model_sha256": digest, "before": _macro(card_before)}
        common.print_json({**about, "given": before, **training.card})
        return
    print_card(training.card)
    _print_against(card_before, training.card)
    common.say(
        f"\nWritten to {common.place(study.project.model)}/ ({digest[:12]}). Next: "
        "framing score ARTICLES -o results/",
        quiet=quiet,
    )


def _read_articles(study: "common.Study") -> "dict[str, Article]":
    """Return the articles that come with the study, by their id."""
    from framing.articles import ReadLog, ReadOptions, read_articles

    folder = study.project.articles
    if not folder.is_dir() or not any(folder.iterdir()):
        return {}
    articles = read_articles([str(folder)], ReadOptions(), ReadLog())
    return {article.doc_id: article for article in articles}


def _describe_before(
    study: "common.Study", taken: "Taken", articles: "dict[str, Article]"
) -> dict[str, Any]:
    """Return what training is given: labels per coder and code, and what is left."""
    from framing.training import count_codes, find_changed

    texts = {doc_id: article.text for doc_id, article in articles.items()}
    changed = find_changed(taken.labels, texts)
    coders = count_codes(taken.labels, study.codebook)
    return {
        "coders": coders | count_codes(taken.gold, study.codebook),
        "helpers": len(taken.helpers),
        "left_out": taken.left_out,
        "changed_texts": [
            f"{label.doc_id}:{label.start} ({label.coder})" for label in changed
        ],
    }


def _can_train(before: dict[str, Any], codes: Sequence[str]) -> bool:
    """Return whether every code has enough units; if not, training says so itself."""
    from framing.training.examples import MIN_UNITS

    gold = before["coders"].get("gold", {})
    return all(gold.get(code, 0) >= MIN_UNITS for code in codes)


def _print_before(before: dict[str, Any], codes: Sequence[str]) -> None:
    """Print what training is given, before it takes its time."""
    names = ["labels", *codes, "none"]
    rows = [
        [coder, *(f"{counts[name]:,}" for name in names)]
        for coder, counts in before["coders"].items()
    ]
    short = [name if len(name) <= 9 else f"{name[:8]}." for name in names]
    typer.echo("Labels that train, by coder and code\n")
    common.print_table(["coder", *short], rows)
    if before["helpers"]:
        typer.echo(
            f"Seed words help with {before['helpers']:,} units that nobody labelled."
        )
    for reason in before["left_out"]:
        where = ", ".join(shown(place, 40) for place in reason["where"][:N_PLACES])
        more = " ..." if reason["n"] > N_PLACES else ""
        _echo(f"Left out: {reason['n']:,} {reason['what']} ({where}{more}).")
    if changed := before["changed_texts"]:
        where = ", ".join(shown(place, 40) for place in changed[:N_PLACES])
        more = " ..." if len(changed) > N_PLACES else ""
        _echo(
            f"{len(changed):,} labels have another text than their article has now "
            f"({where}{more}). They train with their own text."
        )
    typer.echo("")


def _echo(text: str) -> None:
    typer.echo(fill(text, common.WIDTH, subsequent_indent="  "))


def _read_old_card(study: "common.Study", *, quiet: bool) -> dict[str, Any]:
    """Return the card of the model that is about to be replaced, if it has one."""
    from framing.modelstore import read_card

    try:
        return read_card(study.project.model)
    except ModelError as error:
        # A card that nobody can read is no reason not to write a better one.
        common.say(f"no comparison with the model before: {error}", quiet=quiet)
        return {}


def _macro(card: dict[str, Any]) -> dict[str, dict[str, Any]]:
    from framing.training.card import macro_figures

    return macro_figures(card)


def _print_against(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Print macro-F1 beside that of the model before, if there was one."""
    before, after = _macro(old), _macro(new)
    both = [key for key in before if key in after]
    if not both:
        return
    typer.echo("\nMacro-F1 beside the model before\n")
    rows = [
        [TITLES[key], *(_figure(figures[key]) for figures in (before, after))]
        for key in both
    ]
    common.print_table(["", "before", "now"], rows)
    if old.get("labels_sha256") != new["labels_sha256"]:
        _echo(
            f"Each on its own labels: {old['frames']['n_units']:,} units before, "
            f"{new['frames']['n_units']:,} now. What changed in the numbers of each "
            "outlet: framing models diff OLD NEW."
        )


def _figure(row: dict[str, Any]) -> str:
    return f"{row['f1']:.2f} ({row['f1_low']:.2f} to {row['f1_high']:.2f})"


TITLES = {
    "unseen": "unseen units",
    "each_source_left_out": "unseen outlets (each left out in turn)",
    "seed_words": "seed words alone",
    "word_list": "evaluative words near the target alone",
    "always_neutral": "always neutral",
}
"""What the tables of a card were measured on."""


def print_card(card: dict[str, Any]) -> None:
    """Print what a card says of a model."""
    labels = ", ".join(f"{coder} {n:,}" for coder, n in card["labels"].items())
    gold = ", ".join(f"{how} {n:,}" for how, n in card["gold"].items())
    typer.echo(f"{card['codebook']}\nlabels: {labels}\ngold: {gold}")
    for part in ("frames", "stance"):
        for key, title in TITLES.items():
            if key in card.get(part, {}):
                typer.echo(f"\n{part}, {title}\n")
                common.print_measures(_table(card[part][key]))
    if "curve" in card.get("frames", {}):
        _print_curve(card["frames"]["curve"])


def _print_curve(curve: dict[str, Any]) -> None:
    """Print F1 by part of the articles, its interval below, and what it says."""
    from framing.training.curve import in_words

    typer.echo("\nLearning curve: F1 on unseen units, by part of the articles\n")
    points = curve["points"]
    parts = list(dict.fromkeys(point["part"] for point in points))
    rows = []
    for row in curve["worth"]:
        own = [point for point in points if point["code"] == row["code"]]
        rows.append([row["code"], *(f"{point['f1']:.2f}" for point in own)])
        rows.append(
            ["  95 %"]
            + [f"{100 * p['f1_low']:.0f}-{100 * p['f1_high']:.0f}" for p in own]
        )
    common.print_table(["code", *(f"{part:.0%}" for part in parts)], rows)
    typer.echo("")
    for row in curve["worth"]:
        _echo(in_words(row))


def _table(rows: list[dict[str, Any]]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(rows)
