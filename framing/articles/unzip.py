"""Zip archives of strangers: looked over before anything in them is unpacked.

Word and Excel files are zip archives too.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

MAX_MEMBERS = 10_000
TOTAL_LIMIT = 2 << 30
"""Bytes of all that an archive unpacks to."""

RATIO_LIMIT = 200
RATIO_FREE = 1 << 20
"""Text shrinks to a tenth at best; below this size nobody minds."""

DIRECTORY_LIMIT = 8 << 20
"""Bytes of the list of members, read at once; ten thousand long names need less."""

END, END_SIZE = b"PK\x05\x06", 22
BLOCK = 1 << 20

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What the standard library raises on damaged members."""


@contextmanager
def opened_zip(stream: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open an archive, or raise ValueError with the reason why it is not read."""
    _check_directory(stream)
    try:
        archive = zipfile.ZipFile(stream)
    except DAMAGE as error:
        message = "damaged zip archive"
        raise ValueError(message) from error
    with archive:
        infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            message = f"more than {MAX_MEMBERS:,} files in the archive"
            raise ValueError(message)
        if sum(info.file_size for info in infos) > TOTAL_LIMIT:
            message = f"unpacks to more than {TOTAL_LIMIT >> 30} GB"
            raise ValueError(message)
        yield archive


def _check_directory(stream: BinaryIO) -> None:
    """Refuse a list of members that is too long to be read."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - END_SIZE - 0xFFFF))
    tail = stream.read()
    at = tail.rfind(END)
    stream.seek(0)
    directory = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if directory > DIRECTORY_LIMIT:
        message = f"more than {MAX_MEMBERS:,} files in the archive"
        raise ValueError(message)


def why_not_unpacked(info: zipfile.ZipInfo, limit: int = TOTAL_LIMIT) -> str:
    """Return why a member is not unpacked, by what the list says of it, or ""."""
    if info.flag_bits & 1:
        return "password protected"
    if info.file_size > limit:
        return f"unpacks to more than {limit >> 20:,} MB"
    most = RATIO_LIMIT * max(info.compress_size, 1)
    if info.file_size > max(most, RATIO_FREE):
        return f"unpacks to more than {RATIO_LIMIT} times its size"
    return ""


def check_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """Unpack a member to nowhere, or raise ValueError if it is damaged.

    Its checksum stands at its end: without this, the articles before the damage would
    be read and those behind it not.
    """
    with _open(archive, info) as stream:
        try:
            while stream.read(BLOCK):
                pass
        except DAMAGE as error:
            message = "damaged"
            raise ValueError(message) from error


def unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """Return the content of a member, or raise ValueError with what is wrong."""
    if reason := why_not_unpacked(info, limit):
        raise ValueError(reason)
    with _open(archive, info) as stream:
        try:
            return stream.read(limit)
        except DAMAGE as error:
            message = "damaged"
            raise ValueError(message) from error


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(info)
    except DAMAGE as error:
        message = "damaged"
        raise ValueError(message) from error
