import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from framing.cli.mixtable import basis_in_words, moved_in_words
from framing.codebook import Code, Codebook
from framing.coding import draw_queue, make_sheet, with_context
from framing.errors import InputError, LabelError
from framing.labelled import read_coded
from framing.labelstore import label_line
from framing.measuring import (
    Measured,
    MixOptions,
    Scored,
    advise,
    find_sample,
    keep_own,
    measure,
    read_sample_file,
)
from framing.measuring.units import period_names, period_steps
from framing.records import SEED_CODER, CodedUnit, Label
from framing.results import csv_text

CODES = ("deal", "row")
CODEBOOK = Codebook(
    name="small",
    version="1",
    language="en",
    unit="one sentence",
    coding="multiple",
    codes=tuple(Code(name, name.title(), "Something.") for name in CODES),
    hash="0123456789ab",
)
NO_STANCE = pd.DataFrame(columns=["doc_id", "sent_no", "source", "target", "stance"])


ARTICLES = {
    "e1": ("Echo", "2025-12-29", {"topic": "trade"}),
    "e2": ("Echo", "2026-01-04", {"topic": "war"}),
    "p1": ("Post", "2026-01-05", {"topic": "trade"}),
    "p2": ("Post", "", {"topic": "war"}),
}


def make_scored(
    rows: Sequence[tuple[str, str | None, float]],
    articles: dict[str, tuple[str, str, dict[str, str]]] = ARTICLES,
    **more: Any,
) -> Scored:
    """A scoring by hand: article, codes given (None: cannot say), score of deal."""
    numbers: dict[str, int] = {}
    made = []
    for doc_id, codes, p in rows:
        number = numbers[doc_id] = numbers.get(doc_id, -1) + 1
        made.append(
            {
                "doc_id": doc_id,
                "sent_no": number,
                "source": articles[doc_id][0],
                "date": articles[doc_id][1],
                "start": 100 * number,
                "end": 100 * number + 50,
                "kind": "sentence",
                "text": f"Sentence {number} of {doc_id}.",
                "p_deal": p,
                "p_row": float("row" in (codes or "").split()),
                "deal": "deal" in (codes or "").split(),
                "row": "row" in (codes or "").split(),
                "cannot_say": codes is None,
            }
        )
    table = [
        {
            "doc_id": doc_id,
            "source": source,
            "date": date,
            "title": f"About {doc_id}",
            "text_hash": f"hash of {doc_id}",
            **{f"x_{name}": value for name, value in extra.items()},
        }
        for doc_id, (source, date, extra) in articles.items()
    ]
    known = {"stance": NO_STANCE, **more}
    return Scored(pd.DataFrame(made), pd.DataFrame(table), **known)


SCORED = make_scored(
    [
        ("e1", "deal", 0.9),
        ("e1", "", 0.3),
        ("e2", "row", 0.2),
        ("p1", "deal row", 0.8),
        ("p1", "", 0.1),
        ("p1", None, 0.5),
        ("p2", "", 0.4),
    ]
)


def big(n_articles: int = 12, seed: int = 0, **more: Any) -> Scored:
    """Two sources with so many articles of four sentences each."""
    rng = np.random.default_rng(seed)
    articles = {
        f"{s[0].lower()}{i}": (s, f"2026-{1 + i % 3:02}-11", {"topic": "trade"})
        for s in ("Echo", "Post")
        for i in range(n_articles)
    }
    rows = []
    for doc_id in articles:
        for _ in range(4):
            p = round(float(rng.random()), 3)
            rows.append((doc_id, "deal" * (p >= 0.5), p))
    return make_scored(rows, articles, **more)


def shares(scored: Scored, code: str = "deal", **asked: Any) -> dict[Any, float]:
    """The shares of a code by group."""
    options = MixOptions(**asked)
    mix = measure(scored, options).mix
    own = mix[mix["code"] == code]
    names = own[list(options.by)].itertuples(index=False)
    keys = [row[0] if len(row) == 1 else tuple(row) for row in names]
    return dict(zip(keys, own["share"].tolist(), strict=True))


def code_units(
    scored: Scored, coded: dict[int, tuple[str, ...]], **more: Any
) -> list[CodedUnit]:
    """Labels of some rows of the scores, by their numbers."""
    rows = scored.scores.to_dict("records")
    return [
        CodedUnit(
            rows[i]["doc_id"], rows[i]["text"], codes, start=rows[i]["start"], **more
        )
        for i, codes in coded.items()
    ]


# What counts


def test_only_sentences_count() -> None:
    other = SCORED.scores.head(3).assign(
        kind=["heading", "caption", "repeat"], deal=True, sent_no=90
    )
    scores = pd.concat([other, SCORED.scores], ignore_index=True)
    pd.testing.assert_frame_equal(
        measure(replace(SCORED, scores=scores), MixOptions()).mix,
        measure(SCORED, MixOptions()).mix,
    )


def test_copies_of_a_text_are_one_article() -> None:
    scored = big()
    same = replace(scored, articles=scored.articles.assign(text_hash="one text"))
    assert measure(scored, MixOptions()).mix["low"].notna().all()
    assert measure(same, MixOptions()).mix["low"].isna().all()


def test_results_without_hashes_of_texts_take_each_article_for_itself() -> None:
    scored = big()
    old = replace(scored, articles=scored.articles.drop(columns="text_hash"))
    pd.testing.assert_frame_equal(
        measure(old, MixOptions()).mix, measure(scored, MixOptions()).mix
    )


def test_code_may_have_any_name_that_a_codebook_allows() -> None:
    # "row" once was the name of a column in between.
    assert shares(SCORED, "row") == {"Echo": 1 / 3, "Post": 1 / 3}


# Groups


@pytest.mark.parametrize(
    ("period", "named"),
    [
        ("day", ["2025-12-29", "2026-01-04", "2026-01-05"]),
        ("week", ["2026-W01", "2026-W01", "2026-W02"]),
        ("month", ["2025-12", "2026-01", "2026-01"]),
        ("quarter", ["2025Q4", "2026Q1", "2026Q1"]),
        ("year", ["2025", "2026", "2026"]),
    ],
)
def test_dates_lie_in_periods(period: str, named: list[str]) -> None:
    dates = pd.Series(["2025-12-29", "2026-01-04T23:59:00+01:00", "2026-01-05", ""])
    assert period_names(dates, period).tolist() == [*named, "(no date)"]


@pytest.mark.parametrize(
    ("period", "names", "apart"),
    [
        ("day", ["2026-02-28", "2026-03-01"], 1),
        ("week", ["2025-W52", "2026-W01"], 1),
        ("week", ["2020-W53", "2021-W02"], 2),
        ("month", ["2025-11", "2026-02"], 3),
        ("quarter", ["2025Q4", "2026Q1"], 1),
        ("year", ["2020", "2026"], 6),
    ],
)
def test_periods_are_numbered_along_time(
    period: str, names: list[str], apart: int
) -> None:
    steps = period_steps([*reversed(names), "(no date)"], period)
    assert steps.index.tolist() == names
    assert steps[names[1]] - steps[names[0]] == apart


@pytest.mark.parametrize("period", ["week", "month"])
def test_corpus_without_a_date_has_no_periods(period: str) -> None:
    assert period_steps(["(no date)"], period).empty


def test_shares_by_source_and_month() -> None:
    assert shares(SCORED, by=("source", "month")) == {
        ("Echo", "2025-12"): 1 / 2,
        ("Echo", "2026-01"): 0,
        ("Post", "(no date)"): 0,
        ("Post", "2026-01"): 1 / 2,
    }


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("month", {"(no date)": 0, "2025-12": 1 / 2, "2026-01": 1 / 3}),
        ("week", {"(no date)": 0, "2026-W01": 1 / 3, "2026-W02": 1 / 2}),
        ("quarter", {"(no date)": 0, "2025Q4": 1 / 2, "2026Q1": 1 / 3}),
        ("year", {"(no date)": 0, "2025": 1 / 2, "2026": 1 / 3}),
        ("topic", {"trade": 2 / 4, "war": 0}),
    ],
)
def test_shares_by_one_column(by: str, expected: dict[str, float]) -> None:
    assert shares(SCORED, by=(by,)) == pytest.approx(expected)


def test_article_without_a_value_of_a_column_is_in_a_group_of_its_own() -> None:
    articles = SCORED.articles.assign(x_topic=["trade", "", None, "war"])
    found = shares(replace(SCORED, articles=articles), by=("topic",))
    assert found == {"(none)": 1 / 3, "trade": 1 / 2, "war": 0}


def test_sentence_counts_for_each_target_it_names() -> None:
    named = [("e1", 0, "Iran"), ("e1", 0, "Israel"), ("e2", 0, "Iran")]
    stance = pd.DataFrame(named, columns=["doc_id", "sent_no", "target"])
    scored = replace(SCORED, stance=stance.assign(source="Echo", stance="neutral"))
    assert shares(scored, by=("target",)) == {"Iran": 1 / 2, "Israel": 1}
    assert shares(scored, by=("source", "target")) == {
        ("Echo", "Iran"): 1 / 2,
        ("Echo", "Israel"): 1,
    }
    coded = code_units(scored, {0: (), 2: ("deal",)})
    mix = measure(scored, MixOptions(("target",)), coded).mix
    own = mix[mix["code"] == "deal"].set_index("target")
    assert own["n_labels"].to_dict() == {"Iran": 2, "Israel": 1}
    assert own["labelled"].to_dict() == {"Iran": 1 / 2, "Israel": 0}


def test_corpus_that_names_no_target_has_no_mix_by_target() -> None:
    assert measure(SCORED, MixOptions(("target",))).mix.empty


def test_unknown_column_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError) as caught:
        measure(SCORED, MixOptions(("source", "autor")))
    assert str(caught.value) == (
        "no column autor to group by (there: source, target, day, week, month, "
        "quarter, year, topic). Name one of these."
    )


@pytest.mark.parametrize("name", ["deal", "p_deal", "n", "weight", "cluster", "code"])
def test_column_with_the_name_of_one_of_ours_is_refused(name: str) -> None:
    articles = SCORED.articles.assign(**{f"x_{name}": "much"})
    with pytest.raises(InputError, match=f"column {name} has the name of one of ours"):
        measure(replace(SCORED, articles=articles), MixOptions((name,)))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"method": "magic"}, "method magic is none of count, mean, ppi, acc, pacc, "),
        ({"unit": "word"}, "unit word is none of sentence, article."),
        ({"by": ("source", "source")}, "by source, source: name each column once."),
        ({"by": ()}, "name each column once."),
        (
            {"unit": "article", "method": "mean"},
            "articles can only be counted, not estimated by mean. Leave out --method",
        ),
        ({"method": "ppi"}, "ppi needs labels of this corpus, drawn at random."),
        ({"method": "em"}, "em needs shares in training, which the card lacks."),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        measure(SCORED, MixOptions(**asked))
    assert message in str(caught.value)


def test_em_starts_from_the_shares_in_training() -> None:
    card = {"frames": {"priors": {"deal": 0.3, "row": 0.2}}}
    measured = measure(big(card=card), MixOptions(method="em"))
    assert measured.evidence.priors == (0.3, 0.2)
    assert measured.mix["share"].notna().all()


# Whole articles


def test_article_carries_a_code_if_one_of_its_sentences_does() -> None:
    assert shares(SCORED, unit="article") == {"Echo": 1 / 2, "Post": 1 / 2}
    assert shares(SCORED, "row", unit="article") == {"Echo": 1 / 2, "Post": 1 / 2}
    mix = measure(SCORED, MixOptions(unit="article")).mix
    assert (mix["n_sentences"] == mix["n_articles"]).all()
    assert mix["mean"].isna().all()


def test_labels_of_sentences_say_nothing_of_articles() -> None:
    coded = code_units(SCORED, {0: (), 3: ()})
    measured = measure(SCORED, MixOptions(unit="article"), coded)
    pd.testing.assert_frame_equal(
        measured.mix, measure(SCORED, MixOptions(unit="article")).mix
    )
    assert measured.basis.n_labels == 0
    assert "Uncorrected" in " ".join(
        basis_in_words(measured.basis, MixOptions(unit="article"))
    )


# The same mix of topics for all


def topics(**numbers: tuple[int, int, int, int]) -> Scored:
    """Sources with sentences (n, of them deal) about trade, then about war."""
    articles, rows = {}, []
    for source, (trade, trade_deal, war, war_deal) in numbers.items():
        for topic, n, deal in (("trade", trade, trade_deal), ("war", war, war_deal)):
            for i in range(n):
                doc_id = f"{source}-{topic}-{i}"
                articles[doc_id] = (source, "", {"topic": topic})
                rows.append((doc_id, "deal" * (i < deal), float(i < deal)))
    return make_scored(rows, articles)


def test_sources_that_differ_in_their_topics_alone_come_out_equal() -> None:
    scored = topics(Echo=(20, 10, 10, 1), Post=(8, 4, 40, 4))
    plain = shares(scored)
    assert plain == pytest.approx({"Echo": 11 / 30, "Post": 8 / 48})
    # All together: 28 sentences about trade, 50 about war.
    same = 28 / 78 * 0.5 + 50 / 78 * 0.1
    controlled = shares(scored, control="topic")
    assert controlled == pytest.approx({"Echo": same, "Post": same})
    meant = shares(scored, control="topic", method="mean")
    assert meant == pytest.approx({"Echo": same, "Post": same})


def test_topic_that_not_every_source_has_is_left_out_and_said() -> None:
    scored = topics(Echo=(20, 10, 10, 1), Post=(8, 2, 0, 0))
    measured = measure(scored, MixOptions(control="topic"))
    [dropped] = measured.basis.dropped
    assert dropped == (
        "10 of 38 sentences: of 1 values of topic that not every source has"
    )
    assert shares(scored, control="topic") == {"Echo": 1 / 2, "Post": 1 / 4}
    words = basis_in_words(measured.basis, MixOptions(control="topic"))
    assert f"Left out: {dropped}." in words
    assert any(line.endswith("given the same mix of topic.") for line in words)


def test_source_with_too_few_articles_is_left_out_when_topics_are_made_alike() -> None:
    scored = topics(Echo=(20, 10, 10, 1), Post=(8, 4, 40, 4), Tiny=(2, 1, 0, 0))
    measured = measure(scored, MixOptions(control="topic"))
    assert measured.basis.dropped == ["1 sources with fewer than 5 articles"]
    assert set(measured.mix["source"]) == {"Echo", "Post"}


def test_sources_without_a_common_topic_cannot_be_made_alike() -> None:
    scored = topics(Echo=(20, 10, 0, 0), Post=(0, 0, 9, 2))
    with pytest.raises(InputError, match="no value of topic occurs in every source"):
        measure(scored, MixOptions(control="topic"))


def test_control_by_an_unknown_column_is_refused() -> None:
    with pytest.raises(InputError, match="no column theme"):
        measure(SCORED, MixOptions(control="theme"))


def test_labels_keep_their_sentences_when_topics_are_left_out() -> None:
    scored = topics(Echo=(20, 10, 10, 1), Post=(12, 6, 0, 0))
    posts = [i for i, s in enumerate(scored.scores["source"]) if s == "Post"]
    coded = code_units(scored, dict.fromkeys(posts, ("deal",)))
    coded += code_units(scored, dict.fromkeys(range(5), ()))
    measured = measure(scored, MixOptions(control="topic", method="ppi"), coded)
    own = measured.mix[measured.mix["code"] == "deal"].set_index("source")
    assert own["n_labels"].to_dict() == {"Echo": 5, "Post": 12}
    assert own["labelled"].to_dict() == {"Echo": 0, "Post": 1}
    assert own["share"].to_dict() == {"Echo": 0, "Post": 1}


# Labels


def draw_sheet(scored: Scored, n: int) -> pd.DataFrame:
    """A coding sheet of so many sentences, drawn at random."""
    units = with_context(scored.scores, scored.articles)
    return make_sheet(draw_queue(units, "sample", n, thresholds={}), CODES)


def fill(sheet: pd.DataFrame, codes: Sequence[str | None]) -> list[dict[str, str]]:
    """The rows of a sheet as a coder hands them back; None is left empty."""
    rows = list(csv.DictReader(io.StringIO(csv_text(sheet))))
    for row, given in zip(rows, codes, strict=False):
        if given is not None:
            row.update(dict.fromkeys(given.split(), "1") if given else {"none": "x"})
    return rows


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_coding_sheet_comes_back_as_labels(tmp_path: Path) -> None:
    scored = big()
    sheet = draw_sheet(scored, 30)
    assert list(sheet.columns) == [
        *("doc_id", "sent_no", "start", "source", "date", "title"),
        *("before", "sentence", "after", *CODES, "none", "probability"),
    ]
    assert sheet["title"].tolist() == [f"About {d}" for d in sheet["doc_id"]]
    answers = [("deal", "deal row", "", None)[i % 4] for i in range(30)]
    path = write_csv(tmp_path / "sheet.csv", fill(sheet, answers))
    coded, blank = read_coded(path, CODES)
    told = [a for a in answers if a is not None]
    assert [" ".join(unit.codes) for unit in coded] == told
    assert blank == answers.count(None)
    assert {unit.probability for unit in coded} == {15 / 48}
    measured = measure(scored, MixOptions(), coded, labels_from="sheet.csv")
    assert measured.basis.n_labels == len(told)
    assert measured.basis.dropped == []
    assert measured.basis.method.name == "hierarchical"
    by_start = {(u.doc_id, u.start): u for u in coded}
    own = measured.mix[measured.mix["code"] == "deal"].set_index("source")
    for source in ("Echo", "Post"):
        hits = [
            "deal" in u.codes
            for k, u in by_start.items()
            if k[0][0] == source[0].lower()
        ]
        assert own.loc[source, "labelled"] == pytest.approx(np.mean(hits))
        assert own.loc[source, "n_labels"] == len(hits)


def test_sheet_shows_the_sentences_around_and_draws_only_sayable_ones() -> None:
    heading = SCORED.scores.head(1).assign(kind="heading", sent_no=-1, text="Head.")
    scores = pd.concat([heading, SCORED.scores], ignore_index=True)
    sheet = draw_sheet(replace(SCORED, scores=scores), 99)
    assert len(sheet) == 6
    by_text = sheet.set_index("sentence")
    first = by_text.loc["Sentence 0 of e1."]
    assert (first["before"], first["after"]) == ("Head.", "Sentence 1 of e1.")
    assert by_text.loc["Sentence 0 of p2.", ["before", "after"]].tolist() == ["", ""]
    assert (sheet[[*CODES, "none"]] == "").all(axis=None)


def test_nothing_to_draw_from_is_an_error() -> None:
    headings = SCORED.scores.assign(kind="heading")
    with pytest.raises(InputError, match="no sentence to draw from"):
        draw_sheet(replace(SCORED, scores=headings), 5)


def test_cells_guarded_against_formulas_are_found_again(tmp_path: Path) -> None:
    scored = big()
    rename = {"e0": "=e0", "e1": "-e1", "p0": "@p0"}
    texts = scored.scores["text"].where(
        scored.scores["sent_no"] != 1, "=1+1 " + scored.scores["text"]
    )
    guarded = replace(
        scored,
        scores=scored.scores.assign(
            text=texts, doc_id=scored.scores["doc_id"].replace(rename)
        ),
        articles=scored.articles.assign(
            doc_id=scored.articles["doc_id"].replace(rename)
        ),
    )
    sheet = draw_sheet(guarded, 999)
    rows = fill(sheet, ["deal"] * len(sheet))
    assert {row["doc_id"] for row in rows} >= {"'=e0", "'-e1", "'@p0"}
    coded, _ = read_coded(write_csv(tmp_path / "sheet.csv", rows), CODES)
    measured = measure(guarded, MixOptions(), coded)
    assert measured.basis.n_labels == len(sheet) == 96
    assert measured.basis.dropped == []


SHEET = "doc_id,sentence,deal,row,none,probability\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("e1,One.,1,,x,", "both none and deal are marked. Clear one of them."),
        ("e1,One.,maybe,,,", "deal is 'maybe'. Write 1 or 0."),
        ("e1,One.,,,perhaps,", "none is 'perhaps'. Write 1 or 0."),
        ("e1,One.,1,,,1.5", "probability cannot be 1.5. Mend the cell."),
        ("e1,One.,1,,,-0.1", "probability cannot be -0.1. Mend the cell."),
        ("e1,One.,1,,,nan", "probability cannot be nan. Mend the cell."),
        ("e1,One.,1,,,often", "probability is 'often', no number. Mend the cell."),
        ("e1,One.,1,,", "other number of cells than columns. Mend the row."),
    ],
)
def test_faulty_row_of_a_sheet_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sheet.csv").write_text(f"{SHEET}e1,One.,1,,,0.5\n{line}\n")
    with pytest.raises(LabelError) as caught:
        read_coded(Path("sheet.csv"), CODES)
    assert str(caught.value) == f"sheet.csv:3: {message}"


def test_unknown_code_in_a_sheet_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sheet.csv").write_text("doc_id,text,codes\ne1,One.,deal\ne1,Two.,peace\n")
    with pytest.raises(LabelError) as caught:
        read_coded(Path("sheet.csv"), CODES)
    assert str(caught.value) == (
        "sheet.csv:3: code 'peace' is none of deal, row. Mend it."
    )


def test_rows_left_empty_are_not_coded_and_zeros_are(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(
        f"{SHEET}e1,One.,,,,0.5\ne1,Two.,0,,,0.5\ne1,Three.,,,1,0.5\ne1,Four.,,,0,0.5\n"
    )
    coded, blank = read_coded(path, CODES)
    assert [(u.text, u.codes) for u in coded] == [("Two.", ()), ("Three.", ())]
    assert blank == 2


def test_sheet_without_the_column_of_a_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text("doc_id,sentence,deal,none\ne1,One.,1,\n")
    with pytest.raises(LabelError, match=r"no column row\. Put it back, or name it so"):
        read_coded(path, CODES)


def test_sheet_in_which_only_sentences_with_codes_are_marked_is_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(f"{SHEET}e1,One.,1,,,0.5\ne1,Two.,,,,0.5\n")
    with pytest.raises(LabelError, match="1 rows are empty and no sentence is without"):
        read_coded(path, CODES)


def test_sheet_that_nobody_has_coded_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(f"{SHEET}e1,One.,,,,0.5\n")
    with pytest.raises(LabelError, match="no sentence in it is coded"):
        read_coded(path, CODES)


def test_plain_list_of_texts_and_codes_is_a_sheet_too(tmp_path: Path) -> None:
    path = tmp_path / "coded.jsonl"
    rows = [{"doc_id": "e1", "text": "Sentence 0  of e1.", "codes": ["deal"]}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    coded, _ = read_sample_file(path, CODEBOOK)
    assert measure(SCORED, MixOptions(), coded).basis.n_labels == 1


def test_label_is_found_by_its_number_or_its_text_alone() -> None:
    text = "Sentence 1 of e1."
    for unit in (
        CodedUnit("e1", text, ("deal",), sent_no=1),
        CodedUnit("e1", f"  {text}\n", ("deal",)),
        CodedUnit("e1", text, ("deal",), start=7),
    ):
        measured = measure(SCORED, MixOptions(), [unit])
        assert measured.basis.n_labels == 1
        assert measured.evidence.sample is not None
        assert measured.evidence.sample.proba[0, 0] == 0.3


def test_labels_whose_text_has_changed_are_left_out_and_counted() -> None:
    good = code_units(SCORED, {0: ("deal",), 3: ()})
    changed = [replace(good[0], start=100, text="Another one.", where="sheet.csv:7")]
    gone = [CodedUnit("z9", "Gone.", (), where="sheet.csv:9")]
    basis = measure(SCORED, MixOptions(), [*good, *changed, *gone]).basis
    assert basis.n_labels == 2
    assert basis.dropped == [
        "1 labels of no sentence here (sheet.csv:9)",
        "1 labels whose text differs from the article's now (sheet.csv:7)",
    ]


def test_labels_of_sentences_that_cannot_be_said_are_left_out() -> None:
    coded = code_units(SCORED, {0: ("deal",), 5: ("deal",)})
    basis = measure(SCORED, MixOptions(), coded).basis
    assert basis.n_labels == 1
    assert basis.dropped == [
        "1 labels of sentences that the model cannot say anything of"
    ]
    with pytest.raises(LabelError, match="cannot say anything of the labelled"):
        measure(SCORED, MixOptions(), coded[1:])


def test_labels_of_other_articles_are_refused() -> None:
    other = [CodedUnit(f"z{i}", "Gone.", (), where=f"s.csv:{i}") for i in range(9)]
    with pytest.raises(LabelError) as caught:
        measure(SCORED, MixOptions(), other)
    assert str(caught.value) == (
        "s.csv:0, s.csv:1, s.csv:2, s.csv:3, s.csv:4: no label belongs to a sentence "
        "of these results. Score the articles that were labelled."
    )


def test_labels_of_a_study_that_scores_other_articles_are_not_its_own() -> None:
    own = code_units(SCORED, {0: ("deal",)})
    other = [CodedUnit("z1", "Gone.", ()), CodedUnit("e1", "Changed.", (), start=0)]
    assert keep_own(SCORED, other) == []
    assert keep_own(SCORED, [*other, *own]) == [*other, *own]
    assert keep_own(SCORED, []) == []


def test_chances_must_be_known_of_all_labels_or_of_none() -> None:
    coded = code_units(SCORED, {0: ("deal",)}, probability=0.5)
    coded += code_units(SCORED, {1: ()})
    with pytest.raises(LabelError, match="some labels have a probability and some"):
        measure(SCORED, MixOptions(), coded)


def test_labels_weigh_one_by_their_chance() -> None:
    coded = code_units(SCORED, {0: ("deal",)}, probability=0.5)
    coded += code_units(SCORED, {1: ()}, probability=0.1)
    mix = measure(SCORED, MixOptions(), coded).mix
    own = mix[mix["code"] == "deal"].set_index("source")
    assert own.loc["Echo", "labelled"] == pytest.approx(2 / 12)


# Label files


def make_label(
    i: int, codes: tuple[str, ...], coder: str = "ann", **more: Any
) -> Label:
    """A label of a row of SCORED."""
    row = SCORED.scores.to_dict("records")[i]
    return Label(
        doc_id=row["doc_id"],
        start=row["start"],
        end=row["start"] + len(row["text"]),
        text=row["text"],
        codes=codes,
        stance={},
        coder=coder,
        time="2026-01-01T00:00:00Z",
        codebook=CODEBOOK.signature,
        source=row["source"],
        **more,
    )


DRAWN = {"order": "sample", "probability": 0.25}


def write_labels(path: Path, labels: Sequence[Label]) -> Path:
    path.write_text("".join(map(label_line, labels)), encoding="utf-8")
    return path


def test_label_file_of_several_coders_is_settled(tmp_path: Path) -> None:
    labels = [
        make_label(0, ("deal",), "ann", **DRAWN),
        make_label(0, ("deal",), "ben", **DRAWN),
        make_label(1, ("deal",), "ann", **DRAWN),
        make_label(1, (), "ben", **DRAWN),
        make_label(2, ("row",), "ann", **DRAWN),
        make_label(2, (), "ben", **DRAWN),
        make_label(2, ("row",), "eve", **DRAWN),
    ]
    path = write_labels(tmp_path / "all.jsonl", labels)
    coded, _ = read_sample_file(path, CODEBOOK)
    assert [(u.text, u.codes, u.probability) for u in coded] == [
        ("Sentence 0 of e1.", ("deal",), 0.25),
        ("Sentence 0 of e2.", ("row",), 0.25),
    ]


def test_coders_who_agree_on_nothing_are_refused(tmp_path: Path) -> None:
    labels = [make_label(0, ("deal",), "ann"), make_label(0, (), "ben")]
    path = write_labels(tmp_path / "all.jsonl", labels)
    with pytest.raises(LabelError, match="its coders agree on no unit"):
        read_sample_file(path, CODEBOOK)


@pytest.mark.parametrize("name", ["gone.csv", "gone.jsonl"])
def test_label_file_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LabelError, match="No such file or directory"):
        read_sample_file(tmp_path / name, CODEBOOK)


def test_only_labels_drawn_at_random_enter_from_the_study(tmp_path: Path) -> None:
    write_labels(
        tmp_path / "ann.jsonl",
        [
            make_label(0, ("deal",), **DRAWN),
            make_label(1, ("deal",), order="uncertain"),
            make_label(2, ("row",)),
        ],
    )
    write_labels(tmp_path / "ben.jsonl", [make_label(3, (), "ben", order="uncertain")])
    write_labels(
        tmp_path / f"{SEED_CODER}.jsonl",
        [make_label(0, ("row",), SEED_CODER), make_label(4, (), SEED_CODER)],
    )
    [unit] = find_sample(tmp_path, CODEBOOK)
    assert (unit.doc_id, unit.start, unit.codes) == ("e1", 0, ("deal",))
    assert unit.probability == 0.25


def test_adjudication_settles_labels_drawn_at_random(tmp_path: Path) -> None:
    for coder, codes in (("ann", ("deal",)), ("ben", ())):
        labels = [make_label(0, codes, coder, **DRAWN)]
        write_labels(tmp_path / f"{coder}.jsonl", labels)
    path = tmp_path / "adjudicated.jsonl"
    write_labels(path, [make_label(0, ("row",), "adjudicated")])
    [unit] = find_sample(tmp_path, CODEBOOK)
    assert (unit.codes, unit.probability) == (("row",), 0.25)


def test_study_without_a_random_sample_has_no_labels_for_shares(
    tmp_path: Path,
) -> None:
    assert find_sample(tmp_path / "none", CODEBOOK) == []
    write_labels(tmp_path / "ann.jsonl", [make_label(0, ("deal",), order="uncertain")])
    assert find_sample(tmp_path, CODEBOOK) == []


# Labels that the model learned from


def out_of_fold(scored: Scored, p: dict[int, float]) -> pd.DataFrame:
    """Scores of fits that had not seen some rows, by their numbers."""
    table = scored.scores.iloc[list(p)][["doc_id", "start", "end", "source"]]
    made = table.reset_index(drop=True).assign(weight=1.0)
    values = np.array(list(p.values()), dtype=np.float32)
    for code in CODES:
        made[code] = False
        made[f"p_{code}"] = values if code == "deal" else np.float32(0)
        made[f"u_{code}"] = np.float32(0)
    return made


def test_labels_in_training_are_compared_with_scores_that_had_not_seen_them() -> None:
    coded = code_units(SCORED, {0: ("deal",), 1: (), 2: ()})
    table = out_of_fold(SCORED, {0: 0.25, 1: 0.5})
    trained = replace(SCORED, out_of_fold=table)
    measured = measure(trained, MixOptions(method="ppi"), coded)
    assert measured.evidence.sample is not None
    assert measured.evidence.sample.proba[:, 0].tolist() == [0.25, 0.5, 0.2]
    own = measured.mix[measured.mix["code"] == "deal"].set_index("source")
    # Mean score .95 / 3 and residuals .75, -.5 and -.2: all of Echo is labelled.
    assert own.loc["Echo", "mean"] == pytest.approx(0.95 / 3)
    assert own.loc["Echo", "share"] == pytest.approx(1 / 3)
    assert own.loc["Post", "mean"] == pytest.approx((0.8 + 0.1 + 0.4) / 3)


def test_out_of_fold_scores_of_another_codebook_are_not_used() -> None:
    table = out_of_fold(SCORED, {0: 0.25}).rename(columns={"p_row": "p_peace"})
    mix = measure(replace(SCORED, out_of_fold=table), MixOptions()).mix
    pd.testing.assert_frame_equal(mix, measure(SCORED, MixOptions()).mix)


# What the shares rest on, in words


def words(measured: Measured, **asked: Any) -> str:
    lines = basis_in_words(measured.basis, MixOptions(**asked))
    return " ".join([*lines, moved_in_words(measured)]).strip()


def test_basis_of_counts_says_that_they_are_not_corrected() -> None:
    assert words(measure(SCORED, MixOptions())) == (
        "Shares by count: decisions counted: holds if false and missed codes cancel in "
        "every source. Uncorrected: the interval is for sampling alone and knows "
        "nothing of the model's errors."
    )


def test_basis_of_corrected_shares_names_their_labels() -> None:
    scored = big()
    coded = code_units(scored, dict.fromkeys(range(0, 96, 4), ("deal",)))
    told = words(measure(scored, MixOptions(), coded, labels_from="sheet.csv"))
    assert "They rest on 24 labels of 2 outlets, from sheet.csv." in told
    assert "Uncorrected" not in told
    assert "Against counting decisions the correction moved shares by +" in told


def test_counts_do_not_rest_on_labels_that_stand_beside_them() -> None:
    coded = code_units(SCORED, {0: ("deal",)})
    measured = measure(SCORED, MixOptions(method="count"), coded, labels_from="s.csv")
    assert "They rest on" not in words(measured)
    assert "Uncorrected" in words(measured)
    assert "labelled" in measured.mix


def test_move_of_the_correction_is_that_against_counts() -> None:
    scored = big()
    coded = code_units(scored, dict.fromkeys(range(96), ("deal",)))
    measured = measure(scored, MixOptions(method="ppi"), coded)
    own = measured.mix[measured.mix["code"].isin(CODES)]
    moved = 100 * (own["share"] - own["count"])
    assert moved_in_words(measured) == (
        f"Against counting decisions the correction moved shares by {moved.min():+.0f} "
        f"to {moved.max():+.0f} points, {moved.abs().mean():.0f} on average."
    )


def test_advice_without_labels_says_how_many_are_needed() -> None:
    scored = big()
    told = advise(scored, measure(scored, MixOptions()), MixOptions())
    assert "framing annotate RESULTS --order sample --sheet FILE" in told
    assert "an outlet for ± 10 points" in told
    assert "an outlet for ± 5 points" in told
    article = MixOptions(unit="article")
    assert advise(scored, measure(scored, article), article) == ""


def test_advice_with_labels_names_the_source_that_needs_more() -> None:
    scored = big(18)
    echo = code_units(scored, dict.fromkeys(range(0, 72, 2), ("deal",)))
    told = advise(scored, measure(scored, MixOptions(), echo), MixOptions())
    assert told == "Label sentences of Post: no label of it corrects its shares"
    some = echo + code_units(scored, {72: ("deal",), 84: (), 96: ()})
    by = MixOptions(by=("source", "month"))
    for asked in (MixOptions(), by):
        told = advise(scored, measure(scored, asked, some), asked)
        assert told.startswith("The widest interval is that of deal in "), asked


# Copies


def with_copies(scored: Scored, copies: dict[str, tuple[str, str]]) -> Scored:
    """A scoring whose articles are copies of others, some of another outlet's."""
    ids = scored.articles["doc_id"]
    marks = {
        "copy_cluster": [copies.get(i, (i, ""))[0] for i in ids],
        "copy_of": [copies.get(i, ("", ""))[0] for i in ids],
        "overlap": [float(i in copies) for i in ids],
        "copy_kind": [copies.get(i, ("", ""))[1] for i in ids],
    }
    return replace(scored, articles=scored.articles.assign(**marks))


COPIED = with_copies(
    SCORED, {"p1": ("e1", "other outlet"), "e2": ("e1", "same outlet")}
)


@pytest.mark.parametrize(
    ("copies", "articles"),
    [
        ("all", ["e1", "e2", "p1", "p2"]),
        ("own", ["e1", "e2", "p2"]),
        ("first", ["e1", "p2"]),
    ],
)
def test_shares_are_those_of_the_articles_that_count(
    copies: str, articles: list[str]
) -> None:
    scores = SCORED.scores.loc[SCORED.scores["doc_id"].isin(articles)]
    expected = shares(replace(SCORED, scores=scores))
    assert shares(COPIED, copies=copies) == expected
    mix = measure(COPIED, MixOptions()).mix
    own = mix[mix["code"] == "deal"].set_index("source")
    assert own[f"share_{copies}"].to_dict() == expected
    assert own[f"n_{copies}"].sum() == len(articles)


def test_without_copies_there_is_one_share() -> None:
    measured = measure(with_copies(SCORED, {}), MixOptions())
    assert "share_own" not in measured.mix
    assert measured.basis.copies == ""


def test_basis_says_what_is_copied() -> None:
    words = measure(COPIED, MixOptions(copies="own")).basis.copies
    assert words == (
        "1 of 4 articles copy another outlet's text, 1 one of the same outlet: the "
        "former are left out (--copies all, own, first)"
    )


def test_labels_of_copies_that_do_not_count_are_left_out() -> None:
    coded = code_units(COPIED, {0: ("deal",), 3: ("deal",), 6: ()})
    assert measure(COPIED, MixOptions(copies="own"), coded).basis.n_labels == 2
    only = code_units(COPIED, {3: ("deal",)})
    mix = measure(COPIED, MixOptions(method="ppi"), only).mix
    assert mix["share_all"].notna().any()
    assert mix["share_own"].isna().all()


def test_near_copies_are_one_text() -> None:
    assert measure(COPIED, MixOptions()).mix["n_texts"].max() == 2
    one = with_copies(
        SCORED, {"e2": ("e1", "same outlet"), "p2": ("p1", "same outlet")}
    )
    assert measure(one, MixOptions()).mix["n_texts"].max() == 1


def test_copies_that_nobody_looked_for_cannot_be_left_out() -> None:
    with pytest.raises(InputError, match=r"^these results do not say what is a copy\."):
        measure(SCORED, MixOptions(copies="first"))
    with pytest.raises(InputError, match="none of all, own, first"):
        measure(COPIED, MixOptions(copies="some"))
