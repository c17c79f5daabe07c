"""Scoring many sentences at once says what slow and plain ways say of each."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from framing.bags import Bags
from framing.bulk import BulkViewer
from framing.features import FeatureSpace, fit_blocks
from framing.model import Block, BlockSettings, Head, Model
from framing.modelstore import load_model
from framing.project import Project
from framing.scorer import Scorer
from framing.seedwords import SeedGroup, SeedWords
from framing.segment import split_sentences
from framing.targets import Targets
from framing.views import View, Viewer
from tests import reference_features

ROOT = Path(__file__).parents[1]
CLOSE = 1e-9
SEEDS = SeedWords(
    [
        SeedGroup("pacts", "deal", "tag", ("pact~", "treaty"), ("no <2> pact~",)),
        SeedGroup(
            "signing", "deal", "tag", ("sign~ <3> pact~", "signs", "a <1> <2> war")
        ),
        SeedGroup("talks", "deal", "hint", ("talk~", "*lk|row*s"), (), ("war",)),
        SeedGroup("shots", "row", "tag", ("shell~", "<actor> <1> shell~ <2> a")),
        SeedGroup("guns", "row", "hint", ("gun*",), (), (), ("<actor>", "war*")),
        SeedGroup("blame", "critical", "stance", ("accus*", "<actor> <3> piracy")),
        SeedGroup("praise", "favourable", "stance", ("prais*", "U.S. <1> praised")),
        SeedGroup("nothing", "none", "hint", ("the", "a|the <1> of")),
    ]
)
ALIASES = {
    "Iran": "Iran",
    "Tehran": "Iran",
    "the West": "the West",
    "the West Bank": "Palestinians",
    "South Korea": "South Korea",
    "U.S.": "United States",
    "M_23": "M23",
    "_x": "X",
    "Foo (Bar)": "Foo",
    "İran": "Iran",
}
TARGETS = Targets(
    ("Iran", "the West", "South Korea", "United States", "X"),
    ALIASES,
    {"the West": "bloc", "M23": "armed group"},
)
ODD = [
    *("½", "İ", "ß", "ﬁ", "ŉ", "ΐ", "e\u0301", "\u0301", "\u200b", "\u200d", "\u202e"),
    *("\ufeff", "\U0001d518", "😀", "अक़", "汉字", "\x1c", "\x85", "\u2028", "²", "_"),
]
PIECES = [
    *"  \n\r\t.,-:;'’()“”–—|<>*~",
    *ODD,
    *ALIASES,
    *("accused", "praised", "pact", "pacts", "shelled", "talks", "who", "and", " - "),
    *("gun", "gunboat", "war", "no", "sign", "signs", "rows", "piracy", "a", "of"),
    *("the", "the", " ", " ", "-", "x"),
]
TEXT = (
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
    | st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
)
TEXTS = st.lists(TEXT, max_size=6)


@cache
def shipped() -> tuple[Model, Scorer]:
    project = Project(ROOT, "relations")
    model, _ = load_model(project.model, project.read_codebook())
    return model, Scorer(model)


def seed_sentences(step: int) -> list[str]:
    """The sentences of every so many seed articles, headings and debris included."""
    found = []
    for path in sorted((ROOT / "seeds" / "articles").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[::step]:
            article = json.loads(line)
            spans = split_sentences(article["text"], title=article["title"])
            found += [article["text"][span.start : span.end] for span in spans]
    return found


def unpack(bags: Bags, kind: str) -> list[list[str]]:
    bag = bags.of(kind)
    assert not np.any(np.diff(bag.rows) < 0) or kind in ("sides", "places")
    found: list[list[str]] = [[] for _ in range(bags.n)]
    for row, number in zip(bag.rows.tolist(), bag.numbers.tolist(), strict=True):
        found[row].append(bag.names[number])
    return found


def check_views(targets: Targets, seeds: SeedWords, texts: list[str]) -> None:
    """The bags of sentences hold what the views of single sentences hold."""
    viewer, bulk = Viewer(targets, seeds), BulkViewer(targets, seeds)
    readings, bulk_readings = [viewer.read(text) for text in texts], bulk.read(texts)
    bags = bulk.view(bulk_readings)
    views = [viewer.view(reading) for reading in readings]
    compare(bags, views)
    named = [
        (i, target)
        for i, reading in enumerate(readings)
        for target in viewer.name_targets(reading)
    ]
    rows, names, bags = bulk.view_targets(bulk_readings)
    assert list(zip(rows.tolist(), names, strict=True)) == named
    compare(bags, [viewer.view_target(readings[i], target) for i, target in named])


def compare(bags: Bags, views: list[View]) -> None:
    assert bags.n == len(views)
    assert [tuple(words) for words in unpack(bags, "words")] == [v.words for v in views]
    for kind in ("groups", "codes", "sides"):
        expected = [sorted(getattr(view, kind)) for view in views]
        assert [sorted(found) for found in unpack(bags, kind)] == expected
    places = [tuple(sorted(set(found))) for found in unpack(bags, "places")]
    assert places == [view.places for view in views]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_views_of_odd_texts_are_those_of_single_sentences(texts: list[str]) -> None:
    check_views(TARGETS, SEEDS, texts)


def test_views_of_seed_sentences_are_those_of_single_sentences() -> None:
    model, _ = shipped()
    check_views(model.targets, SeedWords(model.seeds), seed_sentences(20))


def test_views_without_actors_and_seed_words_are_words() -> None:
    check_views(Targets(), SeedWords(()), ["Iran accused Israel.", "", "½ İran"])


class Slow:
    """A head in scikit-learn's own objects, view by view: the yardstick."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._blocks = [(block, vectorizer_of(block)) for block in head.blocks]
        self._estimators = []
        for weights, shift in zip(head.coef, head.intercept, strict=True):
            estimator = LogisticRegression()
            estimator.classes_ = np.array([False, True])
            estimator.coef_, estimator.intercept_ = weights[None], np.array([shift])
            self._estimators.append(estimator)

    def score(self, views: list[View]) -> np.ndarray:
        parts = [
            vectorizer.transform([strings_of(view, block) for view in views])
            * block.settings.weight
            for block, vectorizer in self._blocks
        ]
        matrix = sparse.hstack(parts).tocsr()
        z = np.column_stack([e.decision_function(matrix) for e in self._estimators])
        logits = z * self._head.calibration[:, 0] + self._head.calibration[:, 1]
        if self._head.single:
            raised = np.exp(logits)
            return raised / raised.sum(axis=1, keepdims=True)
        return 1 / (1 + np.exp(-logits))


def vectorizer_of(block: Block) -> CountVectorizer:
    ngrams = (block.settings.low, block.settings.high)
    options = {
        "words": {"ngram_range": ngrams, "token_pattern": r"\S+"},
        "chars": {"ngram_range": ngrams, "analyzer": "char_wb"},
    }.get(block.settings.kind, {"token_pattern": r"[^\n]+"})
    options |= {"lowercase": False, "binary": True, "vocabulary": block.vocabulary}
    if not block.settings.scaled:
        return CountVectorizer(**options)
    vectorizer = TfidfVectorizer(**options)
    vectorizer.idf_ = block.idf
    return vectorizer


def strings_of(view: View, block: Block) -> str:
    if block.settings.kind == "chars":
        return " ".join(word for word in view.words if not word.startswith("<"))
    blank = " " if block.settings.kind == "words" else "\n"
    return blank.join(getattr(view, block.settings.kind))


@cache
def slow_heads() -> tuple[Slow, Slow]:
    model, _ = shipped()
    assert model.stance is not None
    return Slow(model.frames), Slow(model.stance)


def check_scores(texts: list[str]) -> None:
    """The shipped model says what scikit-learn's own objects say, view by view."""
    _, scorer = shipped()
    viewer, (frames, stance) = scorer.viewer, slow_heads()
    singles = [viewer.read(text) for text in texts]
    readings = scorer.read(texts)
    proba, _, _ = scorer.score(readings)
    expected = frames.score([viewer.view(reading) for reading in singles])
    np.testing.assert_allclose(proba, expected, rtol=0, atol=CLOSE)
    found = scorer.score_stance(readings)
    named = [
        (i, target)
        for i, reading in enumerate(singles)
        for target in viewer.name_targets(reading)
    ]
    assert [(i, target) for i, target, _, _ in found] == named
    if named:
        views = [viewer.view_target(singles[i], target) for i, target in named]
        table = np.array([p for _, _, p, _ in found])
        np.testing.assert_allclose(table, stance.score(views), rtol=0, atol=CLOSE)


def test_shipped_model_uses_every_kind_of_block_that_is_tested_here() -> None:
    model, _ = shipped()
    assert model.stance is not None
    kinds = {b.settings.kind for b in (*model.frames.blocks, *model.stance.blocks)}
    assert kinds == {"words", "chars", "codes", "groups", "sides", "places"}


def test_scores_of_seed_sentences_are_those_of_scikit_learn() -> None:
    check_scores(seed_sentences(20))


@pytest.mark.slow
def test_scores_of_all_seed_sentences_are_those_of_scikit_learn() -> None:
    check_scores(seed_sentences(1))


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=6))
def test_scores_of_odd_texts_are_those_of_scikit_learn(texts: list[str]) -> None:
    check_scores([*texts, f"China and Russia {texts[0]} the sanctions {texts[-1]}"])


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_score_of_a_sentence_does_not_depend_on_its_company(
    texts: list[str], others: list[str]
) -> None:
    _, scorer = shipped()
    texts = [*texts, "Iran accused the U.S. of piracy."]
    alone = scorer.score(scorer.read(texts))
    beside = scorer.score(scorer.read([*others, *texts]))
    for one, other in zip(alone, beside, strict=True):
        np.testing.assert_array_equal(one, other[len(others) :])


def test_stance_of_some_sentences_is_that_of_all() -> None:
    _, scorer = shipped()
    texts = ["Iran accused Israel.", "It rained.", "Russia praised China.", "China"]
    readings = scorer.read(texts)
    every = scorer.score_stance(readings)
    some = scorer.score_stance(readings, [1, 2])
    expected = [row for row in every if row[0] in (1, 2)]
    assert [row[:2] for row in some] == [row[:2] for row in expected]
    for own, other in zip(some, expected, strict=True):
        np.testing.assert_array_equal(own[2], other[2])
    assert {i for i, *_ in every} == {0, 2, 3}


def test_words_are_counted_as_the_views_have_them() -> None:
    _, scorer = shipped()
    texts = [*seed_sentences(60), "", "½ zzzqx the", "Iran"]
    n_words, n_known = scorer.count_words(scorer.read(texts))
    for text, n, known in zip(texts, n_words, n_known, strict=True):
        view = scorer.viewer.view(scorer.viewer.read(text))
        words = [word for word in view.words if not word.startswith("<")]
        assert (n, known) == (len(words), sum(map(scorer.frames.knows, words)))


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXT, min_size=2, max_size=6), TEXTS)
def test_matrices_of_training_are_what_they_were(
    train: list[str], test: list[str]
) -> None:
    viewer = Viewer(TARGETS, SEEDS)
    kinds = [
        BlockSettings("words", 1, 3),
        BlockSettings("words", 2, 2),
        BlockSettings("chars", 3, 5),
        BlockSettings("codes", weight=0.6, scaled=False),
        BlockSettings("groups", weight=0.3, scaled=False),
    ]
    train_views, test_views = (
        [viewer.view(viewer.read(text)) for text in texts] for texts in (train, test)
    )
    blocks = fit_blocks(train_views, kinds)
    then = reference_features.fit_blocks(train_views, kinds)
    for own, other in zip(blocks, then, strict=True):
        assert own.vocabulary == other.vocabulary
        np.testing.assert_array_equal(own.idf, other.idf)
    check_matrix(blocks, train_views)
    check_matrix(blocks, test_views)


def check_matrix(blocks: tuple[Block, ...], views: list[View]) -> None:
    """Every number of the matrix is the same, to the last bit."""
    own = FeatureSpace(blocks).transform(views)
    then = reference_features.FeatureSpace(blocks).transform(views)
    assert own.shape == then.shape
    for name in ("rows", "columns", "values", "known"):
        np.testing.assert_array_equal(getattr(own, name), getattr(then, name))


def test_matrices_of_seed_sentences_are_what_they_were() -> None:
    model, scorer = shipped()
    assert model.stance is not None
    viewer = scorer.viewer
    readings = [viewer.read(text) for text in seed_sentences(40)]
    check_matrix(model.frames.blocks, [viewer.view(reading) for reading in readings])
    views = [
        viewer.view_target(reading, target)
        for reading in readings
        for target in viewer.name_targets(reading)
    ]
    check_matrix(model.stance.blocks, views)
