"""What several processes gain, what threads would, and how much memory both take.

Scores an invented corpus by one process, by several and by threads, in turns, each in
a fresh program, with and without a results folder:

    python -m benchmarks.jobs
    python -m benchmarks.jobs --articles 2000 20000 --jobs 1 2 --threads --runs 1

Printed are wall and CPU seconds of the program with all its workers (medians), how many
times faster than the first way, and the peaks of what all of them hold together: RSS
counts pages that they share, as libraries are, once for each; PSS counts them once.
One article in ten is a copy of another outlet's, or as many as `--copies` says. With
`--new-words` every article has words that no other has, as names and typing errors are
in a corpus that goes on for years.
"""

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from benchmarks.speed import make_articles
from framing.project import shipped_root

MADE = 500
"""Articles of whose sentences larger corpora are made."""

SCRIPT = """
import sys
from concurrent.futures import ThreadPoolExecutor
from framing.cli import main
if sys.argv[1] == "threads":
    import threading
    from framing.scoring import workers
    from framing.scoring.part import PartScorer
    def score_tasks(tasks, work, jobs):
        own = threading.local()
        def score(task):
            if not hasattr(own, "scorer"):
                own.scorer = PartScorer(work)
            return own.scorer(task)
        waiting = []
        with ThreadPoolExecutor(jobs) as pool:
            for task in tasks:
                waiting.append(pool.submit(score, task))
                if len(waiting) >= 2 * jobs:
                    yield waiting.pop(0).result()
            yield from (future.result() for future in waiting)
    workers.score_tasks = score_tasks
main(sys.argv[2:])
"""


class Used(NamedTuple):
    """What one run took: seconds, and MiB of all its processes together."""

    wall: float
    cpu: float
    rss: float
    pss: float


def write_corpus(
    path: Path, n: int, length: int, *, copies: float, new_words: bool
) -> None:
    made = [a.text for a in make_articles(MADE)]
    sentences = [part.strip() for text in made for part in text.split(". ")]
    words = sorted({word for sentence in sentences for word in sentence.split()})
    chance = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        for number in range(n):
            # A copy has the text of the article before, which is of another outlet.
            seed = number - (chance.random() < copies)
            text = put_together(sentences, words, seed, length)
            text = f"Report {number} of the day. {text}"
            if not number:  # a table: every run looks into the model of languages
                text = f"{' '.join(map(str, range(500)))}. {text}"
            if new_words:
                names = (f"Q{number:x}z{k:x}w" for k in range(20))
                text += f" Names: {', '.join(names)}."
            record = {
                "id": f"article-{number:08}",
                "source": f"Outlet {number % 20}",
                "date": f"2025-{1 + number % 12:02}-01",
                "text": text,
            }
            file.write(json.dumps(record) + "\n")


def put_together(sentences: list[str], words: list[str], seed: int, length: int) -> str:
    """Return a text of sentences with every fourth word changed, as no other has it."""
    rng, text = random.Random(seed), ""
    while len(text) < length:
        own = rng.choice(sentences).split()
        changed = [rng.choice(words) if rng.random() < 0.25 else word for word in own]
        sentence = " ".join(changed)
        text += f"{sentence[:1].upper()}{sentence[1:]}. "
    return text


class Watch(threading.Thread):
    """Looks at the memory of a process and all that it started, until told to stop."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.rss = self.pss = 0.0
        self.done = threading.Event()

    def run(self) -> None:
        """Look ten times a second and keep the most that was seen."""
        while not self.done.is_set():
            held = [_memory(pid) for pid in _family(self.process)]
            self.rss = max(self.rss, sum(rss for rss, _ in held))
            self.pss = max(self.pss, sum(pss for _, pss in held))
            sleep(0.1)


def _family(process: int) -> list[int]:
    try:
        own = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [process, *(pid for child in own.split() for pid in _family(int(child)))]


def _memory(process: int) -> tuple[float, float]:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    sizes = {line.split()[0]: line.split()[1] for line in lines[1:]}
    return int(sizes.get("Rss:", 0)) / 1024, int(sizes.get("Pss:", 0)) / 1024


def measure(corpus: Path, jobs: int, *, threads: bool, kept: bool) -> Used:
    with tempfile.TemporaryDirectory() as folder:
        more = ["-o", str(Path(folder) / "out")] if kept else []
        arguments = ["score", corpus, "--project", shipped_root(), "-q", "--jobs", jobs]
        way = "threads" if threads else "processes"
        before, start = os.times(), monotonic()
        with subprocess.Popen(
            [sys.executable, "-c", SCRIPT, way, *map(str, arguments), *more],
            stdout=subprocess.DEVNULL,
        ) as child:
            watch = Watch(child.pid)
            watch.start()
            status = child.wait()
            wall = monotonic() - start
            watch.done.set()
            watch.join()
        if status:
            msg = f"framing ended with {status}"
            raise SystemExit(msg)
        after = os.times()
        cpu = after.children_user + after.children_system
        cpu -= before.children_user + before.children_system
        return Used(wall, cpu, watch.rss, watch.pss)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=int, nargs="+", default=[4_000])
    parser.add_argument("--characters", type=int, default=5_000, help="of an article")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", action="store_true", help="try threads too")
    parser.add_argument("--kept", action="store_true", help="with a results folder")
    parser.add_argument("--copies", type=float, default=0.1, help="part of all")
    parser.add_argument("--new-words", action="store_true")
    options = parser.parse_args()
    ways = [(jobs, False) for jobs in options.jobs]
    ways += [(jobs, True) for jobs in options.jobs if options.threads and jobs > 1]
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} "
        "before; the machine may be shared\n"
    )
    print(
        f"{'articles':>9}  {'by':<12}{'wall s':>8}{'CPU s':>8}{'load':>6}{'times':>7}"
        f"{'a/s':>7}{'RSS MiB':>9}{'PSS MiB':>9}"
    )
    for n in options.articles:
        with tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder) / "corpus.jsonl"
            write_corpus(
                corpus,
                n,
                options.characters,
                copies=options.copies,
                new_words=options.new_words,
            )
            found: dict[tuple[int, bool], list[Used]] = {way: [] for way in ways}
            for _ in range(options.runs):
                for jobs, threads in ways:
                    used = measure(corpus, jobs, threads=threads, kept=options.kept)
                    found[jobs, threads].append(used)
        first = statistics.median(used.wall for used in found[ways[0]])
        for (jobs, threads), runs in found.items():
            wall, cpu = (statistics.median(run[k] for run in runs) for k in (0, 1))
            rss, pss = (max(run[k] for run in runs) for k in (2, 3))
            name = f"{jobs} {'thread' if threads else 'process'}"
            name += ("s" if threads else "es") * (jobs > 1)
            print(
                f"{n:>9,}  {name:<12}{wall:>8.1f}{cpu:>8.1f}{os.getloadavg()[0]:>6.1f}"
                f"{first / wall:>7.2f}{n / wall:>7.0f}{rss:>9.0f}{pss:>9.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
