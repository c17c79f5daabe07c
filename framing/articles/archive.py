"""Zip archives, read like folders: file by file as streams, nothing is unpacked."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast
from zipfile import ZipFile, ZipInfo

from framing.articles.formats import Container
from framing.articles.inputs import InputFile, storable
from framing.articles.options import ReadLog
from framing.articles.stream import BLOCK, opened
from framing.articles.unzip import check_member, opened_zip, why_not_unpacked

IN_MEMORY = 8 << 20
"""Bytes of a member that must be read back and forth; more go to the disk unnamed."""


def members(file: InputFile, log: ReadLog) -> Iterator[InputFile]:
    """Yield the files in an archive; note those that cannot be read, and why.

    Names are taken as they are and never become a place on the disk. Ids of files
    with the same name are kept apart by a number.
    """
    with opened(file, log) as data:
        data.drain()
        try:
            with opened_zip(data.stream) as archive:
                yield from _members(archive, file, log)
        except ValueError as error:
            log.skip(file.where, str(error))


def _members(archive: ZipFile, file: InputFile, log: ReadLog) -> Iterator[InputFile]:
    """Yield the members in the order of their names."""
    seen: Counter[str] = Counter()
    # Sorted, as folders are; those of one name stay in the archive's order.
    for info in sorted(archive.infolist(), key=lambda info: info.filename):
        if info.is_dir():
            continue
        member = _member(archive, info, file)
        if reason := _why_not(archive, info, member):
            log.skip(member.where, reason)
            continue
        seen[member.stem + member.suffix] += 1
        n = seen[member.stem + member.suffix]
        if n > 1:
            log.warnings.append(
                f"{member.where}: file number {n} of this name in the archive, "
                f"its ids get a ({n})"
            )
            member = replace(member, stem=f"{member.stem} ({n})")
        yield member


def _member(archive: ZipFile, info: ZipInfo, file: InputFile) -> InputFile:
    """Return a member as a file whose path goes through the archive."""
    name = info.filename.replace("\\", "/")
    stem = Path(name).with_suffix("").as_posix() if Path(name).name else name
    return InputFile(
        Path(f"{file.path}/{name}"),
        f"{file.stem}/{storable(stem)}",
        direct=False,
        opener=lambda: cast(BinaryIO, io.BufferedReader(_Stream(archive.open(info)))),
        url=f"{file.url}/{name}" if file.url else "",
    )


def _why_not(archive: ZipFile, info: ZipInfo, member: InputFile) -> str:
    """Return why a member is not read, or ""."""
    parts = member.path.parts
    if member.path.name.startswith(".") or "__MACOSX" in parts:
        return "hidden"
    if reason := why_not_unpacked(info):
        return reason
    try:
        check_member(archive, info)
    except ValueError as error:
        return str(error)
    return ""


class _Stream(io.RawIOBase):
    """A member as a stream; once it is sought in, it is copied to where that is cheap.

    To go back in a member means to unpack it from its beginning.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._is_copied = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        found = self._source.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._copy()
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()

    def close(self) -> None:
        self._source.close()
        super().close()

    def _copy(self) -> None:
        """Put the member where one can go back and forth."""
        if self._is_copied:
            return
        at = self._source.tell()
        copy = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - close() closes it
        self._source.seek(0)
        while block := self._source.read(BLOCK):
            copy.write(block)
        copy.seek(at)
        self._source.close()
        self._source = cast(IO[bytes], copy)
        self._is_copied = True


FORMAT = Container(
    name="zip",
    suffixes=(".zip",),
    members=members,
    keeps="every file in it that could be read beside it",
    loses="archives in it, files with a password",
)
