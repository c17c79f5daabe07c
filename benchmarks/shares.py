"""How near estimated shares come to the truth, and whether their intervals hold it.

Run from the root of the repository:

    python -m benchmarks.shares simulate
    python -m benchmarks.shares unseen
    python -m benchmarks.shares babe --data sg2.csv
    python -m benchmarks.shares alarms
    python -m benchmarks.shares speed

`simulate` makes corpora with known shares (tests/simulation.py); `unseen` scores each
outlet of the seed corpus by a model that did not see it; `babe` does so with the public
sentences of BABE (Spinde et al. 2021), `biased` or not; `alarms` compares sources that
differ by chance alone; `speed` takes the time. Tables give, for each method, the mean
error (`bias`), the mean absolute error of a source's share (`error`), the part of 95 %
intervals that hold the truth (`coverage`) and their mean width.
"""

import argparse
import json
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.trainer import gold_of
from framing.classifier import calibrate, choose, decide
from framing.features import FeatureSpace
from framing.labelled import Labelled
from framing.model import Bools, Floats
from framing.prevalence import (
    METHODS,
    Evidence,
    LabelledSample,
    Tally,
    measure_mix,
)
from framing.sampling import draw_sample
from framing.seedwords import SeedWords
from framing.targets import Targets
from framing.training.examples import Examples
from framing.training.heads import fit_head
from framing.training.run import FRAMES
from framing.views import Viewer
from tests.simulation import (
    ALONE,
    CARD,
    WORLDS,
    compare_all,
    draw_labels,
    estimates,
    judge,
    label,
    make_corpus,
    simulate,
    split_outlet,
    summarise,
    tally_arrays,
)

OUT_OF_FOLD = CARD.with_name("out_of_fold.parquet")
FEWEST = 100
"""Sentences below which an outlet of BABE is left out."""


def show(table: pd.DataFrame, title: str) -> None:
    print(f"\n{title}\n{table.round(3).to_string()}", flush=True)


def by_code(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row per method, with each figure for every code."""
    figures = ["bias", "error", "coverage", "width"]
    return rows.pivot_table(figures, "method", "code", sort=False)[figures]


def run_simulate(options: argparse.Namespace) -> None:
    for census in (False, True):
        truth = "the articles themselves" if census else "the writing behind them"
        for world in WORLDS:
            rows = simulate(world, options.corpora, seed=options.seed, census=census)
            show(by_code(rows), f"{world}; truth: {truth}; {options.corpora} corpora")


def judge_draws(
    tally: Tally,
    coded: Bools,
    samples: Iterator[LabelledSample],
    priors: tuple[float, ...],
) -> pd.DataFrame:
    """Return what every method makes of many samples; the articles are all there are.

    What needs no labels is estimated once and stands for all samples.
    """
    sums = np.column_stack([np.bincount(tally.cell, column) for column in coded.T])
    truth = sums / np.bincount(tally.cell)[:, None]
    with_labels = [name for name, method in METHODS.items() if method.needs_labels]
    without = [name for name in METHODS if name not in with_labels]
    rows = []
    for number, sample in enumerate(samples):
        evidence = Evidence(tally, sample, priors, census=True)
        methods = (*with_labels, ALONE, *(without if number == 0 else ()))
        rows += [
            judge(found, truth).assign(
                method=method, draw=number, share=found.share.ravel()
            )
            for method, found in estimates(evidence, methods).items()
        ]
    table = pd.concat(rows, ignore_index=True)
    return table.assign(
        source=np.array(tally.sources)[table["source"]],
        code=np.array(tally.codes)[table["code"]],
    )


def run_unseen(options: argparse.Namespace) -> None:
    frames = json.loads(CARD.read_text(encoding="utf-8"))["frames"]
    units = pd.read_parquet(OUT_OF_FOLD)
    thresholds = frames["thresholds"]
    codes = list(thresholds)
    proba = units[[f"u_{code}" for code in codes]].to_numpy(dtype=np.float64)
    coded = units[codes].to_numpy(dtype=bool)
    tally = tally_arrays(
        units["source"].to_numpy(),
        units["doc_id"].to_numpy(),
        proba,
        proba >= np.array([thresholds[code] for code in codes]),
        codes,
    )
    n = options.labels * len(tally.sources)

    def samples() -> Iterator[LabelledSample]:
        for number in range(options.draws):
            drawn = draw_sample(units, n, seed=options.seed + number)
            at = units.index.get_indexer(drawn.index)
            yield label(tally, coded, at, 1 / drawn["probability"].to_numpy())

    rows = judge_draws(tally, coded, samples(), tuple(coded.mean(axis=0)))
    print(f"{options.labels} labels an outlet, {options.draws} draws")
    one = rows[rows["method"] == "hierarchical"]
    per_outlet = summarise(one, ["source", "code"]).assign(
        truth=one.groupby(["source", "code"], sort=False)["truth"].first(),
        corrected=one.groupby(["source", "code"], sort=False)["share"].mean(),
    )
    for method in ("count", "mean"):
        own = rows[rows["method"] == method].set_index(["source", "code"])
        per_outlet[method] = own["share"]
    order = ["truth", "count", "mean", "corrected", "error", "coverage", "width"]
    show(per_outlet[order], "hierarchical, each outlet unseen by its model")
    show(by_code(rows), "by code")
    show(summarise(rows, ["method"]), "all outlets and codes")


def read_babe(path: Path) -> pd.DataFrame:
    """Return the sentences of large outlets on which the coders agreed."""
    table = pd.read_csv(path)
    table = table[table["label_bias"] != "No agreement"]
    n = table["outlet"].value_counts()
    return table[table["outlet"].isin(n[n >= FEWEST].index)].reset_index(drop=True)


def score_unseen(table: pd.DataFrame) -> tuple[Floats, Bools]:
    """Return scores and decisions of each outlet by a model of all other outlets."""
    viewer = Viewer(Targets(), SeedWords(()))
    views = [viewer.view(viewer.read(text)) for text in table["text"]]
    outlets = table["outlet"].to_list()
    units = [
        Labelled(text, ("biased",) if said == "Biased" else (), outlet)
        for text, said, outlet in zip(
            table["text"], table["label_bias"], outlets, strict=True
        )
    ]
    gold = gold_of(units, ["biased"])
    proba, decided = np.zeros((len(units), 1)), np.zeros((len(units), 1), dtype=bool)
    for outlet in sorted(set(outlets)):
        left_out = np.array([name == outlet for name in outlets])
        rest, out = np.flatnonzero(~left_out), np.flatnonzero(left_out)
        groups = [outlets[i] for i in rest]
        examples = Examples(
            [views[i] for i in rest],
            gold[rest],
            ("biased",),
            False,
            groups,
            groups,
            np.ones(len(rest)),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            head, _, _ = fit_head(examples, FRAMES)
        rows = FeatureSpace(head.blocks).transform([views[i] for i in out])
        proba[out] = calibrate(head, decide(rows, head.coef, head.intercept))
        decided[out] = choose(head, proba[out])
        print(f"scored {outlet}: {len(out)} sentences", flush=True)
    return proba, decided


def run_babe(options: argparse.Namespace) -> None:
    table = read_babe(options.data)
    proba, decided = score_unseen(table)
    coded = (table["label_bias"] == "Biased").to_numpy()[:, None]
    n = len(table)
    tally = tally_arrays(
        table["outlet"].to_numpy(), np.arange(n), proba, decided, ["biased"]
    )
    rng = np.random.default_rng(options.seed)

    def samples() -> Iterator[LabelledSample]:
        for _ in range(options.draws):
            yield label(tally, coded, rng.choice(n, options.labels, replace=False))

    rows = judge_draws(tally, coded, samples(), (float(coded.mean()),))
    print(f"{options.labels} labels of {n} sentences, {options.draws} draws")
    one = rows[rows["method"] == "hierarchical"]
    show(summarise(one, ["source"]), "hierarchical, by outlet")
    show(summarise(rows, ["method"]), "all outlets")


def alarm_rates(trials: int, n_sources: int, method: str, seed: int) -> pd.DataFrame:
    """Return for each trial and code the least p-value, raw and adjusted."""
    rng = np.random.default_rng(seed)
    labelled = METHODS[method].needs_labels
    rows = []
    for number in range(trials):
        evidence = split_outlet(rng, n_sources=n_sources, labelled=labelled)
        rows.append(compare_all(evidence, method).assign(trial=number))
    table = pd.concat(rows)
    return table.groupby(["trial", "code"], sort=False)[["p", "p_adjusted"]].min()


def run_alarms(options: argparse.Namespace) -> None:
    for method in ("count", "mean", "hierarchical"):
        two = alarm_rates(options.trials, 2, method, options.seed)
        rate = (two["p"] < 0.05).groupby("code", sort=False).mean()
        show(
            rate.to_frame("p < .05").T,
            f"{method}: two sources, {options.trials} trials",
        )
        ten = alarm_rates(options.families, 10, method, options.seed)
        any_alarm = ten["p_adjusted"].groupby("trial").min() < 0.05
        print(
            f"{method}: ten sources, all pairs and codes, Holm: {any_alarm.mean():.3f} "
            f"of {options.families} families with an alarm"
        )


def run_speed(options: argparse.Namespace) -> None:
    rng = np.random.default_rng(options.seed)
    corpus = make_corpus(
        "kept", rng, base_rates=(0.03, 0.1, 0.2, 0.4), articles=(250,) * 40
    )
    sample = draw_labels(corpus, 2000, options.seed)
    evidence = Evidence(corpus.tally, sample, (0.15,) * 4)
    n = len(corpus.tally.cell)
    print(f"10,000 articles, {n:,} sentences, 40 sources, 4 codes, 2,000 labels")
    for method in METHODS:
        start = time.perf_counter()
        measure_mix(evidence, method=method)
        middle = time.perf_counter()
        compare_all(evidence, method)
        end = time.perf_counter()
        print(f"{method:14}mix {middle - start:6.2f} s   pairs {end - middle:6.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    for name, run in (
        ("simulate", run_simulate),
        ("unseen", run_unseen),
        ("babe", run_babe),
        ("alarms", run_alarms),
        ("speed", run_speed),
    ):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("--seed", type=int, default=1)
        if name == "simulate":
            command.add_argument("--corpora", type=int, default=200)
        if name == "alarms":
            command.add_argument("--trials", type=int, default=1000)
            command.add_argument("--families", type=int, default=200)
        if name in ("unseen", "babe"):
            command.add_argument("--draws", type=int, default=100)
        if name == "unseen":
            command.add_argument("--labels", type=int, default=50)
        if name == "babe":
            command.add_argument("--labels", type=int, default=400)
            command.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
