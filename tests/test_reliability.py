import csv
import io
import json
from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.agreement import (
    choose_coders,
    list_disagreements,
    measure_reliability,
    recal_tables,
)
from framing.agreement.alpha import (
    GAP,
    Tally,
    alpha_of,
    masi_distance,
    masi_distances,
    measure_alpha,
    nominal_distance,
    tally,
)
from framing.codebook import STANCES, Code, Codebook, read_codebook
from framing.records import GOLD_CODER, SEED_CODER, Label
from tests.conftest import ROOT, Framing, migration_articles, migration_labels

CASES = json.loads((ROOT / "tests" / "cases" / "reliability.json").read_text("utf-8"))
CODES = ("aid", "row", "talk")
CODEBOOK = Codebook(
    name="m",
    version="1",
    language="en",
    unit="one sentence",
    coding="multiple",
    codes=tuple(Code(name, name.title(), "Something.") for name in CODES),
)
CODERS = ("ann", "bob", "cy")


def label(coder: str, *codes: str, unit: int = 0, **stance: str) -> Label:
    return Label(
        doc_id=f"doc-{unit // 3:03}",
        start=10 * (unit % 3),
        end=10 * (unit % 3) + 5,
        text="Text.",
        codes=tuple(sorted(codes)),
        stance=stance,
        coder=coder,
        time="",
        codebook="m 1 @",
        source="A",
    )


def numbers(coders: list[str]) -> tuple[np.ndarray, int]:
    """Values of units by coders from rows of signs, a point for a gap."""
    signs = sorted({sign for row in coders for sign in row} - {"."})
    number = {sign: k for k, sign in enumerate(signs)} | {".": GAP}
    return np.array([[number[s] for s in row] for row in coders]).T, len(signs)


def count(values: np.ndarray, distance: np.ndarray) -> Tally:
    n = len(values)
    return tally(values, np.arange(n), n, distance)


def alpha(one: Tally) -> float:
    return float(alpha_of(one.observed.sum(), one.margins.sum(axis=0), one.distance))


def nltk_alpha(values: np.ndarray, meaning=None, distance=None) -> float:
    from nltk.metrics.agreement import AnnotationTask

    decisions = [
        (str(coder), str(unit), meaning[v] if meaning else int(v))
        for unit, row in enumerate(values)
        for coder, v in enumerate(row)
        if v != GAP
    ]
    task = AnnotationTask(decisions, **({"distance": distance} if distance else {}))
    return float(task.alpha())


# The published figures


@pytest.mark.parametrize("case", CASES["alpha"], ids=lambda case: case["label"])
def test_alpha_is_that_of_published_examples(case: dict) -> None:
    values, n_values = numbers(case["coders"])
    one = count(values, nominal_distance(n_values))
    assert round(alpha(one), case["digits"]) == case["expect"]
    assert one.n_units == case["n_units"]
    assert nltk_alpha(values) == pytest.approx(alpha(one))
    if "n_pairs" in case:
        assert one.pairs.sum() == case["n_pairs"]


@pytest.mark.parametrize("case", CASES["masi"], ids=lambda c: f"{c['a']}-{c['b']}")
def test_masi_distance_is_that_of_passonneau(case: dict) -> None:
    from nltk.metrics.distance import masi_distance as of_nltk

    a, b = frozenset(case["a"]), frozenset(case["b"])
    assert masi_distance(a, b) == pytest.approx(case["expect"], abs=5e-5)
    assert masi_distance(b, a) == masi_distance(a, b)
    if a or b:
        assert of_nltk(a, b) == pytest.approx(masi_distance(a, b))


@pytest.mark.parametrize("seed", range(12))
def test_alpha_is_that_of_nltk_on_random_data_with_gaps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_values, n_coders = int(rng.integers(2, 6)), int(rng.integers(2, 6))
    truth = rng.integers(0, n_values, size=40)
    noise = rng.integers(0, n_values, size=(40, n_coders))
    values = np.where(rng.random((40, n_coders)) < 0.6, truth[:, None], noise)
    values[rng.random((40, n_coders)) < 0.4] = GAP
    one = count(values, nominal_distance(n_values))
    assert alpha(one) == pytest.approx(nltk_alpha(values))


@pytest.mark.parametrize("seed", range(6))
def test_alpha_over_sets_is_that_of_nltk_on_random_data(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sets = [frozenset(c) for k in range(4) for c in combinations("abc", k)]
    values = rng.integers(GAP, len(sets), size=(30, 4))
    one = count(values, masi_distances(sets))
    assert alpha(one) == pytest.approx(nltk_alpha(values, sets, masi_distance))


# Properties

cells = st.lists(
    st.lists(st.integers(GAP, 2), min_size=3, max_size=3), min_size=2, max_size=20
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cells, st.permutations(range(3)), st.permutations(range(3)))
def test_order_of_coders_and_names_of_values_change_nothing(
    rows: list[list[int]], coders: list[int], names: list[int]
) -> None:
    values = np.array(rows)
    renamed = np.append(names, GAP)[values][:, coders]
    distance = nominal_distance(3)
    assert alpha(count(renamed, distance)) == pytest.approx(
        alpha(count(values, distance)), nan_ok=True
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=20))
def test_perfect_agreement_is_1_with_variation_and_undefined_without(
    truth: list[int],
) -> None:
    values = np.array(truth)[:, None].repeat(3, axis=1)
    found = alpha(count(values, nominal_distance(3)))
    assert found == 1 if len(set(truth)) > 1 else np.isnan(found)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cells)
def test_units_of_one_coder_change_nothing(rows: list[list[int]]) -> None:
    values = np.array(rows)
    alone = np.vstack([values, [[2, GAP, GAP], [GAP, GAP, GAP]]])
    distance = nominal_distance(3)
    assert alpha(count(alone, distance)) == pytest.approx(
        alpha(count(values, distance)), nan_ok=True
    )
    pairs = [
        (a, b) for row in rows for a, b in combinations(row, 2) if GAP not in (a, b)
    ]
    one = count(values, distance)
    assert (one.same.sum(), one.pairs.sum()) == (
        sum(a == b for a, b in pairs),
        len(pairs),
    )


def test_parts_of_articles_sum_to_the_whole() -> None:
    values = np.random.default_rng(0).integers(GAP, 3, size=(60, 3))
    distance = nominal_distance(3)
    articles = np.repeat(np.arange(6), 10)
    split = tally(values, articles, 6, distance)
    assert alpha(split) == pytest.approx(alpha(count(values, distance)))
    assert len(split.observed) == 6


# Intervals


def simulate(rng: np.random.Generator, n_articles: int) -> Tally:
    """Two coders whose errors and whose material go by articles."""
    articles = np.repeat(np.arange(n_articles), rng.poisson(9, n_articles) + 1)
    carried = rng.random(len(articles)) < rng.beta(0.9, 2.1, n_articles)[articles]
    error = rng.beta(0.15, 2.85, n_articles)[articles]
    wrong = rng.random((2, len(articles))) < error
    values = (carried ^ wrong).T.astype(np.int64)
    return tally(values, articles, n_articles, nominal_distance(2))


def test_intervals_of_95_per_cent_hold_the_truth_about_as_often() -> None:
    truth = alpha(simulate(np.random.default_rng(0), 100_000))
    held = []
    for seed in range(200):
        one = simulate(np.random.default_rng([1, seed]), 30)
        found, _ = measure_alpha([one], level=0.95, seed=0)[0]
        held.append(found.low <= truth <= found.high)
    assert 0.91 <= np.mean(held) <= 0.99


def test_intervals_that_take_sentences_for_articles_would_be_too_narrow() -> None:
    one = simulate(np.random.default_rng(5), 60)
    found, _ = measure_alpha([one], level=0.95, seed=0)[0]
    rng = np.random.default_rng(5)
    articles = np.repeat(np.arange(60), rng.poisson(9, 60) + 1)
    carried = rng.random(len(articles)) < rng.beta(0.9, 2.1, 60)[articles]
    error = rng.beta(0.15, 2.85, 60)[articles]
    values = (carried ^ (rng.random((2, len(articles))) < error)).T.astype(np.int64)
    naive, _ = measure_alpha([count(values, nominal_distance(2))], level=0.95, seed=0)[
        0
    ]
    assert naive.value == pytest.approx(found.value)
    assert naive.high - naive.low < 0.8 * (found.high - found.low)


def test_the_same_seed_gives_the_same_interval_and_a_higher_level_a_wider_one() -> None:
    one = simulate(np.random.default_rng(2), 40)
    (first, _), (again, _), (wide, _), (other, _) = (
        measure_alpha([one], level=level, seed=seed)[0]
        for level, seed in ((0.9, 0), (0.9, 0), (0.99, 0), (0.9, 1))
    )
    assert first == again
    assert first != other
    assert wide.low < first.low < first.value < first.high < wide.high


def test_no_interval_without_a_disagreement_or_a_second_article() -> None:
    values = np.array([[0, 0], [1, 1], [1, 1]])
    (found, agreement) = measure_alpha(
        [count(values, nominal_distance(2))], level=0.95, seed=0
    )[0]
    assert (found.value, agreement.value) == (1, 1)
    assert np.isnan([found.low, found.high, agreement.low]).all()
    one = tally(np.array([[0, 0], [0, 1]]), np.zeros(2, int), 1, nominal_distance(2))
    found, _ = measure_alpha([one], level=0.95, seed=0)[0]
    assert found.value == 0
    assert np.isnan(found.low)
    assert measure_alpha([], level=0.95, seed=0) == []


# Labels


def variables(labels: list[Label], codebook: Codebook = CODEBOOK) -> pd.DataFrame:
    found = measure_reliability(labels, codebook, coders=choose_coders(labels))
    return found.variables.set_index("name")


def coded(seed: int, n: int = 60, coders: tuple[str, ...] = CODERS) -> list[Label]:
    rng = np.random.default_rng(seed)
    labels = []
    for unit in range(n):
        truth = rng.random(len(CODES)) < 0.4
        for coder in coders:
            if rng.random() < 0.8:
                own = truth ^ (rng.random(len(CODES)) < 0.1)
                codes = [c for c, yes in zip(CODES, own, strict=True) if yes]
                value = STANCES[int(rng.integers(3))]
                stance = {"China": value} if rng.random() < 0.5 else {}
                labels.append(label(coder, *codes, unit=unit, **stance))
    return labels


def test_each_row_is_alpha_of_its_variable() -> None:
    labels = coded(1)
    table = variables(labels)
    assert list(table.index) == [*CODES, "all codes", "stance"]
    from nltk.metrics.agreement import AnnotationTask

    def task(decide, **options) -> float:
        rows = [(la.coder, str(la.unit), decide(la)) for la in labels]
        return AnnotationTask([r for r in rows if r[2] is not None], **options).alpha()

    for code in CODES:
        expected = task(lambda la, code=code: code in la.codes)
        assert table.loc[code, "alpha"] == pytest.approx(expected)
    sets = task(lambda la: frozenset(la.codes), distance=masi_distance)
    assert table.loc["all codes", "alpha"] == pytest.approx(sets)
    stance = task(lambda la: la.stance.get("China"))
    assert table.loc["stance", "alpha"] == pytest.approx(stance)


def test_order_of_labels_coders_and_names_of_codes_change_no_figure() -> None:
    labels = coded(2)
    table = variables(labels)
    turned = {"ann": "zoe", "bob": "ann", "cy": "bob"}
    renamed = [replace(la, coder=turned[la.coder]) for la in reversed(labels)]
    pd.testing.assert_frame_equal(variables(renamed), table)
    swap = {"aid": "row", "row": "aid", "talk": "talk"}
    swapped = [
        replace(la, codes=tuple(sorted(swap[c] for c in la.codes))) for la in labels
    ]
    other = variables(swapped).rename(index=swap).loc[table.index]
    pd.testing.assert_frame_equal(other, table)


def test_single_coding_gives_the_nominal_alpha_over_codes() -> None:
    given_codes = ["aid", "row", "talk", "aid", "row", "aid"]
    second = ["aid", "row", "aid", "aid", "talk", "aid"]
    labels = [
        label(coder, code, unit=unit)
        for coder, codes in (("ann", given_codes), ("bob", second))
        for unit, code in enumerate(codes)
    ]
    found = variables(labels, replace(CODEBOOK, coding="single")).loc["all codes"]
    values = np.array(
        [
            [CODES.index(a), CODES.index(b)]
            for a, b in zip(given_codes, second, strict=True)
        ]
    )
    assert found["alpha"] == pytest.approx(nltk_alpha(values))


def test_no_variation_is_said_and_not_called_1() -> None:
    labels = [label(c, "aid", unit=u) for c in ("ann", "bob") for u in range(9)]
    table = variables(labels)
    assert table["alpha"].isna().all()
    assert set(table["reading"]) == {"no variation"}
    assert table["agreement"].eq(1).all()


@pytest.mark.parametrize(
    ("wrong", "reading"), [(0, "reliable"), (30, "tentative?"), (70, "not reliable")]
)
def test_reading_goes_by_krippendorffs_thresholds(wrong: int, reading: str) -> None:
    labels = []
    for unit in range(240):
        own = ["aid"] * (unit % 2)
        other = own if unit >= wrong else ["aid"] * (1 - unit % 2)
        labels += [label("ann", *own, unit=unit), label("bob", *other, unit=unit)]
    assert variables(labels).loc["aid", "reading"] == reading


def test_adjudication_and_seed_words_are_coders_only_if_named() -> None:
    labels = [
        label(coder, "aid", unit=unit)
        for coder in ("bob", GOLD_CODER, "ann", SEED_CODER)
        for unit in range(2)
    ]
    assert choose_coders(labels) == ["ann", "bob"]
    assert choose_coders(labels, [SEED_CODER, "ann"]) == [SEED_CODER, "ann"]
    found = measure_reliability(labels, CODEBOOK, coders=[SEED_CODER, "ann"])
    assert found.n_shared == 2


def test_overlap_and_shares_are_of_units_that_coders_have_in_common() -> None:
    labels = [label("ann", "aid", unit=u) for u in range(6)]
    labels += [label("bob", *["aid"] * (u % 2), unit=u) for u in range(4)]
    labels += [label("cy", "row", unit=u) for u in range(20, 23)]
    found = measure_reliability(labels, CODEBOOK, coders=CODERS)
    assert (found.n_units, found.n_shared, found.n_articles) == (9, 4, 2)
    pairs = {(r.a, r.b): r.n_units for r in found.overlap.itertuples()}
    assert pairs == {("ann", "bob"): 4, ("ann", "cy"): 0, ("bob", "cy"): 0}
    share = found.prevalence.set_index(["name", "coder"])
    assert share.loc[("aid", "bob"), "share_shared"] == 0.5
    assert tuple(share.loc[("aid", "ann"), ["n", "n_shared"]]) == (6, 4)
    assert np.isnan(share.loc[("row", "cy"), "share_shared"])
    assert share.loc[("row", "cy"), "share"] == 1


def test_disagreements_are_listed_with_every_decision() -> None:
    labels = [
        label("ann", "aid", unit=0, Iran="critical"),
        label("bob", "aid", "row", unit=0, Iran="neutral"),
        label("ann", unit=1),
        label("bob", "talk", unit=1),
        label(GOLD_CODER, unit=1),
        label("ann", "aid", unit=2),
        label("bob", "aid", unit=2),
        label("ann", "aid", unit=3),
        label("cy", "row", unit=5),
    ]
    table = list_disagreements(labels, CODEBOOK, coders=CODERS)
    assert list(table["start"]) == [0, 10]
    assert list(table["disputed"]) == ["row|Iran", "talk"]
    assert list(table["ann: codes"]) == ["aid", "none"]
    assert list(table["bob: codes"]) == ["aid|row", "talk"]
    assert list(table["bob: stance"]) == ["Iran=neutral", ""]
    assert list(table["cy: codes"]) == ["", ""]
    assert list(table["settled"]) == ["", "none"]
    assert list_disagreements([], CODEBOOK, coders=CODERS).empty


def test_recal_tables_hold_digits_of_units_that_all_coded() -> None:
    labels = coded(3, coders=("ann", "bob"))
    by_unit = Counter(la.unit for la in labels)
    tables = recal_tables(labels, CODEBOOK, coders=["ann", "bob"])
    assert list(tables) == [*CODES, "target-stance"]
    for code in CODES:
        values = np.array([line.split(",") for line in tables[code].splitlines()], int)
        assert values.shape == (sum(n == 2 for n in by_unit.values()), 2)
        expected = variables(labels).loc[code, "alpha"]
        one = count(values, nominal_distance(2))
        assert alpha(one) == pytest.approx(expected)
    assert set(tables["target-stance"]) <= set("123,\n")


# The command


@pytest.fixture
def two_coders(own_migration: Path) -> Path:
    """The study, half of it coded by a second coder who sees less security."""
    folder = own_migration / "labels" / "migration"
    signature = read_codebook(folder / "codebook.toml").signature
    lines = migration_labels(signature, "ben").splitlines()
    records = [json.loads(line) for line in lines[: len(lines) // 2]]
    for k, record in enumerate(records):
        if k % 5 == 0:
            record["codes"] = [c for c in record["codes"] if c != "security"]
    text = "".join(json.dumps(record) + "\n" for record in records)
    (folder / "ben.jsonl").write_text(text, encoding="utf-8")
    return own_migration


def test_agree_prints_alpha_and_shares(framing: Framing, two_coders: Path) -> None:
    ran = framing("agree", at=two_coders)
    assert ran.code == 0
    assert ran.err.startswith("Next: framing agree --disagreements differ.csv ")
    n = sum(len(article["coded"]) for article in migration_articles())
    assert f"migration: {n // 2} of {n} units in" in ran.out
    table = ran.out.split("\n\n")[1]
    lines = {line.split()[0]: line for line in table.splitlines()}
    assert lines["economy"].split()[2:4] == ["100.0", "1.00"]
    assert "reliable" in lines["economy"]
    assert " to " in lines["security"]
    assert "No interval where nobody differed" in ran.out
    assert all(len(line) <= 80 for line in ran.out.splitlines())
    assert framing("agree", at=two_coders).out == ran.out


def test_agree_in_json_says_what_the_table_says(
    framing: Framing, two_coders: Path
) -> None:
    found = framing("agree", "--json", "--level", "0.9", at=two_coders).json
    assert (found["schema_version"], found["level"]) == (1, 0.9)
    assert found["coders"] == ["ana", "ben"]
    rows = {row["name"]: row for row in found["agreement"]}
    assert list(rows) == ["economy", "security", "humanity", "all codes"]
    assert rows["economy"]["low"] is None
    assert (
        rows["security"]["low"] < rows["security"]["alpha"] < rows["security"]["high"]
    )
    assert found["overlap"][0]["n_units"] == found["n_shared"]
    assert found["n_differ"] > 0


def test_disagreements_file_is_inert_and_never_replaced(
    framing: Framing, two_coders: Path
) -> None:
    labels = two_coders / "labels" / "migration" / "ben.jsonl"
    lines = labels.read_text(encoding="utf-8").splitlines()
    record = json.loads(lines[1]) | {"doc_id": "=1+1", "text": "@cmd", "codes": []}
    record |= {"start": 0, "end": 4}
    with labels.open("a") as file:
        file.write(json.dumps(record) + "\n")
    with (labels.parent / "ana.jsonl").open("a") as file:
        other = record | {"coder": "ana", "codes": ["economy"]}
        file.write(json.dumps(other) + "\n")
    path = two_coders / "differ.csv"
    ran = framing("agree", "--disagreements", path, at=two_coders)
    found = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert ran.err.startswith(f"{len(found)} units in ")
    assert {"'=1+1"} <= {row["doc_id"] for row in found}
    assert {"'@cmd"} <= {row["text"] for row in found}
    again = framing("agree", "--disagreements", path, at=two_coders)
    assert (again.code, again.out) == (6, "")
    assert again.err.endswith(
        "differ.csv: there already, maybe with notes. Choose another name.\n"
    )


def test_recal_files_are_written_one_per_code(
    framing: Framing, two_coders: Path
) -> None:
    ran = framing("agree", "--recal", "out.csv", at=two_coders)
    assert ran.err.startswith(
        "ReCal: out-economy.csv, out-security.csv, out-humanity.csv, columns ana, ben; "
        "units that all of them coded.\nNext: "
    )
    text = (two_coders / "out-security.csv").read_bytes().decode("ascii")
    assert set(text) <= set("01,\n")
    assert not (two_coders / "out.csv").exists()


@pytest.mark.parametrize(
    ("options", "code", "err"),
    [
        ([], 5, "labels/migration: only ana has labels; agreement takes two coders."),
        (["--coders", "ana,eve"], 2, "no labels of eve (coders: ana)"),
        (["--coders", "ana"], 5, "labels/migration: only ana has labels;"),
    ],
)
def test_agree_says_what_is_missing(
    framing: Framing, own_migration: Path, options: list[str], code: int, err: str
) -> None:
    ran = framing("agree", *options, at=own_migration)
    assert (ran.code, ran.out) == (code, "")
    assert err in ran.err


def test_coders_without_a_common_unit_are_told(
    framing: Framing, own_migration: Path
) -> None:
    folder = own_migration / "labels" / "migration"
    lines = (folder / "ana.jsonl").read_text(encoding="utf-8").splitlines(True)
    (folder / "ana.jsonl").write_text("".join(lines[:20]), encoding="utf-8")
    moved = "".join(lines[20:]).replace('"coder": "ana"', '"coder": "ben"')
    (folder / "ben.jsonl").write_text(moved, encoding="utf-8")
    ran = framing("agree", at=own_migration)
    assert ran.code == 5
    assert ran.err.endswith("no unit is coded by two of ana, ben. Code some twice.\n")


SHIPPED = {
    "cooperation": 0.95,
    "dependence": 0.97,
    "rivalry": 0.96,
    "sanctions": 0.97,
    "all codes": 0.95,
    "stance": 0.92,
}


def test_agreement_of_the_shipped_coders(framing: Framing) -> None:
    ran = framing("agree", "--project", ROOT, "--coders", "coder-a,coder-b", "--json")
    found = {row["name"]: row for row in ran.json["agreement"]}
    assert {name: round(row["alpha"], 2) for name, row in found.items()} == SHIPPED
    assert (ran.json["n_shared"], ran.json["n_differ"]) == (6623, 407)
    assert all(row["low"] > 0.9 for row in found.values())
