"""How long answers take from a large results folder, and how much memory.

Makes the results of an invented scoring, 100,000 articles of 200 sources by default,
and times commands on it, each in a fresh process:

    python -m benchmarks.scale
    python -m benchmarks.scale --articles 1000000 --folder /tmp/scale

Printed are wall and CPU seconds, the median of some runs with the range, and the peak
memory. Sentences are few and short: only their counts are read.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from time import monotonic

import numpy as np
import pandas as pd

from framing.codebook import read_codebook
from framing.modelstore import read_card
from framing.parts import write_part
from framing.prevalence import Counts, count_scores, join_counts
from framing.project import shipped_root
from framing.results import (
    ARTICLES,
    COUNTS,
    HIGHEST,
    SCORES,
    STANCE,
    TARGETS,
    write_results,
)
from framing.tablefile import read_tables

BLOCK = 5_000
ROOT = shipped_root()
MODEL = ROOT / "models" / "relations"
TABLES = (SCORES, ARTICLES, STANCE, COUNTS, TARGETS)
COMMANDS = (
    ("score",),
    ("score", "--by", "source,month"),
    ("compare",),
    ("compare", "--reference", "rest"),
    ("compare", "--by", "month"),
    ("compare", "--event", "2025-07-01", "--code", "sanctions"),
    ("report", "-o", str(Path(tempfile.gettempdir(), "framing-benchmark.html"))),
)


def make_block(start: int, n: int, codes: list[str], sources: int) -> dict:
    """Return the tables of some articles of eight sentences each."""
    rng = np.random.default_rng(start)
    number = np.arange(start, start + n)
    source = np.array([f"Outlet {k:03}" for k in number % sources])
    days = np.datetime64("2025-01-01") + rng.integers(0, 365, n)
    date = days.astype(str)
    ids = np.array([f"article-{k:08}" for k in number])
    size = rng.poisson(7, n) + 1
    at = np.repeat(np.arange(n), size)
    sent_no = np.concatenate([np.arange(k) for k in size])
    leaning = rng.beta(0.5 + (number % sources) / sources, 4, (len(codes), n))
    proba = rng.beta(2 * leaning[:, at] + 0.05, 2 * (1 - leaning[:, at]) + 0.05)
    scores = pd.DataFrame(
        {
            "doc_id": ids[at],
            "sent_no": sent_no,
            "source": source[at],
            "date": date[at],
            "start": 60 * sent_no,
            "end": 60 * sent_no + 50,
            "kind": "sentence",
            "text": "They signed a deal after the talks had failed.",
            **{f"p_{c}": proba[k] for k, c in enumerate(codes)},
            **{c: proba[k] > 0.5 for k, c in enumerate(codes)},
            "cannot_say": rng.random(len(at)) < 0.005,
            "n_words": 18,
            "n_known": 17,
        }
    )
    stance = pd.DataFrame(
        {
            "doc_id": ids,
            "sent_no": 0,
            "source": source,
            "date": date,
            "target": "China",
            "stance": "neutral",
            "p_neutral": 1.0,
        }
    )
    articles = pd.DataFrame(
        {
            "doc_id": ids,
            "source": source,
            "date": date,
            "title": "A title of some length, as articles have",
            "where": [f"corpus.jsonl:{k}" for k in number],
            "n_sentences": size,
            "n_characters": 60 * size,
            "text_hash": [f"{k:016x}" for k in number],
        }
    )
    counts = count_scores(scores, stance, codes)
    return {
        SCORES: scores,
        ARTICLES: articles,
        STANCE: stance,
        COUNTS: counts.articles,
        TARGETS: counts.targets,
        HIGHEST: counts.highest,
    }


def make_results(folder: Path, n: int, sources: int) -> None:
    """Write the results folder of an invented scoring."""
    codebook = read_codebook(ROOT / "labels" / "relations" / "codebook.toml")
    parts = folder.with_name("parts")
    parts.mkdir(parents=True)
    names, highest = [], []
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        tables = make_block(start, size, list(codebook.names), sources)
        names.append(f"{start:09}-made")
        write_part(parts, names[-1], tables)
        highest.append(Counts(tables[COUNTS], tables[TARGETS], tables[HIGHEST]))
    files = {table: [parts / name / table for name in names] for table in TABLES}
    about = {
        "folder": str(MODEL),
        "sha256": read_card(MODEL)["model_sha256"],
        "codebook": codebook.signature,
    }
    n_sentences = len(read_tables(files[SCORES], ["doc_id"]))
    run = {
        "model": about,
        "counts": {"articles_read": n, "units_sentence": n_sentences},
        "skipped": [],
    }
    write_results(folder, {**files, HIGHEST: join_counts(highest).highest}, run)


SCRIPT = """
import sys
from framing.cli import main
try:
    main(sys.argv[2:])
finally:
    lines = open("/proc/self/status").read().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    open(sys.argv[1], "w").write(peak.split()[1])
"""
"""The peak is the child's own: `ru_maxrss` has that of whoever started it."""


ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "framing-benchmark"),
}
"""Modules are compiled once, as where they are installed, and not for each command."""


def clock(command: list[str]) -> tuple[float, float, float]:
    """Return wall and CPU seconds and peak MiB of a command in a fresh process."""
    start = monotonic()
    with tempfile.NamedTemporaryFile("r") as peak:
        child = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", SCRIPT, peak.name, *command],
            ENVIRONMENT,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, out, os.devnull, os.O_WRONLY, 0) for out in (1, 2)
            ],
        )
        _, status, used = os.wait4(child, 0)
        wall = monotonic() - start
        if status:
            msg = f"framing {' '.join(command)}: ended with {status}"
            raise SystemExit(msg)
        return wall, used.ru_utime + used.ru_stime, int(peak.read()) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to keep the results")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.folder or Path(scratch)) / "results"
        if not folder.is_dir():
            make_results(folder, options.articles, options.sources)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
        print(
            f"{options.articles:,} articles, {options.sources} sources, {size:.0f} MiB;"
            f" {platform.machine()}, {os.cpu_count()} cores, load"
            f" {os.getloadavg()[0]:.1f}; the machine may be shared\n"
        )
        clock(["score", str(folder)])  # compiles
        print(f"{'command':<58}{'wall s':>8}{'range':>14}{'CPU s':>8}{'MiB':>6}")
        for command, *more in COMMANDS:
            runs = [clock([command, str(folder), *more]) for _ in range(options.runs)]
            wall, cpu, memory = ([run[k] for run in runs] for k in range(3))
            spread = f"{min(wall):.1f} to {max(wall):.1f}"
            print(
                f"{' '.join([command, 'RESULTS', *more]):<58}"
                f"{statistics.median(wall):>8.1f}{spread:>14}"
                f"{statistics.median(cpu):>8.1f}{max(memory):>6.0f}"
            )


if __name__ == "__main__":
    main()
