import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from framing.features import FeatureSpace, cut_features, fit_blocks
from framing.model import BlockSettings, Rows
from framing.project import Project, read_codebook_targets
from framing.seedwords import SeedWords
from framing.targets import Targets
from framing.training.run import FRAMES, STANCE
from framing.views import View, Viewer

ROOT = Path(__file__).parents[1]
N_SEED = 150
TIGHT = 1e-12
PLAIN = Viewer(Targets(("Iran",), {"Iran": "Iran"}), SeedWords(()))
ODD = "aAbß Iİıﬁé́ \u00a0\u2028\u200b\u202e\ufeff\n\t.'’-_²½अक़汉字😀\U0001d518"
TEXTS = st.lists(
    st.text(ODD, max_size=20) | st.text(max_size=20) | st.just("Iran a b"),
    min_size=1,
    max_size=8,
)


def see(text: str) -> View:
    return PLAIN.view(PLAIN.read(text))


@pytest.fixture(scope="module")
def seed_views() -> dict[str, list[View]]:
    project = Project(ROOT, "relations")
    codebook = project.read_codebook()
    seeds = project.read_seed_words(codebook)
    viewer = Viewer(read_codebook_targets(codebook), seeds)
    path = project.labels / "coder-c.jsonl"
    with path.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, N_SEED)]
    readings = [viewer.read(text) for text in texts]
    return {
        "frames": [viewer.view(reading) for reading in readings],
        "stance": [
            viewer.view_target(reading, target)
            for reading in readings
            for target in viewer.name_targets(reading)
        ],
    }


def dense(rows: Rows) -> np.ndarray:
    found = np.zeros(rows.shape)
    assert not np.any(np.diff(rows.rows) < 0)
    found[rows.rows, rows.columns] = rows.values
    assert np.count_nonzero(found) == len(rows.values)
    return found


def reference(views: list[View], block: BlockSettings) -> TfidfVectorizer:
    """What scikit-learn itself makes of a block that is TF-IDF."""
    return TfidfVectorizer(
        binary=True,
        analyzer=lambda view: cut_features(view, block),
        min_df=block.min_df,
    ).fit(views)


@pytest.mark.parametrize(
    ("head", "block"),
    [("frames", b) for b in FRAMES.blocks] + [("stance", b) for b in STANCE.blocks],
    ids=lambda value: value if isinstance(value, str) else value.kind,
)
def test_block_of_seed_sentences_is_that_of_scikit_learn(
    head: str, block: BlockSettings, seed_views: dict[str, list[View]]
) -> None:
    views = seed_views[head]
    train, test = views[: len(views) // 2], views
    blocks = fit_blocks(train, [block])
    expected = reference(train, block)
    names = expected.get_feature_names_out().tolist()
    assert list(blocks[0].vocabulary) == names
    table = expected.transform(test).toarray()
    if not block.scaled:
        table = (table > 0).astype(float)
    found = dense(FeatureSpace(blocks).transform(test))
    np.testing.assert_allclose(found, table * block.weight, rtol=0, atol=TIGHT)


def test_blocks_stand_side_by_side_each_of_its_own_weight(
    seed_views: dict[str, list[View]],
) -> None:
    views = seed_views["frames"]
    blocks = fit_blocks(views, FRAMES.blocks)
    space = FeatureSpace(blocks)
    whole = dense(space.transform(views))
    parts = [dense(FeatureSpace([block]).transform(views)) for block in blocks]
    np.testing.assert_array_equal(whole, np.hstack(parts))
    assert len(space.names) == whole.shape[1]
    assert [n.split(":")[0] for n in space.names] == [
        b.settings.kind for b in blocks for _ in b.vocabulary
    ]
    lengths = np.sqrt((parts[0] ** 2).sum(axis=1))
    assert set(np.round(lengths, 12)) <= {0.0, 1.0}


@settings(max_examples=40, deadline=None, derandomize=True)
@given(TEXTS)
def test_words_of_odd_texts_are_those_of_scikit_learn(texts: list[str]) -> None:
    views = [see(text) for text in [*texts, "a b Iran c"]]
    blocks = fit_blocks(views, [BlockSettings("words", 1, 2)])
    expected = TfidfVectorizer(
        binary=True, ngram_range=(1, 2), token_pattern=r"\S+", lowercase=False
    )
    table = expected.fit_transform([" ".join(view.words) for view in views])
    assert list(blocks[0].vocabulary) == expected.get_feature_names_out().tolist()
    found = dense(FeatureSpace(blocks).transform(views))
    np.testing.assert_allclose(found, table.toarray(), rtol=0, atol=TIGHT)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(TEXTS)
def test_characters_of_odd_texts_are_those_of_scikit_learn(texts: list[str]) -> None:
    views = [see(text) for text in [*texts, "a b Iran c"]]
    unmasked = [" ".join(w for w in v.words if not w.startswith("<")) for v in views]
    blocks = fit_blocks(views, [BlockSettings("chars", 3, 5)])
    expected = TfidfVectorizer(
        binary=True, analyzer="char_wb", ngram_range=(3, 5), lowercase=False
    )
    table = expected.fit_transform(unmasked)
    assert list(blocks[0].vocabulary) == expected.get_feature_names_out().tolist()
    found = dense(FeatureSpace(blocks).transform(views))
    np.testing.assert_allclose(found, table.toarray(), rtol=0, atol=TIGHT)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(TEXTS, st.randoms(use_true_random=False))
def test_order_of_sentences_does_not_matter(texts: list[str], shuffle) -> None:
    views = [see(text) for text in [*texts, "a b Iran c"]]
    order = list(range(len(views)))
    shuffle.shuffle(order)
    kinds = [BlockSettings("words", 1, 2), BlockSettings("chars", 3, 5)]
    blocks = fit_blocks(views, kinds)
    other = fit_blocks([views[i] for i in order], kinds)
    for one, two in zip(blocks, other, strict=True):
        assert one.vocabulary == two.vocabulary
        np.testing.assert_array_equal(one.idf, two.idf)
    rows = FeatureSpace(blocks).transform(views)
    shuffled = FeatureSpace(blocks).transform([views[i] for i in order])
    np.testing.assert_array_equal(dense(rows)[order], dense(shuffled))
    np.testing.assert_array_equal(rows.known[order], shuffled.known)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(TEXTS, TEXTS)
def test_a_sentence_has_the_same_features_whatever_stands_beside_it(
    texts: list[str], others: list[str]
) -> None:
    views = [see(text) for text in texts]
    company = [see(text) for text in others]
    kinds = [BlockSettings("words", 1, 2), BlockSettings("chars", 3, 5)]
    space = FeatureSpace(fit_blocks([*views, see("a b Iran c")], kinds))
    together = dense(space.transform([*company, *views]))[len(company) :]
    alone = np.vstack([dense(space.transform([view])) for view in views])
    np.testing.assert_array_equal(together, alone)


def test_frequency_is_counted_in_sentences() -> None:
    views = [see(text) for text in ["a a a", "b a", "b", "c c"]]
    (block,) = fit_blocks(views, [BlockSettings("words", 1, 1, 2)])
    assert block.vocabulary == ("a", "b")
    np.testing.assert_allclose(block.idf, np.log(5 / 3) + 1, rtol=0, atol=TIGHT)


def test_min_df_gives_way_where_there_are_few_sentences() -> None:
    views = [see(text) for text in ["a b", "a c"]]
    (block,) = fit_blocks(views, [BlockSettings("words", 1, 1, 3)])
    assert block.vocabulary == ("a", "b", "c")


def test_block_without_any_feature_is_empty_and_leaves_the_others_alone() -> None:
    views = [see(text) for text in ["a b", "c", "d", "e"]]
    kinds = [
        BlockSettings("groups", weight=0.15, scaled=False),
        BlockSettings("words"),
        BlockSettings("words", 1, 1, 2),
        BlockSettings("places"),
    ]
    blocks = fit_blocks(views, kinds)
    assert [len(block.vocabulary) for block in blocks] == [0, 5, 0, 0]
    assert [block.idf.shape for block in blocks] == [(0,), (5,), (0,), (0,)]
    rows = FeatureSpace(blocks).transform(views)
    alone = FeatureSpace(blocks[1:2]).transform(views)
    np.testing.assert_array_equal(dense(rows), dense(alone))


def test_sentences_of_unknown_words_are_not_known_and_have_no_features() -> None:
    views = [see(text) for text in ["trade talks", "trade row"]]
    space = FeatureSpace(fit_blocks(views, [BlockSettings("words", 1, 2)]))
    unseen = [see(t) for t in ["", "?!", "zebra", "zebra talks", "Talks"]]
    rows = space.transform(unseen)
    assert rows.known.tolist() == [False, False, False, True, True]
    assert rows.shape == (5, len(space.names))
    assert set(rows.rows.tolist()) == {3, 4}


def test_an_actor_alone_is_no_known_word() -> None:
    views = [see("Iran trades"), see("Iran waits")]
    space = FeatureSpace(fit_blocks(views, [BlockSettings("words", 1, 2)]))
    assert "words:<state>" in space.names
    assert space.transform([see("Iran")]).known.tolist() == [False]
    assert space.knows("trades")
    assert not space.knows("<state>")
    assert not space.knows("<state> trades")


def test_word_known_by_its_spelling_only_is_not_known() -> None:
    views = [see("trading"), see("trading")]
    kinds = [BlockSettings("words"), BlockSettings("chars", 3, 5)]
    rows = FeatureSpace(fit_blocks(views, kinds)).transform([see("trader")])
    assert len(rows.values)
    assert rows.known.tolist() == [False]


def test_no_sentence_gives_no_row() -> None:
    views = [see("a b")]
    space = FeatureSpace(fit_blocks(views, [BlockSettings("words")]))
    rows = space.transform([])
    assert rows.shape == (0, 2)
    assert rows.known.shape == rows.values.shape == (0,)


def test_masked_actors_have_no_characters() -> None:
    view = see("Iran ab")
    assert cut_features(view, BlockSettings("chars", 3, 5)) == [" ab", "ab ", " ab "]


def test_features_of_the_other_kinds_are_the_parts_of_the_view() -> None:
    view = View(("w",), ("g",), ("c",), ("s",), ("p",))
    kinds = ("groups", "codes", "sides", "places")
    assert [cut_features(view, BlockSettings(kind)) for kind in kinds] == [
        ["g"],
        ["c"],
        ["s"],
        ["p"],
    ]
