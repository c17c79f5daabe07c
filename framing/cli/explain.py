"""`framing explain`: the words that moved each code's score, exactly."""

from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from framing.cli import common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framing.scorer import Explanation

N_SHOWN = 8

LEGEND = (
    '<state> and the like stand for actors, "actors 2" for their number; "spelling" '
    'sums letter runs; "tagged", "hinted" and "three groups" say what the seed words '
    "found in sum; other names with _ are groups of seed words."
)


def run(
    sentence: Annotated[str, typer.Argument(help="A sentence, or - to read it.")],
    as_json: common.JsonOption = False,
    model: common.ModelOption = None,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
) -> None:
    """Show the words that moved each code's score; they add up to the log-odds.

    Example: framing explain "The two ministers signed a gas contract."
    """
    study = common.open_study(project, codebook)
    loaded, _, _ = common.open_model(study, model)
    from framing.scorer import Scorer

    text = typer.get_text_stream("stdin").read() if sentence == "-" else sentence
    text = " ".join(text.split())
    if not text:
        msg = "the sentence is empty"
        raise typer.BadParameter(msg, param_hint="SENTENCE")
    scorer = Scorer(loaded)
    explanation = scorer.explain(text)
    stances = scorer.score_stance(scorer.read([text]))
    if as_json:
        _print_json(explanation, stances)
        return
    _print(explanation)
    if stances:
        typer.echo("")
    for _, target, proba, value in stances:
        typer.echo(f"stance towards {target}: {value} ({max(proba):.2f})")
    typer.echo("\n" + fill(LEGEND, common.WIDTH))


def _print(explanation: "Explanation") -> None:
    typer.echo(fill(explanation.text, common.WIDTH) + "\n")
    if not explanation.known:
        typer.echo("cannot say: the model knows no word of this sentence.")
        return
    for k, code in enumerate(explanation.codes):
        verdict = "yes" if explanation.decided[k] else "no"
        typer.echo(
            f"{code}: {verdict}, score {explanation.proba[k]:.2f} "
            f"(threshold {explanation.thresholds[k]:.2f})"
        )
        moved = explanation.by_word(k)
        total = sum(amount for _, amount in moved)
        shown = [m for m in moved if m[0] != "intercept"][:N_SHOWN]
        rest = total - sum(amount for _, amount in shown)
        listed = ", ".join(f"{word} {amount:+.2f}" for word, amount in shown)
        typer.echo(
            fill(
                f"{listed}, all else {rest:+.2f}; log-odds {total:+.2f}",
                common.WIDTH,
                initial_indent="    ",
                subsequent_indent="    ",
            )
        )


def _print_json(
    explanation: "Explanation", stances: "Sequence[tuple[int, str, object, str]]"
) -> None:
    common.print_json(
        {
            "text": explanation.text,
            "cannot_say": not explanation.known,
            "codes": {
                code: {
                    "score": float(explanation.proba[k]),
                    "threshold": float(explanation.thresholds[k]),
                    "decided": bool(explanation.decided[k]),
                    "moved": [
                        {"feature": feature, "log_odds": float(amount[k])}
                        for feature, amount in explanation.moved
                    ],
                }
                for k, code in enumerate(explanation.codes)
            },
            "stance": {target: value for _, target, _, value in stances},
        }
    )
