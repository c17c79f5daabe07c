"""The formats that can be read: our own ones, and those that other packages bring.

A package brings one by an entry point of the group `framing.readers` that names a
`Format`. None is imported before there is something to read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TypeAlias

from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import why_not_article
from framing.errors import FramingError, InputError, shown
from framing.records import Article

Reader: TypeAlias = Callable[[InputFile, ReadOptions, ReadLog], Iterator[Article]]

GROUP = "framing.readers"

OWN = {
    "text": "framing.articles.plain:FORMAT",
    "html": "framing.articles.webpage:FORMAT",
    "csv": "framing.articles.delimited:FORMAT",
    "xlsx": "framing.articles.workbook:FORMAT",
    "jsonl": "framing.articles.jsonl:FORMAT",
    "json": "framing.articles.jsonfile:FORMAT",
    "parquet": "framing.articles.parquet:FORMAT",
    "docx": "framing.articles.word:FORMAT",
    "pdf": "framing.articles.pdf:FORMAT",
    "rtf": "framing.articles.richtext:FORMAT",
    "zip": "framing.articles.archive:FORMAT",
}
"""Our entry points, as pyproject.toml declares them: a checkout that is not installed
has no others."""

HEAD = 1 << 16
"""Bytes of a file that `recognises` is shown."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files that hold articles.

    Attributes
    ----------
    name
        What it is called in messages.
    suffixes
        Those of its files, in small letters with their dots.
    read
        `read(file, options, log)` yields the articles of one `InputFile`, notes in
        the `ReadLog` what it leaves out, and raises `InputError` where nothing of
        the file can be trusted. It opens the file with `stream.opened`.
    keeps, loses
        What of a file comes through and what does not, in a few words.
    recognises
        Whether a file is of this format by its first bytes: for a suffix that
        several formats share. One without it reads what no other recognises.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Reader
    keeps: str = ""
    loses: str = ""
    recognises: Callable[[bytes], bool] | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """A format of files that hold files of other formats, like a folder.

    `members(file, log)` yields them one after the other; the rest is as in `Format`.
    """

    name: str
    suffixes: tuple[str, ...]
    members: Callable[[InputFile, ReadLog], Iterator[InputFile]]
    keeps: str = ""
    loses: str = ""


AnyFormat: TypeAlias = Format | Container


class Formats:
    """The formats by the suffixes of their files."""

    def __init__(self, own: list[AnyFormat], foreign: list[Format]) -> None:
        self._own = {suffix: found for found in own for suffix in found.suffixes}
        self._asking: dict[str, list[Format]] = {}
        for found in foreign:
            for suffix in found.suffixes:
                if found.recognises:
                    self._asking.setdefault(suffix, []).append(found)
                else:
                    self._own.setdefault(suffix, found)
        self.suffixes = frozenset(self._own) | frozenset(self._asking)

    @property
    def all(self) -> list[AnyFormat]:
        """Every format once, our own ones first."""
        foreign = (found for asking in self._asking.values() for found in asking)
        return list(
            {found.name: found for found in (*self._own.values(), *foreign)}.values()
        )

    def of(self, file: InputFile) -> AnyFormat | None:
        """Return the format of a file, None if no reader of its suffix takes it."""
        if asking := self._asking.get(file.suffix, []):
            with file.open() as stream:
                head = stream.read(HEAD)
            for found in asking:
                if found.recognises and found.recognises(head):
                    return found
        return self._own.get(file.suffix)


def load_formats(log: ReadLog) -> Formats:
    """Return all formats; one that cannot be loaded is a warning in the log."""
    own = [_own(value) for value in OWN.values()]
    taken = {suffix for found in own for suffix in found.suffixes}
    foreign = []
    for point in sorted(entry_points(group=GROUP), key=_package):
        if point.value == OWN.get(point.name):
            continue
        found, reason = _load(point, taken)
        if reason:
            whose = f"reader {shown(point.name, 40)!r} of package {_package(point)}"
            log.warnings.append(f"{whose} is not used: {reason}")
        if found:
            foreign.append(_guarded(found, _package(point)))
            if not found.recognises:
                taken.update(found.suffixes)
    return Formats(own, foreign)


def _own(value: str) -> AnyFormat:
    module, _, name = value.partition(":")
    found = getattr(import_module(module), name)
    assert isinstance(found, AnyFormat)
    return found


def _package(point: EntryPoint) -> str:
    """Return the name of the package that brings a reader."""
    return shown(point.dist.name if point.dist else "unknown", 40)


def _load(point: EntryPoint, taken: set[str]) -> tuple[Format | None, str]:
    """Return the format of an entry point, or None and why there is none."""
    try:
        found = point.load()
    except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything
        return None, f"it cannot be loaded ({_told(error)}). Update or remove it."
    if not isinstance(found, Format) or not found.suffixes:
        return None, f"{shown(point.value)} is no Format with suffixes."
    if not found.recognises and (known := taken & set(found.suffixes)):
        suffix = min(known)
        return None, f"{suffix} files have a reader; it needs `recognises`."
    return found, ""


def _guarded(found: Format, package: str) -> Format:
    """Return a stranger's format that lets nothing but our errors and articles out."""

    def failed(what: str, error: Exception) -> InputError:
        return InputError(
            f"{what}: the reader {found.name!r} of package {package} failed "
            f"({_told(error)}). Report it there, or remove the package."
        )

    def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
        try:
            for article in found.read(file, options, log):
                if reason := why_not_article(article.text):
                    log.skip(article.where or file.where, reason)
                else:
                    yield article
        except (FramingError, OSError):
            raise
        except Exception as error:  # see above
            raise failed(file.where, error) from error

    def recognises(head: bytes) -> bool:
        try:
            return bool(found.recognises and found.recognises(head))
        except Exception as error:  # see above
            raise failed(found.suffixes[0], error) from error

    return replace(
        found, read=read, recognises=recognises if found.recognises else None
    )


def _told(error: Exception) -> str:
    """Return an error of a stranger in a few words."""
    text = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".: ")
    return shown(text, 120)
