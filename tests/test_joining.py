"""Results of several runs are put together, or it is said why not."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Framing, call


@pytest.fixture(scope="module")
def scored(migration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the results of a corpus, and of its halves."""
    folder = tmp_path_factory.mktemp("runs")
    text = (migration / "seeds" / "articles" / "articles.jsonl").read_text("utf-8")
    lines = text.splitlines(keepends=True)
    half = len(lines) // 2
    for name, own in {"all": lines, "a": lines[:half], "b": lines[half:]}.items():
        path = folder / f"{name}.jsonl"
        path.write_text("".join(own), encoding="utf-8")
        target = folder / f"r-{name}"
        assert call("score", path, "-o", target, "--project", migration, "-q") == 0
    return folder


@pytest.fixture
def runs(scored: Path, tmp_path: Path) -> Path:
    """Return a copy of the results, where the commands of a test run."""
    return shutil.copytree(scored, tmp_path, dirs_exist_ok=True)


def test_halves_of_a_corpus_make_the_whole(
    framing: Framing, migration: Path, runs: Path
) -> None:
    more = ("--project", migration, "--csv")
    whole = framing("score", "r-all", *more)
    assert framing("score", "r-a", "r-b", "-o", "both", *more).out == whole.out
    for again in ("r-all", "both"):
        about = json.loads((runs / again / "run.json").read_text("utf-8"))
        assert about["counts"]["articles_read"] == len(
            (runs / "all.jsonl").read_text("utf-8").splitlines()
        )
    for table in ("scores", "articles", "counts", "targets", "highest"):
        one, two = (
            pd.read_parquet(runs / folder / f"{table}.parquet").drop(
                columns="where", errors="ignore"
            )
            for folder in ("r-all", "both")
        )
        pd.testing.assert_frame_equal(one, two)
    assert [part["folder"] for part in about["joined"]] == ["r-a", "r-b"]
    one, two = (framing("compare", folder, *more) for folder in ("r-all", "both"))
    assert one == two
    assert one.code == 0


def change(path: Path, key: str, value: object) -> None:
    run = json.loads(path.read_text("utf-8"))
    inner = run["model"] if key in run["model"] else run
    inner[key] = value
    path.write_text(json.dumps(run), encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("sha256", "0" * 64, "r-b: another model than r-a. Put together what was"),
        ("codebook", "x@1", "r-b: another codebook than r-a."),
        ("thresholds", {"economy": 0.5}, "r-b: other thresholds than r-a."),
        ("framing", "0.0.1", "r-b: another release of framing than r-a."),
        ("files", [], "r-b: other files than r-a."),
        ("", "r-all", "r-all: article 'harbour-0' is in r-a too. Split the corpus s"),
        ("", "a.jsonl", "r-a: results beside articles. Name one or the other."),
    ],
)
def test_what_does_not_fit_together_is_refused(
    framing: Framing, migration: Path, runs: Path, key: str, value: object, said: str
) -> None:
    other = "r-b" if key else value
    if key:
        change(runs / "r-b" / "run.json", key, value)
    ran = framing("score", "r-a", other, "--project", migration)
    assert ran.code == 3
    assert ran.err.startswith(f"framing: {said}")
    assert (ran.err.count("\n"), ran.out) == (1, "")
