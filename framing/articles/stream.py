"""Files in blocks and lines: bounded memory, hashed on the way, never half-read."""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import BinaryIO

from framing.articles.decoding import (
    Encoding,
    choose_encoding,
    why_binary,
    why_not_text,
)
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.errors import InputError, shown

BLOCK = 1 << 20
LINE_LIMIT = 16 << 20
"""Characters of one line of a table; a longer one is never held in memory."""


class ByteReader:
    """The bytes of one input in blocks, the first of them known in advance.

    Attributes
    ----------
    stream
        What is read from; a reader that must seek drains this reader first.
    head
        The first block, enough to tell what kind of file it is.
    """

    def __init__(self, stream: BinaryIO, log: ReadLog) -> None:
        self.stream = stream
        self.log = log
        self.head = stream.read(BLOCK)
        self._digest = sha256(self.head)
        self._blocks = self._read_blocks()

    @property
    def sha256(self) -> str:
        """Hash of what has been read so far."""
        return self._digest.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """Return the blocks that have not been read yet."""
        return self._blocks

    def drain(self) -> None:
        """Read to the end, so that the hash is that of the whole file."""
        for _ in self._blocks:
            pass

    def whole(self, limit: int) -> bytes:
        """Return the content, or raise ValueError if it is longer than `limit`."""
        collected = bytearray()
        for block in self._blocks:
            collected += block
            if len(collected) > limit:
                message = f"more than {limit >> 20} MB"
                raise ValueError(message)
        return bytes(collected)

    def _read_blocks(self) -> Iterator[bytes]:
        """Yield the head and the rest; note in the log what is done with."""
        yield self.head
        self.log.n_bytes += len(self.head)
        while block := self.stream.read(BLOCK):
            self._digest.update(block)
            yield block
            self.log.n_bytes += len(block)


@contextmanager
def opened(file: InputFile, log: ReadLog) -> Iterator[ByteReader]:
    """Open `file`; once it was read without an error, note its hash in `log`.

    Raises
    ------
    InputError
        The file was changed while it was read.
    """
    if file.is_stdin:
        data = ByteReader(sys.stdin.buffer, log)
        yield data
        data.drain()
    elif file.opener:
        with file.open() as stream:
            data = ByteReader(stream, log)
            yield data
            if not file.direct:  # the hash of the archive stands for what is in it
                return
            data.drain()
    elif file.remote:  # a copy that nobody else has
        with file.open() as stream:
            data = ByteReader(stream, log)
            yield data
            data.drain()
        log.marks[file.name] = file.remote.mark
    else:
        with file.open() as stream:
            before = _state(stream)
            data = ByteReader(stream, log)
            yield data
            data.drain()
            if _state(stream) != before:
                message = f"{file.where}: changed while it was being read. Try again."
                raise InputError(message)
    log.files.append((file.name, data.sha256))


def text_encoding(
    data: ByteReader, file: InputFile, options: ReadOptions, log: ReadLog
) -> Encoding | None:
    """Return the encoding of a table, or None after noting that it is no text."""
    encoding = choose_encoding(data.head, options.encoding)
    # A zero byte costs its row; in the header it means that this is no table.
    header, _, _ = data.head.partition(b"\n")
    if reason := why_not_text(data.head, encoding) or why_binary(header, encoding):
        log.skip(file.where, reason)
        return None
    return encoding


def first_line(data: ByteReader, encoding: Encoding) -> str:
    """Return the first line of a table that is not blank, without its end."""
    head = data.head.decode(encoding.name, "replace").removeprefix("\ufeff")
    head_lines = io.StringIO(head, newline=None)
    return next((line for line in head_lines if line.strip()), "").rstrip("\n")


def lines(data: ByteReader, encoding: Encoding, where: str) -> Iterator[str | None]:
    """Yield the lines with their ends; None for one over `LINE_LIMIT`.

    A line ends at LF, CR or CR LF and nowhere else (not at U+2028). Bytes that are
    not in the encoding come out as surrogates where the codec can do that.

    Raises
    ------
    InputError
        The codec cannot go on after a wrong byte.
    """
    parts: list[str] = []
    size = 0
    for text in _texts(data, encoding, where):
        for piece in io.StringIO(text, newline=""):
            size += len(piece)
            if size <= LINE_LIMIT:
                parts.append(piece)
            else:
                parts.clear()
            if piece.endswith(("\n", "\r")):
                yield "".join(parts) if size <= LINE_LIMIT else None
                parts.clear()
                size = 0
    if size:
        yield "".join(parts) if size <= LINE_LIMIT else None


def _texts(data: ByteReader, encoding: Encoding, where: str) -> Iterator[str]:
    """Yield the decoded blocks, without byte order mark."""
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(encoding.name)("surrogateescape"),
        translate=False,
    )
    mark = "\ufeff"
    try:
        for block in data.blocks():
            if text := decoder.decode(block):
                yield text.removeprefix(mark)
                mark = ""
        yield decoder.decode(b"", final=True)
    except UnicodeError as error:
        message = (
            f"{where}: not {shown(encoding.name)} all through. "
            "Name its encoding with --encoding."
        )
        raise InputError(message) from error


def _state(stream: BinaryIO) -> tuple[int, int]:
    """Return size and time of the last change of an open file."""
    status = os.fstat(stream.fileno())
    return status.st_size, status.st_mtime_ns
