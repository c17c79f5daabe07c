"""Reader of JSON lines: one object, one article; a bad line costs that line only."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from framing.articles.columns import map_columns, refuse_missing
from framing.articles.decoding import Encoding, why_not_decoded
from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import Row, Rows
from framing.articles.stream import (
    ByteReader,
    first_line,
    lines,
    opened,
    text_encoding,
)
from framing.errors import InputError, shown
from framing.records import Article

MAX_DIGITS = 1000
"""Digits of a number; longer ones are damage, or meant to keep the parser busy."""


class _Number(str):
    """A number as it was written: an id of 40 digits or 1e5 stays what it is."""

    __slots__ = ()


class _Nested(str):
    """A list or an object, as JSON."""

    __slots__ = ()


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the articles of a file with one JSON object per line.

    Raises
    ------
    InputError
        It is one JSON array or one object over many lines, or no object has a text
        or a column that the user named.
    """
    with opened(file, log) as data:
        yield from parse(data, file, options, log)


def parse(
    data: ByteReader, file: InputFile, options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Yield the articles in `data`; raises as `read` does."""
    encoding = text_encoding(data, file, options, log)
    if encoding is None:
        return
    _check_form(first_line(data, encoding).strip(), file.where)
    yield from articles_of(_objects(data, encoding, file, log), file, options, log)


def articles_of(
    objects: Iterable[tuple[int, str, dict[str, Any]]],
    file: InputFile,
    options: ReadOptions,
    log: ReadLog,
) -> Iterator[Article]:
    """Yield the articles of objects that come with their number and place.

    Raises
    ------
    InputError
        No object has a text or a column that the user named.
    """
    rows = Rows(file, log)
    yield from rows.articles(_rows(objects, file, options, log))
    rows.finish()


def _rows(
    objects: Iterable[tuple[int, str, dict[str, Any]]],
    file: InputFile,
    options: ReadOptions,
    log: ReadLog,
) -> Iterator[Row]:
    """Yield the rows of objects that have a text; raises as `articles_of` does."""
    first_names: tuple[str, ...] = ()
    unseen = {"text", *options.overrides}
    for number, where, found in objects:
        names = tuple(found)
        first_names = first_names or names
        columns = map_columns(names, options)
        unseen.difference_update(columns.used)
        if not columns.text:
            log.skip(where, "no text column")
        elif reason := _why_no_string(found[columns.text]):
            log.skip(where, reason)
        else:
            values = {name: _as_text(value) for name, value in found.items()}
            yield Row(number, where, values, columns)
    # Keys may differ from line to line: only a column that no line has is missing.
    if first_names and unseen:
        refuse_missing(min(unseen), first_names, options, file.where)


def _check_form(line: str, where: str) -> None:
    """Refuse JSON that is spread over lines, by the first of them."""
    if line.startswith("[") or line == "{":
        kind = "an array" if line.startswith("[") else "one object over many lines"
        message = (
            f"{where}: this is {kind}, one object per line is needed. "
            "Write it as JSON lines."
        )
        raise InputError(message)


def _objects(
    data: ByteReader, encoding: Encoding, file: InputFile, log: ReadLog
) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield number, place and object of each good line; note the others."""
    for number, line in enumerate(lines(data, encoding, file.where), 1):
        where = f"{file.where}:{number}"
        if line is None:
            log.skip(where, "line longer than 16 MB")
        elif reason := why_not_decoded(line, encoding):
            log.skip(where, reason)
        elif line.strip():
            try:
                yield number, where, _object(line.rstrip("\r\n"))
            except ValueError as error:
                log.skip(where, str(error))


def _object(line: str) -> dict[str, Any]:
    """Return the object of a line, or raise ValueError with what is wrong."""
    try:
        found = DECODER.decode(line)
        if isinstance(found, dict):
            return flat_object(found)
        message = "not a JSON object"
    except json.JSONDecodeError as error:
        message = f"not valid JSON at column {error.pos + 1}"
    except RecursionError:
        message = "nested too deep"
    raise ValueError(message)


def flat_object(found: dict[str, Any]) -> dict[str, Any]:
    """Return an object with lists and objects in it as JSON."""
    return {name: _flat(value) for name, value in found.items()}


def _flat(value: object) -> object:
    """Return a value with lists and objects as JSON."""
    if isinstance(value, list | dict):
        return _Nested(json.dumps(value, ensure_ascii=False))
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys all differ."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"key {shown(twice, 40)!r} stands twice"
        raise ValueError(message)
    return found


def _number(written: str) -> _Number:
    """Return a number as it was written."""
    if len(written) > MAX_DIGITS:
        message = f"number of {len(written):,} digits"
        raise ValueError(message)
    return _Number(written)


def _constant(name: str) -> float:
    """Refuse NaN and the infinities, which are not JSON."""
    message = f"{name} is not valid JSON"
    raise ValueError(message)


DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs,
    parse_int=_number,
    parse_float=_number,
    parse_constant=_constant,
)


def _why_no_string(value: object) -> str:
    """Return why a value cannot be the text, or ""."""
    kinds = {_Number: "a number", _Nested: "a list or object", bool: "true or false"}
    if value is None:
        return "text is null"
    return f"text is {kinds[type(value)]}" if type(value) in kinds else ""


def _as_text(value: object) -> str:
    """Return a flat value as text; null is empty."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


FORMAT = Format(
    name="jsonl",
    suffixes=(".jsonl", ".ndjson"),
    read=read,
    keeps="all keys, as text",
    loses="lines that are no JSON object",
)
