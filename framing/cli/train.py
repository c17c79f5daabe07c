"""`framing train`: labels in, a model and its card out."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common

if TYPE_CHECKING:
    import pandas as pd


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
    from framing.training import TrainSettings, train
    from framing.training.card import card_text

    if rule not in RULES:
        msg = f"choose one of {', '.join(RULES)}"
        raise typer.BadParameter(msg, param_hint="--rule")
    study = common.open_study(project, codebook)
    labels = read_labels(study.project.labels, study.codebook)
    training = train(
        labels,
        study.codebook,
        targets=read_codebook_targets(study.codebook),
        seeds=study.project.read_seed_words(study.codebook),
        settings=TrainSettings(rule=rule, seed=seed, left_out=left_out),
        dates=_article_dates(study),
        say=lambda text: common.say(text, quiet=quiet),
    )
    for warning in training.warnings:
        common.say(warning, quiet=quiet)
    text = card_text(training.card)
    digest = save_model(
        study.project.model, training.model, training.card, text, training.out_of_fold
    )
    if as_json:
        common.print_json({"model_sha256": digest, **training.card})
        return
    print_card(training.card)
    common.say(
        f"\nWritten to {common.place(study.project.model)}/ ({digest[:12]}). Next: "
        "framing score ARTICLES -o results/",
        quiet=quiet,
    )


def _article_dates(study: common.Study) -> dict[str, str]:
    """Return the dates of the articles that come with the study."""
    from framing.articles import ReadLog, ReadOptions, read_articles

    folder = study.project.articles
    if not folder.is_dir() or not any(folder.iterdir()):
        return {}
    articles = read_articles([str(folder)], ReadOptions(), ReadLog())
    return {article.doc_id: article.date for article in articles}


def print_card(card: dict[str, Any]) -> None:
    """Print what a card says of a model."""
    labels = ", ".join(f"{coder} {n:,}" for coder, n in card["labels"].items())
    gold = ", ".join(f"{how} {n:,}" for how, n in card["gold"].items())
    typer.echo(f"{card['codebook']}\nlabels: {labels}\ngold: {gold}")
    titles = {
        "unseen": "unseen units",
        "each_source_left_out": "unseen outlets (each left out in turn)",
        "seed_words": "seed words alone",
        "word_list": "evaluative words near the target alone",
        "always_neutral": "always neutral",
    }
    for part in ("frames", "stance"):
        for key, title in titles.items():
            if key in card.get(part, {}):
                typer.echo(f"\n{part}, {title}\n")
                common.print_measures(_table(card[part][key]))


def _table(rows: list[dict[str, Any]]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(rows)
