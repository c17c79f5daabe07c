"""A second study for the tests: how invented outlets frame migration."""

import json
import shutil
from pathlib import Path

from framing.codebook import Codebook
from framing.labelstore import append_labels
from framing.project import Project
from framing.records import Label

CASES = Path(__file__).parent / "cases"
NAME = "migration"


def read_rows() -> list[dict]:
    """The coded sentences: `codes doc_id source text`, in the order of articles."""
    text = (CASES / "migration.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def read_articles() -> list[dict]:
    """The articles that the sentences make up, one sentence after another."""
    articles: dict[str, dict] = {}
    for row in read_rows():
        known = articles.setdefault(
            row["doc_id"],
            {"doc_id": row["doc_id"], "source": row["source"], "text": ""},
        )
        known["text"] = f"{known['text']} {row['text']}".strip()
    return list(articles.values())


def make_labels(codebook: Codebook, coder: str = "ana") -> list[Label]:
    """The labels of one coder; with one code a unit, of sentences that have one."""
    ends: dict[str, int] = {}
    labels = []
    for row in read_rows():
        start = ends.get(row["doc_id"], -1) + 1
        ends[row["doc_id"]] = end = start + len(row["text"])
        if codebook.coding == "multiple" or len(row["codes"]) == 1:
            labels.append(
                Label(
                    row["doc_id"],
                    start,
                    end,
                    row["text"],
                    tuple(row["codes"]),
                    {},
                    coder,
                    "2025-03-01T10:00:00Z",
                    codebook.signature,
                    row["source"],
                )
            )
    return labels


def make_study(folder: Path, *, single: bool = False) -> Project:
    """The study in a folder of its own: codebook and one coder's labels."""
    project = Project(folder, NAME)
    project.labels.mkdir(parents=True)
    path = project.labels / "codebook.toml"
    shutil.copy(CASES / "migration.toml", path)
    if single:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"multiple"', '"single"'), encoding="utf-8")
    codebook = project.read_codebook()
    append_labels(project.labels / "ana.jsonl", make_labels(codebook))
    return project
