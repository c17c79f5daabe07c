"""Plain files: numbers, texts and arrays on disk, safe to open from anybody.

A plain file is what joblib makes of a dict of dicts, lists, texts, numbers,
None and numpy arrays, packed with gzip, so joblib's own loader opens it too.
That loader does whatever a file says, and a stranger's file may say anything;
here files are read by `plainmachine`, which cannot be told to call a function.
"""

import contextlib
import gzip
import hashlib
import io
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from framing.atomic import write_atomic
from framing.errors import ModelError, shown
from framing.plainmachine import DTYPES, MAX_DEPTH, NotPlain, refuse, run_plain

MAX_FILE = 128 << 20
"""Bytes of a file; a model of 50,000 words and five codes takes 1.5 million."""

MAX_UNPACKED = 512 << 20
"""Bytes that a file may unpack to."""

MAX_RATIO = 20
"""How many times its own size a file may unpack to, once that is over 64 MB."""

_TOO_LARGE = f"larger than {MAX_FILE >> 20} MB"
_GZIP = b"\x1f\x8b"
_DTYPES = {dtype.str: dtype for dtype in DTYPES.values()}


def write_plain(path: Path, content: dict[str, Any]) -> None:
    """Write `content` to `path`, whole or not at all.

    Parameters
    ----------
    path : Path
        The file to write; one that exists is replaced.
    content : dict
        As in `plain_bytes`.

    Raises
    ------
    NotPlain
        `content` holds something else, or too much; nothing is written.
    StorageError
        The disk is full, or the folder may not be written to.
    """
    write_atomic(path, plain_bytes(content))


def plain_bytes(content: dict[str, Any]) -> bytes:
    """Return the plain file for `content`; equal content gives equal bytes.

    Parameters
    ----------
    content : dict
        Keys are str; values are dict, list, str, int (64 bits), float, bool, None
        or arrays of one or two dimensions of float64, float32, int64, int32 or
        uint8. The order of keys is not kept.

    Returns
    -------
    bytes
        What `parse_plain` reads back to the same content.

    Raises
    ------
    NotPlain
        `content` holds something else, or too much.
    """
    if type(content) is not dict:
        refuse(f"a plain file holds a dict, not {type(content).__name__}")
    import joblib  # which costs more than all else that reading a model needs

    program = io.BytesIO()
    try:
        joblib.dump(_canonical(content, {}, 1), program, protocol=4)
    except UnicodeEncodeError:
        refuse("a plain file cannot hold text with half a character (a surrogate)")
    packed = io.BytesIO()
    # Neither name nor time in the head: they would differ at each writing.
    with gzip.GzipFile("", "wb", 6, fileobj=packed, mtime=0) as stream:
        stream.write(program.getvalue())
    data = packed.getvalue()
    run_plain(_unpack(data))  # what could not be read must not be written
    return data


def read_plain(path: Path) -> dict[str, Any]:
    """Return the content of the plain file `path`.

    Parameters
    ----------
    path : Path
        Any file: hostile, damaged, a device, or missing.

    Returns
    -------
    dict
        As it was written; arrays are read-only.

    Raises
    ------
    ModelError
        The file is anything but one whole plain file.
    """
    return parse_plain(read_bytes(path), path)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file that may be a plain one.

    Parameters
    ----------
    path : Path
        Any file, as for `read_plain`.

    Raises
    ------
    ModelError
        It is no regular file, too large, or cannot be read.
    """
    with _refusing(path):
        return _file_bytes(path)


def parse_plain(data: bytes, where: str | Path) -> dict[str, Any]:
    """Return the content of a plain file whose bytes are at hand.

    Parameters
    ----------
    data : bytes
        The whole file.
    where : str or Path
        The file, for messages.

    Returns
    -------
    dict
        As it was written; arrays are read-only.

    Raises
    ------
    ModelError
        `data` is anything but one whole plain file.
    """
    with _refusing(where):
        return run_plain(_unpack(data))


def content_hash(content: dict[str, Any]) -> str:
    """Return the SHA-256 of `content`, all but its key "sha256".

    It finds damage and tells models apart; who can change a file can change its
    hash as well. Neither the order of keys nor the release of joblib matters.

    Parameters
    ----------
    content : dict
        As in `plain_bytes`.

    Returns
    -------
    str
        64 hex digits.
    """
    content = {key: value for key, value in content.items() if key != "sha256"}
    digest = hashlib.sha256()
    for piece in _pieces(content):
        digest.update(piece)
    return digest.hexdigest()


# Writing


def _canonical(value: Any, texts: dict[str, str], depth: int) -> Any:
    """Return a copy of `value` in the one form in which it is written.

    joblib writes a thing that it meets twice only once, and goes by identity. So
    that equal content gives equal bytes, all equal texts in the copy are one
    text, which is nobody else's, and nothing else is there twice.
    """
    if depth > MAX_DEPTH:
        refuse("nested too deeply for a plain file")
    kind = type(value)
    if kind is dict and all(type(key) is str for key in value):
        return {
            _canonical(key, texts, depth): _canonical(value[key], texts, depth + 1)
            for key in sorted(value)
        }
    if kind is list:
        return [_canonical(entry, texts, depth + 1) for entry in value]
    if kind is str:
        return texts.setdefault(value, value.encode("utf-8").decode("utf-8"))
    if kind is np.ndarray and value.dtype.str in _DTYPES and value.ndim in (1, 2):
        cells = np.frombuffer(value.tobytes(), _DTYPES[value.dtype.str])
        return cells.reshape(value.shape)
    if value is not None and kind not in (bool, float) and not _is_small_int(value):
        refuse(f"a plain file cannot hold this {kind.__name__}")
    return value


def _is_small_int(value: object) -> bool:
    """Tell whether `value` is an int of 64 bits."""
    return type(value) is int and -(2**63) <= value < 2**63


def _pieces(value: Any) -> Iterator[bytes]:
    """Yield bytes that spell out `value`, with kinds and lengths, for the hash."""
    match value:
        case dict():
            yield b"dict %d\n" % len(value)
            for key in sorted(value):
                yield from _pieces(key)
                yield from _pieces(value[key])
        case list():
            yield b"list %d\n" % len(value)
            if set(map(type, value)) == {str}:  # a vocabulary, in one go
                texts = [text.encode("utf-8") for text in value]
                yield b"".join([b"str %d\n" % len(text) + text for text in texts])
                return
            for entry in value:
                yield from _pieces(entry)
        case str():
            data = value.encode("utf-8")
            yield b"str %d\n" % len(data) + data
        case np.ndarray():
            yield f"array {value.dtype.str} {value.shape}\n".encode()
            yield value.tobytes()
        case float():
            yield b"float " + struct.pack(">d", value)
        case _:
            yield f"{value!r}\n".encode()


# Reading


@contextlib.contextmanager
def _refusing(where: str | Path) -> Iterator[None]:
    """Turn whatever stops the reading into one line about the file."""
    try:
        yield
    except (NotPlain, OSError, MemoryError) as error:
        msg = (
            f"{shown(where)}: {_reason(error)}. "
            "Copy it again from where you trust it, or train the model again."
        )
        raise ModelError(msg) from error


def _reason(error: NotPlain | OSError | MemoryError) -> str:
    """Return in a few words what is wrong with a file."""
    match error:
        case OSError():
            return (error.strerror or "not readable").lower()
        case MemoryError():
            return "needs more memory than is free"
        case _:
            return str(error)


def _file_bytes(path: Path) -> bytes:
    """Return the bytes of a regular file of at most `MAX_FILE`."""
    with open(path, "rb", opener=_open_without_waiting) as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            refuse("not a regular file")
        if status.st_size > MAX_FILE:
            refuse(_TOO_LARGE)
        return stream.read(status.st_size)


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe, too, is opened at once, not when somebody writes."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _unpack(data: bytes) -> bytes:
    """Return what was packed: not too much, whole, and right by its checksum."""
    if not data.startswith(_GZIP):
        refuse("not a model file of this program")
    if len(data) > MAX_FILE:
        refuse(_TOO_LARGE)
    limit = min(MAX_UNPACKED, max(64 << 20, MAX_RATIO * len(data)))
    unpacker = zlib.decompressobj(wbits=31)  # 31: gzip and nothing else
    try:
        program = unpacker.decompress(data, limit + 1)
    except zlib.error:
        refuse("damaged (its packing or its checksum is wrong)")
    if len(program) > limit:
        refuse("unpacks to far more than its size")
    if not unpacker.eof:
        refuse("cut short")
    if unpacker.unused_data:
        refuse("bytes after its end")
    return program
