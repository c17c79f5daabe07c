import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from framing.articles import ReadLog, ReadOptions, read_articles
from framing.features import FeatureSpace, count_left_out, fit_blocks
from framing.model import BlockSettings
from framing.modelstore import load_model, read_card
from framing.project import Project
from framing.scorer import Scorer
from framing.scoring import score_articles
from framing.trust import (
    BLANK_ARTICLES,
    CANNOT_SAY,
    DOUBT,
    MIN_ARTICLES,
    NOTHING_USUAL,
    SHIFT,
    UNKNOWN_FACTOR,
    Check,
    Trust,
    check_articles,
    check_cannot_say,
    check_error,
    check_shift,
    check_sources,
    check_words,
    check_years,
    distances,
    expected_error,
    measure_trust,
)
from framing.views import View
from tests.smallmodel import make_model

ROOT = Path(__file__).parents[1]
PROJECT = Project(ROOT, "relations")
OFF_TOPIC = ROOT / "tests" / "data" / "offtopic.jsonl"
OUT_OF_FOLD = PROJECT.model / "out_of_fold.parquet"
CODES = ("deal", "row")
NOTHING = pd.DataFrame()


def card(**figures: Sequence[float]) -> dict[str, Any]:
    """A card with some figures of outlets left out in turn."""
    n = max(map(len, figures.values()), default=0)
    outlets = {f"o{i}": {k: v[i] for k, v in figures.items()} for i in range(n)}
    return {"sources": sorted(outlets), "frames": {"sources": outlets}}


CARD = card(known_words=(0.95, 0.9, 0.97), cannot_say=(0.0, 0.01, 0.0))


def table(
    scores: Sequence[float], *, prefix: str = "p_", per_article: int = 10, **more: Any
) -> pd.DataFrame:
    """Units by hand: the score of the code deal; that of row is lower."""
    n = len(scores)
    columns = {
        "doc_id": [f"a{i // per_article}" for i in range(n)],
        "source": "Post",
        "date": "2019-05-06",
        "kind": "sentence",
        f"{prefix}deal": np.array(scores, dtype=np.float64),
        f"{prefix}row": np.array(scores, dtype=np.float64) / 2,
        "cannot_say": False,
        "n_words": 20,
        "n_known": 19,
    }
    return pd.DataFrame({**columns, **more})


def spread(n: int = 100) -> np.ndarray:
    return (np.arange(n) * 37 % n) / n


def trained(n_outlets: int = 4) -> pd.DataFrame:
    outlets = [table(spread(), prefix="u_", source=f"o{i}") for i in range(n_outlets)]
    return pd.concat(outlets, ignore_index=True)


def checks(trust: Trust) -> dict[str, Check]:
    return {check.name: check for check in trust.checks}


def present(check: Check | None) -> Check:
    assert check is not None
    return check


def test_a_corpus_like_training_gives_no_warning() -> None:
    trust = measure_trust(
        table(spread()), CODES, CARD, trained(), years=("2019",), advice="Label 50."
    )
    names = ["words", "scores", "articles", "cannot say", "sources", "years"]
    assert list(checks(trust)) == names
    assert trust.warnings == []
    assert trust.advice == "Label 50."
    assert all(check.text.endswith(".") for check in trust.checks)


def test_other_kinds_of_units_do_not_count() -> None:
    headings = table(np.zeros(300), kind="heading", n_known=0, cannot_say=True)
    both = pd.concat([table(spread()), headings])
    alone = measure_trust(table(spread()), CODES, CARD, trained())
    assert measure_trust(both, CODES, CARD, trained()) == alone


def test_words_known_are_compared_with_the_worst_outlet() -> None:
    limit = 1 - UNKNOWN_FACTOR * (1 - 0.9)
    enough = table(spread(), n_words=1000, n_known=round(1000 * limit) + 1)
    check = present(check_words(enough, CARD))
    assert not check.warning
    assert check.usual == 0.95
    assert check.text == (
        "The model knows 86 % of the words "
        "(unseen in training: usually 95 %, at least 90 %)."
    )
    few = enough.assign(n_known=round(1000 * limit) - 1)
    check = present(check_words(few, CARD))
    assert check.warning
    assert check.text.endswith(DOUBT)


def test_words_known_without_figures_of_training() -> None:
    for without in ({}, card(), card(share_error=({"deal": 0.1},)), {"frames": None}):
        check = present(check_words(table(spread(), n_known=0), without))
        assert not check.warning
        assert np.isnan(check.usual)
        assert check.text == f"The model knows 0 % of the words ({NOTHING_USUAL})."


def test_words_not_counted_are_not_checked() -> None:
    units = table(spread())
    assert check_words(units.drop(columns="n_known"), CARD) is None
    assert check_words(units.assign(n_words=0, n_known=0), CARD) is None


@pytest.mark.parametrize(("shift", "how"), [(-1, "far lower"), (1, "far higher")])
def test_scores_far_from_those_of_training_are_warned_of(shift: int, how: str) -> None:
    moved = np.clip(spread() + shift * (SHIFT + 0.05), 0, 1)
    check = present(check_shift(table(moved), trained(), CODES))
    assert check.warning
    assert check.value == pytest.approx(SHIFT + 0.05, abs=0.02)
    assert check.text == (
        f"Sentences score {how} than unseen ones of training (distance "
        f"{check.value:.2f} of 1; unseen in training: at most 0.00){DOUBT}"
    )


def test_scores_a_little_off_are_no_reason_for_doubt() -> None:
    moved = np.clip(spread() - SHIFT + 0.05, 0, 1)
    check = present(check_shift(table(moved), trained(), CODES))
    assert not check.warning
    assert check.text.startswith("Sentences score much like unseen ones of training (")


def test_unlike_outlets_in_training_widen_what_is_usual() -> None:
    low = table(spread() / 10, prefix="u_", source="low")
    out_of_fold = pd.concat([trained(), low], ignore_index=True)
    usual = ks_2samp(spread() / 10, np.tile(spread(), 4)).statistic
    check = present(check_shift(table(spread() / 9), out_of_fold, CODES))
    assert check.usual == pytest.approx(usual)
    assert SHIFT < check.value < check.usual
    assert not check.warning


def test_one_outlet_in_training_leaves_nothing_usual() -> None:
    check = present(check_shift(table(spread()), trained(1), CODES))
    assert np.isnan(check.usual)
    assert NOTHING_USUAL in check.text
    assert present(check_shift(table(spread() / 9), trained(1), CODES)).warning


def test_articles_left_out_stand_in_for_sources_left_out() -> None:
    by_article = trained().rename(columns={"u_deal": "p_deal", "u_row": "p_row"})
    by_article = by_article.assign(u_deal=np.nan, u_row=np.nan)
    for check in (check_shift, check_articles):
        found = check(table(spread() / 9), by_article, CODES)
        assert found == check(table(spread() / 9), trained(), CODES)


def test_an_article_is_blank_if_no_sentence_probably_carries_a_code() -> None:
    scores = np.where(np.arange(200) < 100, 0.1, spread(200))
    check = present(check_articles(table(scores), trained(), CODES))
    assert check.value == 0.5
    assert check.warning
    assert check.text == (
        "In 50 % of the articles no sentence probably carries a code "
        f"(unseen in training: usually 0 %, at most 0 %){DOUBT}"
    )


def test_a_few_blank_articles_of_few_are_no_reason_for_doubt() -> None:
    scores = np.where(np.arange(50) < 20, 0.1, 0.9)
    check = present(check_articles(table(scores), trained(), CODES))
    assert check.value == 0.4 > BLANK_ARTICLES
    assert not check.warning
    many = present(check_articles(table(np.tile(scores, 20)), trained(), CODES))
    assert many.warning


def test_blank_articles_in_training_widen_what_is_usual() -> None:
    scores = np.where(np.arange(200) < 100, 0.1, spread(200))
    out_of_fold = table(scores, prefix="u_", source="rare")
    check = present(check_articles(table(scores), out_of_fold, CODES))
    assert check.value == check.usual == 0.5
    assert not check.warning


def test_sentences_without_a_known_word() -> None:
    some = np.arange(1000) < 1000 * CANNOT_SAY
    check = present(check_cannot_say(table(spread(1000), cannot_say=some), CARD))
    assert not check.warning
    assert check.text == (
        "The model can say nothing about 5 % of the sentences "
        "(unseen in training: at most 1 %)."
    )
    many = np.arange(1000) < 1000 * CANNOT_SAY + 1
    assert present(check_cannot_say(table(spread(1000), cannot_say=many), {})).warning
    used_to_it = card(cannot_say=(0.2,))
    units = table(spread(1000), cannot_say=many)
    assert not present(check_cannot_say(units, used_to_it)).warning


@pytest.mark.parametrize(
    ("sources", "n_new", "text"),
    [
        (["o1", "o0"], 0, "All 2 sources were in training: the model errs less on "),
        (["b", "a"], 2, "No source was in training: a, b."),
        (
            ["o0", "e", "d", "c", "b", ""],
            5,
            "5 of 6 sources were not in training: (no name), b, c and 2 more; on the "
            "others the model errs less.",
        ),
        (["x\x1b[2J"], 1, r"No source was in training: x\x1b[2J."),
    ],
)
def test_sources_new_to_the_model(sources: list[str], n_new: int, text: str) -> None:
    units = table(spread(len(sources)), source=sources)
    check = present(check_sources(units, CARD))
    assert check.value == n_new
    assert check.text.startswith(text)
    assert not check.warning


def test_sources_of_training_may_be_unknown() -> None:
    assert check_sources(table(spread()), {}) is None
    assert check_sources(table(spread()), {"sources": []}) is None


def test_years_new_to_the_model() -> None:
    dates = ["2019-01-02", "1999", "", None, "2019-03-04", "1998-01-01"]
    units = table(spread(6), date=dates)
    check = present(check_years(units, ("2019", "2020")))
    assert check.value == 0.5
    assert check.text == (
        "50 % of the dated sentences are of years not in training: 1998, 1999."
    )
    assert not check.warning
    assert present(check_years(units, ("1998", "1999", "2019"))).value == 0
    assert check_years(units, ()) is None
    assert check_years(units.assign(date=""), ("2019",)) is None


def test_expected_error_is_the_mean_over_outlets_of_the_size_of_the_error() -> None:
    errors = ({"deal": 0.1, "row": -0.02}, {"deal": -0.2, "row": 0.0})
    found = expected_error(card(share_error=errors))
    assert found == pytest.approx({"deal": 0.15, "row": 0.01})
    check = present(check_error(card(share_error=errors)))
    assert check.value == pytest.approx(0.08)
    assert check.text == (
        "Uncorrected shares of unseen outlets were off by 8 points (deal 15, row 1)."
    )
    other = expected_error(card(mean_error=errors), "mean_error")
    assert other == found
    for without in ({}, card(), {"frames": []}, {"frames": {"sources": None}}):
        assert expected_error(without) == {}
        assert check_error(without) is None


def test_a_corpus_too_small_is_not_warned_of() -> None:
    off = table(np.zeros(10 * MIN_ARTICLES), n_known=0)
    assert len(measure_trust(off, CODES, CARD, trained()).warnings) == 3
    small = measure_trust(off.iloc[10:], CODES, CARD, trained())
    assert small.warnings == []
    text = checks(small)["scores"].text
    assert text.endswith("; fewer than 5 articles are too few to judge by.")
    assert DOUBT not in text


def test_without_sentences_only_the_card_speaks() -> None:
    error = {**CARD, **card(share_error=({"deal": 0.1},))}
    nothing = table([])
    assert list(checks(measure_trust(nothing, CODES, error, trained()))) == ["error"]
    assert measure_trust(nothing, CODES, {}, NOTHING) == Trust([])


def test_without_anything_of_training_there_is_little_to_say() -> None:
    off = table(np.zeros(100), n_known=0)
    assert list(checks(measure_trust(off, CODES, {}, NOTHING))) == [
        "words",
        "cannot say",
    ]
    empty = trained().iloc[:0]
    assert "scores" not in checks(measure_trust(off, CODES, CARD, empty))


def test_rows_without_scores_are_left_out() -> None:
    holes = np.append(spread(), [np.nan] * 50)
    found = checks(measure_trust(table(holes), CODES, CARD, trained()))
    alone = checks(measure_trust(table(spread()), CODES, CARD, trained()))
    for name in ("scores", "articles"):
        assert found[name] == alone[name]
    nothing = table(np.full(100, np.nan))
    assert check_shift(nothing, trained(), CODES) is None
    assert check_articles(nothing, trained(), CODES) is None


NUMBERS = st.lists(st.sampled_from((0.0, 0.1, 0.25, 0.5, 1.0)), min_size=1, max_size=9)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(NUMBERS, NUMBERS)
def test_distances_are_those_of_scipy(first: list[float], second: list[float]) -> None:
    found = distances(np.array(first), np.array(second))
    expected = [
        ks_2samp(first, second, alternative=side, method="asymp").statistic
        for side in ("greater", "less")
    ]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_words_are_counted_without_actors() -> None:
    scorer = Scorer(make_model())
    texts = ["Iran and Israel sign a zebra treaty", "Tehran", "", "Zebra xylophone"]
    n_words, n_known = scorer.count_words(scorer.read(texts))
    assert n_words.tolist() == [5, 0, 0, 2]
    assert n_known.tolist() == [4, 0, 0, 0]
    _, _, cannot_say = scorer.score(scorer.read(texts))
    assert cannot_say.tolist() == (n_known == 0).tolist()


def test_words_known_without_a_source_are_those_of_a_fit_without_it() -> None:
    rng = np.random.default_rng(0)
    words = [*"abcdefghijkl", "<state>"]
    views = [View(tuple(rng.choice(words, 4))) for _ in range(24)]
    sources = np.array(["x", "y", "z"])[rng.integers(0, 3, 24)]
    n_words, n_known = count_left_out(views, list(sources), 3)
    for source in set(sources):
        others = [v for v, s in zip(views, sources, strict=True) if s != source]
        space = FeatureSpace(fit_blocks(others, [BlockSettings("words", 1, 2, 3)]))
        for i in np.flatnonzero(sources == source):
            own = [word for word in views[i].words if word != "<state>"]
            assert n_words[i] == len(own)
            assert n_known[i] == sum(map(space.knows, own))


# The shipped model, on and off its topic.


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    if not OUT_OF_FOLD.exists():
        pytest.skip("models/relations has no out-of-fold scores: run `framing train`")
    return Scorer(load_model(PROJECT.model, PROJECT.read_codebook())[0])


def score(path: Path, scorer: Scorer) -> pd.DataFrame:
    articles = list(read_articles([str(path)], ReadOptions(), ReadLog()))
    scores, _, _ = score_articles(articles, scorer)
    n_words, n_known = scorer.count_words(scorer.read(list(scores["text"])))
    return scores.assign(n_words=n_words, n_known=n_known)


def trust_in(scores: pd.DataFrame, out_of_fold: pd.DataFrame | None = None) -> Trust:
    if out_of_fold is None:
        out_of_fold = pd.read_parquet(OUT_OF_FOLD)
    codes = PROJECT.read_codebook().names
    return measure_trust(scores, codes, read_card(PROJECT.model), out_of_fold)


@pytest.fixture(scope="module")
def demo(scorer: Scorer) -> pd.DataFrame:
    return score(ROOT / "seeds" / "demo", scorer)


@pytest.fixture(scope="module")
def off_topic(scorer: Scorer) -> dict[str, pd.DataFrame]:
    scores = score(OFF_TOPIC, scorer)
    kinds = scores["doc_id"].str.partition("-")[0]
    return {str(kind): own for kind, own in scores.groupby(kinds)}


def samples(scores: pd.DataFrame, n_articles: int) -> Iterator[pd.DataFrame]:
    rng = np.random.default_rng(0)
    for _ in range(10):
        drawn = rng.choice(scores["doc_id"].unique(), n_articles, replace=False)
        yield scores[scores["doc_id"].isin(drawn)]


def test_off_topic_articles_are_short_articles_of_several_outlets() -> None:
    lines = OFF_TOPIC.read_text(encoding="utf-8").splitlines()
    articles = [json.loads(line) for line in lines]
    for kind in ("sport", "recipe"):
        own = [a for a in articles if a["doc_id"].startswith(kind)]
        assert len(own) == 15
        assert len({a["source"] for a in own}) == 3
    assert {tuple(a) for a in articles} == {
        ("doc_id", "source", "date", "title", "text")
    }


def test_articles_on_the_topic_give_no_warning(demo: pd.DataFrame) -> None:
    assert trust_in(demo).warnings == []
    for _, own in demo.groupby("source"):
        assert trust_in(own).warnings == []
        assert all(trust_in(part).warnings == [] for part in samples(own, 5))


@pytest.mark.parametrize("kind", ["sport", "recipe"])
def test_articles_off_the_topic_give_a_warning(
    kind: str, off_topic: dict[str, pd.DataFrame]
) -> None:
    for part in [off_topic[kind], *samples(off_topic[kind], 5)]:
        names = {check.name for check in trust_in(part).warnings}
        assert {"scores", "articles"} <= names


def test_sport_among_articles_on_the_topic_gives_a_warning(
    demo: pd.DataFrame, off_topic: dict[str, pd.DataFrame]
) -> None:
    mixed = pd.concat([demo[demo["source"] != "Founders Review"], *off_topic.values()])
    assert [check.name for check in trust_in(mixed).warnings] == ["articles"]


def test_training_outlets_new_to_a_fit_give_no_warning(scorer: Scorer) -> None:
    out_of_fold = pd.read_parquet(OUT_OF_FOLD)
    codes = scorer.model.frames.classes
    units = out_of_fold.drop(columns=[f"p_{code}" for code in codes])
    units = units.rename(columns={f"u_{code}": f"p_{code}" for code in codes})
    for source, own in units.groupby("source"):
        others = out_of_fold[out_of_fold["source"] != source]
        for check in (check_shift, check_articles):
            found = present(check(own.reset_index(drop=True), others, codes))
            assert not found.warning, (source, found.text)
