"""Reader of JSON files: a list of articles, one article, or an object with a list."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from framing.articles import jsonl
from framing.articles.columns import map_columns
from framing.articles.decoding import Encoding, decode, why_binary
from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.stream import (
    LINE_LIMIT,
    ByteReader,
    first_line,
    opened,
    text_encoding,
)
from framing.articles.whole import FILE_LIMIT
from framing.errors import InputError, shown
from framing.records import Article

BLANK = re.compile(r"[ \t\r\n\ufeff]*")
ENDS = re.compile(r"[ \t\r\n]*([,\]])")
PLAIN = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
"""Finds the end of an item that ours refuses."""

Object = tuple[int, str, dict[str, Any]]


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the articles of a JSON file.

    A list is read item by item. JSON lines under this suffix are read as such.

    Raises
    ------
    InputError
        It is damaged, or holds no articles.
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
    line = first_line(data, encoding).strip()
    if _is_article(line, options):
        yield from jsonl.parse(data, file, options, log)
        return
    if line.startswith("["):
        found = _items(_texts(data, encoding, file), file, log)
    else:
        found = _in_object(data, encoding, file, options)
    yield from jsonl.articles_of(found, file, options, log)


def _is_article(line: str, options: ReadOptions) -> bool:
    """Whether a line is a whole object with a text, as in JSON lines."""
    try:
        found = PLAIN.decode(line) if line.startswith("{") else None
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and _has_text(found, options)


def _has_text(found: dict[str, Any], options: ReadOptions) -> bool:
    column = map_columns(tuple(found), options).text
    return isinstance(found.get(column), str)


def _texts(data: ByteReader, encoding: Encoding, file: InputFile) -> Iterator[str]:
    """Yield the decoded blocks."""
    decoder = codecs.getincrementaldecoder(encoding.name)()
    try:
        for block in data.blocks():
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)
    except UnicodeError as error:
        message = (
            f"{file.where}: not {shown(encoding.name)} all through. "
            "Name its encoding with --encoding."
        )
        raise InputError(message) from error


def _items(texts: Iterator[str], file: InputFile, log: ReadLog) -> Iterator[Object]:
    """Yield number, place and object of each good item of a list; note the others.

    No more of the file is held than one item needs.
    """
    rest = _Rest(texts, file.where)
    rest.skip("[")
    number = 0
    while not rest.starts("]") or number:
        number += 1
        where = f"{file.where}:item {number}"
        try:
            yield number, where, jsonl.flat_object(rest.item(where))
        except ValueError as error:
            log.skip(where, str(error))
        if not rest.comma(where):
            break
    else:
        rest.skip("]")
    rest.check_end()


class _Rest:
    """What is left of a JSON list; more is fetched when an item is not whole."""

    def __init__(self, texts: Iterator[str], where: str) -> None:
        self._texts = texts
        self._where = where
        self._text = ""
        self._at = 0
        self._is_whole = False

    def starts(self, sign: str) -> bool:
        """Whether this sign comes next, blanks aside."""
        while True:
            self._at = BLANK.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text) or not self._more():
                return self._text.startswith(sign, self._at)

    def skip(self, sign: str) -> None:
        """Go beyond a sign that is known to come next."""
        if self.starts(sign):
            self._at += len(sign)

    def item(self, where: str) -> dict[str, Any]:
        """Return the next item, or raise ValueError with what is wrong with it."""
        self.starts("{")
        while True:
            try:
                found, end = jsonl.DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._more():
                    continue
                raise self._broken(where, f"not valid JSON ({error.msg})") from error
            except RecursionError as error:
                raise self._broken(where, "nested too deep") from error
            except ValueError:
                if self._leave_out(where):
                    raise
                continue
            if end == len(self._text) and self._more():
                continue  # a number may go on
            self._at = end
            if isinstance(found, dict):
                return found
            message = "not a JSON object"
            raise ValueError(message)

    def _leave_out(self, where: str) -> bool:
        """Go beyond an item that was refused; False if it is not whole yet."""
        try:
            _, self._at = PLAIN.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            if self._more():
                return False
            raise self._broken(where, f"not valid JSON ({error.msg})") from error
        except (ValueError, RecursionError) as error:
            raise self._broken(where, "not valid JSON") from error
        return True

    def comma(self, where: str) -> bool:
        """Go beyond the comma behind an item; False at the end of the list."""
        if self.starts(","):
            self._at += 1
            return True
        if not self.starts("]"):
            raise self._broken(where, "no comma and no ] behind it")
        self._at += 1
        return False

    def check_end(self) -> None:
        """Refuse anything behind the list."""
        self.starts("")
        if self._at < len(self._text):
            raise self._broken(self._where, "text behind the end of the list")

    def _more(self) -> bool:
        """Fetch more of the file, at least as much again; False at its end."""
        if self._is_whole:
            return False
        kept = self._text[self._at :]
        if len(kept) > LINE_LIMIT:
            message = (
                f"{self._where}: an item is not valid JSON, or longer than 16 MB. "
                "Export the file again."
            )
            raise InputError(message)
        parts, size = [kept], 0
        # Twice as much each time: an item is parsed again from its beginning.
        while size <= len(kept):
            text = next(self._texts, None)
            if text is None:
                self._is_whole = True
                break
            parts.append(text)
            size += len(text)
        self._text, self._at = "".join(parts), 0
        return True

    def _broken(self, where: str, reason: str) -> InputError:
        """Return the error about a list that cannot be followed any further."""
        return InputError(f"{where}: {reason}. Export the file again.")


def _in_object(
    data: ByteReader, encoding: Encoding, file: InputFile, options: ReadOptions
) -> Iterator[Object]:
    """Yield the object that the file is, or the objects of the longest list in it."""
    try:
        content = data.whole(FILE_LIMIT)
        if reason := why_binary(content, encoding):
            raise ValueError(reason)
        found = jsonl.DECODER.decode(decode(content, encoding))
    except json.JSONDecodeError as error:
        message = (
            f"{file.where}:{error.lineno}: not valid JSON at column {error.colno}. "
            "Export the file again."
        )
        raise InputError(message) from error
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "nested too deep"
        message = f"{file.where}: {reason}. Write it as JSON lines."
        raise InputError(message) from error
    if not isinstance(found, dict):
        message = f"{file.where}: neither a list nor an object. Write JSON lines."
        raise InputError(message)
    lists = {
        name: value
        for name, value in found.items()
        if isinstance(value, list) and any(isinstance(item, dict) for item in value)
    }
    if not lists or _has_text(found, options):
        yield 1, file.where, jsonl.flat_object(found)
        return
    name = max(lists, key=lambda name: len(lists[name]))
    for number, item in enumerate(lists[name], 1):
        where = f"{file.where}:{shown(name, 40)} {number}"
        # What is no object cannot be an article; its text will be missed.
        yield number, where, jsonl.flat_object(item if isinstance(item, dict) else {})


FORMAT = Format(
    name="json",
    suffixes=(".json",),
    read=read,
    keeps="all keys of each article, as text",
    loses="what stands beside the list of articles",
)
