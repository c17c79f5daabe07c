"""What a report says of results: its tables, texts and the command."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from framing.project import Project, open_project
from framing.report.content import Report
from framing.reporting import ReportOptions, make_report
from framing.reporting.references import WORKS, list_references
from framing.results import read_by_blocks
from tests.conftest import ROOT, Framing, call, json_lines
from tests.test_results_cli import (
    CODES,
    SOURCES,
    dated_articles,
    rows_of,
    truth,
    write_rows,
)

EVENT = "2026-02-01"


@pytest.fixture(scope="module")
def results(migration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return results of dated articles, with a small outlet, a copy and addresses."""
    folder = tmp_path_factory.mktemp("reporting")
    articles = [
        {**article, "title": f"On {article['id']}", "url": f"https://x.org/{i}"}
        for i, article in enumerate(dated_articles())
    ]
    copy = {**articles[0], "id": "copy", "source": SOURCES[1]}
    tiny = {"id": "t", "source": "Tiny", "text": "Police at the border. Ωμέγα."}
    (folder / "a.jsonl").write_text(json_lines([*articles, copy, tiny]))
    options = ("--project", migration, "--quiet", "-o", folder / "results")
    arguments = ("score", folder / "a.jsonl", *options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["framing", *map(str, arguments)])
        assert call(*arguments) == 0
    return folder / "results"


@pytest.fixture(scope="module")
def study(migration: Path) -> Project:
    return open_project(migration)


@pytest.fixture(scope="module")
def report(results: Path, study: Project) -> Report:
    return make_report(results, study, ReportOptions(event=EVENT))


@pytest.fixture
def sheet(framing: Framing, results: Path, migration: Path, tmp_path: Path) -> Path:
    """Return a random sample that a coder has coded."""
    path = tmp_path / "sheet.csv"
    options = ("-n", 60, "--sheet", path, "--project", migration)
    assert framing("annotate", results, *options).code == 0
    rows = rows_of(path.read_text(encoding="utf-8"))
    for row in rows:
        given = truth().get(row["sentence"], [])
        row.update(dict.fromkeys(given, "1") if given else {"none": "1"})
    write_rows(path, rows)
    return path


@pytest.fixture
def asked(framing: Framing, results: Path, migration: Path) -> Callable[..., Any]:
    """Run `framing report` on the results."""

    def run(*options: object) -> Any:
        return framing("report", results, *options, "--project", migration)

    return run


def text_of(report: Report) -> str:
    return "\n".join(report.methods)


def test_the_mix_is_that_of_the_results(report: Report, results: Path) -> None:
    expected = pd.read_csv(results / "mix.csv").set_index(["source", "code"])
    own = report.mix.set_index(["source", "code"])
    assert len(own) == 4 * len(CODES)
    for ours, theirs in (
        ("share", "share"),
        ("low", "low"),
        ("counted", "count"),
        ("normalised", "mix"),
        ("n_articles", "n_articles"),
    ):
        both = expected.loc[own.index, theirs]
        assert own[ours].to_numpy() == pytest.approx(both.to_numpy(), nan_ok=True)


def test_small_outlets_are_greyed_with_the_reason(report: Report) -> None:
    notes = report.mix.groupby("source")["note"].first().to_dict()
    assert notes == {
        **dict.fromkeys(SOURCES, ""),
        "Tiny": "too few: 1 article, 5 are needed",
    }
    assert ("note", "1 of 4 outlets have fewer than 5 articles: no interval, and not "
            "compared.") in report.checks  # fmt: skip


def test_all_pairs_are_compared_or_all_with_one(
    report: Report, results: Path, study: Project
) -> None:
    assert report.reference == ""
    assert len(report.differences) == 3 * len(CODES)
    sizes = report.differences["difference"].abs()
    assert sizes.is_monotonic_decreasing
    one = make_report(results, study, ReportOptions(reference=SOURCES[0]))
    assert set(one.differences["b"]) == {SOURCES[0]}
    rest = make_report(results, study, ReportOptions(reference="rest"))
    assert rest.reference == "the rest"


def test_periods_are_weeks_or_what_the_articles_are_enough_for(
    report: Report, results: Path, study: Project
) -> None:
    """Three dates within four months, eight articles of each outlet on each."""
    assert report.period == "week"
    assert set(report.periods["period"]) == {"2026-W03", "2026-W07", "2026-W11"}
    months = make_report(results, study, ReportOptions(period="month"))
    own = months.periods.drop_duplicates(["source", "period"])
    assert set(own["source"]) == set(SOURCES)
    partial = own.groupby("period")["partial"].all().to_dict()
    assert partial == {"2026-01": True, "2026-02": False, "2026-03": True}
    years = make_report(results, study, ReportOptions(period="year"))
    assert years.periods.empty
    assert years.notes["time"] == (
        "No outlet has 5 dated articles in each of two years: nothing can be said over "
        "time."
    )


def test_changes_at_the_event_are_after_less_before(report: Report) -> None:
    own = report.changes
    assert len(own) == len(SOURCES) * len(CODES)
    moved = own["after"] - own["before"]
    assert own["difference"].to_numpy() == pytest.approx(moved.to_numpy())
    assert (own["p_adjusted"] >= own["p"]).all()
    assert (
        "Fewer than 5 articles on a side of 2026-02-01: Tiny." in report.notes["time"]
    )


def test_an_event_that_nobody_spans_is_said(results: Path, study: Project) -> None:
    found = make_report(results, study, ReportOptions(event="2020-01-01"))
    assert found.changes.empty
    assert found.notes["time"].endswith(
        "No outlet has 5 dated articles both before and after 2020-01-01."
    )


def test_weights_of_the_words_add_up(report: Report) -> None:
    assert {piece.why for piece in report.evidence} >= {"telling", "random"}
    for piece in report.evidence:
        total = piece.base + sum(m.weight for m in piece.marks) + piece.other
        assert total == pytest.approx(piece.log_odds)
        assert 0 <= piece.score <= 1
        assert all(piece.text[m.start : m.end].strip() for m in piece.marks)


def test_evidence_knows_its_article(report: Report, results: Path) -> None:
    articles = pd.read_parquet(results / "articles.parquet").set_index("title")
    for piece in report.evidence:
        if piece.source != "Tiny":
            own = articles.loc[piece.title]
            assert piece.url in set(pd.Series(own["x_url"]))
            assert piece.source in set(pd.Series(own["source"]))


def test_evidence_counts_in_the_mix(report: Report, results: Path) -> None:
    scores = pd.read_parquet(results / "scores.parquet")
    counted = scores.loc[(scores["kind"] == "sentence") & ~scores["cannot_say"]]
    assert {piece.text for piece in report.evidence} <= set(counted["text"])
    n = len({(piece.source, piece.text) for piece in report.evidence})
    whole = int((scores["kind"] == "sentence").sum())
    assert report.evidence_note.startswith(f"{n} of {whole} sentences.")


def test_copies_and_what_was_left_out_are_counted(report: Report) -> None:
    assert report.copies.to_dict("records") == [
        # Both are of the same day: who copied whom is settled by the ids.
        {"source": SOURCES[0], "n_articles": 24, "n_copies": 1, "share": 1 / 24},
    ]
    assert report.left_out.to_dict("records") == [
        {
            "what": "sentences",
            "n": 1,
            "reason": "the model knows none of their words",
        }
    ]


def test_errors_and_calibration_are_those_of_unseen_sentences(report: Report) -> None:
    own = report.confusion
    sums = own[["coded_given", "coded_missed", "given_wrongly", "neither"]].sum(axis=1)
    assert own["code"].tolist() == CODES
    assert sums.min() == sums.max() > 0
    assert own["recall"].to_numpy() == pytest.approx(
        (own["coded_given"] / (own["coded_given"] + own["coded_missed"])).to_numpy()
    )
    assert (
        "had not seen its outlet. None of them is of this corpus."
        in (report.notes["trust"])
    )
    assert set(report.calibration["code"]) == set(CODES)


def test_labels_correct_the_mix_and_judge_the_model(
    results: Path, study: Project, sheet: Path
) -> None:
    found = make_report(results, study, sample=sheet)
    assert found.facts["Shares"].startswith("corrected by ")
    own = found.mix.loc[found.mix["source"] != "Tiny"]
    assert (own["n_labels"] > 0).all()
    assert not own["share"].equals(own["counted"])
    assert "random labels of this corpus" in found.notes["trust"]
    assert "Angelopoulos" in " ".join(found.references)
    assert "random sentences of the present corpus" in text_of(found)
    assert "rightly coded" in found.methods[-1]
    assert "no label" not in text_of(found).lower()


def test_methods_have_the_figures_of_this_run(report: Report, results: Path) -> None:
    run = json.loads((results / "run.json").read_text(encoding="utf-8"))
    text = text_of(report)
    assert "We analysed 74 articles of 4 outlets, published between" in text
    assert f"model {run['model']['sha256'][:12]}" in text
    assert "In 1 of them the classifier knew no word" in text
    for row in report.confusion.to_dict("records"):
        assert f"{row['code']} {row['precision']:.2f}, {row['recall']:.2f}" in text
    assert "uncorrected shares were off by" in text
    assert "  " not in text
    assert not re.search(r"\bnan\b|None|\{|\}", text)


def test_references_are_those_used(report: Report) -> None:
    text = text_of(report)
    assert report.references == [WORKS[short] for short in WORKS if short in text]
    assert any("Wilson" in work for work in report.references)
    assert not any("Rogan" in work for work in report.references)
    assert list_references(["nothing"]) == []


def test_works_are_in_order_and_each_is_cited_by_its_author() -> None:
    assert list(WORKS.values()) == sorted(WORKS.values(), key=str.casefold)
    for short, work in WORKS.items():
        assert work.startswith(short.split(" ")[0].rstrip(","))
        assert f"({short[-4:]})" in work


@pytest.mark.parametrize("method", ["count", "mean", "em"])
@pytest.mark.parametrize("census", [True, False])
def test_every_method_is_described(
    results: Path, study: Project, method: str, census: bool
) -> None:
    options = ReportOptions(method=method, census=census)
    found = make_report(results, study, options)
    assert not found.method.endswith("..")
    assert ("Intervals" in found.method) is not census
    assert len(found.references) >= 3


def test_the_same_results_give_the_same_report(
    report: Report, results: Path, study: Project
) -> None:
    again = make_report(results, study, ReportOptions(event=EVENT))
    for field in fields(Report):
        one, other = getattr(report, field.name), getattr(again, field.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other)
        else:
            assert one == other


def test_shipped_codebook_has_actors_and_stance(
    framing: Framing, relations: Path, tmp_path: Path
) -> None:
    place = ROOT / "seeds" / "articles" / "albion-news.jsonl"
    scored = tmp_path / "results"
    options = ("--project", relations, "-q", "-o", scored)
    assert framing("score", place, *options).code == 0
    found = make_report(scored, open_project(relations))
    assert len(found.targets)
    assert set(found.stance["target"]) <= set(found.targets["target"])
    parts = found.stance[["favourable", "neutral", "critical"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(1)
    assert found.differences.empty
    assert found.notes["differences"].startswith("Fewer than two outlets")
    assert "Stance towards the actors" in text_of(found)


def test_results_without_their_model_are_reported_without_marks(
    results: Path, own_migration: Path
) -> None:
    run = json.loads((results / "run.json").read_text(encoding="utf-8"))
    run["model"]["sha256"] = "0" * 64
    moved = own_migration / "results"
    moved.mkdir()
    for path in results.iterdir():
        (moved / path.name).write_bytes(path.read_bytes())
    (moved / "run.json").write_text(json.dumps(run), encoding="utf-8")
    found = make_report(moved, open_project(own_migration))
    assert all(not piece.marks for piece in found.evidence)
    assert found.evidence_note.endswith("so no words are marked.")
    assert ("warning", "The model that scored is not where it was: how good it is "
            "cannot be told here.") in found.checks  # fmt: skip
    assert found.card == ""
    assert "not documented here" in text_of(found)


def test_tables_are_read_block_by_block(results: Path) -> None:
    blocks = list(read_by_blocks(results, "scores.parquet", ["doc_id", "nothing"]))
    assert [list(block) for block in blocks] == [["doc_id"]]


# framing report


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--event", "May"), "event May is no date. Write it as 2026-01-31."),
        (
            ("--period", "day"),
            "period day is none of week, month, quarter, year.",
        ),
        (
            ("--method", "guess"),
            "method guess is none of count, mean, ppi, acc, pacc, em, hierarchical.",
        ),
        (
            ("--reference", "Nobody"),
            "no source Nobody (there: Harbour Post, Inland Courier, Northern Bulletin, "
            "Tiny). Name one of them, or rest.",
        ),
        (
            ("--reference", "Tiny"),
            "Tiny has fewer than 5 articles. Add articles.",
        ),
        (
            ("--method", "ppi"),
            "ppi needs labels of this corpus, drawn at random. Get a coding sheet by "
            "`framing annotate RESULTS --sheet FILE`, then --labels FILE.",
        ),
    ],
)
def test_what_cannot_be_reported_is_refused(
    asked: Callable[..., Any], tmp_path: Path, options: tuple[str, ...], error: str
) -> None:
    ran = asked(*options, "-o", tmp_path / "r.html")
    assert (ran.code, ran.out, ran.err) == (3, "", f"framing: {error}\n")
    assert not (tmp_path / "r.html").exists()


def test_folder_without_results_is_refused(framing: Framing, migration: Path) -> None:
    ran = framing("report", "nowhere", "--project", migration)
    assert (ran.code, ran.err) == (
        3,
        "framing: nowhere: no results of framing there. Run `framing score`.\n",
    )


def test_results_of_another_study_are_refused(framing: Framing, results: Path) -> None:
    ran = framing("report", results, "--project", ROOT)
    assert ran.code == 4
    assert "scored by migration" in ran.err
    assert "Name its study by --project." in ran.err


def test_tables_are_not_written_among_results(
    asked: Callable[..., Any], results: Path
) -> None:
    before = (results / "mix.csv").read_bytes()
    ran = asked("--csv", results)
    assert (ran.code, ran.err.endswith("holds results. Choose another folder.\n")) == (
        6,
        True,
    )
    assert (results / "mix.csv").read_bytes() == before


def test_page_figures_and_tables_are_written(
    asked: Callable[..., Any], results: Path, migration: Path, tmp_path: Path
) -> None:
    pytest.importorskip("framing.report.page")
    folders = ("--csv", tmp_path / "csv", "--figures", tmp_path / "figures")
    ran = asked("-o", tmp_path / "a" / "r.html", *folders, "--event", EVENT)
    assert (ran.code, ran.out) == (0, "")
    assert "r.html" in ran.err
    page = (tmp_path / "a" / "r.html").read_bytes()
    assert page.startswith(b"<!")
    mix = pd.read_csv(tmp_path / "csv" / "mix.csv")
    assert len(mix) == 4 * len(CODES)
    assert {p.suffix for p in (tmp_path / "figures").iterdir()} == {
        ".svg",
        ".png",
        ".pdf",
    }
    assert asked("-o", tmp_path / "b.html", "--event", EVENT, "-q").err == ""
    assert (tmp_path / "b.html").read_bytes() == page


def test_command_is_the_one_that_makes_the_report_again(
    results: Path, study: Project
) -> None:
    from framing.reporting import report_command

    command = report_command(
        Path("my results"), {"--event": EVENT, "--census": True, "--seed": 0}
    )
    assert command == [
        *("framing", "report", "my results", "-o", "report.html"),
        *("--event", EVENT, "--census"),
    ]
    found = make_report(results, study, ReportOptions(command=tuple(command)))
    run = json.loads((results / "run.json").read_text(encoding="utf-8"))
    first, second = found.command.splitlines()
    assert first == shlex.join(["framing", *run["command"]])
    assert second == (
        "framing report 'my results' -o report.html --event 2026-02-01 --census"
    )


def test_a_long_list_in_the_manifest_is_cut(
    results: Path, study: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framing.reporting import opening, run

    skipped = [{"where": f"a:{i}", "reason": "no text"} for i in range(250)]

    def opened(*arguments: Any) -> Any:
        material = opening.open_material(*arguments)
        return replace(material, run={**material.run, "skipped": skipped})

    monkeypatch.setattr(run, "open_material", opened)
    found = make_report(results, study)
    assert json.loads(found.manifest)["skipped"][-1] == "and 150 more in run.json"
    assert ["items of the input", 250, "no text"] in found.left_out.to_numpy().tolist()
