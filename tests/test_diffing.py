from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from framing.diffing import (
    GAINED,
    LOST,
    MAX_EXPLAINED,
    THRESHOLD,
    compare_cards,
    compare_shares,
    diff_models,
    explain_change,
    explain_flips,
    find_flips,
    rescore,
)
from framing.errors import ModelError
from framing.model import Model
from framing.scorer import Scorer
from framing.scoring import set_thresholds
from tests.smallmodel import TEXTS, make_model


def units(texts=TEXTS, n_articles: int = 6) -> pd.DataFrame:
    """The sentences as articles of two sources, each with a heading."""
    rows = [
        (f"{source}-{i}", k, source, "2024-01-01", k, k + 1, kind, text)
        for source in ("Echo", "Post")
        for i in range(n_articles)
        for k, (kind, text) in enumerate(
            [("heading", "A treaty"), *(("sentence", text) for text in texts)]
        )
    ]
    names = ["doc_id", "sent_no", "source", "date", "start", "end", "kind", "text"]
    return pd.DataFrame(rows, columns=names)


def louder(model: Model, word: str, code: int, by: float) -> Model:
    """The model with one more weight on a word."""
    head = model.frames
    at = head.blocks[0].vocabulary.index(word)
    coef = head.coef.copy()
    coef[code, at] += by
    return replace(model, frames=replace(head, coef=coef))


def test_a_model_does_not_differ_from_itself() -> None:
    found = diff_models(units(), make_model(), make_model())
    assert found.codes == ("deal", "row")
    assert found.only_old == found.only_new == ()
    assert found.n_sentences == 2 * 6 * len(TEXTS)
    assert found.flips.empty
    assert found.words.empty
    assert not found.shares["moved"].any()
    assert (found.shares["difference"] == 0).all()


def test_a_louder_word_makes_the_flips_and_is_named() -> None:
    old = set_thresholds(make_model(), {"deal": 0.9999})
    new = louder(old, "treaty", 0, 90.0)
    found = diff_models(units(), old, new)
    assert set(found.flips["code"]) == {"deal"}
    assert set(found.flips["flip"]) == {GAINED}
    assert found.flips["text"].str.contains("treaty").all()
    assert found.flips["words"].str.startswith("treaty +").all()
    first = found.words.iloc[0]
    assert (first["word"], first["n"]) == ("treaty", 12)
    counts = found.count_flips().set_index("code")
    assert counts.loc["deal"].tolist() == [12, 0]
    assert counts.loc["row"].tolist() == [0, 0]
    back = diff_models(units(), new, old)
    assert set(back.flips["flip"]) == {LOST}
    assert back.flips["words"].str.startswith("treaty -").all()


def test_words_and_threshold_add_up_to_the_change_of_the_margin() -> None:
    old = set_thresholds(make_model(), {"deal": 0.3})
    new = set_thresholds(louder(old, "treaty", 0, 2.0), {"deal": 0.6})
    for text in TEXTS:
        margins = []
        for model in (old, new):
            said = Scorer(model).explain(text)
            p, cut = said.proba[0], said.thresholds[0]
            margins.append(np.log(p / (1 - p)) - np.log(cut / (1 - cut)))
        moved = explain_change(text, "deal", Scorer(old), Scorer(new))
        assert sum(moved.values()) == pytest.approx(margins[1] - margins[0])
        assert moved[THRESHOLD] == pytest.approx(np.log(3 / 7) - np.log(6 / 4))


def test_one_code_a_unit_has_no_threshold_among_its_words() -> None:
    scorer = Scorer(make_model(single=True))
    assert THRESHOLD not in explain_change(TEXTS[0], "deal", scorer, scorer)


def test_a_threshold_of_nought_or_one_can_be_explained() -> None:
    old = make_model()
    new = set_thresholds(old, {"deal": 0.0, "row": 1.0})
    found = diff_models(units(), old, new)
    assert not found.flips.empty
    assert np.isfinite(found.words["log_odds"]).all()


def test_shares_move_when_the_new_one_leaves_the_interval_of_the_old() -> None:
    scored = rescore(units(), Scorer(make_model()))
    scored = scored[scored["kind"] == "sentence"].reset_index(drop=True)
    scored["deal"] = scored["sent_no"] == 1
    more = scored.assign(deal=scored["deal"] | (scored["source"] == "Post"))
    table = compare_shares(scored, more, ["deal"], level=0.95)
    assert table["source"].tolist() == ["Post", "Echo"]
    assert table["moved"].tolist() == [True, False]
    assert table["old"].tolist() == [0.25, 0.25]
    assert table["new"].tolist() == [1.0, 0.25]
    few = scored["doc_id"].isin(["Post-0", "Echo-0"])
    table = compare_shares(scored[few], more[few], ["deal"], level=0.95)
    assert table["old_low"].isna().all()
    assert not table["moved"].any()


def test_headings_are_not_compared() -> None:
    old = make_model()
    found = diff_models(units(), old, set_thresholds(old, {"deal": 0.0}))
    assert "A treaty" not in set(found.flips["text"])


def test_flips_come_with_the_largest_change_first() -> None:
    before = rescore(units(n_articles=1), Scorer(make_model()))
    n = len(before)
    before = before.assign(deal=False, p_deal=0.1, row=True, p_row=0.9)
    p = np.linspace(0.2, 0.8, n)
    after = before.assign(deal=True, p_deal=p, row=before["sent_no"] > 0, p_row=p)
    flips = find_flips(before, after, ["deal", "row"])
    gained = flips[flips["flip"] == GAINED]
    assert set(gained["code"]) == {"deal"}
    assert gained["p_new"].tolist() == sorted(p, reverse=True)
    lost = flips[flips["flip"] == LOST]
    assert set(lost["sent_no"]) == {0}


def test_only_the_largest_flips_are_explained() -> None:
    old = make_model()
    new = set_thresholds(old, {"deal": 0.0})
    many = units(n_articles=40)
    scorers = Scorer(old), Scorer(new)
    before, after = (rescore(many, scorer) for scorer in scorers)
    flips = find_flips(before, after, ["deal"])
    assert len(flips) > MAX_EXPLAINED
    told, words = explain_flips(flips, *scorers)
    assert len(told) == len(flips)
    assert (told["words"][MAX_EXPLAINED:] == "").all()
    assert words["n"].max() == MAX_EXPLAINED


def test_codes_of_one_model_only_are_named() -> None:
    old = make_model()
    new = replace(old, frames=replace(old.frames, classes=("deal", "feud")))
    found = diff_models(units(), old, new)
    assert (found.codes, found.only_old, found.only_new) == (
        ("deal",),
        ("row",),
        ("feud",),
    )
    assert set(found.shares["code"]) == {"deal"}


def test_models_without_a_code_in_common_are_refused() -> None:
    old = make_model()
    new = replace(old, frames=replace(old.frames, classes=("peace", "feud")))
    with pytest.raises(ModelError, match="no code in common"):
        diff_models(units(), old, new)


def test_cards_differ_in_what_they_say_differently() -> None:
    old = {
        "codebook": "a",
        "labels": {"ana": 3},
        "sources": ["Post"],
        "frames": {"c": 1.0, "unseen": [{"code": "macro", "f1": 0.5}]},
    }
    new = {
        "codebook": "a",
        "labels": {"ana": 4, "ben": 1},
        "sources": ["Echo", "Post"],
        "frames": {"c": 3.0, "unseen": [{"code": "macro", "f1": 0.6}]},
    }
    assert compare_cards(old, old) == []
    assert compare_cards(old, new) == [
        {"what": "labels: ana", "old": 3, "new": 4},
        {"what": "frames: c", "old": 1.0, "new": 3.0},
        {"what": "frames, F1, unseen: macro", "old": 0.5, "new": 0.6},
        {"what": "labels: ben", "old": None, "new": 1},
        {"what": "source: Echo", "old": None, "new": True},
    ]
    assert compare_cards({}, {}) == []
