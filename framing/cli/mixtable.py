"""The mix on a terminal: shares side by side, bars, and what they rest on."""

from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from framing.cli import common
from framing.errors import shown

if TYPE_CHECKING:
    import pandas as pd

    from framing.measuring import Basis, Measured, MixOptions
    from framing.trust import Trust

MANY = 25
"""Groups above which those with too few articles are only counted."""

BAR = 24
"""Characters of the bar that shows a mix."""

COLOURS = ("#0072b2", "#e69f00", "#d55e00", "#cc79a7", "#009e73", "#56b4e9")
"""Colours that colour-blind readers tell apart (Okabe and Ito 2008)."""

FILLS = "█▓▒░▚▞"

IN_WORDS = {
    "count": "decisions",
    "mean": "mean score",
    "ppi": "per source",
    "acc": "adjusted",
    "pacc": "adjusted",
    "em": "EM",
    "hierarchical": "corrected",
}
"""How a share is named on its line."""

Row = dict[str, Any]
Group = dict[str, Row]
Key = tuple[str, ...]


def print_mix(
    measured: "Measured",
    options: "MixOptions",
    codes: tuple[str, ...],
    *,
    show_all: bool,
) -> None:
    """Print the shares of each group in every way there is, then the mix as bars."""
    from framing.prevalence import MIN_ARTICLES

    groups = _group_rows(measured.mix, options.by)
    sizes = {key: own["none"]["n_texts"] for key, own in groups.items()}
    chosen = [key for key in groups if sizes[key] >= MIN_ARTICLES]
    if show_all or len(groups) <= MANY or not chosen:
        chosen = list(groups)
    if options.by == ("source",):
        chosen.sort(key=lambda key: (-sizes[key], key))
    typer.echo(f"{_title(measured, options)}\n")
    method = measured.basis.method.name
    rows = [row for key in chosen for row in _lines(key, groups[key], codes, method)]
    names = [code if len(code) <= 9 else f"{code[:8]}." for code in codes]
    common.print_table(
        [*options.by, "art.", "sent.", *names, "none", "?"],
        rows,
        text_columns=len(options.by),
    )
    typer.echo("\nMix of the codes given, %\n")
    _print_bars({key: groups[key] for key in chosen}, codes)
    typer.echo("\n? cannot say: of all sentences, those without a known word.")
    if any(sizes[key] < MIN_ARTICLES for key in chosen):
        typer.echo(
            f"No interval: too few, fewer than {MIN_ARTICLES} articles; copies of one "
            "text are one."
        )
    if left := len(groups) - len(chosen):
        typer.echo(
            f"{left} more have fewer than {MIN_ARTICLES} articles, too few for an "
            "interval (--all shows them)."
        )


def _title(measured: "Measured", options: "MixOptions") -> str:
    unit = "Sentences" if options.unit == "sentence" else "Articles"
    by_labels = measured.basis.n_labels and measured.basis.method.needs_labels
    over = ["articles"] * (not options.census) + ["labels"] * bool(by_labels)
    interval = f"{100 * options.level:g}% interval over {' and '.join(over)}"
    if not over:
        interval = "a census: no interval"
    return f"{unit} that carry each code, % ({interval})"


def _group_rows(mix: "pd.DataFrame", by: tuple[str, ...]) -> dict[Key, Group]:
    groups: dict[Key, Group] = {}
    for row in common.records(mix):
        groups.setdefault(tuple(str(row[c]) for c in by), {})[row["code"]] = row
    return groups


def _lines(
    key: Key, own: Group, codes: tuple[str, ...], method: str
) -> list[list[str]]:
    """Return the line of a group and, below it, its other ways to a share."""
    first = [
        *(shown(part, 28) for part in key),
        f"{own['none']['n_articles']:,}",
        f"{own['cannot say']['n_sentences']:,}",
        *(_share(own[code], "share", "low", "high") for code in codes),
        common.percent(own["none"]["share"]),
        common.percent(own["cannot say"]["share"]),
    ]
    lines = [first]
    for other in ("count", "mean"):
        values = [own[code][other] for code in codes]
        if other != method and any(value is not None for value in values):
            lines.append(
                _more(key, IN_WORDS[other], "", [common.percent(v) for v in values])
            )
    if "labelled" in own[codes[0]]:
        n = own[codes[0]]["n_labels"]
        cells = [
            _share(own[code], "labelled", "labelled_low", "labelled_high")
            + "!" * bool(own[code]["disagrees"])
            for code in codes
        ]
        lines.append(_more(key, "labels alone", f"{n:,.0f}", cells))
    return lines


def _more(key: Key, name: str, n: str, cells: list[str]) -> list[str]:
    return [f"  {name}", *[""] * len(key), n, *cells, "", ""]


def _share(row: Row, value: str, low: str, high: str) -> str:
    share = common.percent(row[value])
    if row[low] is None:
        return share
    return f"{share} {common.percent(row[low])}-{common.percent(row[high])}"


def _print_bars(groups: dict[Key, Group], codes: tuple[str, ...]) -> None:
    from rich.text import Text

    screen = common.console()
    legend = Text("  ")
    for k, code in enumerate(codes):
        legend.append(f"{FILLS[k % 6]} ", style=COLOURS[k % 6]).append(f"{code}  ")
    screen.print(legend)
    for key, own in groups.items():
        line = Text(f"  {shown(', '.join(key), 24):<25}")
        shares = [own[code]["mix"] for code in codes]
        if None in shares:
            bare = own[codes[0]]["share"] is None
            line.append("no labels, no share" if bare else "no code given")
        else:
            for k, width in enumerate(_widths(shares)):
                line.append(FILLS[k % 6] * width, style=COLOURS[k % 6])
            line.append("  " + " ".join(f"{100 * share:3.0f}" for share in shares))
        screen.print(line)


def _widths(shares: list[float]) -> list[int]:
    """Return bar lengths that add up to `BAR`, by largest remainders."""
    exact = [share * BAR for share in shares]
    widths = [int(x) for x in exact]
    order = sorted(range(len(exact)), key=lambda k: widths[k] - exact[k])
    for k in order[: BAR - sum(widths)]:
        widths[k] += 1
    return widths


def basis_in_words(
    basis: "Basis", options: "MixOptions", more: tuple[str, ...] = ()
) -> list[str]:
    """Return what shares rest on, in sentences."""
    method = basis.method
    lines = [f"Shares by {method.name}: {method.assumes}."]
    if basis.n_labels and method.needs_labels:
        lines.append(
            f"They rest on {basis.n_labels:,} labels of {basis.n_labelled_sources} "
            f"outlets, from {basis.labels_from}."
        )
    elif not method.corrects and options.census:
        lines.append(
            "Uncorrected, and a census: nothing was sampled, so there is no interval."
        )
    elif not method.corrects:
        lines.append(
            "Uncorrected: the interval is for sampling alone and knows nothing of the "
            "model's errors."
        )
    parted = [name for name in (*options.by, *more) if name != "source"]
    if method.needs_labels and basis.n_labels and parted:
        lines.append(
            "Labels correct a source as a whole: the model is taken to err alike in "
            f"each {shown(' and '.join(parted))} of it. Differences within a source "
            "are those of the scores."
        )
    if options.control:
        lines.append(f"Every source is given the same mix of {shown(options.control)}.")
    lines += [f"Left out: {what}." for what in basis.dropped]
    return lines


def moved_in_words(measured: "Measured") -> str:
    """Return how far the correction moved the counted shares, in one sentence."""
    mix = measured.mix
    corrected = mix.loc[mix["method"] == measured.basis.method.name]
    moved = 100 * (corrected["share"] - corrected["count"]).dropna()
    if not measured.basis.method.corrects or moved.empty:
        return ""
    return (
        f"Against counting decisions the correction moved shares by {moved.min():+.0f} "
        f"to {moved.max():+.0f} points, {moved.abs().mean():.0f} on average."
    )


def print_basis(
    measured: "Measured", options: "MixOptions", more: tuple[str, ...] = ()
) -> None:
    """Print what the shares rest on and how far they were moved.

    `more` names what parts the groups besides the columns of the options.
    """
    typer.echo("")
    words = [*basis_in_words(measured.basis, options, more), moved_in_words(measured)]
    if "disagrees" in measured.mix and measured.mix["disagrees"].fillna(False).any():
        words.append(
            "! The model errs otherwise here than elsewhere, the labels say: label "
            "more of this outlet before you lean on its share."
        )
    for line in filter(None, words):
        typer.echo(fill(line, common.WIDTH))


def print_trust(trust: "Trust") -> None:
    """Print the answers to "can I trust this?"."""
    typer.echo("\nCan I trust this?")
    lines = [f"{'!' if check.warning else '-'} {check.text}" for check in trust.checks]
    if trust.advice:
        lines.append(f"- {trust.advice}.")
    for line in lines:
        typer.echo(fill(line, common.WIDTH, subsequent_indent="  "))
