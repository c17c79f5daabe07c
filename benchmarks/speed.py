"""How fast: framing beside the usual ways to do the same, in one run.

    python benchmarks/speed.py [--articles FILE] [--repeat 5] [--n 600]

The naive ways are those of a plain script: NLTK's Punkt with the same parameters,
each sentence viewed by itself, scikit-learn's `FeatureUnion` of TF-IDF vectorisers
with the vocabulary shipped, regressions with the weights shipped, for frames and for
stance: the numbers of `framing score`, which the benchmark checks first. The loop
goes article by article, the batch takes all sentences at once. "Words only" is
another, smaller model: one vectoriser of word 1-2-grams and no actors, seed words,
characters and stance. It says what the richer features cost.

Every way is run in a process of its own, in turns, as often as `--repeat` says. CPU
seconds (user and system) count from the moment all is loaded, with memos empty; what
loading costs is given beside them. Articles are read before, for all ways alike.
Without `--articles` text is made: chains of words that follow each other in the
articles of the seeds, so that no sentence is there twice. Ratios are those of one
round, and from to are the least and the largest of all rounds.
"""

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from framing.articles import ReadLog, ReadOptions, read_articles  # noqa: E402
from framing.native import open_kernel  # noqa: E402
from framing.records import Article  # noqa: E402

PART = 200
ONE = [Article("", "", "", "", "A word.")]
"""Read before the clock runs, so that what is loaded when first needed is there."""

PAIRS = {
    "end to end : naive loop": ("framing", "naive loop"),
    "end to end : naive batch": ("framing", "naive batch"),
    "end to end, arrays : naive loop": ("framing, arrays", "naive loop"),
    "end to end, arrays : naive batch": ("framing, arrays", "naive batch"),
    "end to end : words only, loop": ("framing", "words only, loop"),
    "end to end : words only, batch": ("framing", "words only, batch"),
    "splitting and marking : NLTK": ("splitting and marking", "NLTK, splitting"),
    "Punkt alone : NLTK": ("Punkt alone", "NLTK, splitting"),
    "scorer : fastText": ("scorer", "fastText, predict"),
    "scorer, arrays : fastText": ("scorer, arrays", "fastText, predict"),
    "scorer : arrays": ("scorer", "scorer, arrays"),
    "end to end : wc -w": ("framing", "wc -w"),
}
"""What is set against what, in CPU seconds; for the scorer in those of a sentence."""


def make_articles(n: int) -> list[Article]:
    """Return articles of words that follow each other in the seed articles."""
    following: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sorted((ROOT / "seeds" / "articles").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            words = json.loads(line)["text"].replace("\n\n", " ¶ ").split()
            for triple in zip(words, words[1:], words[2:], strict=False):
                following[triple[:2]].append(triple[2])
    rng = random.Random(0)
    pairs = sorted(following)
    articles = []
    for i in range(n):
        words = list(rng.choice(pairs))
        while len(words) < 900:
            words += [rng.choice(following.get((words[-2], words[-1])) or ["¶"])]
            if words[-1] == "¶":
                words += rng.choice(pairs)
        text = " ".join(words).replace(" ¶ ", "\n\n")
        articles.append(Article(f"made-{i}", "made", "2026-01-01", "", text))
    return articles


def punkt() -> Any:
    """Return NLTK's splitter with the parameters of the package."""
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    path = ROOT / "framing" / "segment" / "data" / "punkt.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    params = PunktParameters()
    params.abbrev_types = set(data["abbreviations"])
    params.collocations = {tuple(pair) for pair in data["collocations"]}
    params.sent_starters = set(data["starters"])
    params.ortho_context.update(data["ortho"])
    return PunktSentenceTokenizer(params)


def union_of(head: Any, *, words_only: bool = False) -> tuple[Any, list[int]]:
    """Return scikit-learn's features of views, and their columns in the model.

    For words only they are features of texts.
    """
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    from framing.features import cut_features

    vectorizers, weights, columns, start = [], {}, [], 0
    for number, block in enumerate(head.blocks):
        stop, settings = start + len(block.vocabulary), block.settings
        if not words_only or settings.kind == "words":
            name = f"{settings.kind} {number}"
            options = {"vocabulary": block.vocabulary, "binary": True}
            if words_only:
                options["ngram_range"] = (settings.low, settings.high)
            else:
                options["analyzer"] = partial(cut_features, settings=settings)
            if settings.scaled:
                vectorizer = TfidfVectorizer(**options)
                vectorizer.idf_ = block.idf
            else:
                vectorizer = CountVectorizer(**options)
            vectorizers.append((name, vectorizer))
            weights[name] = settings.weight
            columns += range(start, stop)
        start = stop
    return FeatureUnion(vectorizers, transformer_weights=weights), columns


def pipeline(head: Any, *, words_only: bool = False) -> Callable[[Sequence[Any]], Any]:
    """Return scikit-learn's own features and regression, with the weights shipped."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import LabelBinarizer

    union, columns = union_of(head, words_only=words_only)
    ones = OneVsRestClassifier(LogisticRegression())
    ones.estimators_ = []
    for weights, shift in zip(head.coef, head.intercept, strict=True):
        one = LogisticRegression()
        one.classes_ = np.array([0, 1])
        one.coef_, one.intercept_ = weights[None, columns], np.array([shift])
        ones.estimators_.append(one)
    ones.label_binarizer_ = LabelBinarizer().fit(range(len(head.classes)))
    decide = Pipeline([("features", union), ("regression", ones)]).decision_function
    slope, shift = head.calibration.T

    def predict(sentences: Sequence[Any]) -> Any:
        logits = decide(sentences) * slope + shift
        if not head.single:
            return 1 / (1 + np.exp(-logits))
        raised = np.exp(logits)
        return raised / raised.sum(axis=1, keepdims=True)

    return predict


def naive() -> Callable[[Sequence[str]], tuple[Any, list[Any]]]:
    """Return what scores sentences for frames and stance as a plain script would."""
    from framing.seedwords import SeedWords
    from framing.views import Viewer

    model = load()
    viewer = Viewer(model.targets, SeedWords(model.seeds))
    frames, stance = pipeline(model.frames), pipeline(model.stance)

    def score(sentences: Sequence[str]) -> tuple[Any, list[Any]]:
        readings = [viewer.read(sentence) for sentence in sentences]
        proba = frames([viewer.view(reading) for reading in readings])
        named = [
            (i, target)
            for i, reading in enumerate(readings)
            for target in viewer.name_targets(reading)
        ]
        views = [viewer.view_target(readings[i], target) for i, target in named]
        return proba, list(zip(named, stance(views), strict=True)) if views else []

    return score


def load() -> Any:
    """Return the model that is shipped."""
    from framing.modelstore import load_model
    from framing.project import Project

    project = Project(ROOT, "relations")
    return load_model(project.model, project.read_codebook())[0]


def sentences_of(articles: Sequence[Article]) -> list[str]:
    from framing.segment import split_sentences

    return [
        article.text[span.start : span.end]
        for article in articles
        for span in split_sentences(article.text, title=article.title)
    ]


Run = Callable[[], int]
"""Does the work and returns how many sentences there were."""


def naive_loop(articles: Sequence[Article]) -> Run:
    split, score = punkt().tokenize, naive()

    def run() -> int:
        n = 0
        for article in articles:
            sentences = split(article.text)
            if sentences:
                n += len(score(sentences)[0])
        return n

    return run


def naive_batch(articles: Sequence[Article]) -> Run:
    split, score = punkt().tokenize, naive()
    return lambda: len(score([s for a in articles for s in split(a.text)])[0])


def words_loop(articles: Sequence[Article]) -> Run:
    split, predict = punkt().tokenize, pipeline(load().frames, words_only=True)

    def run() -> int:
        cut = (split(article.text) for article in articles)
        return sum(len(predict(sentences)) for sentences in cut if sentences)

    return run


def words_batch(articles: Sequence[Article]) -> Run:
    split, predict = punkt().tokenize, pipeline(load().frames, words_only=True)
    return lambda: len(predict([s for a in articles for s in split(a.text)]))


def nltk_splitting(articles: Sequence[Article]) -> Run:
    split = punkt().tokenize
    return lambda: sum(len(split(article.text)) for article in articles)


def framing_splitting(articles: Sequence[Article]) -> Run:
    sentences_of(ONE)
    return lambda: len(sentences_of(articles))


def punkt_alone(articles: Sequence[Article]) -> Run:
    """Split as NLTK does, without marking headings, captions and remains of a page."""
    from framing.segment.punkt import Punkt, PunktParams

    path = ROOT / "framing" / "segment" / "data" / "punkt.json"
    splitter = Punkt(PunktParams.from_json(path.read_text(encoding="utf-8")))
    return lambda: sum(len(splitter.spans(article.text)) for article in articles)


def count_words(articles: Sequence[Article]) -> Run:
    """Count words with `wc -w`, in a file written for it."""
    text = "\n".join(article.text for article in articles).encode()

    def run() -> int:
        with tempfile.TemporaryFile() as file:
            file.write(text)
            file.seek(0)
            return len(subprocess.check_output(["wc", "-w"], stdin=file))

    return run


def without_kernel(
    way: Callable[[Sequence[Article]], "Run"],
) -> Callable[[Sequence[Article]], "Run"]:
    def arrays(articles: Sequence[Article]) -> Run:
        os.environ["FRAMING_NO_KERNEL"] = "1"
        return way(articles)

    return arrays


def framing_scorer(articles: Sequence[Article]) -> Run:
    from framing.scorer import Scorer

    scorer = Scorer(load())
    sentences = sentences_of(articles)
    scorer.score(scorer.read([]))

    def run() -> int:
        step = 8000
        for start in range(0, len(sentences), step):
            scorer.score(scorer.read(sentences[start : start + step]))
        return len(sentences)

    return run


def framing_whole(articles: Sequence[Article]) -> Run:
    from framing.scorer import Scorer

    scorer = Scorer(load())
    readings = scorer.read(sentences_of(ONE))
    scorer.score(readings)
    scorer.score_stance(readings)

    def run() -> int:
        n = 0
        for start in range(0, len(articles), PART):
            sentences = sentences_of(articles[start : start + PART])
            readings = scorer.read(sentences)
            scorer.score(readings)
            scorer.count_words(readings)
            scorer.score_stance(readings)
            n += len(sentences)
        return n

    return run


def fasttext_predict(articles: Sequence[Article]) -> Run:
    """Train on the labels of the repository, one setting, and predict k=4."""
    import fasttext

    lines = []
    for path in sorted((ROOT / "labels" / "relations").glob("coder-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            label = json.loads(line)
            codes = label["codes"] or ["none"]
            text = " ".join(label["text"].split())
            lines.append(" ".join([f"__label__{code}" for code in codes] + [text]))
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        model = fasttext.train_supervised(
            file.name, dim=10, wordNgrams=2, bucket=200_000, thread=1, verbose=0
        )
    sentences = [" ".join(sentence.split()) for sentence in sentences_of(articles)]
    return lambda: len(model.predict(sentences, k=4)[0])


WAYS: dict[str, Callable[[Sequence[Article]], Run]] = {
    "naive loop": naive_loop,
    "naive batch": naive_batch,
    "words only, loop": words_loop,
    "words only, batch": words_batch,
    "framing": framing_whole,
    "framing, arrays": without_kernel(framing_whole),
    "NLTK, splitting": nltk_splitting,
    "splitting and marking": framing_splitting,
    "Punkt alone": punkt_alone,
    "fastText, predict": fasttext_predict,
    "scorer": framing_scorer,
    "scorer, arrays": without_kernel(framing_scorer),
    "wc -w": count_words,
}


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of the children it waited for."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    return sum(u.ru_utime + u.ru_stime for u in used)


def peak_memory() -> float:
    """Return the most memory this process had, in MiB.

    The figure of `getrusage` would begin with that of the process that started it.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(fields["VmHWM"].split()[0]) / 1024


def measure(way: str, articles: Sequence[Article]) -> dict[str, float]:
    """Return what one way costs, measured in this process."""
    before = cpu_seconds()
    run = WAYS[way](articles)
    loading = cpu_seconds() - before
    wall, cpu = time.perf_counter(), cpu_seconds()
    n = run()
    return {
        "cpu": cpu_seconds() - cpu,
        "wall": time.perf_counter() - wall,
        "loading": loading,
        "sentences": n,
        "peak": peak_memory(),
    }


def check(articles: Sequence[Article]) -> None:
    """Print how far the naive way and framing are apart on some articles."""
    import numpy as np

    from framing.scorer import Scorer

    scorer, score = Scorer(load()), naive()
    sentences = sentences_of(articles[:: max(1, len(articles) // 20)])
    readings = scorer.read(sentences)
    proba, stances = score(sentences)
    own = scorer.score_stance(readings)
    if [named for named, _ in stances] != [row[:2] for row in own]:
        sys.exit("The naive way finds other targets.")
    apart = np.abs(proba - scorer.score(readings)[0]).max()
    others = [
        np.abs(p - row[2]).max() for (_, p), row in zip(stances, own, strict=True)
    ]
    print(f"{len(sentences)} sentences: frames {apart:.0e} apart at most, ", end="")
    print(f"stance towards {len(own)} targets {max(others, default=0):.0e}")


def report_stages(articles: Sequence[Article]) -> None:
    """Print where the CPU seconds of a whole run go, with its tables and files."""
    from framing.parts import write_part
    from framing.scorer import Scorer
    from framing.scoring import part, tables

    spent: dict[str, float] = defaultdict(float)

    def clocked(stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            before = cpu_seconds()
            made = work(*given, **named)
            spent[stage] += cpu_seconds() - before
            return made

        return run

    part.part_tables(articles[:1], Scorer(load()))
    scorer = Scorer(load())
    # The steps of `score_articles`, each by its name there.
    tables.split_sentences = clocked("sentences", tables.split_sentences)
    for name, stage in STAGES.items():
        setattr(scorer, name, clocked(stage, getattr(scorer, name)))
    part.score_articles = clocked("all of it", part.score_articles)
    part.count_scores = clocked("counts", part.count_scores)
    write = clocked("Parquet", write_part)
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(articles), PART):
            made = part.part_tables(articles[start : start + PART], scorer)
            write(Path(folder), f"part-{start}", made)
    inside = sum(spent[stage] for stage in ("sentences", *STAGES.values()))
    spent["tables"] = spent.pop("all of it") - inside
    total = sum(spent.values())
    print("\nwhere a whole run spends it      CPU s   share")
    for stage, seconds in spent.items():
        print(f"{stage:30s} {seconds:8.2f} {seconds / total:7.0%}")


STAGES = {
    "read": "words, actors, seed words",
    "score": "frames",
    "count_words": "words known",
    "score_stance": "stance",
}


def read(path: Path | None, n: int) -> list[Article]:
    if path is None:
        return make_articles(n)
    return list(read_articles([str(path)], ReadOptions(), ReadLog()))


def report(found: dict[str, list[dict[str, float]]], n_bytes: int) -> None:
    print(
        "\nway                       CPU s (from to)        wall s  sent./s   MB/s",
        end="",
    )
    print("  loading s  peak MiB")
    for way, rounds in found.items():
        if not rounds:
            print(f"{way:24s}  not measured: its package is not installed")
            continue
        cpu = sorted(r["cpu"] for r in rounds)
        middle = statistics.median(cpu)
        wall, loading, peak = (
            statistics.median(r[key] for r in rounds)
            for key in ("wall", "loading", "peak")
        )
        print(
            f"{way:24s} {middle:6.2f} ({cpu[0]:6.2f} {cpu[-1]:6.2f}) {wall:9.2f} "
            f"{rounds[0]['sentences'] / middle:8.0f} {n_bytes / 1e6 / middle:6.2f} "
            f"{loading:9.2f} {peak:10.0f}"
        )
    print("\nratio of CPU seconds                 median    from      to")
    for name, (own, other) in PAIRS.items():
        if own not in found or other not in found:
            continue
        ratios = [
            b["cpu"] / b["sentences"] / a["cpu"] * a["sentences"]
            if name.startswith("scorer")
            else b["cpu"] / a["cpu"]
            for a, b in zip(found[own], found[other], strict=False)
        ]
        if ratios:
            print(
                f"{name:36s} {statistics.median(ratios):6.2f}x "
                f"{min(ratios):6.2f}x {max(ratios):6.2f}x"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=Path, help="any file that framing reads")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--n", type=int, default=600, help="articles to make")
    parser.add_argument("--only", nargs="*", default=[*WAYS], choices=WAYS)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    articles = read(arguments.articles, arguments.n)
    if arguments.way:
        print(json.dumps(measure(arguments.way, articles)))
        return
    n_bytes = sum(len(article.text.encode()) for article in articles)
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}")
    print(f"{len(articles)} articles, {n_bytes / 1e6:.1f} MB, ", end="")
    print(f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    print(f"kernel: {'yes' if open_kernel() else 'no, all by arrays'}")
    check(articles)
    found: dict[str, list[dict[str, float]]] = {way: [] for way in arguments.only}
    for number in range(arguments.repeat):
        for way, rounds in found.items():
            command = [sys.executable, __file__, "--way", way, *sys.argv[1:]]
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
            if done.returncode == 0:
                rounds.append(json.loads(done.stdout))
            elif "No module named 'fasttext'" not in done.stderr:
                sys.exit(done.stderr)
        print(f"round {number + 1} of {arguments.repeat} done", file=sys.stderr)
    report(found, n_bytes)
    report_stages(articles)


if __name__ == "__main__":
    main()
