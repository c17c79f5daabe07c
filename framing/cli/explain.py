"""`framing explain`: the words that moved each code's score, exactly."""

from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from framing.cli import common
from framing.errors import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from framing.marks import MarkedSentence
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
    quiet: common.QuietOption = False,
) -> None:
    """Show the words that moved each code's score; they add up to the log-odds.

    Example: framing explain "The two ministers signed a gas contract."
    """
    study = common.open_study(project, codebook)
    loaded, _, _ = common.open_model(study, model)
    from framing.excerpt import excerpt
    from framing.marks import mark_words
    from framing.scorer import Scorer

    text = typer.get_text_stream("stdin").read() if sentence == "-" else sentence
    text = " ".join(text.split())
    if not text:
        msg = "the sentence is empty"
        raise typer.BadParameter(msg, param_hint="SENTENCE")
    scorer = Scorer(excerpt(loaded, [text]))
    explanation = scorer.explain(text)
    (marked,) = mark_words(scorer, [text])
    stances = scorer.score_stance(scorer.read([text]))
    if as_json:
        _print_json(explanation, marked, stances)
        return
    _print(explanation, marked)
    if stances:
        typer.echo("")
    for _, target, proba, value in stances:
        typer.echo(f"stance towards {target}: {value} ({max(proba):.2f})")
    typer.echo("\n" + fill(LEGEND, common.WIDTH))
    next_one = "framing evaluate"
    common.say_next(next_one, "how often the model is right", quiet=quiet)


def _print(explanation: "Explanation", marked: "MarkedSentence") -> None:
    text = explanation.text
    typer.echo(common.fill(shown(text, 10 * len(text))) + "\n")
    if not explanation.known:
        typer.echo("cannot say: the model knows no word of this sentence.")
        return
    _print_marks(explanation, marked)
    for k, code in enumerate(explanation.codes):
        verdict = "yes" if explanation.decided[k] else "no"
        typer.echo(
            f"{code}: {verdict}, score {explanation.proba[k]:.2f} "
            f"(threshold {explanation.thresholds[k]:.2f})"
        )
        moved = explanation.by_word(k)
        total = sum(amount for _, amount in moved)
        listed = [m for m in moved if m[0] != "intercept"][:N_SHOWN]
        rest = total - sum(amount for _, amount in listed)
        words = ", ".join(f"{word} {amount:+.2f}" for word, amount in listed)
        typer.echo(
            fill(
                f"{words}, all else {rest:+.2f}; log-odds {total:+.2f}",
                common.WIDTH,
                initial_indent="    ",
                subsequent_indent="    ",
                break_on_hyphens=False,
            )
        )


def _print_marks(explanation: "Explanation", marked: "MarkedSentence") -> None:
    """Print the marks for the codes given, or for the one that came nearest."""
    from framing.cli.gloss import print_gloss

    given = [k for k, yes in enumerate(explanation.decided) if yes]
    for k in given or [max(range(len(explanation.codes)), key=_nearness(explanation))]:
        typer.echo(f"What the words add to the log-odds of {explanation.codes[k]}\n")
        print_gloss(explanation.text, marked, k)
        typer.echo("")


def _nearness(explanation: "Explanation") -> "Callable[[int], float]":
    return lambda k: float(explanation.proba[k] - explanation.thresholds[k])


def _print_json(
    explanation: "Explanation",
    marked: "MarkedSentence",
    stances: "Sequence[tuple[int, str, object, str]]",
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
                    "words": [
                        {"start": start, "end": end, "log_odds": float(weight)}
                        for (start, end), weight in zip(
                            marked.spans, marked.weights[:, k], strict=True
                        )
                    ],
                    "no_word": float(marked.base[k]),
                    "no_place": float(marked.elsewhere[k]),
                }
                for k, code in enumerate(explanation.codes)
            },
            "stance": {target: value for _, target, _, value in stances},
        }
    )
