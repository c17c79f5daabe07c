"""`framing score`: articles in, the framing mix of every source out."""

import sys
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framing.cli import common
from framing.cli.progress import progress
from framing.errors import shown

if TYPE_CHECKING:
    import pandas as pd

    from framing.scoring import Scoring
    from framing.targets import Targets

MANY = 25
"""Sources above which those with too few articles are only counted."""

BAR = 24
"""Characters of the bar that shows a mix."""

COLOURS = ("#0072b2", "#e69f00", "#d55e00", "#cc79a7", "#009e73", "#56b4e9")
"""Colours that colour-blind readers tell apart (Okabe and Ito 2008)."""

FILLS = "█▓▒░▚▞"


def run(
    inputs: common.InputsArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Results folder to write.")
    ] = None,
    as_json: common.JsonOption = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print the mix as CSV.")
    ] = False,
    target: Annotated[
        str, typer.Option("--target", help="Also show the stance towards this actor.")
    ] = "",
    level: Annotated[
        float, typer.Option("--level", min=0.5, max=0.999, help="Of the intervals.")
    ] = 0.95,
    show_all: Annotated[
        bool, typer.Option("--all", help="Show sources with too few articles too.")
    ] = False,
    model: common.ModelOption = None,
    project: common.ProjectOption = None,
    codebook: common.CodebookOption = "",
    text_column: common.TextColumn = "",
    source_column: common.SourceColumn = "",
    date_column: common.DateColumn = "",
    title_column: common.TitleColumn = "",
    id_column: common.IdColumn = "",
    encoding: common.EncodingOption = "",
    seed: common.SeedOption = 0,
    quiet: common.QuietOption = False,
) -> None:
    """Score articles and print the framing mix of every source.

    Example: framing score articles/ -o results/
    """
    study = common.open_study(project, codebook)
    loaded, digest, place = common.open_model(study, model)
    options = common.read_options(
        text_column=text_column,
        source_column=source_column,
        date_column=date_column,
        title_column=title_column,
        id_column=id_column,
        encoding=encoding,
    )
    from framing.modelstore import read_card
    from framing.results import check_folder
    from framing.scoring import score_inputs, write_scoring

    if as_csv and (as_json or target):
        msg = "the mix alone can be had as CSV: leave out --json and --target"
        raise typer.BadParameter(msg, param_hint="--csv")
    target = _find_target(target, loaded.targets) if target else ""
    if output:
        check_folder(output)
    common.say(
        f"{loaded.codebook}, model {digest[:12]} in {common.place(place)}", quiet=quiet
    )
    with progress("scoring", "articles", quiet=quiet) as advance:
        scoring = score_inputs(
            inputs, options, loaded, seed=seed, level=level, advance=advance
        )
    common.say_what_was_read(scoring.log, quiet=quiet)
    if output:
        about = {"folder": str(place), "sha256": digest, "codebook": loaded.codebook}
        write_scoring(output, scoring, command=sys.argv[1:], model=about, seed=seed)
    if as_json:
        _print_json(scoring, target, loaded.codebook, digest)
    elif as_csv:
        from framing.results import csv_text

        typer.echo(csv_text(scoring.mix), nl=False)
    else:
        codes = loaded.frames.classes
        _print_mix(scoring.mix, codes, level=level, show_all=show_all)
        if target:
            _print_stance(scoring, target, show_all=show_all)
        _print_notes(scoring, read_card(place), output, quiet=quiet)
    common.stop_if_skipped(scoring.log)


def _find_target(name: str, targets: "Targets") -> str:
    """Return the target of that name or alias, in any case."""
    import difflib

    known = {alias.casefold(): actor for alias, actor in targets.aliases.items()}
    known = {alias: actor for alias, actor in known.items() if actor in targets.names}
    known |= {target.casefold(): target for target in targets.names}
    if name.casefold() in known:
        return known[name.casefold()]
    if not known:
        msg = "the codebook has no targets"
    else:
        near = difflib.get_close_matches(name, targets.names, 3, 0.4)
        near = near or list(targets.names[:5])
        msg = f"{shown(name)} is no target; perhaps {', '.join(near)}?"
    raise typer.BadParameter(msg, param_hint="--target")


def _print_json(scoring: "Scoring", target: str, codebook: str, digest: str) -> None:
    from framing.scoring import stance_mix

    content = {
        "codebook": codebook,
        "model_sha256": digest,
        "counts": scoring.counts,
        "mix": common.records(scoring.mix),
        "skipped": [str(skipped) for skipped in scoring.log.skipped],
    }
    if target:
        content["stance"] = common.records(stance_mix(scoring, target))
    common.print_json(content)


Row = dict[str, Any]
Source = dict[str, Row]


def _print_mix(
    mix: "pd.DataFrame", codes: tuple[str, ...], *, level: float, show_all: bool
) -> None:
    """Print a line per source: shares with intervals, then the mix as bars."""
    from framing.prevalence import MIN_ARTICLES

    sources: dict[str, Source] = {}
    for row in common.records(mix):
        sources.setdefault(row["source"], {})[row["code"]] = row
    sizes = {source: own["none"]["n_articles"] for source, own in sources.items()}
    chosen = [s for s in sources if sizes[s] >= MIN_ARTICLES]
    if show_all or len(sources) <= MANY or not chosen:
        chosen = list(sources)
    chosen.sort(key=lambda source: (-sizes[source], source))
    typer.echo(
        f"Sentences that carry each code, % ({level:.0%} interval over articles)\n"
    )
    rows = [_share_row(source, sources[source], codes) for source in chosen]
    names = [code if len(code) <= 9 else f"{code[:8]}." for code in codes]
    common.print_table(["source", "art.", "sent.", *names, "none", "?"], rows)
    typer.echo("\nMix of the codes given, %\n")
    _print_bars({source: sources[source] for source in chosen}, codes)
    typer.echo("\n? cannot say: of all sentences, those without a known word.")
    if any(sizes[source] < MIN_ARTICLES for source in chosen):
        typer.echo(f"No interval: too few, fewer than {MIN_ARTICLES} articles.")
    if left := len(sources) - len(chosen):
        typer.echo(
            f"{left} more sources have fewer than {MIN_ARTICLES} articles, too few "
            "for an interval (--all shows them)."
        )


def _share_row(source: str, own: Source, codes: tuple[str, ...]) -> list[str]:
    return [
        shown(source, 20),
        f"{own['none']['n_articles']:,}",
        f"{own['cannot say']['n_sentences']:,}",
        *(_share(own[code]) for code in codes),
        _percent(own["none"]["share"]),
        _percent(own["cannot say"]["share"]),
    ]


def _share(row: Row) -> str:
    share, low, high = row["share"], row["low"], row["high"]
    if low is None:
        return _percent(share)
    return f"{_percent(share)} {_percent(low)}-{_percent(high)}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f}"


def _print_bars(sources: dict[str, Source], codes: tuple[str, ...]) -> None:
    from rich.text import Text

    screen = common.console()
    legend = Text("  ")
    for k, code in enumerate(codes):
        legend.append(f"{FILLS[k % 6]} ", style=COLOURS[k % 6]).append(f"{code}  ")
    screen.print(legend)
    for source, own in sources.items():
        line = Text(f"  {shown(source, 24):<25}")
        shares = [own[code]["mix"] for code in codes]
        if None in shares:
            line.append("no code given")
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


def _print_stance(scoring: "Scoring", target: str, *, show_all: bool) -> None:
    """Print the stance per source, those with enough articles, most sentences first."""
    from framing.prevalence import MIN_ARTICLES
    from framing.scoring import stance_mix

    table = stance_mix(scoring, target)
    enough = table["n_articles"] >= MIN_ARTICLES
    chosen = table if show_all or not enough.any() else table[enough]
    typer.echo(f"\nStance of sentences that name {shown(target)}, %\n")
    values = list(table.columns[4:])
    rows = [
        [
            shown(row["source"], 24),
            str(row["n_articles"]),
            str(row["n"]),
            *(_percent(row[value]) for value in values),
        ]
        for row in common.records(chosen.sort_values("n", ascending=False))
    ]
    common.print_table(["source", "art.", "sent.", *values], rows)
    if len(chosen) < len(table):
        typer.echo(
            f"\n{len(table) - len(chosen)} more sources name it in fewer than "
            f"{MIN_ARTICLES} articles (--all shows them)."
        )


def _print_notes(
    scoring: "Scoring", card: dict[str, object], output: Path | None, *, quiet: bool
) -> None:
    """Print what the numbers rest on, and what to do next."""
    from framing.scoring import expected_error, sources_in_training

    counts = scoring.counts
    left_out = sum(
        n for k, n in counts.items() if k.startswith("units_") and k != "units_sentence"
    )
    notes = [
        f"{counts['articles_read']:,} articles, {counts.get('units_sentence', 0):,} "
        f"sentences; {left_out:,} headings, captions, repeats and web debris are kept "
        "out of the mix."
    ]
    errors = expected_error(card)
    if errors:
        listed = ", ".join(f"{code} {100 * e:.0f}" for code, e in errors.items())
        notes.append(
            "Shares count the model's decisions, uncorrected. On outlets that it had "
            f"not seen they were off by, in points: {listed}."
        )
    if seen := sources_in_training(scoring, card):
        notes.append(
            f"The model learned from {len(seen)} of these sources ({shown(seen[0])}): "
            "on them it errs less than on others."
        )
    if output:
        notes.append(f"Written to {common.place(output.absolute())}/.")
    else:
        notes.append("Keep all scores with -o results/.")
    common.say("", quiet=quiet)
    for note in notes:
        common.say(fill(note, common.WIDTH), quiet=quiet)
