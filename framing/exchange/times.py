"""When a decision was made, as tools write it."""

from datetime import UTC, datetime
from typing import Any

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def iso_time(value: Any) -> str:
    """Return a time in ISO form and UTC, or "" if it is none.

    A number counts seconds from 1970; a time without a zone is taken for UTC; one
    that is in UTC already stays as it is.

    >>> iso_time(1700000000), iso_time("2023-11-14 22:13:20"), iso_time("noon")
    ('2023-11-14T22:13:20Z', '2023-11-14T22:13:20Z', '')
    """
    if isinstance(value, str) and value.endswith("Z") and moment(value):
        return value
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        else:
            found = datetime.fromisoformat(str(value))
        return _in_utc(found).strftime(FORMAT)
    except (ValueError, OverflowError, OSError):
        return ""


def moment(time: str) -> datetime | None:
    """Return a time to compare, or None if it is none."""
    try:
        return _in_utc(datetime.fromisoformat(time))
    except (ValueError, OverflowError):
        return None


def _in_utc(found: datetime) -> datetime:
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
