"""The difference of two models on a terminal and as JSON."""

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from framing.cli import common
from framing.errors import shown

if TYPE_CHECKING:
    from framing.diffing import Diff

N_SHARES = 20
"""Shares that are shown; --json has all."""

N_EXAMPLES = 2
"""Flipped sentences shown of each code and direction."""

N_WORDS = 8
"""Words shown that made the flips of a code in one direction."""

N_TEXT = 300
"""Characters of a sentence that is shown."""

Row = dict[str, Any]


def diff_record(found: "Diff", cards: list[Row]) -> dict[str, Any]:
    """Return a difference for JSON."""
    return {
        "codes": list(found.codes),
        "only_old": list(found.only_old),
        "only_new": list(found.only_new),
        "n_sentences": found.n_sentences,
        "settings": cards,
        "shares": common.records(found.shares),
        "flips": common.records(found.count_flips()),
        "words": common.records(found.words),
        "sentences": common.records(found.flips),
    }


def print_diff(found: "Diff", cards: list[Row]) -> None:
    """Print what differs: settings, shares, flips, and the words that made them."""
    _print_cards(cards)
    for codes, which in ((found.only_old, "old"), (found.only_new, "new")):
        if codes:
            names = ", ".join(shown(code) for code in codes)
            typer.echo(f"Only the {which} model has {names}.")
    _print_shares(found)
    _print_flips(found)


def _print_cards(cards: list[Row]) -> None:
    if not cards:
        typer.echo("The cards say the same of codebook, labels and settings.\n")
        return
    typer.echo("What the cards say differently\n")
    rows = [
        [row["what"], *(_value(row[side]) for side in ("old", "new"))] for row in cards
    ]
    common.print_table(["", "old", "new"], rows, text_columns=3)
    typer.echo("")


def _value(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if type(value) is int else shown(value, 24)


def _print_shares(found: "Diff") -> None:
    """Print the shares that moved beyond their interval, the farthest first."""
    moved = common.records(found.shares[found.shares["moved"]])
    total = len(found.shares)
    typer.echo(
        f"{len(moved)} of {total} shares moved out of the interval of the old one"
    )
    if not moved:
        largest = common.records(found.shares.head(1))
        for row in largest:
            said = f"The largest difference: {_share_line(row)}."
            typer.echo(said if row["difference"] else "All shares are the same.")
        return
    typer.echo("")
    rows = [
        [
            shown(row["source"], 28),
            row["code"],
            common.percent(row["old"]),
            f"{common.percent(row['old_low'])}-{common.percent(row['old_high'])}",
            common.percent(row["new"]),
            f"{100 * row['difference']:+.0f}",
        ]
        for row in moved[:N_SHARES]
    ]
    headers = ["source", "code", "old %", "interval", "new %", "points"]
    common.print_table(headers, rows, text_columns=2)
    if len(moved) > N_SHARES:
        typer.echo(f"{len(moved) - N_SHARES} more: --json has all.")


def _share_line(row: Row) -> str:
    return (
        f"{shown(row['source'], 28)}, {row['code']}: {100 * row['old']:.1f} to "
        f"{100 * row['new']:.1f} %"
    )


def _print_flips(found: "Diff") -> None:
    """Print how many sentences flipped, why, and the strongest of them."""
    from framing.diffing import GAINED, LOST

    typer.echo(f"\nSentences that flipped, of {found.n_sentences:,}\n")
    counts = common.records(found.count_flips())
    rows = [[row["code"], f"{row[GAINED]:,}", f"{row[LOST]:,}"] for row in counts]
    common.print_table(["code", "only new", "only old"], rows)
    words = common.records(found.words)
    flips = found.flips
    for code in found.codes:
        for way, said in ((GAINED, "only new"), (LOST, "only old")):
            at = (flips["code"] == code) & (flips["flip"] == way)
            own = common.records(flips[at].head(N_EXAMPLES))
            if not own:
                continue
            typer.echo(f"\n{code}, {said}")
            _print_words([w for w in words if w["code"] == code and w["flip"] == way])
            for row in own:
                _print_example(row)


def _print_words(words: Sequence[Row]) -> None:
    listed = [
        f"{shown(w['word'], 30)} {w['log_odds']:+.1f} ({w['n']})"
        for w in words[:N_WORDS]
    ]
    text = f"moved by (log-odds in sum, sentences): {', '.join(listed)}"
    typer.echo(fill(text, common.WIDTH, initial_indent="  ", subsequent_indent="    "))


def _print_example(row: Row) -> None:
    text = f"- {row['p_old']:.2f} to {row['p_new']:.2f}, {shown(row['source'], 28)}: "
    text += f"{shown(row['text'], N_TEXT)} [{shown(row['words'], 200)}]"
    typer.echo(fill(text, common.WIDTH, initial_indent="  ", subsequent_indent="    "))
