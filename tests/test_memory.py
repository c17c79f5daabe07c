"""Memory does not grow with the corpus; a planted leak is seen."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
SENTENCES = (
    "Ministers number {} met in the capital and signed a trade deal.",
    "Troops of unit {} shelled the border town, officials said.",
    "The bank said that sanctions on firm {} would stay in place.",
    "Nobody in village {} expected the talks to last for so long.",
)


def write_corpus(path: Path, n: int) -> None:
    with path.open("w") as file:
        for number in range(n):
            # No more distinct words with more articles: words are remembered, up to a
            # limit, and that is not what is measured.
            words = [
                SENTENCES[k % 4].format((31 * number + k) % 997) for k in range(20)
            ]
            article = {
                "id": f"article-{number}",
                "source": f"Outlet {number % 20}",
                "date": f"2025-{1 + number % 12:02}-01",
                "text": " ".join(words),
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
