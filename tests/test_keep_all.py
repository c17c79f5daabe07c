"""`framing score --keep-all`: headings, captions, repeats and debris count too."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.conftest import Framing, json_lines, migration_articles

LINES = "Advertisement\n\nPolice at the border\n\nRead more: Police at the border"


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    rows = [{k: a[k] for k in ("id", "source", "text")} for a in migration_articles()]
    for row in rows:
        row["text"] += f"\n\n{LINES}\n\nNobody was hurt at the border on Monday."
    path = tmp_path / "a.jsonl"
    path.write_text(json_lines(rows))
    return path


def sentences_of(content: dict[str, Any]) -> int:
    rows = [row for row in content["mix"] if row["code"] == "cannot say"]
    return int(sum(row["n_sentences"] for row in rows))


def test_all_kinds_count_and_keep_their_kind(
    framing: Framing, migration: Path, articles: Path, tmp_path: Path
) -> None:
    asked = ("score", articles, "--project", migration, "--json")
    usual = framing(*asked).json
    ran = framing(*asked, "--keep-all", "-o", tmp_path / "results")
    assert ran.code == 0
    counts = ran.json["counts"]
    assert counts == usual["counts"]
    others = counts["units_heading"] + counts["units_debris"]
    assert others == 3 * counts["articles_read"]
    assert sentences_of(usual) == counts["units_sentence"]
    assert sentences_of(ran.json) == counts["units_sentence"] + others
    kinds = pd.read_parquet(tmp_path / "results" / "scores.parquet")["kind"]
    assert (kinds == "debris").sum() == counts["units_debris"]
    run = (tmp_path / "results" / "run.json").read_text(encoding="utf-8")
    assert '"all_kinds": true' in run


def test_it_is_said(framing: Framing, migration: Path, articles: Path) -> None:
    ran = framing("score", articles, "--project", migration, "--keep-all")
    assert "Sentences, headings and all other lines that carry each code" in ran.out
    assert "counted too (--keep-all)" in " ".join(ran.err.split())


def test_labels_cannot_correct_all_kinds(
    framing: Framing, migration: Path, articles: Path
) -> None:
    asked = ("score", articles, "--project", migration, "--keep-all")
    ran = framing(*asked, "--method", "ppi")
    assert ran.code != 0
    assert "labels are of sentences" in " ".join(ran.err.split())
