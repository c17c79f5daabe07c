"""How many planted copies are found, in what time and memory.

    python -m benchmarks.copies                        10,000 articles
    python -m benchmarks.copies --n 10000 100000 300000
    python -m benchmarks.copies --articles FILE...     copies planted into your articles
    python -m benchmarks.copies --n 6000 --seed 1 --bound 0.33

`recall` is the part of the copies that are in one cluster with their original, `marked`
the part that are said to be a copy of it or of another copy of it, or it of them.
Precision and recall of pairs go over all pairs of articles in one cluster.
`tests/planting.py` says what is planted. Time is for making sketches and for finding
copies, without the time for making up the texts or reading them; memory is what was
held at most beyond what was there before.
"""

import argparse
import resource
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from framing.articles import ReadLog, ReadOptions, read_articles
from framing.copies import Sketch, find_copies, marking, originals, sketch_texts
from framing.model import Ints
from tests.planting import Planted, judge_copies, judge_pairs

AT_ONCE = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, nargs="+", default=[10_000])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--articles", nargs="+", default=[])
    parser.add_argument("--bound", type=float, help="another bound of the overlap")
    asked = parser.parse_args()
    if asked.bound:
        marking.COPY = originals.COPY = asked.bound
    if asked.articles:
        found = read_articles(asked.articles, ReadOptions(), ReadLog())
        texts = [article.text for article in found if len(article.text.split()) >= 100]
        measure(Planted(int(len(texts) / 0.8), asked.seed, texts))
        return
    for n in asked.n:
        measure(Planted(n, asked.seed))


def measure(corpus: Planted) -> None:
    """Print what was found in a corpus, and what it took."""
    truth = corpus.articles
    before = peak()
    clock = Clock()
    sketches: list[Sketch] = []
    for start in range(0, corpus.n, AT_ONCE):
        texts = [corpus.text(i) for i in range(start, min(start + AT_ONCE, corpus.n))]
        with clock:
            sketches += sketch_texts(texts)
    kept = sum(len(sketch.to_bytes()) for sketch in sketches)
    read = Clock()

    def read_texts(rows: Ints) -> Iterator[str]:
        for row in rows.tolist():
            with read:
                text = corpus.text(row)
            yield text

    find = Clock()
    with find:
        marks = find_copies(truth, sketches, read_texts)
    precision, recall = judge_pairs(truth, marks)
    print(f"{corpus.n:,} articles, seed {corpus.seed}")
    print(judge_copies(truth, marks).round(3).to_string())
    print(f"pairs: recall {recall:.3f}, precision {precision:.3f}")
    wrong = wrongly_joined(truth, marks)
    print(f"joined without being copies: {wrong[0]} of {wrong[1]} reports of one event")
    print(f"clusters: largest {marks['copy_cluster'].value_counts().iloc[0]}")
    print(
        f"sketches {clock.seconds:.1f} s, {kept / corpus.n:.0f} bytes an article; "
        f"copies {find.seconds - read.seconds:.1f} s; memory {peak() - before:.0f} MB\n"
    )


def wrongly_joined(truth: pd.DataFrame, marks: pd.DataFrame) -> tuple[int, int]:
    """Return how many pairs of reports of one event were joined, and of how many."""
    reports = truth["event"] >= 0
    pairs = marks.loc[reports].groupby(truth.loc[reports, "event"])["copy_cluster"]
    return int((pairs.nunique() < pairs.size()).sum()), pairs.ngroups


def peak() -> float:
    """Return the most memory that was held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Clock:
    """Adds up the processor time spent within it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self.start = time.process_time()

    def __exit__(self, *error: object) -> None:
        self.seconds += time.process_time() - self.start


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
