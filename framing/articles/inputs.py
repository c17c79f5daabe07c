"""From the user's arguments to the files to read, one after the other."""

import os
import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeAlias

from framing.articles.options import ReadLog
from framing.articles.remote import (
    Listing,
    RemoteFile,
    is_address,
    list_addresses,
    place_of,
    without_secrets,
)
from framing.errors import InputError, shown, shown_end

STDIN = "-"
MAX_DEPTH = 20
"""Deeper folders are an accident (or an attack), not a corpus."""

SAVE_AS = {
    ".doc": "save it as docx",
    ".docm": "save it as docx",
    ".odt": "save it as docx",
    ".pages": "save it as docx",
    ".xls": "save it as xlsx",
    ".xlsm": "save it as xlsx",
    ".ods": "save it as xlsx",
    ".gz": "unpack it",
    ".tar": "unpack it",
    ".7z": "unpack it",
    ".rar": "unpack it",
}
"""What helps with the formats that are asked for and not read."""

PATH_LIMIT = 240
"""Characters of a path that are shown; a cut path helps nobody."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read.

    Attributes
    ----------
    path
        Where it is, as the user would write it; of an address what follows `://`.
    stem
        What ids are made of: the path below the given folder, without suffix.
    direct
        Whether the user named this file, rather than a folder around it.
    opener
        Opens a file that lies in an archive or in memory; None for one on the disk.
    remote
        The file in a store that this is; None for one on the disk.
    url
        Its address, if it lies in a store, perhaps in an archive there.
    """

    path: Path
    stem: str
    direct: bool = True
    opener: Callable[[], BinaryIO] | None = field(
        default=None, compare=False, repr=False
    )
    remote: RemoteFile | None = field(default=None, compare=False, repr=False)
    url: str = ""

    @property
    def name(self) -> str:
        """The path or address, as it is kept in results."""
        return storable(self.url or str(self.path))

    @property
    def where(self) -> str:
        """The path or address, safe to show."""
        if self.url:
            return shown_end(self.url, PATH_LIMIT)
        return "stdin" if self.is_stdin else shown(self.path, PATH_LIMIT)

    @property
    def is_stdin(self) -> bool:
        """Whether this stands for standard input."""
        return not self.url and str(self.path) == STDIN

    @property
    def suffix(self) -> str:
        """The suffix in small letters, with its dot."""
        return self.path.suffix.lower()

    @property
    def folder(self) -> str:
        """Name of the folder that holds the file, "" for standard input."""
        if self.is_stdin:
            return ""
        if self.opener:  # its path is no place on the disk
            names = [n for n in self.path.parts[:-1] if n not in ("..", "/")]
            return storable(Path(names[-1]).stem if len(names) == 1 else names[-1])
        if self.remote:
            return storable(self.path.parent.name)
        parent = self.path.parent
        name = parent.name if parent.name not in ("", "..") else parent.resolve().name
        return storable(name)

    def open(self) -> BinaryIO:
        """Open the file for reading bytes."""
        if self.opener:
            return self.opener()
        if self.remote:
            return self.remote.fetch()
        return self.path.open("rb", buffering=0)

    def size(self) -> int:
        """Return how many bytes it has."""
        if not self.opener:
            return self.path.stat().st_size
        with self.opener() as stream:
            return stream.seek(0, os.SEEK_END)


Inputs: TypeAlias = Sequence[str] | InputFile
"""Files and folders by name, or one file that is held already."""


def storable(name: str) -> str:
    r"""Return a file name without the surrogates that stand for undecodable bytes.

    They become `\udce9` and the like: no file format would take them.
    """
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def find_files(
    inputs: Inputs, suffixes: Collection[str], log: ReadLog
) -> Iterator[InputFile]:
    """Return the files behind `inputs` in a fixed order.

    Folders are walked in sorted order; what is not read there is noted in `log`.
    Ids are relative to the given folder, or to the folder that holds all inputs
    if there are several: so they do not depend on the order of the inputs.

    Raises
    ------
    InputError
        At once if an input does not exist or is neither file nor folder, or an
        address cannot be reached; at the end if no file at all was found.
    """
    if isinstance(inputs, InputFile):
        return iter([inputs])
    paths = [given for given in inputs if given != STDIN and not is_address(given)]
    roots = {given: _root(given).resolve() for given in paths}
    common = os.path.commonpath(roots.values()) if roots else ""
    prefixes = {given: root.relative_to(common) for given, root in roots.items()}
    listings = list_addresses(filter(is_address, inputs))
    prefixes |= _address_prefixes(listings, among_paths=bool(paths))
    return _files(inputs, listings, prefixes, suffixes, log)


def _address_prefixes(
    listings: Mapping[str, Listing], *, among_paths: bool
) -> dict[str, Path]:
    """Return what ids of each address begin with; all of it beside paths."""
    roots = {
        given: f"/{listing.url.partition(':')[0]}/{listing.root.as_posix()}"
        for given, listing in listings.items()
    }
    common = "/" if among_paths or not roots else posixpath.commonpath(roots.values())
    return {given: Path(posixpath.relpath(r, common)) for given, r in roots.items()}


def _root(given: str) -> Path:
    """Return the folder that ids are relative to: the input or what holds it."""
    path = Path(given)
    try:
        if not given or not path.exists():
            where = shown(given, PATH_LIMIT)
            message = f"{where}: no such file or folder. Check the path."
            raise InputError(message)
        if path.is_dir():
            return path
        if path.is_file():
            return path.parent
    except OSError as error:
        reason = error.strerror or "cannot be read"
        message = f"{shown(given, PATH_LIMIT)}: {reason}. Check the path."
        raise InputError(message) from error
    message = (
        f"{shown(given, PATH_LIMIT)}: not a regular file. "
        "Pipe its content in and give '-' as the input."
    )
    raise InputError(message)


def _files(
    inputs: Sequence[str],
    listings: Mapping[str, Listing],
    prefixes: Mapping[str, Path],
    suffixes: Collection[str],
    log: ReadLog,
) -> Iterator[InputFile]:
    """Yield the files of each input; complain if there were none."""
    n_found = 0
    for given in inputs:
        n_before = n_found
        prefix, listing = prefixes.get(given, Path()), listings.get(given)
        if listing:
            is_folder, found = listing.is_folder, _listed(listing, prefix, log)
        else:
            is_folder, found = Path(given).is_dir(), _files_of(given, prefix, log)
        for file in found:
            if not file.is_stdin and file.suffix not in suffixes:
                log.skip(file.where, unknown(file.suffix))
                continue
            n_found += 1
            yield file
        if n_found == n_before and is_folder:
            log.skip(_shown(given), "no readable article files in it")
    if not n_found:
        names = ", ".join(map(_shown, inputs[:3]))
        message = (
            f"{names}: no readable article files ({' '.join(sorted(suffixes))}). "
            "Give a file or a folder with such files."
        )
        raise InputError(message)


def _shown(given: str) -> str:
    return shown(without_secrets(given), PATH_LIMIT)


def _listed(listing: Listing, prefix: Path, log: ReadLog) -> Iterator[InputFile]:
    """Yield the files behind an address; note what is left out, as `_walk` does."""
    for remote in listing.files:
        path = place_of(remote.url)
        below = path.relative_to(listing.root)
        if any(part.startswith(".") for part in below.parts):
            log.skip(shown_end(remote.url, PATH_LIMIT), "hidden")
            continue
        stem = storable((prefix / below.with_suffix("")).as_posix())
        direct = not listing.is_folder
        yield InputFile(path, stem, direct, remote=remote, url=remote.url)


def _files_of(given: str, prefix: Path, log: ReadLog) -> Iterator[InputFile]:
    """Yield stdin, the one file, or all files of the folder."""
    path = Path(given)
    if given == STDIN:
        yield InputFile(path, "stdin")
    elif path.is_dir():
        for found in _walk(path, log, MAX_DEPTH):
            stem = prefix / found.relative_to(path).with_suffix("")
            yield InputFile(found, storable(stem.as_posix()), direct=False)
    else:
        yield InputFile(path, storable((prefix / path.stem).as_posix()))


def _walk(folder: Path, log: ReadLog, depth: int) -> Iterator[Path]:
    """Yield the regular files below `folder`, sorted; note what is left out."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        log.skip(shown(folder, PATH_LIMIT), error.strerror or "cannot be read")
        return
    for entry in entries:
        if reason := _why_not(entry, depth):
            log.skip(shown(entry, PATH_LIMIT), reason)
        elif entry.is_dir():
            yield from _walk(entry, log, depth - 1)
        else:
            yield entry


def _why_not(entry: Path, depth: int) -> str:
    """Return why an entry of a folder is not read, or ""."""
    if entry.name.startswith("."):
        return "hidden"
    if entry.is_symlink():
        return "symbolic link, not followed"
    if entry.is_dir():
        return "" if depth > 1 else f"more than {MAX_DEPTH} folders deep"
    return "" if entry.is_file() else "not a regular file"


def unknown(suffix: str) -> str:
    """Return the reason for a suffix that no reader serves."""
    if not suffix:
        return "no file suffix"
    advice = f", {SAVE_AS[suffix]}" if suffix in SAVE_AS else ""
    return f"{shown(suffix, 20)} files are not read{advice}"
