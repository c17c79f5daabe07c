import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner, Result

from framing.agreement import compute_gold
from framing.audit import audit_labels, read_history
from framing.audit.contradictions import find_suspects, index_scores
from framing.audit.doubles import find_changed, find_copies
from framing.audit.drift import measure_drift
from framing.cli import audit
from framing.codebook import Code, Codebook, read_codebook
from framing.labelstore import read_labels
from framing.project import Project
from framing.records import GOLD_CODER, SEED_CODER, Label
from tests.conftest import ROOT

CODEBOOK = Codebook(
    name="m",
    version="1",
    language="en",
    unit="one sentence",
    coding="multiple",
    codes=tuple(Code(name, name.title(), "Something.") for name in ("aid", "row")),
)
NO_SCORES = index_scores(
    pd.DataFrame({"doc_id": [], "start": [], "end": []}, dtype="object"), CODEBOOK
)


def label(
    coder: str, *codes: str, doc: int = 0, start: int = 0, text: str = "", time: int = 0
) -> Label:
    text = text or f"Sentence {doc} {start}."
    return Label(
        doc_id=f"doc-{doc}",
        start=start,
        end=start + len(text),
        text=text,
        codes=tuple(sorted(codes)),
        stance={},
        coder=coder,
        time=f"2026-01-{1 + time // 1440:02}T{time // 60 % 24:02}:{time % 60:02}:00Z",
        codebook="m 1 @",
        source="A",
    )


def coding(
    seed: int, shares: tuple[float, float], *, n_articles: int = 60, spread: float = 0.0
) -> tuple[list[Label], pd.DataFrame]:
    """One coder's labels over time, whose share of aid goes from one to another.

    `spread` lets the articles of late sentences hold more of aid themselves. With them
    the scores of a model that knows the articles and not the coder.
    """
    rng = np.random.default_rng(seed)
    labels, scores = [], []
    for doc in range(n_articles):
        late = doc / (n_articles - 1)
        share = shares[0] + late * (shares[1] - shares[0])
        own = np.clip(rng.beta(2, 2) - 0.5 + share + spread * late, 0.02, 0.98)
        for k in range(8):
            codes = ["aid"] if rng.random() < own else []
            one = label("ann", *codes, doc=doc, start=40 * k, time=8 * doc + k)
            labels.append(one)
            scores.append((*one.unit, own - late * (shares[1] - shares[0])))
    columns = ["doc_id", "start", "end", "p_aid"]
    return labels, index_scores(pd.DataFrame(scores, columns=columns), CODEBOOK)


# Drift


def drift(labels: list[Label], scores: pd.DataFrame = NO_SCORES) -> pd.Series:
    table, none = measure_drift(labels, scores, CODEBOOK)
    assert none == {}
    return table.set_index("code").loc["aid"]


def test_drift_of_a_coder_is_found() -> None:
    labels, scores = coding(0, (0.2, 0.7))
    found = drift(labels, scores)
    assert found["first"] < found["middle"] < found["last"]
    assert found["change"] == pytest.approx(found["last"] - found["first"])
    assert found["low"] > 0
    assert found["p_adjusted"] < 0.01


def test_change_of_the_texts_is_no_drift_where_there_are_scores() -> None:
    labels, scores = coding(1, (0.3, 0.3), spread=0.4)
    alone, known = drift(labels), drift(labels, scores)
    assert alone["p"] < 0.01
    assert np.isnan(alone["expected"])
    assert known["expected"] == pytest.approx(known["change"], abs=0.1)
    assert known["p"] > 0.05


def test_intervals_of_drift_hold_nought_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(200):
        labels, _ = coding(seed, (0.4, 0.4), n_articles=30)
        found = drift(labels)
        held.append(found["low"] <= 0 <= found["high"])
    assert 0.9 <= np.mean(held) <= 0.99


def test_order_of_lines_does_not_matter() -> None:
    labels, scores = coding(2, (0.2, 0.5))
    pd.testing.assert_series_equal(drift(labels[::-1], scores), drift(labels, scores))


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ([label("ann", doc=k, time=k) for k in range(60)], "60 labels are too few"),
        (
            [label("ann", doc=k) for k in range(1200)],
            "all 1,200 labels carry the same time",
        ),
        (
            [label("ann", doc=k, time=min(k, 10)) for k in range(120)],
            "too many labels carry the same time",
        ),
        (
            [label("ann", doc=k // 40, start=20 * k, time=k) for k in range(120)],
            "a third of the labels is of fewer than 5 articles",
        ),
    ],
)
def test_coders_that_cannot_be_compared_are_told(labels: list[Label], why: str) -> None:
    table, none = measure_drift(labels, NO_SCORES, CODEBOOK)
    assert table.empty
    assert none == {"ann": why}


def test_code_that_never_occurs_has_no_interval() -> None:
    labels, scores = coding(3, (0.3, 0.3))
    table, _ = measure_drift(labels, scores, CODEBOOK)
    row = table.set_index("code").loc["row"]
    assert (row["first"], row["change"]) == (0, 0)
    assert np.isnan(row[["low", "high", "p", "p_adjusted"]].astype(float)).all()


# Suspects


def suspects(labels: list[Label], scores: dict[int, float]) -> list[dict]:
    table = pd.DataFrame(
        [(*la.unit, scores[int(la.doc_id[4:])]) for la in labels if la.coder == "ann"],
        columns=["doc_id", "start", "end", "p_aid"],
    )
    gold, _ = compute_gold(labels, CODEBOOK)
    rows, n = find_suspects(gold, labels, index_scores(table, CODEBOOK))
    assert n == len(gold)
    return rows


def test_planted_errors_come_first() -> None:
    rng = np.random.default_rng(0)
    scores = {doc: float(rng.beta(1, 9)) for doc in range(200)}
    scores |= {doc: float(rng.beta(9, 2)) for doc in range(200, 260)}
    wrong = {3: 0.02, 50: 0.01, 201: 0.97, 230: 0.99}
    scores |= wrong
    labels = [
        label("ann", *["aid"] * ((doc >= 200) != (doc in wrong)), doc=doc)
        for doc in range(260)
    ]
    rows = suspects(labels, scores)
    assert {row["doc_id"] for row in rows[:4]} == {f"doc-{doc}" for doc in wrong}
    strength = [row["strength"] for row in rows]
    assert strength == sorted(strength, reverse=True)
    assert len(rows) < 40


def test_suspects_name_the_coders_that_decided_like_gold() -> None:
    labels = [label("ann", *["aid"] * (doc % 2), doc=doc) for doc in range(10)]
    labels += [label("bob", doc=1), label("cy", "aid", doc=1)]
    scores = {doc: 0.9 if doc % 2 else 0.1 for doc in range(10)} | {1: 0.05}
    (row,) = suspects(labels, scores)
    assert row["coder"] == "ann, cy"
    assert (row["decision"], row["against"]) == ("aid", "score 0.05")
    assert row["text"] == "Sentence 1 0."


def test_no_scores_give_no_suspects() -> None:
    gold, _ = compute_gold([label("ann", "aid")], CODEBOOK)
    assert find_suspects(gold, [], NO_SCORES) == ([], 0)
    assert find_suspects([], [], NO_SCORES) == ([], 0)


# Copies and changes of mind


def test_copies_that_one_coder_labelled_differently() -> None:
    labels = [
        label("ann", "aid", doc=0, text="Aid came."),
        label("ann", "row", doc=1, text="aid  CAME."),
        label("bob", "aid", doc=0, text="Aid came."),
        label("bob", "aid", doc=1, text="aid  CAME."),
        label("ann", "aid", doc=2, text="Nothing else."),
    ]
    gold, _ = compute_gold(labels, CODEBOOK, rule="union")
    rows, n = find_copies(labels, gold)
    assert n == 1
    assert [(r["coder"], r["decision"], r["against"]) for r in rows] == [
        ("ann", "aid", "row"),
        ("ann", "row", "aid"),
    ]
    assert {r["group"] for r in rows} == {1}


def test_copies_that_two_coders_labelled_differently() -> None:
    labels = [
        label("ann", "aid", doc=0, text="Aid came."),
        label("bob", doc=1, text="Aid came."),
    ]
    gold, _ = compute_gold(labels, CODEBOOK)
    rows, n = find_copies(labels, gold)
    assert n == 1
    assert [(r["coder"], r["decision"]) for r in rows] == [
        ("gold", "aid"),
        ("gold", "none"),
    ]


def test_disagreement_on_one_unit_is_no_matter_of_copies() -> None:
    labels = [label("ann", "aid", text="Aid came."), label("bob", text="Aid came.")]
    gold, _ = compute_gold(labels, CODEBOOK, rule="union")
    assert find_copies(labels, gold) == ([], 0)


def test_units_decided_again_and_otherwise() -> None:
    history = [
        label("ann", "aid", doc=0, time=1),
        label("ann", "row", doc=0, time=2),
        label("ann", doc=0, time=3),
        label("ann", "aid", doc=1, time=4),
        label("ann", "aid", doc=1, time=5),
        label("bob", "row", doc=0, time=6),
        label(SEED_CODER, "row", doc=0),
        label(SEED_CODER, doc=0),
    ]
    rows, n = find_changed(history)
    assert n == 2
    (row,) = rows
    assert (row["coder"], row["decision"]) == ("ann", "none")
    assert row["against"] == "aid, then row"
    turned, _ = find_changed(
        [replace(la, stance={"Iran": "neutral"}) for la in history]
    )
    assert turned[0]["decision"] == "none Iran=neutral"


def test_history_holds_replaced_decisions_and_no_torn_line(tmp_path: Path) -> None:
    project = Project(ROOT, "relations")
    codebook = project.read_codebook()
    line = {
        "codebook": codebook.signature,
        "coder": "ann",
        "codes": [],
        "doc_id": "d",
        "end": 2,
        "stance": {},
        "start": 0,
        "text": "Été"[:2],
        "time": "",
    }
    lines = [json.dumps(line), json.dumps(line | {"codes": ["rivalry"]})]
    torn = json.dumps(line, ensure_ascii=False).encode()[:-14]
    data = b"\xef\xbb\xbf" + "\n".join([*lines, ""]).encode() + torn
    (tmp_path / "ann.jsonl").write_bytes(data)
    (last,) = read_labels(tmp_path, codebook).labels
    assert [la.codes for la in read_history(tmp_path)] == [(), ("rivalry",)]
    assert read_history(tmp_path)[-1] == last


def test_seed_words_are_not_audited() -> None:
    labels = [label(SEED_CODER, "aid", doc=doc, time=doc) for doc in range(200)]
    table = pd.DataFrame({"doc_id": [], "start": [], "end": []})
    found = audit_labels(labels, labels, table, CODEBOOK)
    assert (found.n_gold, len(found.listed), len(found.drift)) == (0, 0, 0)


# The command


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(audit.run)
    ran = CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "80"})
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran


@pytest.fixture
def drifting(own_migration: Path) -> Path:
    """The study with times, a second decision, and a copy labelled otherwise."""
    path = own_migration / "labels" / "migration" / "ana.jsonl"
    records = [json.loads(x) for x in path.read_text(encoding="utf-8").splitlines()]
    for k, record in enumerate(records):
        record["time"] = f"2026-03-02T{k // 60:02}:{k % 60:02}:00Z"
    first = records[0]
    records.append(first | {"codes": ["humanity"], "time": "2026-03-03T00:00:00Z"})
    moved = {"start": 5000, "end": 5000 + len(first["text"])}
    records.append(first | moved | {"codes": [], "time": "2026-03-03T00:01:00Z"})
    text = "".join(json.dumps(record) + "\n" for record in records)
    path.write_text(text, encoding="utf-8")
    return own_migration


def test_audit_prints_what_is_worth_a_look(drifting: Path) -> None:
    ran = run("--project", drifting)
    assert ran.exit_code == 0
    assert ran.output.startswith("Drift: share of each code in the first, middle and")
    text = " ".join(ran.output.split())
    assert "with out-of-fold scores (1 have none: train again)." in text
    assert "Copies of a text labelled differently: 1 (1 texts occur" in ran.output
    assert "Units decided again and otherwise: 1 of 1 decided again." in ran.output
    assert all(len(line) <= 80 for line in ran.output.splitlines())


def test_audit_in_json_and_csv_lists_all(drifting: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    ran = run("--project", drifting, "--json", "--quiet", "--csv", path)
    found = json.loads(ran.output)
    assert found["schema_version"] == 1
    assert {row["code"] for row in found["drift"]} == {
        "economy",
        "security",
        "humanity",
    }
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert len(rows) == len(found["listed"])
    kinds = [row["kind"] for row in rows]
    assert kinds == sorted(kinds, key=["suspect", "copies", "changed"].index)
    assert kinds.count("copies") == 2
    assert kinds.count("changed") == 1
    changed = found["listed"][-1]
    assert changed["decision"] == "humanity"


def test_audit_without_a_model_does_the_rest(drifting: Path) -> None:
    (drifting / "models" / "migration" / "out_of_fold.parquet").unlink()
    ran = run("--project", drifting)
    assert "no scores of it. framing train" in ran.output
    assert "Without scores of all units, other texts may be why" in " ".join(
        ran.output.split()
    )


def test_audit_of_the_shipped_labels() -> None:
    found = json.loads(run("--project", ROOT, "--json").output)
    assert set(found["no_drift"]) == {"coder-a", "coder-b", "coder-c"}
    assert found["n_gold"] == found["n_scored"]
    assert {row["kind"] for row in found["listed"]} <= {"suspect", "copies"}
    codes = read_codebook(ROOT / "labels" / "relations" / "codebook.toml").names
    assert {row["code"] for row in found["listed"]} == set(codes)


def test_what_adjudication_changed_is_listed_more_often_than_the_rest() -> None:
    project = Project(ROOT, "relations")
    codebook = project.read_codebook()
    labels = read_labels(project.labels, codebook).labels
    settled = {la.unit: la.codes for la in labels if la.coder == GOLD_CODER}
    own = [la for la in labels if la.coder == "coder-a"]
    gold, _ = compute_gold(own, codebook)
    table = pd.read_parquet(project.model / "out_of_fold.parquet")
    rows, _ = find_suspects(gold, own, index_scores(table, codebook))
    listed = {(r["doc_id"], r["start"], r["end"], r["code"]) for r in rows}
    every = [(*la.unit, code) for la in own for code in codebook.names]
    changed = {
        (*la.unit, code)
        for la in own
        for code in codebook.names
        if la.unit in settled and (code in settled[la.unit]) != (code in la.codes)
    }
    assert len(changed & listed) / len(listed) > 4 * len(changed) / len(every)
