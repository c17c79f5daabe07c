"""JSON records with their lines: one a line, or a list of them."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from framing.articles.decoding import SURROGATE
from framing.exchange.decision import Log
from framing.exchange.members import Member

_BETWEEN = re.compile(r"[\s,]*")
NOT_UTF8 = "not UTF-8; name its encoding with --encoding"


class Row(NamedTuple):
    """A record and its place."""

    where: str
    row: str
    values: dict[str, Any]


def json_rows(member: Member, log: Log) -> Iterator[Row]:
    """Yield the objects of a JSON lines file or of a JSON list.

    What is torn or no object is skipped; nothing after a tear in a list can be read.
    """
    is_list = member.text.lstrip().startswith("[")
    found = _of_list(member, log) if is_list else _of_lines(member, log)
    for line, value in found:
        where = member.where(line)
        if isinstance(value, dict):
            yield Row(where, member.row(line), value)
        else:
            log.skip(where, "no JSON object")


def _of_lines(member: Member, log: Log) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(member.text.split("\n"), 1):
        if not line.strip():
            continue
        if SURROGATE.search(line):
            log.skip(member.where(number), NOT_UTF8)
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError):
            log.skip(member.where(number), "torn line, no whole JSON")


def _of_list(member: Member, log: Log) -> Iterator[tuple[int, Any]]:
    text = member.text
    decoder = json.JSONDecoder()
    line, counted = 1, 0
    at = text.index("[") + 1
    while True:
        at = _end_of_gap(text, at)
        line, counted = line + text.count("\n", counted, at), at
        if text[at : at + 1] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            reason = "the list is torn here; the rest of the file was not read"
            log.skip(member.where(line), reason)
            return
        if SURROGATE.search(text, counted, at):
            log.skip(member.where(line), NOT_UTF8)
            continue
        yield line, value


def _end_of_gap(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return match.end() if match else at
