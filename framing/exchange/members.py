"""The text files of an import: one file, those of a folder, or those in a zip.

A zip is read member by member in memory and never unpacked: no name in it can
make a file anywhere, and no member grows beyond a limit.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from framing.articles.decoding import (
    check_encoding,
    choose_encoding,
    why_binary,
    why_not_text,
)
from framing.errors import LabelError, shown
from framing.exchange.decision import Log

SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt")
MAX_BYTES = 128 << 20
"""Bytes of all files of an import together: some 400,000 decisions."""

MAX_MEMBERS = 10_000
MOST_ZEROS = 0.2
"""Part of a text's bytes that may be zero; in UTF-16 nearly half of them are."""


@dataclass(frozen=True, slots=True)
class Member:
    """A text file: how it is shown, its own name, and what is in it."""

    name: str
    path: PurePosixPath
    text: str

    @property
    def suffix(self) -> str:
        """The end of its name, in lower case."""
        return self.path.suffix.lower()

    def where(self, line: int) -> str:
        """Return a place in it for a person."""
        return f"{self.name}:{line}"

    def row(self, line: int) -> str:
        """Return the same place by the file's own name, wherever it lies."""
        return f"{self.path.name}:{line}"


def read_members(path: Path, encoding: str, log: Log) -> list[Member]:
    """Return the text files that `path` names.

    In a folder or a zip, what cannot be read is skipped.

    Raises
    ------
    LabelError
        There is no such file, it is no text, or there is too much of it.
    """
    check_encoding(encoding)
    try:
        if path.is_dir():
            return list(_of_folder(path, encoding, log))
        data = _read_file(path, MAX_BYTES)
    except OSError as error:
        msg = f"{shown(path)}: {error.strerror}. Check the path."
        raise LabelError(msg) from error
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")) and _is_plain_zip(data):
        return list(_of_zip(data, path, encoding, log))
    return [_member(shown(path), PurePosixPath(path.name), data, encoding)]


def _of_folder(folder: Path, encoding: str, log: Log) -> Iterator[Member]:
    left = MAX_BYTES
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        try:
            if path.is_symlink():
                log.skip(shown(path), "a link, which is not followed")
                continue
            data = _read_file(path, left)
            left -= len(data)
            yield _member(shown(path), PurePosixPath(path.name), data, encoding)
        except OSError as error:
            log.skip(shown(path), f"{error.strerror}")
        except LabelError as error:
            log.skip(shown(path), _reason(error, shown(path)))


def _of_zip(data: bytes, path: Path, encoding: str, log: Log) -> Iterator[Member]:
    left = MAX_BYTES
    with zipfile.ZipFile(BytesIO(data)) as archive:
        infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            msg = f"{shown(path)}: {len(infos):,} files in it. Import them in parts."
            raise LabelError(msg)
        for info in infos:
            inside = PurePosixPath(info.filename.replace("\\", "/"))
            if info.is_dir() or _is_hidden(inside):
                continue
            name = f"{shown(path)}/{shown(info.filename)}"
            if inside.suffix.lower() not in SUFFIXES:
                log.skip(name, "no jsonl, json, csv or tsv file")
                continue
            try:
                content = _unpack(archive, info, left)
                left -= len(content)
                yield _member(name, PurePosixPath(inside.name), content, encoding)
            except LabelError as error:
                log.skip(name, _reason(error, name))


def _is_plain_zip(data: bytes) -> bool:
    """Tell a readable zip from an office document, which is one too."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return "[Content_Types].xml" not in archive.NameToInfo
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _is_hidden(inside: PurePosixPath) -> bool:
    """Tell what a file manager added: .DS_Store, __MACOSX/."""
    return inside.name.startswith(".") or "__MACOSX" in inside.parts


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    if info.flag_bits & 1:
        msg = "password protected"
        raise LabelError(msg)
    try:
        with archive.open(info) as stream:
            return _read_upto(stream, limit)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
    ) as error:
        msg = "damaged"
        raise LabelError(msg) from error


def _read_file(path: Path, limit: int) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):
        msg = f"{shown(path)}: not a regular file. Save it as one."
        raise LabelError(msg)
    with path.open("rb") as stream:
        try:
            return _read_upto(stream, limit)
        except LabelError as error:
            msg = f"{shown(path)}: {error}. Import it in parts."
            raise LabelError(msg) from error


def _read_upto(stream: IO[bytes], limit: int) -> bytes:
    data = stream.read(limit + 1)
    if len(data) > limit:
        msg = f"more than {MAX_BYTES >> 20} MB"
        raise LabelError(msg)
    return data


def _member(name: str, path: PurePosixPath, data: bytes, encoding: str) -> Member:
    chosen = choose_encoding(data, encoding)
    trouble = why_not_text(data, chosen)
    # A zero byte here and there is a character of a text, many are UTF-16 or no text.
    if data.count(0) > len(data) * MOST_ZEROS:
        trouble = trouble or why_binary(data, chosen)
    if trouble:
        msg = f"{name}: {trouble}. Save it as text: csv, json or jsonl."
        raise LabelError(msg)
    # A byte that is no UTF-8 costs its line, not the file; it comes out as a surrogate.
    errors = "strict" if chosen.is_wide else "surrogateescape"
    try:
        text = data.decode(chosen.name, errors)
    except UnicodeError as error:
        msg = f"{name}: not {chosen.name}. Name its encoding with --encoding."
        raise LabelError(msg) from error
    return Member(name, path, text.removeprefix("\ufeff"))


def _reason(error: LabelError, name: str) -> str:
    return str(error).removeprefix(f"{name}: ").rstrip(".")
