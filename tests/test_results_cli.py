"""Commands that take a results folder: score again, compare, annotate."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from framing.codebook import read_codebook
from framing.labelstore import label_line
from framing.records import Label
from tests.conftest import Framing, call, json_lines, migration_articles

CODES = ["economy", "security", "humanity"]
SOURCES = ["Harbour Post", "Inland Courier", "Northern Bulletin"]
TOPICS = ("work", "border")
WIDTH = 80
DIFFERENCE = (
    r"[+-]\d+\.\d +[+-]\d+\.\d to [+-]\d+\.\d +(<?\.\d{3}|1\.000) +(<?\.\d{3}|1\.000)"
)


def dated_articles() -> list[dict[str, Any]]:
    """Articles of two sentences, eight a month for three months of each outlet."""
    articles = []
    for whole in migration_articles():
        for half, coded in enumerate((whole["coded"][:2], whole["coded"][2:])):
            number = 2 * int(whole["id"].split("-")[1]) + half
            articles.append(
                {
                    "id": f"{whole['id']}-{half}",
                    "source": whole["source"],
                    "date": f"2026-0{1 + number // 8}-15",
                    "topic": TOPICS[number % 2],
                    "text": " ".join(text for text, _ in coded),
                }
            )
    return articles


def truth() -> dict[str, list[str]]:
    """The codes of each sentence."""
    return {
        text: codes for whole in migration_articles() for text, codes in whole["coded"]
    }


@pytest.fixture(scope="session")
def scored(migration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with results of the dated articles, and of a small outlet."""
    folder = tmp_path_factory.mktemp("scored")
    tiny = {"id": "t", "source": "Tiny", "text": "Police at the border."}
    (folder / "a.jsonl").write_text(json_lines([*dated_articles(), tiny]))
    options = ("--project", migration, "--quiet", "-o", folder / "results")
    assert call("score", folder / "a.jsonl", *options) == 0
    return folder / "results"


@pytest.fixture
def asked(framing: Framing, migration: Path, scored: Path) -> Callable[..., Any]:
    """Run a command on the results folder."""

    def run(command: str, *options: object) -> Any:
        return framing(command, scored, *options, "--project", migration)

    return run


@pytest.fixture
def sheet(asked: Callable[..., Any], tmp_path: Path) -> Path:
    """Return a coding sheet that a coder has filled in."""
    path = tmp_path / "sheet.csv"
    assert asked("annotate", "-n", 60, "--sheet", path).code == 0
    rows = rows_of(path.read_text(encoding="utf-8"))
    codes = truth()
    for row in rows:
        given = codes.get(row["sentence"], [])
        row.update(dict.fromkeys(given, "1") if given else {"none": "1"})
    write_rows(path, rows)
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def mix_of(content: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["source"], row["code"]): row for row in content["mix"]}


# score RESULTS


def test_results_are_shown_again_without_scoring(
    framing: Framing, migration: Path, scored: Path
) -> None:
    found = framing("score", scored, "--json", "--project", migration)
    assert (found.code, found.err) == (0, "")
    table = pd.read_csv(scored / "mix.csv")
    assert [row["share"] for row in found.json["mix"]] == pytest.approx(
        table["share"].tolist(), abs=1e-6
    )
    assert found.json["skipped"] == []


def test_results_are_shown_by_month(asked: Callable[..., Any]) -> None:
    ran = asked("score", "--by", "source,month", "--json")
    groups = {
        (row["source"], row["month"]): row["n_articles"] for row in ran.json["mix"]
    }
    assert groups == {
        **{(s, f"2026-0{m}"): 8 for s in SOURCES for m in (1, 2, 3)},
        ("Tiny", "(no date)"): 1,
    }
    shown = asked("score", "--by", "topic").out
    assert re.search(r"^border +\d+", shown, re.MULTILINE)
    assert all(len(line) <= WIDTH for line in shown.splitlines())


def test_unknown_column_to_group_by_is_refused(asked: Callable[..., Any]) -> None:
    ran = asked("score", "--by", "autor")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        "framing: no column autor to group by (there: source, target, day, week, "
        "month, quarter, year, topic). Name one of these.\n"
    )


def test_results_with_another_model_are_wrong_usage(
    asked: Callable[..., Any], migration: Path
) -> None:
    ran = asked("score", "--model", migration / "models" / "migration")
    assert (ran.code, ran.out) == (2, "")
    assert "is scored already: name articles to score anew" in ran.err


def test_results_corrected_by_a_sheet(asked: Callable[..., Any], sheet: Path) -> None:
    ran = asked("score", "--labels", sheet, "--json")
    assert ran.code == 0
    basis = ran.json["basis"]
    assert (basis["method"], basis["n_labels"]) == ("hierarchical", 60)
    assert basis["labels_from"].endswith("sheet.csv")
    assert basis["left_out"] == []
    mix = mix_of(ran.json)
    drawn = rows_of(sheet.read_text(encoding="utf-8"))
    for source in SOURCES:
        own = [row for row in drawn if row["source"] == source]
        for code in CODES:
            row = mix[source, code]
            labelled = sum(r[code] == "1" for r in own) / len(own)
            assert row["labelled"] == pytest.approx(labelled, abs=1e-6)
            assert row["n_labels"] == len(own)
            assert row["low"] <= row["share"] <= row["high"]
            assert row["method"] == "hierarchical"


def test_corrected_table_shows_all_ways_side_by_side(
    asked: Callable[..., Any], sheet: Path
) -> None:
    ran = asked("score", "--labels", sheet)
    share = r" +\d+ \d+-\d+"
    for source in SOURCES:
        block = re.search(rf"^{source}.*\n(  .*\n)+", ran.out, re.MULTILINE)
        assert block
        lines = block.group().splitlines()
        assert re.fullmatch(rf"{source} +24 +\d+({share}){{3}} +\d+ +\d+ *", lines[0])
        assert re.fullmatch(r"  decisions( +\d+){3} *", lines[1])
        assert re.fullmatch(r"  mean score( +\d+){3} *", lines[2])
        assert re.fullmatch(rf"  labels alone +\d+({share}!?){{3}} *", lines[3])
    told = " ".join(ran.out.split())
    assert "(95% interval over articles and labels)" in told
    assert "They rest on 60 labels of 4 outlets, from" in told
    assert "Against counting decisions the correction moved shares by" in told


def test_corrected_results_say_what_was_asked(
    asked: Callable[..., Any], sheet: Path, tmp_path: Path
) -> None:
    assert asked("score", "--labels", sheet, "-o", "again").code == 0
    run = json.loads((tmp_path / "again" / "run.json").read_text())
    assert run["mix"]["method"] == "hierarchical"
    assert run["mix"]["by"] == ["source"]
    assert run["mix"]["labels"].endswith("sheet.csv")
    mix = pd.read_csv(tmp_path / "again" / "mix.csv")
    assert {"labelled", "n_labels", "disagrees"} <= set(mix.columns)


@pytest.mark.parametrize("method", ["ppi", "acc", "pacc", "hierarchical"])
def test_method_that_needs_labels_says_how_to_get_them(
    asked: Callable[..., Any], method: str
) -> None:
    ran = asked("score", "--method", method)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        f"framing: {method} needs labels of this corpus, drawn at random. Get a coding "
        "sheet by `framing annotate RESULTS --sheet FILE`, then --labels FILE.\n"
    )


@pytest.mark.parametrize("method", ["count", "mean", "em"])
def test_method_without_labels_prints_what_it_assumes(
    asked: Callable[..., Any], method: str
) -> None:
    ran = asked("score", "--method", method)
    assert ran.code == 0
    assert f"Shares by {method}: " in ran.out
    assert "holds if" in " ".join(ran.out.split())


@pytest.mark.parametrize("method", ["ppi", "acc", "pacc", "em", "mean", "count"])
def test_every_method_takes_the_sheet(
    asked: Callable[..., Any], sheet: Path, method: str
) -> None:
    ran = asked("score", "--labels", sheet, "--method", method, "--json")
    assert ran.code == 0
    shares = [row["share"] for row in ran.json["mix"] if row["code"] in CODES]
    assert all(share is None or 0 <= share <= 1 for share in shares)
    assert ran.json["basis"]["method"] == method


def test_faulty_sheet_is_refused_with_its_line(
    asked: Callable[..., Any], sheet: Path
) -> None:
    rows = rows_of(sheet.read_text(encoding="utf-8"))
    rows[3]["economy"] = "perhaps"
    write_rows(sheet, rows)
    ran = asked("score", "--labels", sheet)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.endswith("sheet.csv:5: economy is 'perhaps'. Write 1 or 0.\n")


def test_sheet_of_other_articles_is_refused(
    framing: Framing, migration: Path, sheet: Path
) -> None:
    ran = framing(
        "score", "-", "--labels", sheet, "--project", migration, stdin="Rain fell."
    )
    assert (ran.code, ran.out) == (5, "")
    assert "no label belongs to a sentence of these results" in ran.err


# Labels of the study


def make_study_labels(study: Path, scored: Path, order: str) -> None:
    """Label some sentences of each article, drawn with known chances."""
    signature = read_codebook(study / "labels/migration/codebook.toml").signature
    scores = pd.read_parquet(scored / "scores.parquet")
    codes = truth()
    labels = [
        Label(
            **{k: row[k] for k in ("doc_id", "start", "end", "text", "source")},
            codes=tuple(codes.get(row["text"], ())),
            stance={},
            coder="eve",
            time="2026-03-02T00:00:00Z",
            codebook=signature,
            order=order,
            probability=0.5,
        )
        for row in scores.iloc[::2].to_dict("records")
    ]
    path = study / "labels" / "migration" / "eve.jsonl"
    path.write_text("".join(map(label_line, labels)), encoding="utf-8")


@pytest.mark.parametrize(
    ("order", "method"), [("sample", "hierarchical"), ("uncertain", "count")]
)
def test_only_random_labels_of_the_study_correct_shares(
    framing: Framing, own_migration: Path, scored: Path, order: str, method: str
) -> None:
    make_study_labels(own_migration, scored, order)
    ran = framing("score", scored, "--json", "--project", own_migration)
    assert ran.code == 0
    basis = ran.json["basis"]
    assert basis["method"] == method
    n = len(pd.read_parquet(scored / "scores.parquet").iloc[::2])
    assert basis["n_labels"] == (n if order == "sample" else 0)
    assert bool(basis["labels_from"]) == (order == "sample")


def test_study_with_random_labels_scores_other_articles_too(
    framing: Framing, own_migration: Path, scored: Path
) -> None:
    make_study_labels(own_migration, scored, "sample")
    ran = framing("score", "-", "--json", at=own_migration, stdin="Rain fell.")
    assert ran.code == 0
    assert ran.json["basis"]["method"] == "count"


# compare


def test_all_pairs_are_compared_effect_first(asked: Callable[..., Any]) -> None:
    ran = asked("compare")
    assert ran.code == 0
    assert re.fullmatch(r"Next: framing annotate \S+ --order sample .*\n", ran.err)
    lines = ran.out.splitlines()
    told = " ".join(ran.out.split())
    assert told.startswith(
        "Differences of shares between sources, in percentage points (95% interval), "
        "9 asked; p adjusted for that by Holm's method."
    )
    head = next(line for line in lines if line.startswith("a "))
    assert re.fullmatch(r"a +b +code +a, b % +a - b +interval +p +adj\. *", head)
    rows = [line for line in lines if re.search(DIFFERENCE, line)]
    assert len(rows) == 9
    assert all(len(line) <= WIDTH for line in lines)
    assert re.search(r"\d of 9 are beyond chance at 0\.05 after adjustment\.", ran.out)
    assert "Too few articles (fewer than 5): Tiny." in ran.out
    assert "Shares by count: " in ran.out
    assert "Can I trust this?" in ran.out


def test_comparison_in_json_and_csv_is_the_same(asked: Callable[..., Any]) -> None:
    found = asked("compare", "--json").json
    assert list(found) == [
        *("schema_version", "kind", "level", "adjusted", "n_asked", "differences"),
        *("shares", "too_few", "basis", "trust"),
    ]
    assert (found["kind"], found["adjusted"], found["n_asked"]) == ("pairs", "holm", 9)
    assert found["too_few"] == ["Tiny"]
    table = rows_of(asked("compare", "--csv").out)
    assert list(table[0]) == list(found["differences"][0])
    share = {(r["source"], r["code"]): r["share"] for r in found["shares"]}
    for row, record in zip(table, found["differences"], strict=True):
        for name in ("difference", "low", "high", "p", "p_adjusted"):
            assert float(row[name]) == pytest.approx(record[name], abs=1e-6)
        a, b = (share[record[side], record["code"]] for side in ("a", "b"))
        assert record["difference"] == pytest.approx(a - b, abs=2e-6)
        assert record["low"] <= record["difference"] <= record["high"]
        assert record["p"] <= record["p_adjusted"]


def test_comparison_with_a_reference(asked: Callable[..., Any]) -> None:
    found = asked("compare", "--reference", SOURCES[1], "--json").json
    pairs = {(row["a"], row["b"]) for row in found["differences"]}
    assert pairs == {(SOURCES[0], SOURCES[1]), (SOURCES[2], SOURCES[1])}
    assert f"against {SOURCES[1]}" in asked("compare", "--reference", SOURCES[1]).out


def test_comparison_with_the_rest(asked: Callable[..., Any]) -> None:
    found = asked("compare", "--reference", "rest", "--json").json
    pairs = [(row["a"], row["b"]) for row in found["differences"][::3]]
    assert pairs == [(source, "the rest") for source in SOURCES]
    assert "against the rest" in asked("compare", "--reference", "rest").out


def test_only_the_codes_asked_about_are_compared(asked: Callable[..., Any]) -> None:
    found = asked("compare", "--code", "security, economy", "--json").json
    assert {row["code"] for row in found["differences"]} == {"security", "economy"}
    assert found["n_asked"] == 6


def test_trend_by_month(asked: Callable[..., Any]) -> None:
    ran = asked("compare", "--by", "month")
    assert ran.code == 0
    assert ran.out.startswith("Change of shares per month, in percentage points")
    pattern = rf"^{SOURCES[0]} +economy +3 +{DIFFERENCE}"
    assert re.search(pattern, ran.out, re.MULTILINE)
    assert all(len(line) <= WIDTH for line in ran.out.splitlines())
    by_topic = asked("compare", "--by", "topic,month", "--min-articles", 6)
    assert by_topic.out.startswith("Change of shares per month")
    assert re.search(r"^border +economy +3 ", by_topic.out, re.MULTILINE)
    found = asked("compare", "--by", "month", "--json").json
    assert found["kind"] == "trend"
    assert {row["periods"] for row in found["differences"]} == {3}


def test_change_at_an_event(asked: Callable[..., Any]) -> None:
    ran = asked("compare", "--event", "2026-02-01", "--code", "security")
    assert ran.code == 0
    told = " ".join(ran.out.split())
    assert told.startswith(
        "Change of shares at 2026-02-01, and differences between changes, in "
        "percentage points (95% interval), 6 asked;"
    )
    found = asked("compare", "--event", "2026-02-01", "--json").json
    assert found["kind"] == "event"
    shares = {
        (r["source"], r["period"]): r["share"]
        for r in found["shares"]
        if r["code"] == "security"
    }
    row = next(
        r
        for r in found["differences"]
        if (r["a"], r["b"], r["code"]) == (SOURCES[0], "before", "security")
    )
    change = shares[SOURCES[0], "after"] - shares[SOURCES[0], "before"]
    assert row["difference"] == pytest.approx(change, abs=2e-6)


def test_comparison_of_corrected_shares(asked: Callable[..., Any], sheet: Path) -> None:
    found = asked("compare", "--labels", sheet, "--json").json
    assert found["basis"]["method"] == "hierarchical"
    assert found["basis"]["n_labels"] == 60
    plain = asked("compare", "--json").json
    one, other = (f["differences"][0]["difference"] for f in (found, plain))
    assert one != other


def test_comparison_at_the_same_mix_of_topics(asked: Callable[..., Any]) -> None:
    ran = asked("compare", "--control", "topic")
    assert ran.code == 0
    assert "Every source is given the same mix of topic." in " ".join(ran.out.split())


def test_comparison_of_whole_articles(asked: Callable[..., Any]) -> None:
    found = asked("compare", "--unit", "article", "--json").json
    sentences = asked("compare", "--json").json
    for one, other in zip(found["shares"], sentences["shares"], strict=True):
        if one["code"] in CODES:
            assert one["share"] >= other["share"]


def test_adjustment_is_named_in_the_header(asked: Callable[..., Any]) -> None:
    told = " ".join(asked("compare", "--adjust", "bh").out.split())
    assert "p adjusted for that by Benjamini and Hochberg's method." in told


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (
            "--event 01.02.2026",
            3,
            "--event 01.02.2026: no date. Write it as 2026-01-31.",
        ),
        ("--reference BBC", 3, "no source BBC (there: Harbour Post, Inland Courier,"),
        ("--code peace", 3, "no code peace in these results (economy, security, hum"),
        ("--adjust magic", 3, "adjust magic is none of holm, bh, none."),
        (
            "--min-articles 25",
            3,
            "fewer than two groups have 25 articles (Harbour Post",
        ),
        ("--min-articles 4", 2, "--min-articles"),
        ("--json --csv", 2, "choose one of --json and --csv"),
        ("--method ppi", 3, "ppi needs labels of this corpus, drawn at random."),
        ("--by month --reference rest", 3, "leave it out over time."),
        ("--labels gone.csv", 5, "gone.csv: No such file or directory."),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(
    asked: Callable[..., Any], options: str, code: int, message: str
) -> None:
    ran = asked("compare", *options.split())
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert code == 2 or len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("command", [["compare"], ["labels", "need"]])
def test_folder_without_results_is_refused(
    framing: Framing, migration: Path, command: list[str]
) -> None:
    ran = framing(*command, "seeds", at=migration)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        "framing: seeds: no results of framing there. Run `framing score`.\n"
    )


def test_damaged_results_are_refused(
    framing: Framing, migration: Path, scored: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(scored, tmp_path / "results")
    (folder / "scores.parquet").write_bytes(b"PAR1 not")
    ran = framing("compare", folder, "--project", migration)
    assert (ran.code, ran.out) == (3, "")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"model": None},
        {"model": {}},
        {"model": {"folder": 1, "sha256": "", "codebook": ""}},
        {"counts": None},
    ],
)
@pytest.mark.parametrize("command", ["score", "compare"])
def test_results_whose_run_is_damaged_are_refused(
    framing: Framing,
    migration: Path,
    scored: Path,
    tmp_path: Path,
    change: dict[str, Any],
    command: str,
) -> None:
    folder = shutil.copytree(scored, tmp_path / "results")
    run = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(run | change))
    ran = framing(command, "results", "--project", migration)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        "framing: results/run.json: damaged. Score the articles again.\n"
    )


# annotate


def test_sheet_is_written_with_empty_cells(asked: Callable[..., Any]) -> None:
    ran = asked("annotate", "-n", 30, "--sheet", "sheet.csv")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "30 sentences of 4 sources in sheet.csv.\n"


def test_sheet_has_equal_numbers_of_each_source_and_their_chances(
    asked: Callable[..., Any], scored: Path, tmp_path: Path
) -> None:
    asked("annotate", "-n", 30, "--sheet", "sheet.csv", "-q")
    rows = rows_of((tmp_path / "sheet.csv").read_text(encoding="utf-8"))
    counts = pd.Series([row["source"] for row in rows]).value_counts().to_dict()
    assert counts.pop("Tiny") == 1
    assert sorted(counts.values()) == [9, 10, 10]
    scores = pd.read_parquet(scored / "scores.parquet")
    there = scores[scores["kind"] == "sentence"].groupby("source").size()
    counts["Tiny"] = 1
    for row in rows:
        assert all(row[name] == "" for name in [*CODES, "none"])
        chance = counts[row["source"]] / there[row["source"]]
        assert float(row["probability"]) == pytest.approx(chance)


def test_sheet_is_the_same_for_a_seed(
    asked: Callable[..., Any], tmp_path: Path
) -> None:
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        asked("annotate", "--sheet", f"{name}.csv", "-n", 9, "--seed", seed)
    one, two, other = (
        (tmp_path / f"{name}.csv").read_bytes() for name in ("one", "two", "other")
    )
    assert one == two
    assert one != other


def test_sheet_that_is_there_is_left_alone(
    asked: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "sheet.csv").write_text("codes of weeks")
    ran = asked("annotate", "--sheet", "sheet.csv")
    assert (ran.code, ran.out) == (6, "")
    assert ran.err == (
        "framing: sheet.csv: there already, maybe with codes. Choose another name.\n"
    )
    assert (tmp_path / "sheet.csv").read_text() == "codes of weeks"


@pytest.mark.parametrize("order", ["mixed", "uncertain", "disagree", "first"])
def test_sheet_of_other_than_random_sentences_is_refused(
    asked: Callable[..., Any], tmp_path: Path, order: str
) -> None:
    ran = asked("annotate", "--sheet", "s.csv", "--order", order)
    assert (ran.code, ran.out) == (2, "")
    assert "a sheet takes sample, outlet, random: others cannot correct" in ran.err
    assert not (tmp_path / "s.csv").exists()


def test_sheet_without_an_order_is_a_sample(
    asked: Callable[..., Any], tmp_path: Path
) -> None:
    asked("annotate", "--sheet", "plain.csv", "-n", 9)
    asked("annotate", "--sheet", "named.csv", "-n", 9, "--order", "sample")
    plain, named = (tmp_path / f"{n}.csv" for n in ("plain", "named"))
    assert plain.read_bytes() == named.read_bytes()


def test_sheet_needs_a_number(asked: Callable[..., Any]) -> None:
    assert asked("annotate", "--sheet", "s.csv", "-n", 0).code == 2


def test_results_of_another_study_are_refused(framing: Framing, scored: Path) -> None:
    # We are in no study, so it would be the shipped one.
    for command in (["annotate", "--sheet", "s.csv"], ["labels", "need"]):
        ran = framing(*command, scored)
        assert (ran.code, ran.out) == (4, "")
        assert re.search(
            r"results: scored by migration 1\.0 @[0-9a-f]{12}, this study is relations "
            r"\S+ @[0-9a-f]{12}\. Name its study by --project\.\n",
            ran.err,
        )


# Copies


def test_shares_are_given_with_and_without_copies(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    rows = [
        {**whole, "text": " ".join(text for text, _ in whole.pop("coded"))}
        for whole in migration_articles()
    ]
    copies = [
        {**row, "id": f"copy-{i}", "source": "The Copier"}
        for i, row in enumerate(rows[:6])
    ]
    folder = tmp_path / "copied"
    own = tmp_path / "copied.jsonl"
    own.write_text(json_lines([*rows, *copies]), encoding="utf-8")
    done = framing("score", own, "--project", migration, "-o", folder)
    assert "Copied from other outlets" in done.out
    table = pd.read_parquet(folder / "articles.parquet").set_index("doc_id")
    assert (table["copy_kind"] == "other outlet").sum() == 6
    assert (
        table.loc["copy-0", "copy_cluster"] == table.loc[rows[0]["id"], "copy_cluster"]
    )
    assert {"share_all", "share_own", "n_first"} <= set(pd.read_csv(folder / "mix.csv"))
    shown = framing(
        "score", folder, "--copies", "own", "--json", "--project", migration
    )
    found = json.loads(shown.out)
    assert sum(r["n_articles"] for r in found["mix"] if r["code"] == "none") == len(
        rows
    )
    assert sum(row["n_from_others"] for row in found["copied"]) == 6
    refused = framing("compare", folder, "--copies", "some", "--project", migration)
    assert (refused.code, "none of all, own, first" in refused.err) == (3, True)
