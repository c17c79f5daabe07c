"""What `framing.trust` measures on topic and off topic: where its thresholds are from.

On topic: each training outlet, scored by a fit that did not see it and compared with
the other outlets, and the outlets of seeds/demo. Off topic: tests/data/offtopic.jsonl,
sport and recipes. Each whole, and as samples of a few articles:

    python benchmarks/trust.py
    python benchmarks/trust.py --articles my-articles/

`known` is the share of words the model knows, `shift` the distance of the scores from
those of training, `blank` the share of articles in which no sentence probably carries a
code, `cannot` the share of sentences without a known word, `warns` what was warned of.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from framing.agreement import compute_gold
from framing.articles import ReadLog, ReadOptions, read_articles
from framing.codebook import Codebook
from framing.features import count_left_out
from framing.labelstore import read_labels
from framing.model import Model
from framing.modelstore import load_model, read_card, read_out_of_fold
from framing.project import Project
from framing.scorer import Scorer
from framing.scoring import score_articles
from framing.trust import Trust, measure_trust

ROOT = Path(__file__).parents[1]
OFF_TOPIC = ROOT / "tests" / "data" / "offtopic.jsonl"
COLUMNS = {
    "words": "known",
    "scores": "shift",
    "articles": "blank",
    "cannot say": "cannot",
}
N_SAMPLES = 60

Card = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A corpus with what it is to be compared with."""

    kind: str
    name: str
    scores: pd.DataFrame
    card: Card
    out_of_fold: pd.DataFrame


def score(paths: list[str], scorer: Scorer) -> pd.DataFrame:
    """Return the sentences of some articles with scores and numbers of words."""
    articles = list(read_articles(paths, ReadOptions(), ReadLog()))
    scores, _, _ = score_articles(articles, scorer)
    n_words, n_known = scorer.count_words(scorer.read(list(scores["text"])))
    return scores.assign(n_words=n_words, n_known=n_known)


def score_left_out(
    project: Project, codebook: Codebook, model: Model, out_of_fold: pd.DataFrame
) -> pd.DataFrame:
    """Return the training units as if each outlet were scored without having it."""
    gold, _ = compute_gold(read_labels(project.labels, codebook).labels, codebook)
    viewer = Scorer(model).viewer
    views = [viewer.view(viewer.read(unit.text)) for unit in gold]
    sources = [unit.source for unit in gold]
    min_df = next(
        b.settings.min_df for b in model.frames.blocks if b.settings.kind == "words"
    )
    n_words, n_known = count_left_out(views, sources, min_df)
    units = pd.DataFrame(
        {
            "doc_id": [unit.doc_id for unit in gold],
            "start": [unit.start for unit in gold],
            "end": [unit.end for unit in gold],
            "kind": "sentence",
            "date": "",
            "cannot_say": n_known == 0,
            "n_words": n_words,
            "n_known": n_known,
        }
    )
    scored = out_of_fold.drop(columns=[c for c in out_of_fold if c.startswith("p_")])
    scored = scored.rename(columns={f"u_{c}": f"p_{c}" for c in codebook.names})
    return units.merge(scored, on=["doc_id", "start", "end"], validate="1:1")


def with_words(card: Card, units: pd.DataFrame) -> dict[str, Any]:
    """Return the card with what left-out fits know of these units' words."""
    sources = {
        source: {
            **card["frames"]["sources"].get(source, {}),
            "known_words": float(own["n_known"].sum() / own["n_words"].sum()),
            "cannot_say": float(own["cannot_say"].mean()),
        }
        for source, own in units.groupby("source")
    }
    return {**card, "frames": {**card["frames"], "sources": sources}}


def cases(model_folder: Path | None, articles: list[str]) -> Iterator[Case]:
    project = Project(ROOT, "relations")
    folder = model_folder or project.model
    codebook = project.read_codebook()
    model, _ = load_model(folder, codebook)
    card, out_of_fold = read_card(folder), read_out_of_fold(folder)
    if out_of_fold.empty:
        msg = f"{folder} has no out-of-fold scores: run framing train"
        raise SystemExit(msg)
    units = score_left_out(project, codebook, model, out_of_fold)
    for source, own in units.groupby("source"):
        # Compared with the other outlets only: it is to be new to the model.
        others = with_words(card, units[units["source"] != source])
        rest = out_of_fold[out_of_fold["source"] != source]
        yield Case("training", str(source), own, others, rest)
    card = with_words(card, units)
    scorer = Scorer(model)
    for source, own in score([str(ROOT / "seeds" / "demo")], scorer).groupby("source"):
        yield Case("demo", str(source), own, card, out_of_fold)
    off_topic = score([str(OFF_TOPIC)], scorer)
    for kind, own in off_topic.groupby(off_topic["doc_id"].str.split("-").str[0]):
        yield Case("off topic", str(kind), own, card, out_of_fold)
    if articles:
        for source, own in score(articles, scorer).groupby("source"):
            if own["doc_id"].nunique() >= 20:
                yield Case("yours", str(source), own, card, out_of_fold)


def measure(case: Case, scores: pd.DataFrame) -> Trust:
    codes = [c[2:] for c in case.out_of_fold if c.startswith("u_")]
    return measure_trust(scores, codes, case.card, case.out_of_fold)


def row(case: Case, scores: pd.DataFrame) -> dict[str, Any]:
    trust = measure(case, scores)
    figures = {check.name: check.value for check in trust.checks}
    return {
        "kind": case.kind,
        "name": case.name,
        "articles": scores["doc_id"].nunique(),
        **{short: round(figures[name], 3) for name, short in COLUMNS.items()},
        "warns": " ".join(COLUMNS[check.name] for check in trust.warnings),
    }


def samples(case: Case, n: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    names = case.scores["doc_id"].unique()
    for _ in range(N_SAMPLES if len(names) >= n else 0):
        drawn = rng.choice(names, n, replace=False)
        yield case.scores[case.scores["doc_id"].isin(drawn)]


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Return the range of every measure per kind, and how often it warned."""
    by = table.groupby(["kind", table["name"].where(table["kind"] == "off topic", "")])
    figures = {short: ["min", "max"] for short in COLUMNS.values()}
    return by.agg({**figures, "warns": [("%", lambda w: 100 * (w != "").mean())]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, help="folder of the model")
    parser.add_argument("--articles", nargs="*", default=[], help="more to measure")
    parser.add_argument("--sample", type=int, default=5, help="articles a sample")
    options = parser.parse_args()
    every = list(cases(options.model, options.articles))
    whole = pd.DataFrame([row(case, case.scores) for case in every])
    print(whole.to_string(index=False))
    rng = np.random.default_rng(0)
    some = [row(c, drawn) for c in every for drawn in samples(c, options.sample, rng)]
    print(f"\nSamples of {options.sample} articles, {N_SAMPLES} of each")
    print(summarise(pd.DataFrame(some)).round(3).to_string())


if __name__ == "__main__":
    main()
