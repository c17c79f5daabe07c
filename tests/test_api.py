"""`import framing`: the same numbers as the commands, as tables."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import framing
from tests.conftest import ROOT, Framing, json_lines, migration_articles
from tests.test_lean import heavy_after
from tests.test_results_cli import asked, dated_articles, scored, sheet

__all__ = ["asked", "scored", "sheet"]  # fixtures

SENTENCE = "Police closed the border and shops lost their workers."


@pytest.fixture
def results(scored: Path, migration: Path) -> framing.Results:
    return framing.open(scored, project=migration)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as --json prints them."""
    text = table.to_json(orient="records", double_precision=6)
    return list(json.loads(text))


def assert_same_checks(trust: pd.DataFrame, told: list[dict[str, Any]]) -> None:
    rows = [
        {k: pytest.approx(v, abs=1e-6) if isinstance(v, float) else v for k, v in own}
        for own in (check.items() for check in told)
    ]
    assert records(trust) == rows


@pytest.mark.parametrize(
    ("options", "given"),
    [
        ([], {}),
        (["--by", "source,month"], {"by": ["source", "month"]}),
        (["--by", "topic", "--copies", "own"], {"by": "topic", "copies": "own"}),
        (["--method", "mean", "--level", "0.9"], {"method": "mean", "level": 0.9}),
        (["--unit", "article", "--census"], {"unit": "article", "census": True}),
        (["--control", "topic"], {"control": "topic"}),
        (["--keep-all"], {"keep_all": True}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_mix_is_that_of_the_command(
    asked: Callable[..., Any],
    results: framing.Results,
    options: list[str],
    given: dict[str, Any],
) -> None:
    told = asked("score", "--json", *options).json
    mix = results.mix(**given)
    assert records(mix) == told["mix"]
    assert mix.attrs == told["basis"]
    if not given:
        assert_same_checks(results.trust(), told["trust"])
        assert records(results.copied()) == told["copied"]


def test_labels_correct_the_mix_as_in_the_command(
    asked: Callable[..., Any], results: framing.Results, sheet: Path
) -> None:
    told = asked("score", "--labels", sheet, "--json").json
    mix = results.mix(labels=sheet)
    assert records(mix) == told["mix"]
    assert mix.attrs["n_labels"] == 60
    trust = results.trust(labels=str(sheet))
    assert_same_checks(trust, told["trust"])
    assert "labels of it would narrow it most" in trust.attrs["advice"]


@pytest.mark.parametrize(
    ("options", "given"),
    [
        ([], {}),
        (["--reference", "rest"], {"reference": "rest"}),
        (
            ["--by", "month", "--code", "economy,security"],
            {"by": "month", "codes": ["economy", "security"]},
        ),
        (["--event", "2026-02-01"], {"event": "2026-02-01"}),
        (["--adjust", "bh"], {"adjust": "bh"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_differences_are_those_of_the_command(
    asked: Callable[..., Any],
    results: framing.Results,
    options: list[str],
    given: dict[str, Any],
) -> None:
    told = asked("compare", "--json", *options).json
    found = results.compare(**given)
    assert records(found) == told["differences"]
    assert found.attrs["kind"] == told["kind"]
    assert found.attrs["too_few"] == told["too_few"]


def test_scoring_writes_what_the_command_writes(
    scored: Path, migration: Path, tmp_path: Path
) -> None:
    file = scored.parent / "a.jsonl"
    found = framing.score(file, tmp_path / "out", project=migration)
    for name in json.loads((scored / "run.json").read_text())["files"]:
        assert (tmp_path / "out" / name).read_bytes() == (scored / name).read_bytes()
    ours, theirs = (
        json.loads((folder / "run.json").read_text())
        for folder in (tmp_path / "out", scored)
    )
    assert ours.pop("command") == [
        *("score", str(file), "-o", str(tmp_path / "out")),
        *("--project", str(migration)),
    ]
    assert theirs.pop("command") is not None
    assert ours == theirs
    assert repr(found) == f"<framing.Results: 73 articles, in {tmp_path / 'out'}>"


def test_the_command_in_the_run_does_the_same(
    framing_command: Framing, scored: Path, migration: Path, tmp_path: Path
) -> None:
    found = framing.score(
        [scored.parent / "a.jsonl"],
        tmp_path / "out",
        thresholds={"economy": 0.25},
        any_language=True,
        project=migration,
    )
    mix = (tmp_path / "out" / "mix.csv").read_bytes()
    assert "--threshold economy=0.25 --any-language" in " ".join(found.run["command"])
    assert framing_command(*found.run["command"]).code == 0
    assert (tmp_path / "out" / "mix.csv").read_bytes() == mix


@pytest.fixture
def framing_command(framing: Framing) -> Framing:
    """The command line; `framing` is the library here."""
    return framing


def test_what_is_held_in_memory_answers_the_same(
    scored: Path, results: framing.Results, migration: Path, sheet: Path
) -> None:
    held = framing.score(scored.parent / "a.jsonl", project=migration)
    assert repr(held) == "<framing.Results: 73 articles, in memory>"
    for given in ({}, {"by": "topic"}, {"labels": sheet}, {"method": "em"}):
        pd.testing.assert_frame_equal(held.mix(**given), results.mix(**given))
    pd.testing.assert_frame_equal(held.compare(), results.compare())
    for name in ("scores", "articles", "stance", "skipped"):
        pd.testing.assert_frame_equal(getattr(held, name), getattr(results, name))
    with pytest.raises(framing.FramingError, match="results that are kept"):
        held.report("report.html")
    before = held.mix(keep_all=True)
    for table in (held.scores, held.articles, held.stance):
        table[table.columns[1:]] = None  # theirs, and no longer ours
    pd.testing.assert_frame_equal(held.mix(keep_all=True), before)
    assert held == held
    assert len({held, results}) == 2


def test_stance_is_that_of_the_command(
    framing_command: Framing, relations: Path, tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    text = "China threatened Russia with tariffs. Russia praised Beijing."
    file.write_text(
        json_lines(
            {"id": str(k), "source": "A" if k % 2 else "B", "text": f"{text} Part {k}."}
            for k in range(6)
        )
    )
    project = ("--project", relations)
    told = framing_command("score", file, "--target", "China", "--json", *project).json
    held = framing.score(file, project=relations)
    for name in ("china", "Beijing"):
        assert records(held.stance_towards(name)) == told["stance"]
    with pytest.raises(framing.FramingError, match="no sentence names Iran"):
        held.stance_towards("Tehran")
    with pytest.raises(framing.FramingError, match="Chna is no target; perhaps China"):
        held.stance_towards("Chna")


def test_a_report_is_that_of_the_command(
    asked: Callable[..., Any],
    results: framing.Results,
    scored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    path = results.report("~/a.html", title="Ours", csv="~/tables")
    assert path == tmp_path / "a.html"
    assert asked("report", "-o", "b.html", "--title", "Ours").code == 0
    ours, theirs = (
        (tmp_path / name).read_text().splitlines() for name in ("a.html", "b.html")
    )
    assert ours == theirs
    assert len(list((tmp_path / "tables").glob("*.csv"))) > 3
    with pytest.raises(framing.FramingError, match="holds results"):
        results.report(tmp_path / "c.html", csv=scored)


def test_a_sentence_is_explained_as_by_the_command(
    framing_command: Framing, migration: Path
) -> None:
    project = ("--project", migration)
    told = framing_command("explain", SENTENCE, "--json", *project).json
    found = framing.explain(SENTENCE, project=migration)
    for row in records(found.codes):
        own = told["codes"][row["code"]]
        assert row["score"] == pytest.approx(own["score"], abs=1e-6)
        assert row["decided"] == own["decided"]
        total = sum(item["log_odds"] for item in own["moved"])
        assert found.words[row["code"]].sum() == pytest.approx(total)
    assert (found.cannot_say, found.stance) == (told["cannot_say"], told["stance"])


def test_agreement_is_that_of_the_command(
    framing_command: Framing, own_migration: Path
) -> None:
    folder = own_migration / "labels" / "migration"
    lines = (folder / "ana.jsonl").read_text().replace('"ana"', '"ben"').splitlines()
    (folder / "ben.jsonl").write_text("\n".join(lines[:60]) + "\n")
    told = framing_command("agree", "--json", "--project", own_migration).json
    found = framing.agree(project=own_migration)
    assert list(found.coders) == told["coders"] == ["ana", "ben"]
    assert records(found.variables) == told["agreement"]
    with pytest.raises(framing.FramingError, match="no labels of eva"):
        framing.agree(coders=["eva"], project=own_migration)


def test_articles_are_read_as_by_the_command(
    framing_command: Framing, tmp_path: Path
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json_lines([*dated_articles()[:3], {"id": "x", "text": ""}]))
    assert framing_command("read", file, "-o", "b.parquet", "--quiet").code == 1
    found = framing.read(file)
    pd.testing.assert_frame_equal(found, pd.read_parquet(tmp_path / "b.parquet"))
    assert found.columns.tolist()[:5] == ["doc_id", "source", "date", "title", "text"]
    assert len(found.attrs["skipped"]) == 1


def twice(name: str) -> pd.DataFrame:
    """A table with two columns of one name."""
    return pd.DataFrame([["a", "b"]], columns=[name, name])


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r, s: framing.open("nowhere", project=s), "no results of framing"),
        (lambda r, s: framing.open(".", project="nowhere"), "no study there"),
        (lambda r, s: framing.score("nowhere.csv", project=s), "nowhere.csv"),
        (lambda r, s: framing.explain(" ", project=s), "the sentence is empty"),
        (lambda r, s: framing.read("nowhere.csv"), "nowhere.csv"),
        (lambda r, s: framing.agree(project=s), "takes two coders"),
        (lambda r, s: r.mix(by="autor"), "no column autor"),
        (lambda r, s: framing.score(r.folder, project=s), "scored already"),
        (lambda r, s: framing.score([], project=s), "no articles are given"),
        (lambda r, s: framing.score("a.csv", jobs=-1, project=s), "jobs -1: give a nu"),
        (lambda r, s: framing.read("~/nowhere.csv"), "^(?!~).*nowhere.csv: no such"),
        (lambda r, s: r.stance_towards("China"), "no targets, or no sentence names"),
        (lambda r, s: framing.read(twice("text")), "column name given twice"),
        (lambda r, s: framing.read(pd.Series(["a\ud800"], dtype=object)), "surrogates"),
        (lambda r, s: framing.read(pd.DataFrame({"title": ["a"]})), "no text column"),
        (lambda r, s: framing.read(pd.Series(["a"]), text_from="nowhere"), "nowhere"),
        (lambda r, s: framing.agree(level=0, project=s), "between 0.5 and 0.999"),
        (lambda r, s: framing.agree(seed=-1, project=s), "seed -1: give 0 or more"),
        (lambda r, s: r.report(seed=-1), "seed -1: give 0 or more"),
        (lambda r, s: r.copied(level=1), "between 0.5 and 0.999"),
        (lambda r, s: r.mix(level=2), "between 0.5 and 0.999"),
        (lambda r, s: r.mix(method="magic"), "method magic is none of"),
        (lambda r, s: r.compare(codes=["peace"]), "no code peace"),
        (lambda r, s: r.compare(reference="Nobody"), "no source Nobody"),
        (lambda r, s: r.report(period="century"), "period century is none of"),
        (
            lambda r, s: framing.score("a.csv", thresholds={"x": 0.5}, project=s),
            "is no code",
        ),
        (
            lambda r, s: framing.score("a.csv", thresholds={"economy": 2}, project=s),
            "between 0 and 1",
        ),
    ],
)
def test_what_cannot_be_done_is_a_framing_error(
    results: framing.Results,
    migration: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[framing.Results, Path], object],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(framing.FramingError, match=message):
        ask(results, migration)
    assert not list(tmp_path.iterdir())


def test_inputs_are_named_one_or_several(migration: Path, tmp_path: Path) -> None:
    for number, article in enumerate(migration_articles()[:2]):
        (tmp_path / f"{number}.txt").write_text(article["text"])
    paths = sorted(tmp_path.glob("*.txt"))
    one = framing.score(str(paths[0]), project=migration)
    two = framing.score(paths, project=migration)
    assert [len(found.articles) for found in (one, two)] == [1, 2]


def test_a_table_in_memory_is_scored_as_its_file(
    migration: Path, tmp_path: Path
) -> None:
    table = pd.DataFrame(migration_articles())[["id", "source", "text"]]
    table = table.rename(columns={"source": "paper"}).assign(n=range(len(table)))
    given = {"source_column": "paper", "project": migration}
    table.to_parquet(tmp_path / "dataframe.parquet")
    before = table.copy()
    held = framing.score(table, **given)
    there = framing.score(tmp_path / "dataframe.parquet", **given)
    pd.testing.assert_frame_equal(held.mix(), there.mix())
    pd.testing.assert_frame_equal(held.scores, there.scores)
    pd.testing.assert_frame_equal(table, before)
    assert [item["path"] for item in held.run["inputs"]] == ["dataframe.parquet"]
    kept = framing.score(table, tmp_path / "out", **given)
    pd.testing.assert_frame_equal(kept.scores, held.scores)
    assert kept.run["inputs"] == held.run["inputs"]


def test_what_was_read_can_be_scored(
    scored: Path, results: framing.Results, migration: Path
) -> None:
    table = framing.read(scored.parent / "a.jsonl")
    own = table[table["source"] == table["source"][0]].set_index("doc_id")
    found = framing.score(own, project=migration)
    assert found.articles["doc_id"].tolist() == own.index.tolist()
    expected = results.scores[results.scores["doc_id"].isin(own.index)]
    pd.testing.assert_frame_equal(found.scores, expected.reset_index(drop=True))


def test_a_named_index_is_a_column_but_once() -> None:
    table = pd.DataFrame({"id": ["x"], "source": ["A"], "text": ["One."]})
    expected = framing.read(table)
    for kept in (
        table.set_index("source", drop=False),
        table.set_index(["id", "source"], drop=False),
        table.set_index(["id", "source"]),
        table.set_index(["source", "text"], drop=False).drop(columns="source"),
    ):
        pd.testing.assert_frame_equal(framing.read(kept), expected)


def test_any_column_is_kept_as_text() -> None:
    table = pd.DataFrame(
        {
            "text": pd.Series(["A text.", 7, "Another."], dtype=object),
            "date": pd.period_range("2026-01-30", periods=3, freq="D"),
            "page": pd.Series([1, "A2", None], dtype=object),
            "tags": [{"b"}, ["c"], ("d", 1)],
            3: pd.Categorical(["x", None, "y"]),
        }
    )
    table.index = pd.Index([5, 9, 1])
    found = framing.read(table)
    assert found["text"].tolist() == ["A text.", "7", "Another."]
    assert found["date"].tolist() == ["2026-01-30", "2026-01-31", "2026-02-01"]
    assert found["page"].tolist() == ["1", "A2", ""]
    assert found["tags"].tolist() == ["{'b'}", "['c']", "('d', 1)"]
    assert found["3"].tolist() == ["x", "", "y"]


def test_texts_alone_are_articles(migration: Path) -> None:
    texts = pd.Series([SENTENCE, "", f"{SENTENCE} Twice."], name="body")
    found = framing.score(texts, project=migration)
    assert found.articles["doc_id"].tolist() == ["dataframe:1", "dataframe:3"]
    assert found.skipped["place"].tolist() == ["dataframe.parquet:row 2"]


def test_who_asks_is_told_how_far_it_is(migration: Path) -> None:
    done: list[int] = []
    table = pd.DataFrame(migration_articles())
    framing.score(table, progress=done.append, project=migration)
    assert sum(done) == len(table)


def test_importing_loads_nothing_heavy(tmp_path: Path) -> None:
    assert heavy_after("import framing; dir(framing)", tmp_path) == []


def test_unknown_names_are_missing() -> None:
    with pytest.raises(AttributeError, match="no attribute 'skore'"):
        framing.skore  # noqa: B018
    assert set(framing.__all__) <= set(dir(framing))


def test_a_notebook_is_typed(tmp_path: Path) -> None:
    file = tmp_path / "notebook.py"
    file.write_text(
        "import framing\n"
        "results = framing.score('a.csv', 'results')\n"
        "reveal_type(results.mix(by='month'))\n"
        "results.mix(bye='month')\n"
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(ROOT / "pyproject.toml"),
    ]
    ran = subprocess.run(
        [*command, "--cache-dir", str(ROOT / ".mypy_cache"), str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Revealed type is "pandas' in ran.stdout
    assert 'Unexpected keyword argument "bye"' in ran.stdout
