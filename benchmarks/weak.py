"""Whether seed-word labels, or self-training, help where few articles are labelled.

``python -m benchmarks.weak --articles 5,20 --draws 3`` takes the labels of the shipped
study, outlets in five folds. Of the outlets of four folds some articles are drawn as
labelled, and 120 others as not labelled; every way to train is measured on the outlets
of the fifth, all folds together: macro-F1 at the thresholds that training chose, and
mean average precision, which no threshold touches.

- labels alone: what `framing train` does
- seed words alone: no training
- seed-word labels W: those of the other articles help at weight W (`--seed-weight`)
- self-training W: sentences of the others of which a model of the labels alone is
  sure, all codes above 0.9 or below 0.1, help at weight W as what it says they are

The penalty is that of the shipped model; thresholds and calibration come from three
folds of the labelled articles.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from framing.agreement import compute_gold
from framing.classifier import Penalty, calibrate, choose, decide
from framing.evaluation import f1_score, grouped_folds
from framing.features import FeatureSpace
from framing.labelstore import read_labels
from framing.model import Bools, Floats, Head, Ints
from framing.project import Project, read_codebook_targets, shipped_root
from framing.tagger import Tagger
from framing.training import heads
from framing.training.examples import Examples, frame_examples
from framing.training.run import FRAMES
from framing.views import Viewer

SETTINGS = replace(FRAMES, penalties=(Penalty(0.0, 1.0),))
N_OTHERS = 120
"""Articles without labels that are made use of."""

SURE = 0.9

Say = tuple[Floats, Bools]
"""Scores and decisions of sentences."""


@dataclass(frozen=True)
class Bench:
    """The labelled sentences, and what the seed words say of them."""

    examples: Examples
    tags: Bools

    def say(self, head: Head, at: Ints) -> Say:
        """Return what a head says of some of the sentences."""
        views = [self.examples.views[i] for i in at]
        rows = FeatureSpace(head.blocks).transform(views)
        proba = calibrate(head, decide(rows, head.coef, head.intercept))
        return proba, choose(head, proba)

    def fit(self, labelled: Ints, others: Ints, gold: Bools, weight: float) -> Head:
        """Return a head of labelled sentences, helped by others with a guessed gold."""
        examples = self.examples.take(labelled)
        if len(others):
            more = self.examples.take(others)
            more = replace(more, gold=gold, weights=weight * more.weights)
            examples = replace(examples, helpers=more)
        return heads.fit_head(examples, SETTINGS)[0]


def read_bench() -> Bench:
    project = Project(shipped_root(), "relations")
    codebook = project.read_codebook()
    seeds, targets = project.read_seed_words(codebook), read_codebook_targets(codebook)
    gold, _ = compute_gold(read_labels(project.labels, codebook).labels, codebook)
    tagger = Tagger(seeds, targets, codebook.names)
    examples = frame_examples(gold, codebook, Viewer(targets, seeds))
    return Bench(examples, tagger.tag([unit.text for unit in gold]))


def ways(
    bench: Bench, labelled: Ints, others: Ints, test: Ints
) -> Iterator[tuple[str, Say]]:
    """Yield the name of each way to train and what it says of the test sentences."""
    nothing = np.zeros(0, dtype=np.int64)
    alone = bench.fit(labelled, nothing, bench.tags, 1.0)
    yield "labels alone", bench.say(alone, test)
    yield "seed words alone", (bench.tags[test].astype(float), bench.tags[test])
    for weight in (0.1, 0.3):
        head = bench.fit(labelled, others, bench.tags[others], weight)
        yield f"seed-word labels {weight}", bench.say(head, test)
    proba, _ = bench.say(alone, others)
    sure = ((proba >= SURE) | (proba <= 1 - SURE)).all(axis=1)
    for weight in (0.3, 1.0):
        head = bench.fit(labelled, others[sure], proba[sure] >= SURE, weight)
        yield f"self-training {weight}", bench.say(head, test)


def draw(bench: Bench, n: int, number: int) -> dict[str, tuple[float, float]]:
    """Return macro-F1 and mean average precision of each way, by one draw."""
    said: dict[str, list[tuple[Ints, Say]]] = {}
    articles = np.array(bench.examples.articles)
    for fold, (train, test) in enumerate(grouped_folds(bench.examples.sources, 5, 0)):
        rng = np.random.default_rng([n, number, fold])
        chosen = rng.choice(np.unique(articles[train]), n, replace=False)
        is_labelled = np.isin(articles[train], chosen)
        labelled, rest = train[is_labelled], train[~is_labelled]
        chosen = rng.choice(np.unique(articles[rest]), N_OTHERS, replace=False)
        others = rest[np.isin(articles[rest], chosen)]
        for name, found in ways(bench, labelled, others, test):
            said.setdefault(name, []).append((test, found))
    return {name: figures(bench.examples.gold, parts) for name, parts in said.items()}


def figures(gold: Bools, parts: list[tuple[Ints, Say]]) -> tuple[float, float]:
    from sklearn.metrics import average_precision_score

    at = np.concatenate([test for test, _ in parts])
    decided = np.concatenate([said[1] for _, said in parts])
    precision = [
        average_precision_score(gold[test, k], said[0][:, k])
        for test, said in parts
        for k in range(gold.shape[1])
    ]
    return float(f1_score(gold[at], decided).mean()), float(np.mean(precision))


def main(say: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", default="5,20", help="labelled, with commas")
    parser.add_argument("--draws", type=int, default=3)
    options = parser.parse_args()
    bench = read_bench()
    heads.N_FOLDS = 3  # inside a draw, to save time
    for n in map(int, options.articles.split(",")):
        drawn = [draw(bench, n, number) for number in range(options.draws)]
        for name in drawn[0]:
            own = np.array([found[name] for found in drawn])
            gain = own - np.array([found["labels alone"] for found in drawn])
            error = gain.std(axis=0, ddof=1) / np.sqrt(len(gain))
            say(
                f"{n:4d} articles, {name:22s} "
                f"F1 {own[:, 0].mean():.3f} ({gain[:, 0].mean():+.3f}, error "
                f"{error[0]:.3f}), average precision {own[:, 1].mean():.3f} "
                f"({gain[:, 1].mean():+.3f}, error {error[1]:.3f})"
            )


if __name__ == "__main__":
    main()
