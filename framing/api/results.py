"""A scoring that can be asked for tables and a report."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from framing.api.given import (
    Place,
    annotated,
    check_level,
    check_seed,
    name_of,
    names_of,
    path_of,
    the_study,
)
from framing.copies import measure_copying
from framing.errors import InputError, shown
from framing.measuring import (
    CompareOptions,
    MixOptions,
    Scored,
    advise,
    compare_groups,
    describe_basis,
    judge,
    keep_counted,
    keep_own,
    measure,
    reference_of,
)
from framing.project import Study, read_codebook_targets
from framing.records import CodedUnit
from framing.reporting import (
    ReportOptions,
    check_places,
    make_report,
    report_command,
    report_files,
    write_files,
)
from framing.results import ARTICLES, SCORES, STANCE, list_skipped, read_table
from framing.scoring import stance_mix
from framing.study.opening import (
    find_target,
    needed_documents,
    open_results,
    read_sample,
)


def open(
    folder: Place, *, project: Place | None = None, codebook: str = ""
) -> "Results":
    """Open a results folder that `framing score -o` or `score` has written.

    Parameters
    ----------
    folder : path
    project : path
        Folder of the study; by default the one around the current folder, else the
        shipped one.
    codebook : str
        Where the study has several.

    Raises
    ------
    FramingError
        The folder holds no results, or some made with another codebook.
    """
    study = the_study(project, codebook)
    path = Path(name_of(folder))
    _, run = open_results([path], study, documents=frozenset())
    return Results(path, run, study, Named(path_of(project), codebook))


@dataclass(frozen=True)
class Named:
    """How the study was named, where it was."""

    project: Path | None = None
    codebook: str = ""


@dataclass(frozen=True, repr=False, eq=False)
class Results:
    """One scoring, on the disk or in memory: ask it for tables.

    Attributes
    ----------
    folder : Path or None
        Where it is, if it was kept.
    run : dict
        What `run.json` says: inputs with their hashes, model, counts, what was skipped.
    """

    folder: Path | None
    run: dict[str, Any]
    study: Study
    _named: Named = Named()
    _held: Scored | None = None

    def __repr__(self) -> str:
        n = self.run["counts"]["articles_read"]
        where = f"in {shown(self.folder)}" if self.folder else "in memory"
        return f"<framing.Results: {n:,} articles, {where}>"

    @property
    def scores(self) -> pd.DataFrame:
        """One row per sentence, with the score and the decision for each code."""
        return self._table(SCORES)

    @property
    def articles(self) -> pd.DataFrame:
        """One row per article, with its columns and what it is a copy of."""
        return self._table(ARTICLES)

    @property
    def stance(self) -> pd.DataFrame:
        """One row per sentence and target that it names, with the stance."""
        return self._table(STANCE)

    @property
    def skipped(self) -> pd.DataFrame:
        """What was not scored, and why: `place` and `reason`."""
        return list_skipped(self.run)

    def mix(
        self,
        *,
        by: str | Sequence[str] = "source",
        labels: Place | None = None,
        method: str = "",
        level: float = 0.95,
        unit: str = "sentence",
        control: str = "",
        census: bool = False,
        min_articles: int = 5,
        copies: str = "all",
        keep_all: bool = False,
    ) -> pd.DataFrame:
        """Return the share of each code in each group, as `framing score` shows it.

        Parameters
        ----------
        by : str or sequence of str
            What makes a group: source, day, week, month, quarter, year, target, or any
            column of the articles.
        labels : path
            Coding sheet or label file of a random sample of these sentences; by default
            the sample labelled in the study.
        method : str
            "count", "mean", "ppi", "acc", "pacc", "em" or "hierarchical"; by default
            hierarchical with labels and count without.
        level : float
            Of the intervals.
        unit : str
            "sentence", or "article": shares of articles that carry a code at all.
        control : str
            Give every source the same mix of this column.
        census : bool
            The articles are all there are, not a sample.
        min_articles : int
            Make alike, with `control`, sources with at least these.
        copies : str
            What counts: "all"; "own", no copies of what others wrote; or each text
            once, "first".
        keep_all : bool
            Count headings, captions, repeats and web debris too.

        Returns
        -------
        DataFrame
            The columns of `mix.csv` (docs/formats.md); `attrs` says what the shares
            rest on.
        """
        check_level(level)
        options = MixOptions(
            names_of(by),
            method,
            level,
            unit,
            control,
            census,
            min_articles,
            all_kinds=keep_all,
            copies=copies,
        )
        scored, coded, labels_from = self._gather(options, labels)
        measured = measure(scored, options, coded, labels_from=labels_from)
        return annotated(measured.mix, describe_basis(measured.basis))

    def compare(
        self,
        *,
        by: str | Sequence[str] = "source",
        reference: str = "",
        event: str = "",
        codes: str | Sequence[str] = (),
        labels: Place | None = None,
        method: str = "",
        adjust: str = "holm",
        level: float = 0.95,
        unit: str = "sentence",
        control: str = "",
        census: bool = False,
        min_articles: int = 5,
        copies: str = "all",
    ) -> pd.DataFrame:
        """Return which groups differ and how sure that is, as `framing compare` does.

        Parameters
        ----------
        by : str or sequence of str
            What is compared; with a period the answer is a trend of each source.
        reference : str
            Compare all with this source, or with the "rest"; by default all pairs.
        event : str
            ISO date: compare before and after it.
        codes : str or sequence of str
            Ask only about these.
        adjust : str
            p-values for the number asked: "holm", "bh" or "none".
        labels, method, level, unit, control, census, min_articles, copies
            See `mix`.

        Returns
        -------
        DataFrame
            One row per difference; `attrs` has the kind of question, the groups with
            too few articles and what the shares rest on.
        """
        check_level(level)
        mix = MixOptions(
            names_of(by),
            method,
            level,
            unit,
            control,
            census,
            min_articles,
            copies=copies,
        )
        options = CompareOptions(
            mix, reference_of(reference), event, names_of(codes), adjust
        )
        scored, coded, labels_from = self._gather(mix, labels)
        found = compare_groups(scored, options, coded, labels_from=labels_from)
        about = {
            "kind": found.kind,
            "too_few": list(found.too_few),
            **describe_basis(found.measured.basis),
        }
        return annotated(found.table, about)

    def stance_towards(self, target: str, *, copies: str = "all") -> pd.DataFrame:
        """Return how each source speaks of an actor: shares of each stance.

        Parameters
        ----------
        target : str
            The actor by its name or an alias, in any case.
        copies : str
            See `mix`.

        Raises
        ------
        InputError
            There is no such target, or no sentence names it.
        """
        scored = self._scored(MixOptions(copies=copies), ())
        targets = scored.counts.targets
        aliases = read_codebook_targets(self.study.codebook).aliases
        name = find_target(target, sorted(set(targets["target"])), aliases)
        return stance_mix(keep_counted(targets, scored, copies), name)

    def copied(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return how much of each source is copied from others."""
        check_level(level)
        return measure_copying(self._scored(MixOptions(), ()).articles, level=level)

    def trust(self, *, labels: Place | None = None) -> pd.DataFrame:
        """Return the answers to "can I trust this?".

        Returns
        -------
        DataFrame
            One row per check: `name value usual warning text`; `attrs["advice"]` is
            what would help most.
        """
        options = MixOptions()
        scored, coded, labels_from = self._gather(options, labels)
        measured = measure(scored, options, coded, labels_from=labels_from)
        trust = judge(scored, advise(scored, measured, options))
        table = pd.DataFrame([asdict(check) for check in trust.checks])
        return annotated(table, {"advice": trust.advice})

    def report(
        self,
        output: Place = "report.html",
        *,
        labels: Place | None = None,
        reference: str = "",
        event: str = "",
        period: str = "",
        method: str = "",
        census: bool = False,
        copies: str = "all",
        title: str = "",
        figures: Place | None = None,
        csv: Place | None = None,
        seed: int = 0,
    ) -> Path:
        """Write one HTML file with everything a scoring says, as `framing report` does.

        Parameters
        ----------
        output : path
        reference : str
            Compare all with this source, or with the "rest".
        event : str
            ISO date: compare before and after it.
        period : str
            "week", "month", "quarter" or "year"; by default what there is enough for.
        title : str
            By default one that says what there is.
        figures, csv : path
            Folders for each figure as SVG, PNG and PDF, and for each table as CSV.
        labels, method, census, copies
            See `mix`.
        seed : int
            Of the sentences drawn at random.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            The results were not kept in a folder.
        """
        if self.folder is None:
            msg = "a report needs results that are kept: score with an output folder."
            raise InputError(msg)
        check_seed(seed)
        check_places(path_of(figures), path_of(csv))
        asked = {
            "--labels": labels,
            "--reference": reference,
            "--event": event,
            "--period": period,
            "--method": method,
            "--census": census,
            "--copies": "" if copies == "all" else copies,
            "--title": title,
            "--project": self._named.project,
            "--codebook": self._named.codebook,
            "--seed": seed,
        }
        options = ReportOptions(
            title,
            reference,
            event,
            period,
            method,
            census,
            copies,
            seed,
            report_command(self.folder, asked),
        )
        report = make_report(
            self.folder, self.study.project, options, sample=path_of(labels)
        )
        path = Path(name_of(output))
        write_files(
            report_files(report, path, figures=path_of(figures), tables=path_of(csv))
        )
        return path

    def _table(self, name: str) -> pd.DataFrame:
        if self._held is None:
            assert self.folder is not None
            return read_table(self.folder, name)
        held = {
            SCORES: self._held.scores,
            ARTICLES: self._held.articles,
            STANCE: self._held.stance,
        }
        # Copied once it is written to: what is held answers later questions.
        return held[name].copy(deep=False)

    def _gather(
        self, options: MixOptions, labels: Place | None
    ) -> tuple[Scored, Sequence[CodedUnit], str]:
        """Return the scoring as far as it is needed, and its labels."""
        coded, labels_from = read_sample(self.study, path_of(labels))
        scored = self._scored(options, coded)
        own = coded if labels else keep_own(scored, coded)
        return scored, own, labels_from

    def _scored(self, options: MixOptions, coded: Sequence[CodedUnit]) -> Scored:
        if self._held is not None:
            return self._held
        assert self.folder is not None
        scored, _ = open_results(
            [self.folder],
            self.study,
            documents=needed_documents(coded, options),
            columns=[*options.by, options.control],
        )
        return scored
