"""Dates as they stand in exports, made ISO where only one reading is possible."""

import re
from datetime import date

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)

YEAR_FIRST = re.compile(r"(?P<y>\d{4})([-/])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?!\d)", re.A)
DAY_FIRST = re.compile(
    r"(?:[a-z]+,?\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s-]+"
    r"(?P<m>[a-z]{3,9})\.?,?[\s-]+(?P<y>\d{4})(?!\d)",
    re.A | re.I,
)
MONTH_FIRST = re.compile(
    r"(?:[a-z]+,?\s+)?(?P<m>[a-z]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+"
    r"(?P<y>\d{4})(?!\d)",
    re.A | re.I,
)


def normalise_date(written: str) -> str:
    """Return the day as `YYYY-MM-DD`, or "" if it cannot be told for certain.

    A time after the day is dropped and the day kept as written, whatever its time
    zone. 03/04/2019 is April in London and March in New York: it gives "".

    Examples
    --------
    >>> normalise_date("2019-03-12T10:00:00Z"), normalise_date("March 12, 2019")
    ('2019-03-12', '2019-03-12')
    >>> normalise_date("03/04/2019")
    ''
    """
    written = written.strip()
    for pattern in (YEAR_FIRST, DAY_FIRST, MONTH_FIRST):
        if match := pattern.match(written):
            return _iso(match["y"], _month_number(match["m"]), match["d"])
    return ""


def _month_number(name: str) -> int:
    """Return 1 to 12 for a number, a month's name or its beginning; else 0."""
    if name.isdigit():
        return int(name)
    return next((n for n, m in enumerate(MONTHS, 1) if m.startswith(name.lower())), 0)


def _iso(year: str, month: int, day: str) -> str:
    """Return the ISO form of a day that exists in the calendar, else ""."""
    try:
        return date(int(year), month, int(day)).isoformat()
    except ValueError:
        return ""
