"""Reader of PDF files, experimental: a PDF knows where letters stand, not sentences."""

import logging
import re
from collections.abc import Iterator
from io import BytesIO
from statistics import median
from typing import Any

from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.library import fenced
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import TEXT_LIMIT
from framing.articles.stream import opened
from framing.articles.whole import FILE_LIMIT, articles_in
from framing.records import Article

MAX_PAGES = 1000
MAX_STEPS = 250_000
"""Drawing steps of all pages: a page of text has some thousand. Pages can draw the
same thing over and over, so the size of the file says nothing."""

PAGE_LIMIT = 4 << 20
"""Bytes of the steps of one page, all parsed before the first is taken."""

SHORT = 0.75
"""A line that ends a sentence and is shorter than this part of the usual line ends a
paragraph; so does one shorter than HEADING of it, whatever its end."""

HEADING = 0.5

LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
BROKEN_WORD = re.compile(r"[^\W\d_]-$")


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the article of a PDF file, or those of the export in it.

    Columns are kept apart, lines joined to paragraphs, words parted at the end of a
    line joined. Pages without text are warned of: they are pictures of pages.
    """
    with opened(file, log) as data:
        try:
            pages = page_texts(data.whole(FILE_LIMIT))
            empty = [n for n, text in enumerate(pages, 1) if not text.strip()]
            if len(empty) == len(pages):
                message = "no text in its pages: scanned, it needs text recognition"
                raise ValueError(message)
        except ValueError as error:
            log.skip(file.where, str(error))
            return
    if empty:
        log.warnings.append(
            f"{file.where}: no text on {len(empty):,} of {len(pages):,} pages "
            f"(first page {empty[0]}): pictures of pages are not read"
        )
    text = "\n".join(rejoined(page) for page in pages)
    yield from articles_in(text, file, options, log)


def page_texts(content: bytes) -> list[str]:
    """Return the text of each page as it is laid out, without ligatures.

    Raises
    ------
    ValueError
        It is no PDF, needs a password, or is too long.
    """
    if not content:
        message = "empty"
        raise ValueError(message)
    if b"%PDF" not in content[:1024]:
        message = "not a PDF file"
        raise ValueError(message)
    _quieten()
    texts, size = [], 0
    steps = _Steps()
    with fenced("damaged PDF file"):
        from pypdf import PdfReader

        reader = PdfReader(BytesIO(content))
        is_locked = reader.is_encrypted
        n_pages = 0 if is_locked else len(reader.pages)
    if is_locked:
        message = "password protected"
        raise ValueError(message)
    if n_pages > MAX_PAGES:
        message = f"PDF of {n_pages:,} pages, at most {MAX_PAGES:,} are read"
        raise ValueError(message)
    for number in range(n_pages):
        with fenced(f"damaged PDF file (page {number + 1})"):
            text = _page_text(reader.pages[number], steps)
        if steps.n > MAX_STEPS:
            message = f"PDF of more than {MAX_STEPS:,} drawing steps"
            raise ValueError(message)
        texts.append(text)
        size += len(text)
        if size > 2 * TEXT_LIMIT:
            message = f"text of more than {TEXT_LIMIT:,} characters"
            raise ValueError(message)
    return texts


class _Steps:
    """Counts the drawing steps of all pages."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, *step: Any) -> None:
        """Take note of a step; called by the library before each."""
        self.n += 1
        if self.n > MAX_STEPS:
            raise _TooManyStepsError


class _TooManyStepsError(Exception):
    """Ends the reading of a page."""


def _page_text(page: Any, steps: _Steps) -> str:
    """Return the text of a page, "" if it is cut short by its length."""
    content = page.get_contents()
    if content is not None and len(content.get_data()) > PAGE_LIMIT:
        steps.n = MAX_STEPS + 1
        return ""
    try:
        text = str(page.extract_text(visitor_operand_before=steps))
    except _TooManyStepsError:
        return ""
    return text.translate(LIGATURES).replace("\0", "")


def rejoined(page: str) -> str:
    r"""Return the text of a page with a paragraph a line.

    Examples
    --------
    >>> rejoined("The talks on inter-\nnational trade took the\nwhole day.")
    'The talks on international trade took the whole day.'
    """
    lines = [" ".join(line.split()) for line in page.splitlines()]
    usual = median([len(line) for line in lines if line] or [0])
    paragraphs = [""]
    for line in lines:
        before = paragraphs[-1]
        if not line:
            paragraphs.append("")
        elif BROKEN_WORD.search(before) and line[0].islower():
            paragraphs[-1] = before[:-1] + line
        else:
            paragraphs[-1] = f"{before} {line}" if before else line
        if _ends_paragraph(line, usual):
            paragraphs.append("")
    return "\n".join(filter(None, paragraphs))


def _ends_paragraph(line: str, usual: float) -> bool:
    """Whether a line is the last of its paragraph, by its length and its end."""
    if SENTENCE_END.search(line):
        return len(line) < SHORT * usual
    return len(line) < HEADING * usual and not BROKEN_WORD.search(line)


def _quieten() -> None:
    """Keep the library's log from the terminal, where nobody set up logging."""
    logger = logging.getLogger("pypdf")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


FORMAT = Format(
    name="pdf",
    suffixes=(".pdf",),
    read=read,
    keeps="the words, column after column (experimental: look at the preview)",
    loses="pictures of pages, layout; page numbers and running heads stay in the text",
)
