import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.articles.dates import MONTHS, day_order, normalise_date

CASES = json.loads(
    (Path(__file__).parent / "cases/dates.json").read_text(encoding="utf-8")
)
days = st.dates(date(1000, 1, 1), date(9999, 12, 31))


@pytest.mark.parametrize(("written", "iso"), CASES["certain"])
def test_a_date_with_one_reading_is_made_iso(written: str, iso: str) -> None:
    assert normalise_date(written) == iso
    assert normalise_date(iso) == iso


@pytest.mark.parametrize(("written", "why"), CASES["empty"])
def test_a_date_that_cannot_be_told_stays_empty(written: str, why: str) -> None:
    assert normalise_date(written) == "", why


@pytest.mark.parametrize(("dates", "order"), CASES["orders"])
def test_one_clear_date_settles_the_order_of_the_others(
    dates: list[str], order: str
) -> None:
    assert day_order(dates) == order


def test_the_order_decides_what_is_ambiguous_and_nothing_else() -> None:
    assert normalise_date("03/04/2019", "day") == "2019-04-03"
    assert normalise_date("03/04/2019", "month") == "2019-03-04"
    assert normalise_date("03.04.2019", "month") == "2019-03-04"
    assert normalise_date("25/12/2019", "month") == "2019-12-25"
    assert normalise_date("2019-03-04", "month") == "2019-03-04"


@pytest.mark.parametrize(
    ("name", "number"), [(n, i) for i, row in enumerate(MONTHS, 1) for n in row.split()]
)
def test_every_month_is_known_on_either_side_of_the_day(name: str, number: int) -> None:
    iso = f"2019-{number:02}-05"
    written = [f"5 {name} 2019", f"{name} 5, 2019", f"5. {name.upper()} 2019"]
    assert [normalise_date(w) for w in written] == [iso] * 3


@given(days, st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y"]))
def test_a_numeric_date_is_never_the_wrong_day(day: date, form: str) -> None:
    assert normalise_date(day.strftime(form)) in ("", day.isoformat())


@given(st.lists(days, min_size=1), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_a_column_is_read_right_or_not_at_all(column: list[date], form: str) -> None:
    written = [day.strftime(form) for day in column]
    read = [normalise_date(w, day_order(written)) for w in written]
    assert all(r in ("", d.isoformat()) for r, d in zip(read, column, strict=True))


@given(st.text())
def test_any_text_gives_a_date_or_nothing(written: str) -> None:
    found = normalise_date(written)
    assert not found or date.fromisoformat(found)
