"""Two small studies with a model each, and the command line to try on them."""

import fcntl
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import settings

from framing.native.build import build_kernel, is_current

if not is_current():  # in a checkout that nobody installed, or after a change
    build_kernel()

settings.register_profile("framing", deadline=None, derandomize=True)
settings.load_profile("framing")

os.environ["FRAMING_CACHE"] = "off"  # a test leaves nothing in anybody's home

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
OUTLET = "Albion News"
"""The outlet of the seed corpus that the small model of relations learns from."""

SENTENCES_AN_ARTICLE = 4
"""Makes twelve articles of each invented outlet: enough for intervals."""


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Framing = Callable[..., Ran]


@pytest.fixture
def framing(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Framing:
    """Run `framing ARGUMENTS` in a folder, by default an empty one."""

    def run(*arguments: object, at: Path = tmp_path, stdin: str = "") -> Ran:
        monkeypatch.chdir(at)
        piped = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", piped)
        monkeypatch.setattr(sys, "argv", ["framing", *map(str, arguments)])
        capsys.readouterr()
        code = call(*arguments)
        return Ran(code, *capsys.readouterr())

    return run


def call(*arguments: object) -> int:
    """Return the exit code of a command."""
    from framing.cli import main

    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


def json_lines(records: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)


def migration_articles() -> list[dict[str, Any]]:
    """Return articles made of the coded sentences, with their codes and places."""
    lines = (CASES / "migration.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    articles = []
    for source in dict.fromkeys(row["source"] for row in rows):
        own = [row for row in rows if row["source"] == source]
        for at in range(0, len(own), SENTENCES_AN_ARTICLE):
            part = own[at : at + SENTENCES_AN_ARTICLE]
            articles.append(
                {
                    "id": f"{source.split()[0].lower()}-{at // SENTENCES_AN_ARTICLE}",
                    "source": source,
                    "date": "2026-03-01",
                    "text": " ".join(row["text"] for row in part),
                    "coded": [(row["text"], row["codes"]) for row in part],
                }
            )
    return articles


def migration_labels(signature: str, coder: str = "ana") -> str:
    """Return the label file of a coder of the sentences."""
    return json_lines(
        {
            "codebook": signature,
            "coder": coder,
            "codes": codes,
            "doc_id": article["id"],
            "end": (start := article["text"].index(text)) + len(text),
            "source": article["source"],
            "stance": {},
            "start": start,
            "text": text,
            "time": "2026-03-02T00:00:00Z",
        }
        for article in migration_articles()
        for text, codes in article["coded"]
    )


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the studies `migration` and `relations`, trained.

    Parallel workers share it: the first one makes it. Tests must not change it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if base.name.startswith("pytest") else base.parent) / "studies"
    with (folder.parent / "studies.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            part = folder.with_name("studies.part")
            make_migration(part / "migration")
            make_relations(part / "relations")
            part.rename(folder)
    return folder


@pytest.fixture(scope="session")
def migration(studies: Path) -> Path:
    """Return a study made by `framing init`, coded by one coder and trained."""
    return studies / "migration"


@pytest.fixture(scope="session")
def relations(studies: Path) -> Path:
    """Return a study with the shipped codebook, targets and a model with stance."""
    return studies / "relations"


@pytest.fixture
def own_migration(migration: Path, tmp_path: Path) -> Path:
    """Return a copy of the study `migration` that a test may change."""
    return shutil.copytree(migration, tmp_path / "study")


def make_migration(folder: Path) -> None:
    from framing.codebook import read_codebook

    call("init", folder, "--codes", "economy,security,humanity", "--name", "migration")
    labels = folder / "labels" / "migration"
    # Filled in by a researcher:
    shutil.copy(CASES / "migration.toml", labels / "codebook.toml")
    signature = read_codebook(labels / "codebook.toml").signature
    (labels / "ana.jsonl").write_text(migration_labels(signature), encoding="utf-8")
    articles = [
        {key: value for key, value in article.items() if key != "coded"}
        for article in migration_articles()
    ]
    place = folder / "seeds" / "articles" / "articles.jsonl"
    place.write_text(json_lines(articles), encoding="utf-8")
    train(folder)


def make_relations(folder: Path) -> None:
    shipped = ROOT / "labels" / "relations"
    labels = folder / "labels" / "relations"
    (folder / "seeds").mkdir(parents=True)
    labels.mkdir(parents=True)
    shutil.copy(ROOT / "seeds" / "relations.toml", folder / "seeds")
    for name in ("codebook.toml", "targets.toml"):
        shutil.copy(shipped / name, labels)
    for name in ("coder-a.jsonl", "adjudicated.jsonl"):
        with (shipped / name).open(encoding="utf-8") as lines:
            own = [line for line in lines if json.loads(line)["source"] == OUTLET]
        (labels / name).write_text("".join(own), encoding="utf-8")
    train(folder, "--no-left-out")


def train(folder: Path, *options: str) -> None:
    """Train with one penalty, not the best of many: tests only need a model."""
    from framing.training import run

    with pytest.MonkeyPatch.context() as patch:
        one = replace(run.FRAMES, penalties=run.STANCE.penalties[:1])
        patch.setattr(run, "FRAMES", one)
        assert call("train", "--project", folder, "--quiet", *options) == 0
