"""Memory does not grow with the corpus; a planted leak is seen."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from framing.records import Article

ROOT = Path(__file__).parents[1]
FEW, FACTOR = 1_000, 10
"""Articles of the smaller corpus, and how many times more the larger one has."""

GROWTH, MOST = 1.1, 500
"""Peak of the larger corpus by that of the smaller; MiB at most."""

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
if sys.argv[2] == "leak":
    from framing.scoring import part
    kept, tables = [], part.part_tables
    part.part_tables = lambda *given: kept.append(tables(*given)) or kept[-1]
from framing.cli import main
try:
    main(sys.argv[3:])
finally:
    lines = open("/proc/self/status").read().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    print("peak", peak.split()[1], file=sys.stderr)
"""
LONG_RUN = """
import json, shutil, sys
from itertools import count, islice
from pathlib import Path
folder, n_parts, leaks = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "leak"
sys.path.insert(0, sys.argv[4])
from framing.heap import give_back
from framing.modelstore import load_model
from framing.scoring import part, run
from framing.scoring.part import Task, Work
from framing.scoring.workers import score_tasks
from tests.test_memory import made_articles
if leaks:
    kept, tables = [], part.part_tables
    def leaking(articles, scorer):
        made = tables(articles, scorer)
        kept.append(b"x" * (20 * len(made[part.SCORES])))
        return made
    part.part_tables = leaking
model, _ = load_model(Path(sys.argv[4], "models", "relations"))
stream = made_articles(count())
tasks = (Task(f"{i:06}-x", list(islice(stream, run.PART))) for i in range(n_parts))
n, samples = 0, []
for number, done in enumerate(score_tasks(tasks, Work(model, folder), 1)):
    shutil.rmtree(folder / f"{number:06}-x")
    n += 20 * done.n_articles
    give_back()  # what is free is no leak
    lines = open("/proc/self/status").read().splitlines()
    # Not all of RSS: pages of libraries come and go.
    own = next(line for line in lines if line.startswith("RssAnon"))
    samples.append((n, int(own.split()[1]) / 1024))
print(json.dumps(samples))
"""
LONG = 120
"""Parts of a long run, of 4,000 sentences each."""

SLOPE, STEP = 5, 8
"""MiB by million sentences, and from the middle third to the last one."""

SENTENCES = (
    "Ministers number {} met in the capital and signed a trade deal.",
    "Troops of unit {} shelled the border town, officials said.",
    "The bank said that sanctions on firm {} would stay in place.",
    "Nobody in village {} expected the talks to last for so long.",
)


def made_articles(numbers: Iterable[int]) -> Iterator[Article]:
    for number in numbers:
        # No more distinct words with more articles: words are remembered, up to a
        # limit, and that is not what is measured.
        words = [SENTENCES[k % 4].format((31 * number + k) % 997) for k in range(20)]
        source, date = f"Outlet {number % 20}", f"2025-{1 + number % 12:02}-01"
        yield Article(f"article-{number}", source, date, "", " ".join(words))


def write_corpus(path: Path, n: int) -> None:
    with path.open("w") as file:
        for made in made_articles(range(n)):
            article = {
                "id": made.doc_id,
                "source": made.source,
                "date": made.date,
                "text": made.text,
            }
            file.write(json.dumps(article) + "\n")


def peak(folder: Path, n: int, *more: str, leak: bool = False) -> float:
    """Return the peak memory in MiB of scoring so many articles."""
    corpus = folder / f"{n}.jsonl"
    if not corpus.exists():
        write_corpus(corpus, n)
    arguments = ["score", corpus, "--project", ROOT, "--jobs", "1", *more]
    command = [sys.executable, "-c", SCRIPT, ROOT, "leak" if leak else "", *arguments]
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(ran.stderr.rsplit(maxsplit=1)[-1]) / 1024


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("-o", "out")])
def test_ten_times_the_articles_take_no_more_memory(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    few, many = (peak(tmp_path, n, *more) for n in (FEW, FACTOR * FEW))
    assert many <= GROWTH * few, (few, many)
    assert many <= MOST


@pytest.mark.slow
def test_planted_leak_is_seen(tmp_path: Path) -> None:
    few, many = (peak(tmp_path, n, leak=True) for n in (FEW, FACTOR * FEW))
    assert many > GROWTH * few, (few, many)


def growth(folder: Path, *, leak: bool = False) -> tuple[float, float]:
    """Return how memory grows over a long run: by million sentences, and at the end."""
    arguments = [folder, LONG, "leak" if leak else "", ROOT]
    ran = subprocess.run(
        [sys.executable, "-c", LONG_RUN, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    n, size = np.array(json.loads(ran.stdout)).T
    third = len(n) // 3  # the first of them fills memos and what else is kept
    slope = np.polyfit(n[third:], size[third:], 1)[0] * 1e6
    step = np.median(size[2 * third :]) - np.median(size[third : 2 * third])
    return float(slope), float(step)


@pytest.mark.slow
def test_memory_does_not_grow_over_a_long_run(tmp_path: Path) -> None:
    slope, step = growth(tmp_path)
    assert slope <= SLOPE
    assert step <= STEP


@pytest.mark.slow
def test_leak_of_a_few_bytes_a_sentence_is_seen(tmp_path: Path) -> None:
    assert growth(tmp_path, leak=True)[0] > SLOPE
