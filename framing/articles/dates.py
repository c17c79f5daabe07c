"""Dates as they stand in exports, made ISO where only one reading is possible."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal
from unicodedata import combining, normalize

Order = Literal["day", "month", ""]
"""What comes first in 03/04/2019; "" where nothing has settled it."""

MONTHS = (
    # English, German, French, Spanish, Italian, Portuguese, Dutch; no accents.
    "january januar janner janvier enero gennaio janeiro januari",
    "february februar feber fevrier febrero febbraio fevereiro februari",
    "march marz maerz mars marzo marco maart mrt",
    "april avril abril aprile",
    "may mai mayo maggio maio mei",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto augustus",
    "september septembre septiembre setiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)

LONGEST = 80
"""Characters looked at: a day stands at the beginning or not at all."""

# Everything is matched without accents and in small letters: "1er août" is "1er
# aout". Up to two words may stand before the day: "Montag, den 1. Juli 2019".
BEFORE = r"(?:[a-z][a-z.'-]{0,14},?\s+){0,2}"
NAME = r"(?P<m>[a-z]{3,10})\.?"
DAY = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|o|a|e|\u00b0)?"
YEAR = r"(?P<y>[0-9]{4})(?![0-9])"

YEAR_FIRST = re.compile(
    r"(?P<y>[0-9]{4})([-/.])(?P<m>[0-9]{1,2})\2(?P<d>[0-9]{1,2})(?![0-9])"
)
YEAR_THEN_NAME = re.compile(rf"{YEAR}[\s,-]+{NAME}[\s,-]+(?P<d>[0-9]{{1,2}})(?![0-9])")
COMPACT = re.compile(
    r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?:t?[0-9]{6}z?|t[0-9:.+z-]*)?$"
)
DAY_FIRST = re.compile(
    rf"{BEFORE}{DAY}(?:\s*[-/.]\s*|\s+)(?:(?:de|of|del)\s+)?{NAME}"
    rf"(?:\s*[-/,]\s*|\s+)(?:(?:de|del)\s+)?{YEAR}"
)
MONTH_FIRST = re.compile(rf"{BEFORE}{NAME}\s+{DAY}(?:\s*,\s*|\s+){YEAR}")
WRITTEN = (YEAR_FIRST, COMPACT, YEAR_THEN_NAME, DAY_FIRST, MONTH_FIRST)
NUMERIC = re.compile(
    rf"{BEFORE}(?P<a>[0-9]{{1,2}})(?P<sep>[-/.])(?P<b>[0-9]{{1,2}})(?P=sep){YEAR}"
)


def normalise_date(written: str, order: Order = "") -> str:
    """Return the day as `YYYY-MM-DD`, or "" if it cannot be told for certain.

    A time after the day is dropped and the day kept as written, whatever its time
    zone. 03/04/2019 is April in London and March in New York: it gives "" unless
    `order` says what comes first (see `day_order`). 25/12/2019 has one reading
    only, and with full stops (03.04.2019) the day is taken to come first, as it does
    wherever dates are written so. A year of two digits gives "".

    Examples
    --------
    >>> normalise_date("2019-03-12T10:00:00Z"), normalise_date("March 12, 2019")
    ('2019-03-12', '2019-03-12')
    >>> normalise_date("Montag, 1. Juli 2019"), normalise_date("1er août 2019")
    ('2019-07-01', '2019-08-01')
    >>> normalise_date("03/04/2019"), normalise_date("03/04/2019", "day")
    ('', '2019-04-03')
    """
    plain = _plain(written)
    for pattern in WRITTEN:
        if match := pattern.match(plain):
            return _iso(match["y"], _month_number(match["m"]), int(match["d"]))
    if match := NUMERIC.match(plain):
        first, second = int(match["a"]), int(match["b"])
        known = _first(first, second) or order or ("day" if match["sep"] == "." else "")
        if known == "day" or first == second:
            return _iso(match["y"], second, first)
        return _iso(match["y"], first, second) if known == "month" else ""
    return ""


def day_order(dates: Iterable[str]) -> Order:
    """Return what comes first in the numeric dates of one column or one export.

    One date that can be read in one way only (25/12/2019) settles the others, as
    long as none says the opposite; if two contradict each other, or none can tell,
    the result is "".

    Examples
    --------
    >>> day_order(["03/04/2019", "25/04/2019"]), day_order(["03/04/2019"])
    ('day', '')
    """
    settled = set(map(told_order, dates)) - {""}
    return settled.pop() if len(settled) == 1 else ""


def told_order(written: str) -> Order:
    """Return what comes first in one numeric date, if it can be read in one way only.

    Examples
    --------
    >>> told_order("25/04/2019"), told_order("03/04/2019"), told_order("3 April 2019")
    ('day', '', '')
    """
    match = NUMERIC.match(_plain(written))
    return _first(int(match["a"]), int(match["b"])) if match else ""


def _plain(written: str) -> str:
    """Return the beginning of a date in small letters, without accents."""
    written = written[:LONGEST]
    if not written.isascii():
        letters = normalize("NFKD", written)
        written = "".join(c for c in letters if not combining(c))
    return written.strip().lower()


def _first(first: int, second: int) -> Order:
    """Return what the first of two numbers must be if only one of them is a month."""
    if (first > 12) == (second > 12):
        return ""
    return "day" if first > 12 else "month"


def _names() -> dict[str, int]:
    """Return the month of each name and of each beginning that names one month."""
    exact = {name: n for n, names in enumerate(MONTHS, 1) for name in names.split()}
    begun: dict[str, set[int]] = {}
    for name, number in exact.items():
        for end in range(3, len(name)):
            begun.setdefault(name[:end], set()).add(number)
    short = {start: min(found) for start, found in begun.items() if len(found) == 1}
    return short | exact


NAMES = _names()
"""Number of each month by name, in all languages, and by its beginning."""


def _month_number(name: str) -> int:
    """Return 1 to 12 for a number, a month's name or its beginning; else 0."""
    return int(name) if name.isdigit() else NAMES.get(name, 0)


def _iso(year: str, month: int, day: int) -> str:
    """Return the ISO form of a day that exists in the calendar, else ""."""
    try:
        return date(int(year), month, day).isoformat()
    except ValueError:
        return ""
