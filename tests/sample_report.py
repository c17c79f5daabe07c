"""An invented report as a study would have it: twelve outlets, four codes, ten months.

Outlets have leanings, one event moves two of them, two outlets are too small to judge.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from framing.report.content import CodeAbout, Evidence, Marked, Report

OUTLETS = {
    # name: articles, then how often of a hundred sentences each code is given
    "Norland Tribune": (312, 21, 9, 14, 8),
    "The Sandhaven Post": (268, 17, 12, 19, 11),
    "Sudmark Today": (241, 29, 7, 9, 5),
    "Free Strait Radio": (198, 12, 18, 27, 15),
    "Westria Business Daily": (187, 19, 21, 8, 17),
    "The Harbour Gazette": (176, 22, 14, 13, 12),
    "Ostania Wire": (164, 26, 10, 11, 4),
    "Evening Lantern": (142, 14, 8, 22, 7),
    "Capital & Commons": (121, 16, 16, 16, 13),
    "Policy Review of the Middle Sea": (97, 24, 23, 18, 20),
    "Island Voice": (34, 18, 26, 12, 9),
    "The Lighthouse": (3, 30, 5, 10, 0),
}
CODES = (
    CodeAbout("cooperation", "Cooperation", "Actors act together or agree."),
    CodeAbout("dependence", "Dependence", "An actor needs or relies on another."),
    CodeAbout("rivalry", "Rivalry", "Actors compete, threaten or distrust each other."),
    CodeAbout("sanctions", "Sanctions", "Actors punish each other by economic means."),
)
NAMES = tuple(about.code for about in CODES)
MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 11))
TARGETS = ("Norland", "Sudmark", "Westria", "Ostania", "the League", "the Compact")
TOO_FEW = "The Lighthouse"
MOVED = {"Free Strait Radio": 0.08, "Evening Lantern": 0.05}
SENTENCES = {
    "cooperation": (
        "Envoys of Norland and Sudmark signed a gas contract in the spa town.",
        "Both capitals promised more joint research and fewer visas for students.",
        "The two fleets will train together off Sandhaven, the ministers agreed.",
    ),
    "dependence": (
        "Without grain from Norland, the minister conceded, the island could not eat.",
        "The yards at Sandhaven depend on steel that only Westria sells.",
        "Nobody else buys the potash of Ostania, which leaves it at Sudmark's mercy.",
    ),
    "rivalry": (
        "Sudmark's admiral called the northern fleet a threat to every port.",
        "Norland's press mocked the offer as a trick of a tired rival.",
        "Each side accuses the other of arming the League in secret.",
    ),
    "sanctions": (
        "A ninth package of measures froze the assets of forty officials of Ostania.",
        "Westria banned the import of timber from Norland until the spring.",
        "Banks of the Compact may no longer clear payments for Sudmark's oil firms.",
    ),
}
PLAIN = (
    "It rained for most of the week, and the two delegations left by separate doors.",
    "Trade in timber grew by a tenth, the statistical office of Westria said.",
)
WEIGHTS = {
    "signed": 0.92,
    "contract": 0.71,
    "joint": 1.12,
    "promised": 0.44,
    "together": 0.83,
    "agreed": 1.04,
    "Without": 0.95,
    "could not eat": 0.51,
    "depend on": 1.63,
    "mercy": 1.22,
    "Nobody else": 0.64,
    "threat": 1.41,
    "mocked": 0.58,
    "rival": 1.36,
    "accuses": 0.99,
    "arming": 0.77,
    "package of measures": 1.31,
    "froze": 1.18,
    "assets": 0.63,
    "banned": 1.27,
    "no longer": 0.35,
    "grew": -0.31,
    "rained": -0.62,
    "conceded": -0.22,
    "spa town": -0.34,
    "students": -0.18,
    "spring": -0.12,
}
HEADLINES = (
    "Gas, grain and a cold strait",
    "What the ministers did not say",
    "Timber first, then talks",
)


def make_report(*, seed: int = 7) -> Report:
    """Return the invented report, the same for the same seed."""
    rng = np.random.default_rng(seed)
    mix = make_mix(rng)
    periods = make_periods(rng)
    n_articles = sum(row[0] for row in OUTLETS.values())
    return Report(
        title="How twelve outlets frame the Strait question",
        facts={
            "Articles": f"{n_articles:,}",
            "Sentences": "48,902",
            "Outlets": "12",
            "Period": "3 January to 18 October 2026",
            "Model": "relations 1.1, trained on 11,613 sentences",
            "Method": "corrected by 1,440 labels, 95 % intervals",
        },
        codes=CODES,
        mix=mix,
        method=(
            "Each share is the part of an outlet's sentences that carry a code. Shares "
            "are corrected for the model's errors by 1,440 labels of ten outlets; the "
            "interval treats the article as what was sampled."
        ),
        reference="",
        differences=make_differences(mix),
        period="month",
        periods=periods,
        event="2026-06-14",
        changes=make_changes(periods),
        targets=make_targets(rng),
        stance=make_stance(rng),
        evidence=tuple(make_evidence(rng)),
        evidence_note=(
            "240 of 48,902 sentences: for each outlet and code the most telling, some "
            "drawn at random among those given the code, and some near its threshold."
        ),
        words=make_words(),
        source_words=make_source_words(rng),
        checks=(
            ("ok", "2.1 % of the words are unknown to the model, as in its training."),
            ("warning", "The Lighthouse has 3 articles: too few for an interval."),
            ("note", "October ends on the 18th: the last month is not whole."),
            (
                "ok",
                "Scores lie 0.11 from those of training; new outlets lie up to 0.23.",
            ),
        ),
        calibration=make_calibration(),
        confusion=make_confusion(),
        copies=pd.DataFrame(
            [
                (name, row[0], int(row[0] * part), part)
                for (name, row), part in zip(
                    OUTLETS.items(), np.linspace(0.19, 0.0, len(OUTLETS)), strict=True
                )
            ],
            columns=["source", "n_articles", "n_copies", "share"],
        ),
        left_out=pd.DataFrame(
            [
                ("articles", 14, "no text"),
                ("articles", 9, "not in English"),
                ("sentences", 311, "no word the model knows"),
            ],
            columns=["what", "n", "reason"],
        ),
        methods=(
            f"We coded 48,902 sentences of {n_articles:,} articles of twelve "
            "outlets by the codebook relations 1.1 with a logistic regression on "
            "words and letters.",
            "Shares are corrected for the errors of the model by prediction-powered "
            "inference; differences were tested pair by pair and adjusted by Holm.",
        ),
        references=(
            "Angelopoulos, A. N. et al. (2023). Prediction-powered inference. Science.",
            "Holm, S. (1979). A simple sequentially rejective multiple test procedure.",
        ),
        card=(
            "# Model card: relations 1.1\n\n11,613 units, C = 1.\n\n| code | n | F1 |\n"
            "|---|---|---|\n| cooperation | 2269 | 0.717 |\n| rivalry | 2174 | 0.694 |"
            "\n\n## Words\n\n- **cooperation**: `and`, `the two`, `joint`\n"
        ),
        manifest=json.dumps({"framing": "0.1.0", "seed": 7, "articles": n_articles}),
        command="framing report results -o report.html --event 2026-06-14 --seed 7",
    )


def make_mix(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for source, (n_articles, *hundredths) in OUTLETS.items():
        shares = np.array(hundredths) / 100
        few = source == TOO_FEW
        half = 1.1 * np.sqrt(shares * (1 - shares) / n_articles) + 0.004
        counted = np.clip(shares * 0.78 + 0.02 + rng.normal(0, 0.006, 4), 0, 1)
        for k, code in enumerate(NAMES):
            rows.append(
                {
                    "source": source,
                    "code": code,
                    "share": np.nan if few else shares[k],
                    "low": np.nan if few else max(shares[k] - half[k], 0),
                    "high": np.nan if few else shares[k] + half[k],
                    "counted": counted[k],
                    "normalised": np.nan if few else shares[k] / shares.sum(),
                    "n_articles": n_articles,
                    "n_sentences": n_articles * 26,
                    "n_labels": 0 if n_articles < 50 else 144,
                    "note": "too few: 3 articles, 5 are needed" if few else "",
                }
            )
    return pd.DataFrame(rows)


def make_differences(mix: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for code, own in mix[mix["note"] == ""].groupby("code", sort=False):
        records = own.to_dict("records")
        for i, a in enumerate(records):
            for b in records[i + 1 :]:
                error = float(np.hypot(a["high"] - a["low"], b["high"] - b["low"]))
                rows.append(difference(a["share"] - b["share"], error / 3.92))
                rows[-1] |= {"a": a["source"], "b": b["source"], "code": code}
    table = pd.DataFrame(rows)
    table["p_adjusted"] = np.minimum(table["p"] * len(table) / 4, 1)
    order = table["difference"].abs().sort_values(ascending=False).index
    return table.loc[order].reset_index(drop=True)[
        ["a", "b", "code", "difference", "low", "high", "p", "p_adjusted"]
    ]


def difference(value: float, error: float) -> dict[str, Any]:
    p = float(np.exp(-0.717 * abs(value / error) - 0.416 * (value / error) ** 2))
    low, high = value - 1.96 * error, value + 1.96 * error
    return {"difference": value, "low": low, "high": high, "p": p}


def make_periods(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for source, (n_articles, *hundredths) in OUTLETS.items():
        if source == TOO_FEW:
            continue
        for k, code in enumerate(NAMES):
            base = hundredths[k] / 100
            for i, period in enumerate(MONTHS):
                if source == "Island Voice" and i in (3, 4):
                    continue  # a strike: two months without an issue
                moved = MOVED.get(source, 0.0) * (i >= 5) * (code == "rivalry")
                wave = 0.02 * np.sin(i / 2 + k)
                share = float(np.clip(base + moved + wave + rng.normal(0, 0.008), 0, 1))
                half = 3.4 * np.sqrt(share * (1 - share) / n_articles) * 0.9
                rows.append(
                    {
                        "source": source,
                        "period": period,
                        "code": code,
                        "share": share,
                        "low": max(share - half, 0),
                        "high": min(share + half, 1),
                        "n_articles": n_articles // 10,
                        "partial": i == len(MONTHS) - 1,
                    }
                )
    return pd.DataFrame(rows)


def make_changes(periods: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (source, code), own in periods.groupby(["source", "code"], sort=False):
        before = own.loc[own["period"] < "2026-06", "share"].mean()
        after = own.loc[own["period"] >= "2026-06", "share"].mean()
        rows.append({"source": source, "code": code, "before": before, "after": after})
        rows[-1] |= difference(after - before, 0.014)
    table = pd.DataFrame(rows)
    table["p_adjusted"] = np.minimum(table["p"] * 11, 1)
    order = table["difference"].abs().sort_values(ascending=False).index
    return table.loc[order].reset_index(drop=True)


def make_targets(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for i, target in enumerate(TARGETS):
        for k, code in enumerate(NAMES):
            share = 0.1 + 0.06 * ((i + k) % 4) + rng.normal(0, 0.01)
            rows.append(
                (target, code, share, share - 0.03, share + 0.03, 2400 - 300 * i)
            )
    columns = ["target", "code", "share", "low", "high", "n_sentences"]
    return pd.DataFrame(rows, columns=columns)


def make_stance(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for i, target in enumerate(TARGETS):
        for j, (source, (n_articles, *_)) in enumerate(OUTLETS.items()):
            lean = np.sin(1.7 * i + 0.9 * j)
            fair = 0.08 + 0.10 * max(lean, 0) + rng.uniform(0, 0.02)
            bad = 0.10 + 0.22 * max(-lean, 0) + rng.uniform(0, 0.02)
            stances = (fair, 1 - fair - bad, bad)
            n_sentences = n_articles * (7 - i)
            rows.append((target, source, *stances, n_sentences, n_articles // 2))
    columns = ["target", "source", "favourable", "neutral", "critical"]
    return pd.DataFrame(rows, columns=[*columns, "n_sentences", "n_articles"])


def make_evidence(rng: np.random.Generator) -> Iterator[Evidence]:
    for source in OUTLETS:
        for code in NAMES:
            for why, texts in (
                ("telling", SENTENCES[code]),
                ("random", SENTENCES[code][:1]),
                ("unsure", PLAIN[:1]),
            ):
                for text in texts:
                    yield piece(source, code, why, text, rng)


def piece(
    source: str, code: str, why: str, text: str, rng: np.random.Generator
) -> Evidence:
    marks = [
        Marked(found.start(), found.end(), amount)
        for word, amount in WEIGHTS.items()
        for found in re.finditer(re.escape(word), text)
    ]
    base, other = -1.9, 0.35
    log_odds = base + other + sum(mark.weight for mark in marks)
    score = 1 / (1 + np.exp(-1.3 * log_odds))
    month = rng.integers(1, 11)
    return Evidence(
        source=source,
        code=code,
        why=why,
        score=float(score),
        given=bool(score > 0.4),
        text=text,
        marks=marks,
        base=base,
        other=other,
        log_odds=log_odds,
        title=str(rng.choice(HEADLINES)),
        date=f"2026-{month:02d}-{rng.integers(1, 28):02d}",
        url=f"https://news.example/{month}/{len(text)}",
        targets=tuple(target for target in TARGETS if target in text),
    )


def make_words() -> pd.DataFrame:
    words = {
        "cooperation": "joint,agreed,signed,together,partnership,talks,both,visit",
        "dependence": "depend on,mercy,without,relies,lifeline,supplier,only,leverage",
        "rivalry": "threat,rival,accuses,arming,warned,fleet,provocation,spy",
        "sanctions": "package of measures,banned,froze,assets,tariff,blacklist",
    }
    rows = [
        (code, word, round(1.9 * 0.86**i, 3))
        for code, line in words.items()
        for i, word in enumerate(line.split(","))
    ]
    return pd.DataFrame(rows, columns=["code", "word", "weight"])


def make_source_words(rng: np.random.Generator) -> pd.DataFrame:
    pool = ("gas", "grain", "fleet", "visas", "banks", "steel", "students", "spring")
    rows = []
    for source in list(OUTLETS)[:-1]:
        for code in NAMES:
            for i, word in enumerate(rng.choice(pool, 4, replace=False)):
                n = int(40 - 8 * i)
                rows.append((source, code, str(word), n, n / (2.4 - 0.3 * i), 12.0 - i))
    columns = ["source", "code", "word", "n", "expected", "score"]
    return pd.DataFrame(rows, columns=columns)


def make_calibration() -> pd.DataFrame:
    rows = [
        (code, score, min(max(score + 0.03 * np.sin(9 * score + k), 0), 1), n)
        for k, code in enumerate(NAMES)
        for score, n in zip(
            np.arange(0.05, 1, 0.1),
            (5200, 1400, 700, 420, 300, 260, 240, 250, 330, 610),
            strict=True,
        )
    ]
    return pd.DataFrame(rows, columns=["code", "score", "observed", "n"])


def make_confusion() -> pd.DataFrame:
    rows = [
        ("cooperation", 1543, 726, 490, 8854, 0.759, 0.680, 0.717),
        ("dependence", 677, 441, 144, 10351, 0.825, 0.606, 0.698),
        ("rivalry", 1430, 744, 518, 8921, 0.734, 0.658, 0.694),
        ("sanctions", 811, 448, 128, 10226, 0.864, 0.644, 0.738),
    ]
    columns = ["code", "coded_given", "coded_missed", "given_wrongly", "neither"]
    return pd.DataFrame(rows, columns=[*columns, "precision", "recall", "f1"])


TABLES = (
    *("mix", "differences", "periods", "changes", "targets", "stance", "words"),
    *("source_words", "calibration", "confusion", "copies", "left_out"),
)


def emptied(report: Report) -> Report:
    """Return a report in which every table has its columns and no row."""
    tables = {name: getattr(report, name).iloc[:0] for name in TABLES}
    nothing: dict[str, Any] = dict.fromkeys(("checks", "methods", "references"), ())
    texts = dict.fromkeys(("card", "manifest", "command", "event", "evidence_note"), "")
    return replace(report, **tables, **nothing, **texts, evidence=())


def poisoned(report: Report, payloads: Sequence[str]) -> Report:
    """Return a report whose foreign texts are payloads, each in every place once."""
    # A table holds no half of a character.
    whole = [text.encode("utf-8", "replace").decode() for text in payloads]
    sources = dict(zip(OUTLETS, whole, strict=False))
    codes = dict(zip(NAMES, payloads, strict=False))
    targets = dict(zip(TARGETS, whole, strict=False))
    tables = {
        name: getattr(report, name).replace(
            {"source": sources, "a": sources, "b": sources, "target": targets}
        )
        for name in TABLES
        if name != "mix"
    }
    words = report.words.assign(
        word=[whole[i % len(whole)] for i in report.words.index]
    )
    found = [
        replace(
            piece,
            text=payload,
            title=payload,
            url=f"javascript:alert({i})//{payload}",
            marks=[Marked(0, len(payload), 0.5)],
            source=sources.get(piece.source, piece.source),
            targets=(payload,),
            date=payload,
        )
        for i, (piece, payload) in enumerate(
            zip(report.evidence, payloads * len(report.evidence), strict=False)
        )
    ]
    return replace(
        report,
        **tables | {"words": words},
        mix=report.mix.replace({"source": sources}).assign(
            note=[*whole, *report.mix["note"]][: len(report.mix)]
        ),
        title=payloads[0],
        codes=[replace(about, title=codes[about.code]) for about in report.codes],
        facts={payload: payload for payload in payloads},
        evidence=found,
        checks=[("warning", payload) for payload in payloads],
        methods=payloads,
        references=payloads,
        card="\n\n".join(payloads),
        manifest="\n".join(payloads),
        command=payloads[0],
        notes={"mix": payloads[0]},
    )
