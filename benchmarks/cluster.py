"""Where one client of a cluster ends: what it reads, sends and remembers.

    python benchmarks/cluster.py [--articles FILE] [--n 4000]

A client reads the articles, names the parts and sends them to workers; here workers
throw them away, so that what is measured is the client and Dask alone. Without
`--articles` text is made as in benchmarks/speed.py. Then what grows with the corpus:
the memory for ids seen, the files of parts and of results, their footers.
"""

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from speed import load, make_articles  # noqa: E402

from framing import articles as reading  # noqa: E402
from framing.articles import ReadLog, ReadOptions, read_articles, survey  # noqa: E402
from framing.parts import Manifest, Parts, open_parts  # noqa: E402
from framing.records import Article  # noqa: E402
from framing.results import COUNTS, SCORES  # noqa: E402
from framing.scoring import by_processes, connect, run, score_inputs  # noqa: E402
from framing.scoring.part import Done, Task, Work  # noqa: E402
from framing.tablefile import join_files  # noqa: E402

MANIFEST = Manifest("0", "measured", run.PART)
IDS = 200_000


def write_corpus(path: Path, n: int) -> None:
    """Write made articles as JSONL."""
    with path.open("w", encoding="utf-8") as file:
        for number, article in enumerate(make_articles(n)):
            row = {
                "id": f"article-{number:09}",
                "source": f"Outlet {number % 40}",
                "date": article.date,
                "title": "A title of some length, as articles have",
                "text": article.text,
            }
            file.write(json.dumps(row) + "\n")


def idle(name: str, task: Task) -> tuple[Path, Done]:
    """Take a part and do nothing with it."""
    return Path(), Done(len(task.articles))


def cpu() -> float:
    """Return the CPU seconds of this process, not of the others."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


def read_and_name(path: Path) -> None:
    """Do what a client does before it sends."""
    survey([str(path)], hashed=True)
    parts = Parts(Path(), MANIFEST)
    for number, own in enumerate(run._cut(stream(path))):
        parts.name(number, own)


def stream(path: Path):
    return read_articles([str(path)], ReadOptions(), ReadLog())


def send(path: Path, scratch: Path) -> None:
    """Have idle workers take all parts."""
    from framing.scoring import cluster

    cluster._score = idle
    work = Work(load(), scratch)
    parts = Parts(scratch, MANIFEST)
    tasks = (
        Task(parts.name(number, own), own)
        for number, own in enumerate(run._cut(stream(path)))
    )
    with connect("local", 2) as way:
        start = cpu()
        list(way([Task("", [])], work))
        start = cpu() - start
        print(f"{'client, model to the workers, once':<42}{start:7.2f} CPU s")
        tell("client, all that and sending", lambda: list(way(tasks, work)), start)


n_articles, n_characters = 0, 0


def tell(what: str, do, less: float = 0.0) -> None:
    """Print what something costs, less what was measured for itself."""
    wall, start = time.monotonic(), cpu()
    do()
    wall, used = time.monotonic() - wall, cpu() - start - less
    print(
        f"{what:<42}{used:7.2f} CPU s {wall:7.2f} s; per CPU second"
        f" {n_articles / used:8,.0f} articles, {n_characters / used / 1e6:5.1f} MB"
    )


def size(paths) -> int:
    return sum(path.stat().st_size for path in paths)


def keep(path: Path, scratch: Path) -> None:
    """Print what parts and results take, by a million articles and a part."""
    import pyarrow.parquet as pq

    with open_parts(scratch / "out", MANIFEST) as parts:
        start = time.process_time()
        done = score_inputs(
            [str(path)], ReadOptions(), load(), parts=parts, way=by_processes(1)
        )
        used = time.process_time() - start
        print(
            f"{'score and write parts, one process':<42}{used:7.2f} CPU s"
            f"{'':>11}; per CPU second {n_articles / used:8,.0f} articles,"
            f" {n_characters / used / 1e6:5.1f} MB"
        )
        millions = n_articles / 1e6
        for name, files in done.files.items():
            joined = scratch / name
            join_files(files, joined)
            footer = pq.read_metadata(joined).serialized_size
            print(
                f"{name:<18} {size(files) / millions / 1e9:6.2f} GB in parts,"
                f" {joined.stat().st_size / millions / 1e9:6.2f} GB in results, by"
                f" million articles; footer {footer / len(files) / 1e3:.1f} kB a part"
            )
        assert {SCORES, COUNTS} <= set(done.files)


def remember() -> None:
    """Print what ids take that were seen."""
    seen: dict = {}
    log = ReadLog()
    tracemalloc.start()
    for number in range(IDS):
        where = f"corpus/2026-01.parquet:row {number}"
        name = f"article-{number:09}"
        article = Article(name, "s", "", "", f"text {number}", where=where)
        reading._is_new(article, seen, log)
    taken = tracemalloc.get_traced_memory()[0] / IDS
    tracemalloc.stop()
    print(f"ids seen: {taken:.0f} bytes an article")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=Path, help="JSONL or Parquet")
    parser.add_argument("--n", type=int, default=4000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = options.articles or Path(scratch) / "made.jsonl"
        if options.articles is None:
            write_corpus(path, options.n)
        global n_articles, n_characters
        for article in stream(path):
            n_articles += 1
            n_characters += len(article.text)
        print(
            f"{n_articles:,} articles of {n_characters / n_articles:,.0f} characters,"
            f" {platform.machine()}, {os.cpu_count()} cores, load"
            f" {os.getloadavg()[0]:.1f}; the machine may be shared\n"
        )
        tell("client, hash, read and name", lambda: read_and_name(path))
        (Path(scratch) / "shared").mkdir()
        send(path, Path(scratch) / "shared")
        keep(path, Path(scratch))
        remember()


if __name__ == "__main__":
    main()
