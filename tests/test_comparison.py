from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from framing.comparison import (
    AFTER,
    BEFORE,
    REST,
    Asked,
    ask_event,
    ask_pairs,
    ask_trend,
    compare,
    slope,
)
from framing.errors import InputError
from framing.intervals import adjust
from framing.measuring import CompareOptions, MixOptions, Scored, compare_groups
from framing.prevalence import Evidence, LabelledSample, tally_scores

CODES = ("deal", "row")

SHARES = {"Echo": (0.5, 0.1), "Post": (0.3, 0.1), "Wire": (0.1, 0.4)}
"""Shares of deal and of row in each source of ten articles of two sentences."""

NO_STANCE = pd.DataFrame(columns=["doc_id", "sent_no", "source", "target", "stance"])


def sentences(
    source: str, share: Sequence[float], n_articles: int = 10, **more: str
) -> pd.DataFrame:
    """Articles of two sentences, so many of them with each code."""
    n = 2 * n_articles
    mark = "".join(more.values())
    made = pd.DataFrame(
        {
            "source": source,
            "doc_id": [f"{source}{mark}{i % n_articles}" for i in range(n)],
            "cannot_say": False,
            **more,
        }
    )
    for code, part in zip(CODES, share, strict=True):
        made[code] = np.arange(n) < round(part * n)
        made[f"p_{code}"] = made[code].astype(float)
    return made


def gather(parts: Sequence[pd.DataFrame], by: Sequence[str] = ("source",)) -> Evidence:
    return Evidence(tally_scores(pd.concat(parts, ignore_index=True), CODES, by))


THREE = gather([sentences(source, share) for source, share in SHARES.items()])


def differences(
    evidence: Evidence, asked: Asked, code: str = "deal", **how: Any
) -> pd.DataFrame:
    known = {"method": "count", "level": 0.95, **how}
    table = compare(evidence, asked, **known)
    return table[table["code"] == code].reset_index(drop=True)


def named(table: pd.DataFrame) -> dict[tuple[str, ...], float]:
    """Differences by what they are between."""
    keys = table[["a", "b"]].itertuples(index=False, name=None)
    return dict(zip(keys, table["difference"].tolist(), strict=True))


# Pairs


def test_all_pairs_by_hand() -> None:
    asked = ask_pairs(THREE, ["source"])
    assert named(differences(THREE, asked)) == pytest.approx(
        {("Echo", "Post"): 0.2, ("Echo", "Wire"): 0.4, ("Post", "Wire"): 0.2}
    )
    assert named(differences(THREE, asked, "row")) == pytest.approx(
        {("Echo", "Post"): 0, ("Echo", "Wire"): -0.3, ("Post", "Wire"): -0.3}
    )
    assert asked.too_few == ()


def test_columns_are_the_effect_first_and_p_last() -> None:
    table = compare(THREE, ask_pairs(THREE, ["source"]), method="count", level=0.95)
    assert list(table.columns) == [
        *("a", "b", "code", "share_a", "share_b"),
        *("difference", "low", "high", "p", "p_adjusted"),
    ]
    assert table["code"].tolist() == ["deal", "row"] * 3


def test_both_shares_stand_beside_their_difference() -> None:
    found = differences(THREE, ask_pairs(THREE, ["source"]))
    assert found["share_a"].tolist() == pytest.approx([0.5, 0.5, 0.3])
    assert found["share_b"].tolist() == pytest.approx([0.3, 0.1, 0.1])
    assert (found["low"] < found["difference"]).all()
    assert (found["difference"] < found["high"]).all()


@pytest.mark.parametrize("reference", ["Echo", "Post", "Wire"])
def test_everything_is_compared_with_the_reference(reference: str) -> None:
    found = named(differences(THREE, ask_pairs(THREE, ["source"], reference)))
    assert found == pytest.approx(
        {
            (source, reference): share[0] - SHARES[reference][0]
            for source, share in SHARES.items()
            if source != reference
        }
    )


def test_pairs_lie_within_a_value_of_the_other_columns() -> None:
    parts = [
        sentences("Echo", (0.5, 0), month="May"),
        sentences("Post", (0.2, 0), month="May"),
        sentences("Echo", (0.4, 0), month="June"),
        sentences("Post", (0.1, 0), month="June"),
    ]
    by = ["source", "month"]
    evidence = gather(parts, by)
    found = differences(evidence, ask_pairs(evidence, by))
    assert found["month"].tolist() == ["June", "May"]
    assert found["difference"].tolist() == pytest.approx([0.3, 0.3])
    assert found[["a", "b"]].to_numpy().tolist() == [["Echo", "Post"]] * 2


def test_rest_is_all_others_together() -> None:
    sizes = {"Echo": 10, "Post": 30, "Wire": 60}
    evidence = gather([sentences(s, SHARES[s], n) for s, n in sizes.items()])
    found = differences(evidence, ask_pairs(evidence, ["source"], REST))
    assert found["a"].tolist() == list(SHARES)
    assert (found["b"] == REST).all()
    for row in found.to_dict("records"):
        others = [s for s in SHARES if s != row["a"]]
        pooled = sum(sizes[s] * SHARES[s][0] for s in others)
        pooled /= sum(sizes[s] for s in others)
        assert row["share_b"] == pytest.approx(pooled)
        assert row["difference"] == pytest.approx(SHARES[row["a"]][0] - pooled)


def test_rest_lies_within_a_value_of_the_other_columns() -> None:
    parts = [
        sentences(source, (share, 0), month=month)
        for month, shares in {"May": (0.5, 0.2, 0.1), "June": (0.4, 0, 0.3)}.items()
        for source, share in zip(SHARES, shares, strict=True)
    ]
    by = ["source", "month"]
    evidence = gather(parts, by)
    found = differences(evidence, ask_pairs(evidence, by, REST))
    of_echo = found[found["a"] == "Echo"].set_index("month")["difference"]
    assert of_echo.to_dict() == pytest.approx({"June": 0.25, "May": 0.35})


def test_groups_with_too_few_articles_are_named_and_not_compared() -> None:
    parts = [sentences(s, share) for s, share in SHARES.items()]
    evidence = gather([*parts, sentences("Tiny", (0.5, 0), 4)])
    asked = ask_pairs(evidence, ["source"])
    assert asked.too_few == ("Tiny",)
    assert len(asked.names) == 3
    assert ask_pairs(evidence, ["source"], min_articles=11).names.empty
    rest = ask_pairs(evidence, ["source"], REST)
    assert rest.names["a"].tolist() == list(SHARES)


def test_copies_of_one_text_do_not_make_enough_articles() -> None:
    parts = [sentences(s, share) for s, share in SHARES.items()]
    scores = pd.concat(parts, ignore_index=True)
    scores["cluster"] = scores["doc_id"].mask(scores["source"] == "Wire", "one text")
    evidence = Evidence(tally_scores(scores, CODES))
    assert ask_pairs(evidence, ["source"]).too_few == ("Wire",)


# Events


def event_corpus() -> Evidence:
    parts = [
        sentences("Echo", (0.2, 0), period=BEFORE),
        sentences("Echo", (0.5, 0), period=AFTER),
        sentences("Post", (0.4, 0), period=BEFORE),
        sentences("Post", (0.3, 0), period=AFTER),
        sentences("Wire", (0.4, 0), period=AFTER),
    ]
    return gather(parts, ["source", "period"])


def test_change_at_an_event_and_how_changes_differ() -> None:
    evidence = event_corpus()
    asked = ask_event(evidence, "source", "period")
    found = differences(evidence, asked)
    assert named(found) == pytest.approx(
        {("Echo", BEFORE): 0.3, ("Post", BEFORE): -0.1, ("Echo", "Post"): 0.4}
    )
    assert asked.too_few == ("Wire",)
    assert "share_a" not in found


def test_difference_of_changes_is_less_sure_than_the_changes() -> None:
    evidence = event_corpus()
    found = differences(evidence, ask_event(evidence, "source", "period"))
    widths = (found["high"] - found["low"]).tolist()
    assert widths[2] > max(widths[:2])


# Trends

MONTHS = {"2026-01": (0.1, 6), "2026-02": (0.2, 10), "2026-04": (0.3, 20)}
"""Share of deal and number of articles; nothing was written in March."""

STEPS = pd.Series([0, 1, 3, 4], index=["2026-01", "2026-02", "2026-04", "2026-05"])


def trend_corpus(**more: tuple[float, int]) -> Evidence:
    months = MONTHS | {f"2026-{name[1:]}": value for name, value in more.items()}
    parts = [
        sentences("Echo", (share, 0), n, month=month)
        for month, (share, n) in months.items()
    ]
    parts += [sentences("Post", (0.5, 0), 9, month="2026-01")]
    return gather(parts, ["source", "month"])


def test_trend_is_the_slope_weighted_by_articles() -> None:
    evidence = trend_corpus()
    asked = ask_trend(evidence, "source", "month", STEPS)
    [row] = differences(evidence, asked).to_dict("records")
    sizes = np.array([n for _, n in MONTHS.values()])
    # numpy's weights are for residuals before they are squared.
    there = [round(share * 2 * n) / (2 * n) for share, n in MONTHS.values()]
    wanted, _ = np.polyfit([0, 1, 3], there, 1, w=np.sqrt(sizes))
    assert row["difference"] == pytest.approx(wanted)
    assert row["low"] < row["difference"] < row["high"]
    assert (row["a"], row["periods"]) == ("Echo", 3)
    assert asked.too_few == ("Post",)


def test_period_with_too_few_articles_is_no_point_of_the_trend() -> None:
    few = trend_corpus(m05=(1.0, 4))
    enough = trend_corpus(m05=(1.0, 5))
    ran = [
        differences(e, ask_trend(e, "source", "month", STEPS)).to_dict("records")[0]
        for e in (trend_corpus(), few, enough)
    ]
    assert [row["periods"] for row in ran] == [3, 3, 4]
    assert ran[0]["difference"] == pytest.approx(ran[1]["difference"])
    assert ran[2]["difference"] > ran[0]["difference"]


def test_articles_without_a_date_are_no_point_of_the_trend() -> None:
    parts = [
        sentences("Echo", (share, 0), n, month=month)
        for month, (share, n) in MONTHS.items()
    ]
    dated = gather(parts, ["source", "month"])
    lost = sentences("Echo", (1.0, 0), 30, month="(no date)")
    undated = gather([*parts, lost], ["source", "month"])
    one, other = (
        differences(e, ask_trend(e, "source", "month", STEPS)) for e in (dated, undated)
    )
    pd.testing.assert_frame_equal(one, other)


def test_slope_of_a_straight_line_is_its_own_whatever_the_weights() -> None:
    time, weight = np.array([0.0, 1.0, 5.0, 6.0]), np.array([3.0, 50.0, 1.0, 7.0])
    coefficients = slope(time, weight)
    assert coefficients @ (0.3 - 0.02 * time) == pytest.approx(-0.02)
    assert coefficients.sum() == pytest.approx(0)


# How many were asked


@pytest.mark.parametrize("how", ["holm", "bh", "none"])
def test_p_values_are_adjusted_for_all_that_was_asked(how: str) -> None:
    asked = ask_pairs(THREE, ["source"])
    table = compare(THREE, asked, method="count", level=0.95, how=how)
    np.testing.assert_allclose(table["p_adjusted"], adjust(table["p"].to_numpy(), how))
    assert len(table) == 6


def test_codes_that_were_not_asked_about_do_not_count() -> None:
    asked = ask_pairs(THREE, ["source"])
    both = differences(THREE, asked)
    alone = differences(THREE, asked, codes=("deal",))
    pd.testing.assert_series_equal(both["p"], alone["p"])
    assert alone["p_adjusted"].min() == pytest.approx(3 * alone["p"].min())
    assert both["p_adjusted"].min() > alone["p_adjusted"].min()


def test_fewer_pairs_asked_are_adjusted_for_fewer() -> None:
    every = differences(THREE, ask_pairs(THREE, ["source"]), codes=("deal",))
    some = differences(THREE, ask_pairs(THREE, ["source"], "Wire"), codes=("deal",))
    of_echo = [t[(t["a"] == "Echo") & (t["b"] == "Wire")] for t in (every, some)]
    assert of_echo[0]["p"].item() == of_echo[1]["p"].item()
    assert of_echo[0]["p_adjusted"].item() == pytest.approx(3 * of_echo[0]["p"].item())
    assert of_echo[1]["p_adjusted"].item() == pytest.approx(2 * of_echo[1]["p"].item())


def test_difference_without_labels_is_unknown_and_was_not_asked() -> None:
    tally = THREE.tally
    labelled = np.flatnonzero(tally.source[tally.cell] < 2)  # Echo and Post
    sample = LabelledSample(
        coded=tally.decided[labelled],
        proba=tally.proba[labelled],
        decided=tally.decided[labelled],
        weight=np.ones(len(labelled)),
        source=tally.source[tally.cell[labelled]],
        article=tally.article[labelled],
        unit_of_pair=np.arange(len(labelled)),
        cell_of_pair=tally.cell[labelled],
    )
    evidence = Evidence(tally, sample)
    asked = ask_pairs(evidence, ["source"])
    found = differences(evidence, asked, method="ppi", codes=("deal",))
    known = found["b"] != "Wire"
    assert (
        found["difference"].notna().tolist() == known.tolist() == [True, False, False]
    )
    assert found.loc[~known, ["low", "high", "p", "p_adjusted"]].isna().all(axis=None)
    assert found.loc[0, "difference"] == pytest.approx(0.2)
    assert found.loc[0, "p_adjusted"] == found.loc[0, "p"]


# Asked of a scoring


def make_scored(
    shares: dict[str, dict[str, float]], n_articles: int = 10, *, undated: int = 0
) -> Scored:
    """A scoring with so many articles of each source on each date."""
    scores, articles = [], []
    for source, dates in shares.items():
        for date, share in dates.items():
            part = sentences(source, (share, 0), n_articles, day=date)
            part = part.drop(columns="day").assign(date=date)
            scores.append(part)
            names = part["doc_id"].unique()
            articles.append(
                pd.DataFrame({"doc_id": names, "source": source, "date": date})
            )
    table = pd.concat(scores, ignore_index=True)
    numbers = table.groupby("doc_id").cumcount()
    table = table.assign(
        sent_no=numbers, start=10 * numbers, end=10 * numbers + 5, kind="sentence"
    )
    known = pd.concat(articles, ignore_index=True).assign(x_topic="trade")
    if undated:
        known.loc[known.index[:undated], "date"] = ""
    return Scored(table.assign(text="They agreed."), known, NO_STANCE)


WITH_DATES = make_scored(
    {
        "Echo": {"2026-01-10": 0.1, "2026-02-10": 0.2, "2026-03-10": 0.3},
        "Post": {"2026-01-10": 0.5, "2026-02-10": 0.5, "2026-03-10": 0.2},
    }
)


def ask(scored: Scored = WITH_DATES, **asked: Any) -> pd.DataFrame:
    of_mix = {k: v for k, v in asked.items() if k in ("by", "min_articles")}
    others = {k: v for k, v in asked.items() if k not in of_mix}
    options = CompareOptions(mix=MixOptions(**of_mix), codes=("deal",), **others)
    return compare_groups(scored, options).table


def test_event_parts_articles_by_their_date() -> None:
    found = named(ask(event="2026-03-10"))
    assert found == pytest.approx(
        {("Echo", BEFORE): 0.15, ("Post", BEFORE): -0.3, ("Echo", "Post"): 0.45}
    )


def test_day_of_the_event_is_after_it() -> None:
    one, other = (named(ask(event=f"2026-02-{day}")) for day in ("10", "11"))
    assert one[("Echo", BEFORE)] == pytest.approx(0.25 - 0.1)
    assert other[("Echo", BEFORE)] == pytest.approx(0.3 - 0.15)


def test_articles_without_a_date_are_on_no_side_of_an_event() -> None:
    dates = {"2026-01-10": 1.0, "2026-02-10": 0.5}
    scored = make_scored({"Echo": dates, "Post": dates}, undated=4)
    compared = compare_groups(scored, CompareOptions(event="2026-02-01"))
    shares = compared.measured.mix
    of_echo = shares[(shares["source"] == "Echo") & (shares["code"] == "deal")]
    assert of_echo.set_index("period")["n_articles"].to_dict() == {
        BEFORE: 6,
        AFTER: 10,
        "(no date)": 4,
    }
    assert not compared.table["a"].eq("(no date)").any()


@pytest.mark.parametrize("by", [("month",), ("source", "month"), ("topic", "month")])
def test_period_among_the_columns_asks_for_trends(by: tuple[str, ...]) -> None:
    compared = compare_groups(WITH_DATES, CompareOptions(mix=MixOptions(by=by)))
    assert compared.kind == "trend"
    found = compared.table[compared.table["code"] == "deal"]
    if "topic" in by:
        assert found["a"].tolist() == ["trade"]
        assert found["difference"].item() == pytest.approx((0.25 - 0.3) / 2)
    else:
        assert found["a"].tolist() == ["Echo", "Post"]
        assert found["difference"].tolist() == pytest.approx([0.1, -0.15])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"adjust": "bonferroni"}, "adjust bonferroni is none of holm, bh, none."),
        ({"event": "10 March"}, "--event 10 March: no date. Write it as 2026-01-31."),
        ({"event": "2026-3-1"}, "--event 2026-3-1: no date. Write it as 2026-01-31."),
        ({"event": "2026-02-30"}, "--event 2026-02-30: no date. Write it as"),
        (
            {"event": "2026-02-01", "by": ("source", "month")},
            "--event asks for before and after: leave month out of --by.",
        ),
        (
            {"reference": "Echo", "by": ("month",)},
            "--reference compares groups with each other: leave it out over time.",
        ),
        (
            {"reference": "Echo", "event": "2026-02-01"},
            "--reference compares groups with each other: leave it out over time.",
        ),
        (
            {"by": ("week", "month")},
            "--by week,month: one column and one period at a time.",
        ),
        (
            {"by": ("source", "topic"), "event": "2026-02-01"},
            "--by source,topic: one column and one period at a time.",
        ),
        (
            {"reference": "BBC"},
            "no source BBC (there: Echo, Post). Name one of them, or rest.",
        ),
        (
            {"min_articles": 31},
            "fewer than two groups have 31 articles (Echo, Post). Add articles.",
        ),
        (
            {"event": "2027-01-01"},
            "no source has on both sides of the date 5 articles (Echo, Post).",
        ),
        (
            {"by": ("year",)},
            "no source has three periods with 5 articles (Echo, Post).",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(
    asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        ask(**asked)
    assert message in str(caught.value)


def test_unknown_code_is_refused() -> None:
    with pytest.raises(InputError, match="no code peace in these results"):
        compare_groups(WITH_DATES, CompareOptions(codes=("peace",)))
