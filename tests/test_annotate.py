"""`framing annotate` without a browser, and what its labels do to the shares."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from framing.codebook import read_codebook
from framing.labelstore import label_line, read_label_file
from framing.records import Label
from framing.sampling import labels_needed
from tests.conftest import Framing, json_lines, migration_articles
from tests.test_results_cli import dated_articles, truth

ROOT = Path(__file__).parents[1]
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/#(\S+) ")


@pytest.fixture
def study(framing: Framing, own_migration: Path) -> Path:
    """Return a study with the results of its articles in `results`."""
    (own_migration / "a.jsonl").write_text(json_lines(dated_articles()))
    ran = framing("score", "a.jsonl", "-q", "-o", "results", at=own_migration)
    assert ran.code == 0
    return own_migration


@dataclass
class Sitting:
    """A page that is served, without a browser."""

    port: int
    token: str
    err: str = ""
    code: int | None = None

    def ask(self, path: str, wish: dict[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"X-Framing-Token": self.token}
        if wish is None:
            connection.request("GET", path, None, headers)
        else:
            headers["Content-Type"] = "application/json"
            connection.request("POST", path, json.dumps(wish), headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        connection.close()
        assert answer.status == 200, content
        return content

    def decide(self, number: int, *codes: str, note: str = "") -> Any:
        wish = {"unit": number, "codes": codes, "stance": {}, "note": note}
        return self.ask("/api/label", wish)


@contextmanager
def sitting(study: Path, *arguments: object) -> Iterator[Sitting]:
    """Run `framing annotate` until Ctrl-C."""
    own = ["annotate", *map(str, arguments), "--no-browser"]
    code = f"from framing.cli import main; main({own!r})"
    program = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=study,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stderr is not None
        said, place = "", None
        try:
            for line in program.stderr:
                said += line
                if place := ADDRESS.search(line):
                    break
            assert place, said
            page = Sitting(int(place[1]), place[2])
            yield page
            program.send_signal(signal.SIGINT)
            out, rest = program.communicate(timeout=30)
            page.err, page.code = said + rest, program.returncode
            assert out == ""
        finally:
            program.kill()


def labels_of(study: Path, coder: str) -> list[Label]:
    codebook = read_codebook(study / "labels" / "migration" / "codebook.toml")
    path = study / "labels" / "migration" / f"{coder}.jsonl"
    return read_label_file(path, codebook).labels


# What is refused


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ("", 2, "name the coder: letters, digits, - and ., as the label file will be"),
        ("--coder ../ana", 2, "'../ana' is no name: letters, digits, - and ., as"),
        ("--coder .ana", 2, "'.ana' is no name"),
        ("--coder a/b", 2, "'a/b' is no name"),
        (f"--coder {'a' * 62}", 2, "is no name"),
        ("--coder seed-words", 2, "seed-words is what the tagger is called. Take"),
        ("--sheet s.csv --order uncertain", 2, "a sheet takes sample, outlet, random"),
        ("--sheet there.csv", 6, "there.csv: there already, maybe with codes. Choose"),
        ("--coder eva --order best", 3, "order best is none of mixed, sample, random,"),
        ("--coder eva --order disagree", 5, "disagree: there is nothing to look at"),
        ("--coder eva --port 70000", 2, "--port"),
        ("--coder eva -n 0", 2, "-n"),
    ],
)
def test_what_cannot_be_annotated_is_refused(
    framing: Framing, study: Path, options: str, code: int, message: str
) -> None:
    (study / "there.csv").write_text("codes of weeks")
    labels = sorted((study / "labels").rglob("*"))
    ran = framing("annotate", "results", *options.split(), at=study)
    assert (ran.code, ran.out) == (code, "")
    assert message in " ".join(ran.err.replace("│", " ").split())
    assert sorted((study / "labels").rglob("*")) == labels
    assert (study / "there.csv").read_text() == "codes of weeks"
    assert not (study / "s.csv").exists()


@pytest.mark.parametrize("target", ["--sheet s.csv", "--coder eva"])
def test_outlet_without_results_is_refused(
    framing: Framing, study: Path, target: str
) -> None:
    ran = framing("annotate", "a.jsonl", "--order", "outlet", *target.split(), at=study)
    assert (ran.code, ran.out) == (2, "")
    told = " ".join(ran.err.replace("│", " ").split())
    assert "no shares to narrow yet: name the results folder of a scoring" in told
    assert not (study / "s.csv").exists()


def test_labels_are_never_written_into_the_shipped_study(
    framing: Framing, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Police closed the border.")
    before = sorted((ROOT / "labels").rglob("*"))
    for command in (
        ["annotate", "a.txt", "--coder", "eva", "--order", "sample"],
        ["label", "a.txt", "--write-labels"],
    ):
        ran = framing(*command)
        assert (ran.code, ran.out) == (6, "")
        assert ran.err.endswith(
            ": no study here. Make one: framing init, or --project.\n"
        )
    assert sorted((ROOT / "labels").rglob("*")) == before
    # A sheet writes none.
    assert framing("annotate", "a.txt", "--sheet", "s.csv").code == 0


def test_label_file_that_is_broken_stops_the_sitting(
    framing: Framing, study: Path
) -> None:
    path = study / "labels" / "migration" / "eva.jsonl"
    path.write_text("<<<<<<< HEAD\n")
    ran = framing("annotate", "results", "--coder", "eva", at=study)
    assert (ran.code, ran.out) == (5, "")
    assert "eva.jsonl:1: unfinished git merge" in ran.err
    assert path.read_text() == "<<<<<<< HEAD\n"


# Sittings


def test_labels_of_a_sitting_correct_the_shares_by_themselves(
    framing: Framing, study: Path
) -> None:
    codes = truth()
    drawn = []
    with sitting(study, "results", "--coder", "eva", "-n", 60) as page:
        task = page.ask("/api/task")
        assert (task["coder"], task["n_units"], task["n_done"]) == ("eva", 60, 0)
        for number in range(60):
            unit = page.ask(f"/api/unit/{number}")
            assert "suggestion" not in unit
            drawn.append(unit["text"])
            page.decide(number, *codes.get(unit["text"], []))
    assert page.code == 0
    assert page.err.endswith("\n60 of 60 labelled.\n")

    labels = labels_of(study, "eva")
    assert [label.text for label in labels] == drawn
    assert [label.order for label in labels] == ["sample", "uncertain"] * 30
    assert all(re.fullmatch(r"[-\d]+T[:.\d]+Z", label.time) for label in labels)
    scores = pd.read_parquet(study / "results" / "scores.parquet")
    there = scores[scores["kind"] == "sentence"].groupby("source").size()
    for label in labels:
        chance = 10 / there[label.source] if label.order == "sample" else 0.0
        assert label.probability == pytest.approx(chance)
        place = (scores["doc_id"] == label.doc_id) & (scores["start"] == label.start)
        assert scores.loc[place, "text"].tolist() == [label.text]

    # Only the half that was drawn at random counts, though eva labelled it all.
    found = framing("score", "results", "--json", at=study).json
    assert found["basis"]["n_labels"] == 30
    assert found["basis"]["labels_from"] == "labels/migration"
    assert found["basis"]["method"] == "hierarchical"
    told = " ".join(framing("score", "results", at=study).out.split())
    assert "They rest on 30 labels of 3 outlets, from labels/migration." in told
    for source in there.index:
        own = [x for x in labels if x.source == source and x.order == "sample"]
        [row] = [
            r for r in found["mix"] if (r["source"], r["code"]) == (source, "security")
        ]
        assert row["n_labels"] == len(own) == 10
        hits = sum("security" in label.codes for label in own)
        assert row["labelled"] == pytest.approx(hits / 10)

    need = framing("labels", "need", "results", "--json", at=study).json
    assert [row["labelled"] for row in need["sources"]] == [10, 10, 10]

    # The next sitting goes on where this one stopped, and a larger one holds it.
    with sitting(study, "results", "--coder", "eva", "-n", 62, "--blind") as page:
        task = page.ask("/api/task")
        assert (task["n_units"], task["n_done"]) == (62, 60)
        assert "source" not in page.ask(f"/api/unit/{task['first_open']}")


def test_labels_of_doubtful_sentences_never_correct_shares(
    framing: Framing, study: Path
) -> None:
    with sitting(study, "results", "--coder", "eva", "--order", "uncertain") as page:
        for number in range(20):
            page.decide(number, "security")
    assert {label.order for label in labels_of(study, "eva")} == {"uncertain"}
    found = framing("score", "results", "--json", at=study).json
    assert found["basis"]["n_labels"] == 0
    assert found["basis"]["method"] == "count"
    path = study / "labels" / "migration" / "eva.jsonl"
    ran = framing("score", "results", "--labels", path, at=study)
    assert (ran.code, ran.out) == (5, "")
    assert "20 labels were picked by uncertain and not at random" in ran.err


def test_randomly_drawn_labels_correct_shares_too(
    framing: Framing, study: Path
) -> None:
    options = ("--coder", "eva", "--order", "random", "-n", 40)
    with sitting(study, "results", *options) as page:
        for number in range(40):
            page.decide(number)
    [chance] = {label.probability for label in labels_of(study, "eva")}
    assert 0 < chance < 1
    found = framing("score", "results", "--json", at=study).json
    assert found["basis"]["n_labels"] == 40


def test_articles_of_a_study_without_a_model_are_labelled_at_random(
    framing: Framing, tmp_path: Path
) -> None:
    framing("init", "new", "--codes", "peace,war", "--name", "migration")
    study = tmp_path / "new"
    (study / "a.jsonl").write_text(json_lines(dated_articles()))
    options = ("--coder", "eva", "-n", 30, "--suggest")
    with sitting(study, "a.jsonl", *options) as page:
        unit = page.ask("/api/unit/0")
        assert "suggestion" not in unit
        page.decide(0, "war", note="hm")
        page.decide(1)
    assert "2 of 30 labelled." in page.err
    one, two = labels_of(study, "eva")
    assert (one.codes, one.note, two.codes) == (("war",), "hm", ())
    assert {one.order, two.order} == {"sample"}
    assert one.source
    assert 0 < one.probability < 1
    ran = framing("annotate", "a.jsonl", "--coder", "eva", "--order", "mixed", at=study)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.endswith(
        "framing: no scores to be unsure of: score with a model first, or --order "
        "sample.\n"
    )


def test_a_results_folder_whose_model_is_gone_can_be_labelled(
    framing: Framing, study: Path
) -> None:
    (study / "models").rename(study / "old")
    with sitting(study, "results", "--coder", "eva", "-n", 4, "--suggest") as page:
        assert page.ask("/api/task")["n_units"] == 4
        assert "suggestion" in page.ask("/api/unit/0")


def test_what_two_coders_differ_on_is_settled_on_the_page(
    framing: Framing, study: Path
) -> None:
    [first, *_] = labels_of(study, "ana")
    path = study / "labels" / "migration" / "ben.jsonl"
    other = tuple({"economy", "security"} - set(first.codes))[:1]
    line = json.loads(label_line(first)) | {"coder": "ben", "codes": other}
    path.write_text(json.dumps(line) + "\n")
    options = ("results", "--order", "disagree", "--coder", "adjudicated")
    with sitting(study, *options) as page:
        assert page.ask("/api/task")["n_units"] == 1
        assert page.ask("/api/unit/0")["text"] == first.text
        page.decide(0, *other)
    [settled] = labels_of(study, "adjudicated")
    assert (settled.unit, settled.codes) == (first.unit, other)
    assert settled.order == "disagree"
    ran = framing("annotate", *options, at=study)
    assert ran.code == 5
    assert "disagree: there is nothing to look at again." in ran.err


def test_labels_that_the_model_contradicts_are_looked_at_again(
    framing: Framing, study: Path
) -> None:
    listed = framing("labels", "audit", "--json", at=study).json["listed"]
    suspects = [row for row in listed if row["kind"] == "suspect"]
    with sitting(study, "results", "--order", "audit", "--coder", "ana") as page:
        texts = list(dict.fromkeys(row["text"] for row in suspects))
        assert page.ask("/api/task")["n_units"] == len(texts)
        assert page.ask("/api/unit/0")["text"] == texts[0]
        # Ana sees what she decided.
        assert page.ask("/api/unit/0")["decision"]["codes"] is not None


# How many more


def test_labels_needed_follow_the_formula(framing: Framing, study: Path) -> None:
    found = framing(
        "labels", "need", "results", "--json", "--width", 0.1, "--level", 0.9, at=study
    ).json
    assert found["width"] == 0.1
    scores = pd.read_parquet(study / "results" / "scores.parquet")
    said = (scores["kind"] == "sentence") & ~scores["cannot_say"]
    groups = dict(list(scores[said].groupby("source")))
    assert [row["source"] for row in found["sources"]] == sorted(groups)
    for row in found["sources"]:
        own = groups[row["source"]]
        proba = own[[f"p_{c}" for c in ("economy", "security", "humanity")]].to_numpy()
        needed = labels_needed(proba, 0.1, n_sentences=len(own), level=0.9)
        assert row["sentences"] == len(own)
        assert row["needed"] == row["to_go"] == needed > 0
        assert row["labelled"] == 0


def test_labels_needed_are_told_in_words(framing: Framing, study: Path) -> None:
    wide, narrow = (
        framing("labels", "need", "results", "--width", w, at=study) for w in (0.2, 0.1)
    )
    for ran in (wide, narrow):
        assert (ran.code, ran.err) == (0, "")
        assert max(map(len, ran.out.splitlines())) <= 80
    lines = narrow.out.splitlines()
    assert lines[0].startswith("Labels for shares within ± 10 points (the sampling")
    assert re.match(r"source +sentences +needed +labelled +to go$", lines[2])
    rows = [re.split(r" {2,}", line.strip()) for line in lines[3:6]]
    assert [row[0] for row in rows] == [
        "Harbour Post",
        "Inland Courier",
        "Northern Bulletin",
    ]
    total = sum(int(row[-1]) for row in rows)
    assert lines[-1] == (
        f"{total} more in all: framing annotate RESULTS --order sample --coder NAME"
    )
    fewer = re.search(r"^([\d,]+) more in all", wide.out, re.MULTILINE)
    assert fewer
    assert int(fewer[1]) < total


def test_labels_of_other_articles_are_not_counted(
    framing: Framing, study: Path
) -> None:
    [first, *_] = labels_of(study, "ana")
    other = json.loads(label_line(first)) | {
        "doc_id": "elsewhere",
        "order": "sample",
        "probability": 0.5,
    }
    path = study / "labels" / "migration" / "ana.jsonl"
    path.write_text(path.read_text() + json.dumps(other) + "\n")
    found = framing("labels", "need", "results", "--json", at=study).json
    assert {row["labelled"] for row in found["sources"]} == {0}
    # A file that is named is meant.
    (study / "other.jsonl").write_text(json.dumps(other) + "\n")
    ran = framing("labels", "need", "results", "--labels", "other.jsonl", at=study)
    assert (ran.code, ran.out) == (5, "")
    assert "no label belongs to a sentence of these results" in ran.err


@pytest.mark.parametrize("width", ["0.001", "0.6", "x"])
def test_width_out_of_reach_is_refused(
    framing: Framing, study: Path, width: str
) -> None:
    assert framing("labels", "need", "results", "--width", width, at=study).code == 2


# Mounted


def test_agree_and_audit_run_in_a_study(framing: Framing, own_migration: Path) -> None:
    ana = own_migration / "labels" / "migration" / "ana.jsonl"
    lines = ana.read_text().replace('"ana"', '"ben"').splitlines(keepends=True)
    ana.with_name("ben.jsonl").write_text("".join(lines[:40]))
    agreed = framing("agree", "--json", at=own_migration)
    assert agreed.code == 0
    audited = framing("labels", "audit", "--json", at=own_migration)
    assert audited.code == 0
    assert audited.json["n_gold"] == sum(len(a["coded"]) for a in migration_articles())
