"""Readers: whatever holds articles comes in, one stream of `Article` goes out.

A reader is a function `read(file, options, log)` that yields the articles of one
`InputFile`, notes in the `ReadLog` what it leaves out, and raises `InputError` where
nothing of the file can be trusted. It opens the file with `stream.opened`, so that
it is hashed, and holds no more of it in memory than it needs for one article.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b

from framing.articles import delimited, jsonl, parquet, piped, plain
from framing.articles.decoding import check_encoding
from framing.articles.inputs import InputFile, find_files
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import counted
from framing.errors import InputError, shown
from framing.records import Article

__all__ = ["READERS", "InputFile", "ReadLog", "ReadOptions", "Reader", "read_articles"]

Reader = Callable[[InputFile, ReadOptions, ReadLog], Iterator[Article]]

READERS: dict[str, Reader] = {
    ".txt": plain.read,
    ".md": plain.read,
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".parquet": parquet.read,
}
"""The reader of each suffix."""


def read_articles(
    inputs: Sequence[str], options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Return the articles of all inputs, one by one.

    Parameters
    ----------
    inputs
        Files, folders (read with all folders in them, in sorted order) and `-` for
        standard input.
    options
        Columns and encoding, where they are not to be found out.
    log
        Filled on the way; complete when the last article has been taken.

    Returns
    -------
    Iterator of Article
        Ids are unique: an article that comes again with the same id and text is
        noted and left out. Empty if files were found and all of them were skipped.

    Raises
    ------
    InputError
        Now: an input or the encoding does not exist. On the way: a file cannot be
        used, an id stands for two texts, or there was no file to read at all.
    """
    check_encoding(options.encoding)
    files = find_files(inputs, READERS, log)
    return _read_all(files, options, log)


def _read_all(
    files: Iterator[InputFile], options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Yield the articles of all files, each of them once."""
    seen: dict[str, tuple[bytes, str]] = {}
    for file in files:
        for article in _read_file(file, options, log):
            if _is_new(article, seen, log):
                log.n_read += 1
                yield article
    if log.n_plain:
        log.understood.append(
            "plain files: source=name of the folder, date=start of the file name, "
            f"doc_id=path; {counted(log.n_plain)}"
        )


def _read_file(
    file: InputFile, options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Yield the articles of one file.

    A file met in a folder that cannot be opened is skipped; one that the user named,
    or that fails half-way, is an error.
    """
    read = piped.read if file.is_stdin else READERS[file.suffix]
    started = False
    try:
        for article in read(file, options, log):
            started = True
            yield article
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        if file.direct or started:
            message = f"{file.where}: {reason}. Check the file and its permissions."
            raise InputError(message) from error
        log.skip(file.where, reason)


def _is_new(article: Article, seen: dict[str, tuple[bytes, str]], log: ReadLog) -> bool:
    """Whether an article has not come before; note it if it has.

    Raises
    ------
    InputError
        Its id came before with another text.
    """
    # A hash instead of the text: memory must not grow with the corpus.
    digest = blake2b(article.text.encode(), digest_size=16).digest()
    if article.doc_id not in seen:
        seen[article.doc_id] = (digest, article.where)
        return True
    known, where = seen[article.doc_id]
    if known == digest:
        log.skip(article.where, "same article again (same id and text)")
        return False
    message = (
        f"{article.where}: id {shown(article.doc_id)!r} already belongs to another "
        f"text at {where}. Make the ids unique or name another --id-column."
    )
    raise InputError(message)
