"""Plain files that were read once, kept in a form that is read at once.

Following the instructions of a model file takes longer than scoring an article with
it. So what the first reading found is kept in the user's cache folder, under the hash
of the file it was read from: long lists of texts and arrays as bytes one after another,
the rest as JSON. That is no second format of models: nothing is ever only there,
nobody hands it on, and what comes out goes through every check of a model file. A kept
file that is damaged, of another release, or not ours alone is not used; where none can
be written all works as before, only slower.

The environment variable FRAMING_CACHE names another folder; "off" keeps nothing.
"""

import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from framing.atomic import write_atomic
from framing.errors import FramingError
from framing.plainfile import MAX_UNPACKED, parse_plain, read_bytes
from framing.plainmachine import DTYPES

WORTH_KEEPING = 200_000
"""Bytes of a plain file; smaller ones are read as quickly themselves."""

MOST_KEPT = 8
"""Kept files in the folder; the oldest go first."""

_HEAD = b"framing kept 1\n"
_ENDING = ".kept"
_LONG = 100
"""Texts of a list that is kept as bytes."""

_MOST_BYTES = 2 * MAX_UNPACKED
_APART = "\0"
_ALIGNED = 64
_DTYPES = {dtype.str: dtype for dtype in DTYPES.values()}


def read_through(path: Path, check: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Return the content of the plain file `path`, as kept or else as read.

    Parameters
    ----------
    path : Path
        As for `framing.plainfile.read_plain`.
    check : callable
        Called with content just read from `path`; what it raises for is not kept. What
        was kept has passed it.

    Raises
    ------
    ModelError
        The file is anything but one whole plain file.
    """
    data = read_bytes(path)
    folder = cache_folder() if len(data) >= WORTH_KEEPING else None
    place = folder and _place(folder, data)
    kept = _read_kept(place) if place else None
    if kept is not None:
        return kept
    content = parse_plain(data, path)
    check(content)
    if place:
        _keep(place, content)
    return content


def _place(folder: Path, data: bytes) -> Path:
    """Return where the content of a plain file is kept."""
    return folder / f"{hashlib.sha256(data).hexdigest()}{_ENDING}"


def cache_folder() -> Path | None:
    """Return the folder that files are kept in, None where nothing is to be kept."""
    asked = os.environ.get("FRAMING_CACHE", "")
    if asked == "off":
        return None
    if asked:
        return Path(asked)
    return _users_folder()


def _users_folder() -> Path | None:
    """Return our place in the cache folder of the user, if there is such a folder."""
    if sys.platform == "win32":
        named, usual = os.environ.get("LOCALAPPDATA", ""), Path("AppData", "Local")
    elif sys.platform == "darwin":
        named, usual = "", Path("Library", "Caches")
    else:
        named, usual = os.environ.get("XDG_CACHE_HOME", ""), Path(".cache")
    try:
        folder = Path(named) if Path(named).is_absolute() else Path.home() / usual
    except RuntimeError:  # nobody's home
        return None
    return folder / "framing"


# Reading


class _NotKept(ValueError):  # noqa: N818  it reads as what it tells
    """A file is not what was kept."""


def _read_kept(path: Path) -> dict[str, Any] | None:
    """Return the content that was kept, None if there is none that can be used."""
    try:
        return _unfold(_own_bytes(path))
    except _UNUSABLE:
        return None


_UNUSABLE = (
    *(OSError, MemoryError, RecursionError),
    *(ValueError, TypeError, AttributeError, LookupError, OverflowError),
)
"""What comes of whatever a stranger or a failing disk makes of a kept file."""


def _own_bytes(path: Path) -> bytes:
    """Return the bytes of a file that nobody else can have written."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            raise _NotKept
        if os.name == "posix":
            others = stat.S_IWGRP | stat.S_IWOTH
            if status.st_uid != os.geteuid() or status.st_mode & others:
                raise _NotKept
        return stream.read(status.st_size)


def _unfold(data: bytes) -> dict[str, Any]:
    """Return the content of a kept file."""
    start = len(_HEAD) + hashlib.sha256().digest_size
    body = memoryview(data)[start:]
    if not data.startswith(_HEAD) or hashlib.sha256(body).digest() != bytes(
        memoryview(data)[len(_HEAD) : start]
    ):
        raise _NotKept
    size = int.from_bytes(body[:8], "little")
    content = _value(json.loads(bytes(body[8 : 8 + size])), body[8 + size :])
    if type(content) is not dict:
        raise _NotKept
    return content


def _value(node: Any, cells: memoryview) -> Any:
    """Return what a node of the JSON stands for; every dict in it is a kind of node."""
    if isinstance(node, list):
        return [_value(entry, cells) for entry in node]
    if not isinstance(node, dict):
        return node
    ((kind, value),) = node.items()
    if kind == "plain":
        return value
    if kind == "dict":
        return {key: _value(entry, cells) for key, entry in value.items()}
    if kind == "texts":
        count, *place = value
        texts = str(_slice(cells, *place), "utf-8").split(_APART)
        if len(texts) != count:
            raise _NotKept
        return texts
    if kind == "array":
        dtype, shape, *place = value
        data = _slice(cells, *place)
        return np.frombuffer(data, dtype=_DTYPES[dtype]).reshape(shape)
    raise _NotKept


def _slice(cells: memoryview, start: int, stop: int) -> memoryview:
    if not 0 <= start <= stop <= len(cells):
        raise _NotKept
    return cells[start:stop]


# Writing


def _keep(path: Path, content: dict[str, Any]) -> None:
    """Keep content for the next time, if that can be done at all."""
    # An unwritable or full disk is no reason to stop: the content is at hand.
    with suppress(FramingError, OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomic(path, _fold(content))
        path.chmod(0o600)
        for old in _oldest_first(path.parent)[:-MOST_KEPT]:
            old.unlink()


def _fold(content: dict[str, Any]) -> bytes:
    """Return the kept file for content."""
    cells = _Cells()
    tree = json.dumps(cells.fold(content)).encode()
    return _sealed(tree, cells.pieces)


def _sealed(tree: bytes, pieces: Sequence[bytes]) -> bytes:
    """Return a kept file: head, checksum, size of the JSON, the JSON, the bytes."""
    # Arrays are to begin where the processor likes them to.
    start = len(_HEAD) + hashlib.sha256().digest_size + 8
    tree += b" " * (-(start + len(tree)) % _ALIGNED)
    body = b"".join([len(tree).to_bytes(8, "little"), tree, *pieces])
    return b"".join([_HEAD, hashlib.sha256(body).digest(), body])


def _oldest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{_ENDING}"), key=lambda path: path.stat().st_mtime)


class _Cells:
    """Bytes of long texts and arrays, one after another."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._size = 0

    def fold(self, value: Any) -> Any:
        """Return the node that stands for a value, its bytes put aside."""
        if isinstance(value, np.ndarray):
            place = self._add(value.tobytes())
            return {"array": [value.dtype.str, list(value.shape), *place]}
        if isinstance(value, dict):
            if _are_texts(value.values()):
                return {"plain": value}
            return {"dict": {key: self.fold(entry) for key, entry in value.items()}}
        if isinstance(value, list) and _are_texts(value):
            joined = _APART.join(value)
            if len(value) < _LONG or joined.count(_APART) != len(value) - 1:
                return {"plain": value}
            return {"texts": [len(value), *self._add(joined.encode())]}
        return [self.fold(entry) for entry in value] if type(value) is list else value

    def _add(self, data: bytes) -> Iterator[int]:
        start, stop = self._size, self._size + len(data)
        padding = b"\0" * (-stop % _ALIGNED)
        self.pieces += [data, padding]
        self._size = stop + len(padding)
        return iter((start, stop))


def _are_texts(values: Iterable[Any]) -> bool:
    return set(map(type, values)) == {str}
