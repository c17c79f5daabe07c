"""Readers: whatever holds articles comes in, one stream of `Article` goes out.

Every format is a `Format` with a function `read(file, options, log)`, found by the
suffix of the file; `framing.articles.formats` says how to bring another one.
"""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from framing.articles.decoding import check_encoding
from framing.articles.formats import Container, Format, Formats, load_formats
from framing.articles.inputs import InputFile, Inputs, find_files, unknown
from framing.articles.options import FileRead, ReadLog, ReadOptions
from framing.articles.remote import is_address, without_secrets
from framing.articles.rows import counted
from framing.articles.stream import opened
from framing.articles.survey import Survey, survey_files
from framing.articles.textfrom import with_texts
from framing.errors import InputError, shown
from framing.records import Article

__all__ = [
    "Container",
    "FileRead",
    "Format",
    "Formats",
    "InputFile",
    "Inputs",
    "ReadLog",
    "ReadOptions",
    "Survey",
    "load_formats",
    "opened",
    "read_articles",
    "survey",
    "without_secrets",
]

NESTED = (".zip", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".7z", ".rar")


def read_articles(
    inputs: Inputs, options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Return the articles of all inputs, one by one.

    Parameters
    ----------
    inputs
        Files, folders (read with all folders in them, in sorted order), addresses of
        both in a store (`s3://bucket/corpus/`) and `-` for standard input; or one file
        that is held already.
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
    _check_texts(options.text_from)
    formats = load_formats(log)
    files = find_files(inputs, formats.suffixes, log)
    found = _found(files, formats, options, log)
    if options.text_from:
        files = _elsewhere(files, options.text_from)
        found = _found(files, formats, options, log)
        texts_log = ReadLog()
        texts = find_files([options.text_from], formats.suffixes, texts_log)
        articles = _found(texts, formats, options, texts_log)
        found = with_texts(found, articles, options.text_from, log, texts_log)
    return _read_all(found, log)


def survey(inputs: Inputs, *, hashed: bool = False) -> Survey:
    """Return what there is to read; see `framing.articles.survey.survey_files`."""
    suffixes = load_formats(ReadLog()).suffixes
    return survey_files(inputs, suffixes, hashed=hashed)


def _check_texts(given: str) -> None:
    """Refuse an address with a secret where it is kept as it was given."""
    if (public := without_secrets(given)) != given:
        message = (
            f"--text-from {shown(public)}: the password or signature of this address "
            "would be kept. Save the texts and name their folder."
        )
        raise InputError(message)


def _found(
    files: Iterator[InputFile], formats: Formats, options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Yield the articles of all files, those that come again too."""
    for file in files:
        yield from _read_file(file, formats, options, log)


def _elsewhere(files: Iterator[InputFile], folder: str) -> Iterator[InputFile]:
    """Yield the files that are not met in the folder of the texts."""
    if is_address(folder):
        within = f"{folder.rstrip('/')}/"
        yield from (f for f in files if f.direct or not f.url.startswith(within))
        return
    inside = Path(folder).resolve()
    for file in files:
        on_disk = not (file.direct or file.url)
        if not on_disk or not file.path.resolve().is_relative_to(inside):
            yield file


def _read_all(found: Iterator[Article], log: ReadLog) -> Iterator[Article]:
    """Yield each article once."""
    seen: dict[bytes, bytes] = {}
    for article in found:
        if _is_new(article, seen, log):
            log.n_read += 1
            log.n_undated += not article.date
            yield article
    if log.n_plain:
        log.understood.append(
            "plain files: source=name of the folder, date=start of the file name, "
            f"doc_id=path; {counted(log.n_plain)}"
        )


def _read_file(
    file: InputFile, formats: Formats, options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Yield the articles of one file, or of all files in an archive.

    A file met in a folder that cannot be opened is skipped; one that the user named,
    or that fails half-way, is an error.
    """
    started = False
    try:
        log.begin(file.where, file.suffix)
        found = _piped() if file.is_stdin else formats.of(file)
        if found is None:
            log.skip(file.where, f"no reader takes this {file.suffix} file")
            log.finish()
        elif isinstance(found, Container):
            for member in _members(found, file, formats, log):
                yield from _read_file(member, formats, options, log)
        else:
            log.current.format = found.name
            for article in found.read(file, options, log):
                started = True
                yield article
            log.finish()
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        if file.direct or started:
            message = f"{file.where}: {reason}. Check the file and its permissions."
            raise InputError(message) from error
        log.skip(file.where, reason)
        log.finish()


def _members(
    container: Container, file: InputFile, formats: Formats, log: ReadLog
) -> Iterator[InputFile]:
    """Yield the readable files in an archive; note the others, and if there is none."""
    n_found, n_skipped = 0, len(log.skipped)
    for member in container.members(file, log):
        if reason := _why_not_member(member, formats):
            log.skip(member.where, reason)
        else:
            n_found += 1
            yield member
    if not n_found and len(log.skipped) == n_skipped:
        log.skip(file.where, "no readable article files in it")


def _why_not_member(member: InputFile, formats: Formats) -> str:
    """Return why a file in an archive is not read, or ""."""
    if member.suffix in NESTED:
        return "nested archives are not read"
    return "" if member.suffix in formats.suffixes else unknown(member.suffix)


def _piped() -> Format:
    """Return the format of standard input, which has no suffix."""
    from framing.articles.piped import FORMAT

    return FORMAT


DIGEST = 12
"""Bytes of a hash: in a hundred million articles no two are alike by chance."""


def _is_new(article: Article, seen: dict[bytes, bytes], log: ReadLog) -> bool:
    """Whether an article has not come before; note it if it has.

    Raises
    ------
    InputError
        Its id came before with another text.
    """
    # This grows with the corpus, so it holds hashes, and of objects as few as can be:
    # 200 bytes an article.
    text = _digest(article.text)
    own = text + article.where.encode("utf-8", "surrogatepass")
    known = seen.setdefault(_digest(article.doc_id), own)
    if known is own:
        return True
    if known.startswith(text):
        log.skip(article.where, "same article again (same id and text)")
        return False
    where = known[DIGEST:].decode("utf-8", "surrogatepass")
    message = (
        f"{article.where}: id {shown(article.doc_id)!r} already belongs to another "
        f"text at {where}. Make the ids unique or name another --id-column."
    )
    raise InputError(message)


def _digest(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=DIGEST).digest()
