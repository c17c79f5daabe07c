"""The mix on a terminal: shares side by side, bars, and what they rest on."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from framing.cli import common
from framing.errors import shown
from framing.records import PERIODS

if TYPE_CHECKING:
    import pandas as pd

    from framing.measuring import Basis, Measured, MixOptions, Scored
    from framing.trust import Check, Trust

MOST = 20
"""Groups shown at most, those with most articles; the others are counted."""

FULL = 8
"""Groups up to which each has a line for every way to a share."""

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

COUNTED = {"all": "with all copies", "own": "own texts"}
"""How a share with other copies than those that count is named on its line."""

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
    groups = _group_rows(measured.mix, options.by)
    chosen = list(groups) if show_all else _choose(groups, options.by)
    if options.by == ("source",):
        chosen.sort(key=lambda key: (-_n_articles(groups[key]), key))
    typer.echo(f"{_title(measured, options)}\n")
    method = measured.basis.method.name
    brief = len(chosen) > FULL and not show_all
    lines = [_lines(key, groups[key], codes, method) for key in chosen]
    names = [code if len(code) <= 9 else f"{code[:8]}." for code in codes]
    common.print_table(
        [*options.by, "art.", "sent.", *names, "none", "?"],
        [row for own in lines for row in (_brief(own) if brief else own)],
        text_columns=len(options.by),
    )
    typer.echo("\nMix of the codes given, %\n")
    _print_bars({key: groups[key] for key in chosen}, codes)
    typer.echo("")
    for note in _notes(groups, chosen, options.by):
        typer.echo(common.fill(note))
    if brief and any(len(own) > len(_brief(own)) for own in lines):
        ways = dict.fromkeys(row[0].strip() for own in lines for row in own[1:])
        typer.echo(common.fill(f"Left out to be brief: {', '.join(ways)} (--all)."))


def _n_articles(own: Group) -> int:
    return int(own["none"]["n_articles"])


def _is_enough(own: Group) -> bool:
    """Return whether a group has an interval; copies of one text are one."""
    from framing.prevalence import MIN_ARTICLES

    return bool(own["none"]["n_texts"] >= MIN_ARTICLES)


def _choose(groups: dict[Key, Group], by: tuple[str, ...]) -> list[Key]:
    """Return the groups to show: where they are many, those with most articles.

    Of periods alone the last, since a series with gaps shows no course.
    """
    if len(groups) <= MOST:
        return list(groups)
    enough = [key for key in groups if _is_enough(groups[key])] or list(groups)
    if set(by) <= set(PERIODS):
        return enough[-MOST:]
    ranked = sorted(enough, key=lambda key: (-_n_articles(groups[key]), key))
    largest = set(ranked[:MOST])
    return [key for key in enough if key in largest]


def _notes(
    groups: dict[Key, Group], chosen: list[Key], by: tuple[str, ...]
) -> list[str]:
    """Return what the tables need said: signs, and which groups are left out."""
    from framing.prevalence import MIN_ARTICLES

    notes = ["? cannot say: of all sentences, those without a known word."]
    if not all(_is_enough(groups[key]) for key in chosen):
        notes.append(
            f"No interval: too few, fewer than {MIN_ARTICLES} articles; copies of one "
            "text are one."
        )
    shown_ones = set(chosen)
    left = [key for key in groups if key not in shown_ones]
    small = sum(not _is_enough(groups[key]) for key in left)
    which = "last" if set(by) <= set(PERIODS) else "with most articles"
    told = []
    if len(left) > small:
        told.append(f"Shown are the {len(chosen)} {which} of {len(groups):,}")
    if small:
        told.append(
            f"{small:,} more have fewer than {MIN_ARTICLES} articles, too few for an "
            "interval"
        )
    if told:
        notes.append(f"{'; '.join(told)} (--all shows them).")
    return notes


def _brief(lines: list[list[str]]) -> list[list[str]]:
    """Return the line of a group, and others only if labels disagree with it."""
    return [lines[0], *(row for row in lines[1:] if any(c[-1:] == "!" for c in row))]


def _title(measured: "Measured", options: "MixOptions") -> str:
    unit = "Sentences" if options.unit == "sentence" else "Articles"
    if options.all_kinds and options.unit == "sentence":
        unit = "Sentences, headings and all other lines"
    by_labels = measured.basis.n_labels and measured.basis.method.needs_labels
    over = ["articles"] * (not options.census) + ["labels"] * bool(by_labels)
    interval = f"{100 * options.level:g}% interval over {' and '.join(over)}"
    if not over:
        interval = "a census: no interval"
    return f"{unit} that carry each code, % ({interval})"


def print_copied(scored: "Scored", options: "MixOptions") -> None:
    """Print which outlets copy most from others, if any does."""
    from framing.copies import OTHER, measure_copying

    articles = scored.articles
    if "copy_kind" not in articles or not (articles["copy_kind"] == OTHER).any():
        return

    table = measure_copying(scored.articles, level=options.level)
    copying = [row for row in common.records(table) if row["n_from_others"]]
    copying.sort(key=lambda row: (-row["from_others"], row["source"]))
    if not copying:
        return
    outlets = [
        f"{shown(row['source'], 24)} {_share(row, 'from_others', 'low', 'high')}"
        for row in copying[:MOST_COPYING]
    ]
    more = len(copying) - len(outlets)
    outlets += [f"{more} more copy less"] * bool(more)
    words = f"Copied from other outlets, % of articles: {', '.join(outlets)}."
    typer.echo(f"\n{common.fill(words)}")


MOST_COPYING = 8
"""Outlets named that copy most."""


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
    for choice, name in COUNTED.items():
        n = own["none"].get(f"n_{choice}")
        if n is not None and n != own["none"]["n_articles"]:
            values = [own[code][f"share_{choice}"] for code in codes]
            line = _more(key, name, "", [common.percent(v) for v in values])
            line[len(key)] = f"{n:,}"
            lines.append(line)
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
        line = Text("  ")
        name = Text(shown(", ".join(key), 24))
        name.truncate(24, overflow="ellipsis", pad=True)
        line.append(name).append(" ")
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
    if basis.copies:
        lines.append(f"{basis.copies}.")
    lines += [f"Left out: {what}." for what in basis.dropped]
    return lines


def moved_in_words(measured: "Measured") -> str:
    """Return how far the correction moved the counted shares, in one sentence."""
    mix = measured.mix
    corrected = mix.loc[mix["method"] == measured.basis.method.name]
    moved = 100 * (corrected["share"] - corrected["count"]).dropna()
    if not measured.basis.method.corrects or moved.empty:
        return ""
    reach = f"{moved.min():+z.0f} to {moved.max():+z.0f}"
    return (
        f"Against counting decisions the correction moved shares by {reach} points, "
        f"{moved.abs().mean():.0f} on average."
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
        typer.echo(common.fill(line))


DOUBT = ": unlike training."
"""How a warning ends where there is room for one line."""


_USUAL = re.compile(
    r" \((?:distance ([\d.]+) of 1; )?unseen in training: ([^,()]+)[^()]*\)"
)


def print_trust(trust: "Trust") -> None:
    """Print the answers to "can I trust this?", each in a line, warnings first."""
    typer.echo("\nCan I trust this?")
    checks = sorted(trust.checks, key=lambda check: not check.warning)
    for check in checks:
        if _matters(check):
            typer.echo(common.fill(_one_line(check), hanging="  "))
    if trust.advice:
        typer.echo(common.fill(f"- {trust.advice}.", hanging="  "))


def _matters(check: "Check") -> bool:
    """Return whether a check has something to say: all years known has not."""
    return check.warning or check.name not in ("years", "cannot say") or check.value > 0


def _one_line(check: "Check") -> str:
    """Return a check in as many of its words as fit in a line; --json has all."""
    from framing import trust

    mark, text = ("! " if check.warning else "- "), check.text
    if check.warning:
        text = text.removesuffix(trust.DOUBT) + DOUBT
    if check.name == "sources":  # whose names may hold anything
        shorter = [text, f"{text.partition(': ')[0]}."]
    else:
        usual = _USUAL.sub(lambda m: f" ({', '.join(filter(None, m.groups()))})", text)
        shorter = [text, usual, re.sub(r" \([^()]*\)", "", text)]
    fitting = (t for t in shorter if common.cells(mark + t) <= common.WIDTH)
    return mark + next(fitting, shorter[-1])


def say_next(folder: Path | None, *, quiet: bool) -> None:
    """Name what is done next with a mix, kept in a results folder or not."""
    place = common.argument(folder) if folder else "results/"
    first = "" if folder else "once kept with -o, "
    common.say_next(
        f"framing compare {place}", f"{first}which outlets differ", quiet=quiet
    )
