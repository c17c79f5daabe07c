"""The 75 cases of bad input, each a run of its own within limits."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests import test_bad_input
from tests.badtable import CASES, PLAIN, Case
from tests.forked import Forks

TESTS = Path(__file__).parent
SECONDS, MEGABYTES = 10, 500
OWN = [case for case in CASES if not case.tests]
OTHERS = [case for case in CASES if case.tests]


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    found = Forks(tmp_path_factory.mktemp("streams"))
    yield found
    found.close()


def state(folder: Path, *, without: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of all that lies below a folder, but for its results."""
    return {
        str(path): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if not path.is_relative_to(without) and path != folder
    }


def label(case: Case) -> str:
    return f"{case.number} {case.what}"


@pytest.mark.parametrize("case", OWN, ids=label)
def test_case(forks: Forks, migration: Path, tmp_path: Path, case: Case) -> None:
    folder, results = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name, content in {"good.txt": PLAIN, **case.files}.items():
        (folder / name).write_bytes(content)
    if case.make:
        case.make(folder)
    before = state(tmp_path, without=results), state(migration, without=results)

    options = (*case.options.split(), "--project", migration)
    ran = forks.run("score", "in", "-o", "out", "--json", *options, at=tmp_path)

    assert ran.code == case.code, ran.err
    assert "Traceback" not in ran.err
    assert all(c.isprintable() for line in ran.err.split("\n") for c in line)
    assert ran.seconds < SECONDS
    assert ran.megabytes < MEGABYTES
    lines = ran.err.splitlines()
    for pattern in case.says:
        assert any(re.search(pattern, line) for line in lines), ran.err
    assert before == (
        state(tmp_path, without=results),
        state(migration, without=results),
    )
    refused = [line for line in lines if line.startswith("framing: ")]
    skipped = [line for line in lines if line.startswith("skipped ")]
    if case.code == 3:
        assert len(refused) == 1
        assert (ran.out, results.exists()) == ("", False)
        return
    assert not refused
    assert bool(skipped) == (case.code == 1)
    assert all(re.match(r"skipped in/\S.*: \S", line) for line in skipped), skipped
    assert ran.json["counts"]["articles_read"] == case.n_read
    scores = pd.read_parquet(results / "scores.parquet")
    articles = pd.read_parquet(results / "articles.parquet")
    assert "good" in set(scores["doc_id"])
    if case.check:
        case.check((scores, articles, results))


@pytest.mark.parametrize("case", OTHERS, ids=label)
def test_case_of_another_part_has_its_tests(case: Case) -> None:
    for test in case.tests:
        file, _, name = test.partition("::")
        code = (TESTS / file).read_text(encoding="utf-8")
        labels = [c.label for c in test_bad_input.CASES]
        assert f"def {name}(" in code or (
            file == "test_bad_input.py" and name in labels
        )


def test_all_numbers_are_there() -> None:
    assert {case.number for case in CASES} == set(range(1, 76))
