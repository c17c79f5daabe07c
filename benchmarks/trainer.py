"""How good a general trainer `framing train` is, on any labelled set.

framing with its defaults, beside scikit-learn's plain TF-IDF with logistic
regression and a tuned linear SVM, on the same split or the same grouped folds:

    python benchmarks/trainer.py --train train.csv --test test.csv
    python benchmarks/trainer.py --data all.jsonl --folds 5
    python benchmarks/trainer.py --train a0.tsv a1.tsv --test b0.tsv b1.tsv

Labels stand in one column, several parted by | # or ; or in a column of 0 and 1 per
code (--codes a,b,c). Several files after --train and --test are pairs of folds; their
scores are averaged. A set where every text has exactly one code is taken as
single-label.
"""

import argparse
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.svm import LinearSVC

from framing.classifier import calibrate, choose, decide
from framing.features import FeatureSpace
from framing.labelled import Labelled, LabelledColumns, read_labelled
from framing.seedwords import SeedWords
from framing.targets import Targets
from framing.training.examples import Examples
from framing.training.heads import fit_head
from framing.training.run import FRAMES
from framing.views import Viewer

Split = tuple[list[Labelled], list[Labelled]]
Method = Callable[[list[Labelled], list[Labelled], Sequence[str], bool], np.ndarray]


def gold_of(units: Sequence[Labelled], codes: Sequence[str]) -> np.ndarray:
    return np.array([[code in unit.codes for code in codes] for unit in units])


def by_framing(
    train: list[Labelled], test: list[Labelled], codes: Sequence[str], single: bool
) -> np.ndarray:
    viewer = Viewer(Targets(), SeedWords(()))
    groups = [unit.group for unit in train]
    examples = Examples(
        [viewer.view(viewer.read(unit.text)) for unit in train],
        gold_of(train, codes),
        tuple(codes),
        single,
        groups,
        groups,
        np.ones(len(train)),
    )
    head, _, _ = fit_head(examples, FRAMES)
    rows = FeatureSpace(head.blocks).transform(
        [viewer.view(viewer.read(u.text)) for u in test]
    )
    z = decide(rows, head.coef, head.intercept)
    return choose(head, calibrate(head, z))


def by_plain(
    train: list[Labelled], test: list[Labelled], codes: Sequence[str], single: bool
) -> np.ndarray:
    features = TfidfVectorizer(ngram_range=(1, 2))
    return _by_sklearn(
        features, LogisticRegression(max_iter=2000), train, test, codes, single
    )


def by_svm(
    train: list[Labelled], test: list[Labelled], codes: Sequence[str], single: bool
) -> np.ndarray:
    features = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
            (
                "chars",
                TfidfVectorizer(
                    analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2
                ),
            ),
        ]
    )
    if single:
        search = GridSearchCV(
            LinearSVC(class_weight="balanced"),
            {"C": [0.03, 0.1, 0.3, 1.0]},
            scoring="f1_macro",
            cv=3,
        )
    else:
        search = LinearSVC(class_weight="balanced", C=0.1)
    return _by_sklearn(features, search, train, test, codes, single)


def _by_sklearn(features, estimator, train, test, codes, single) -> np.ndarray:  # type: ignore[no-untyped-def]
    gold = gold_of(train, codes)
    model = make_pipeline(
        features, estimator if single else OneVsRestClassifier(estimator)
    )
    model.fit(
        [u.text for u in train], gold.argmax(axis=1) if single else gold.astype(int)
    )
    said = model.predict([u.text for u in test])
    return np.eye(len(codes), dtype=bool)[said] if single else said.astype(bool)


METHODS: dict[str, Method] = {
    "framing train, defaults": by_framing,
    "plain TF-IDF + LR": by_plain,
    "tuned linear SVM": by_svm,
}


def measure(
    gold: np.ndarray, said: np.ndarray, single: bool
) -> tuple[float, float, float]:
    if single:
        a, b = gold.argmax(axis=1), said.argmax(axis=1)
        return (
            f1_score(a, b, average="macro", labels=np.unique(a)),
            accuracy_score(a, b),
            matthews_corrcoef(a, b),
        )
    mcc = [matthews_corrcoef(g, s) for g, s in zip(gold.T, said.T, strict=True)]
    return (
        f1_score(gold, said, average="macro", zero_division=0),
        accuracy_score(gold, said),
        float(np.mean(mcc)),
    )


def read_splits(options: argparse.Namespace) -> list[Split]:
    columns = LabelledColumns(
        options.text_column, options.label_column, options.group_column
    )
    named = [code for code in options.codes.split(",") if code]
    if options.data:
        units = read_labelled(options.data, columns, named)
        groups = [unit.group for unit in units]
        folds = GroupKFold(options.folds, shuffle=True, random_state=0)
        return [
            ([units[i] for i in train], [units[i] for i in test])
            for train, test in folds.split(units, groups=groups)
        ]
    return [
        (read_labelled(train, columns, named), read_labelled(test, columns, named))
        for train, test in zip(options.train, options.test, strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--train", type=Path, nargs="*", default=[])
    parser.add_argument("--test", type=Path, nargs="*", default=[])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--text-column", default="")
    parser.add_argument("--label-column", default="")
    parser.add_argument("--group-column", default="")
    parser.add_argument("--codes", default="", help="columns of 0 and 1")
    parser.add_argument("--only", default="", help="part of a method's name")
    options = parser.parse_args()
    splits = read_splits(options)
    units = [unit for train, _ in splits for unit in train]
    codes = sorted({code for unit in units for code in unit.codes})
    single = all(len(unit.codes) == 1 for unit in units)
    print(
        f"{len(codes)} codes, {'one' if single else 'any number'} a unit, "
        f"{len(splits)} splits"
    )
    print(f"{'':26}macro-F1  accuracy   MCC")
    for name, method in METHODS.items():
        if options.only not in name:
            continue
        scores = []
        for train, test in splits:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                said = method(train, test, codes, single)
            scores.append(measure(gold_of(test, codes), said, single))
        f1, accuracy, mcc = np.mean(scores, axis=0)
        print(f"{name:26}{f1:8.3f}  {accuracy:8.3f}  {mcc:.3f}", flush=True)


if __name__ == "__main__":
    main()
