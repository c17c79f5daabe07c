"""Numbers as they are read; in a report they are rounded here and nowhere else."""

import math

NONE = "–"
"""Stands where there is no number."""

MINUS = "−"


def percent(share: float, digits: int = 0) -> str:
    """Return a share in per cent, without the sign of it."""
    if math.isnan(share):
        return NONE
    return _with_minus(f"{100 * share:.{digits}f}")


def interval(low: float, high: float, digits: int = 0) -> str:
    """Return the ends of an interval in per cent, "" if there is none."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{percent(low, digits)} to {percent(high, digits)}"


def points(difference: float, digits: int = 1) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    if math.isnan(difference):
        return NONE
    return _with_minus(f"{100 * difference:+.{digits}f}")


def weight(value: float) -> str:
    """Return an amount on the log-odds scale, with its sign."""
    return NONE if math.isnan(value) else _with_minus(f"{value:+.2f}")


def plain(value: float, digits: int = 2) -> str:
    """Return a number with so many digits."""
    return NONE if math.isnan(value) else _with_minus(f"{value:.{digits}f}")


def probability(p: float) -> str:
    """Return a p-value as papers print it."""
    if math.isnan(p):
        return NONE
    if p < 0.001:
        return "< 0.001"
    if p < 0.05 and f"{p:.3f}" == "0.050":
        return "< 0.05"  # rounding would put it on the other side
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def count(n: float) -> str:
    """Return a count with its thousands apart."""
    return NONE if math.isnan(n) else f"{n:,.0f}"


def _with_minus(text: str) -> str:
    """Return text with a minus for a hyphen, and none before a rounded zero."""
    if text[0] in "+-" and not text.strip("+-0."):
        return text[1:]
    return text.replace("-", MINUS)
