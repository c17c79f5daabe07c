"""Coding by people: what comes next, sheets to fill in, and sittings on the page."""

from framing.coding.queue import (
    ORDERS,
    UNCERTAIN,
    Prompter,
    check_order,
    disputed,
    draw_queue,
    with_context,
)
from framing.coding.session import CodingSession, CodingUnit, Suggestion
from framing.coding.sheet import KEYS, make_sheet
from framing.coding.unscored import split_inputs

__all__ = [
    "KEYS",
    "ORDERS",
    "UNCERTAIN",
    "CodingSession",
    "CodingUnit",
    "Prompter",
    "Suggestion",
    "check_order",
    "disputed",
    "draw_queue",
    "make_sheet",
    "split_inputs",
    "with_context",
]
