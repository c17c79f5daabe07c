"""Reader of Word files: the words of the document, in order, and nothing else of it.

Only the document itself is unpacked: no pictures, macros or styles, and no link is
followed.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.library import fenced
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.stream import opened
from framing.articles.unzip import opened_zip, unpack
from framing.articles.whole import FILE_LIMIT, articles_in
from framing.records import Article

DOCUMENT_LIMIT = 32 << 20
"""Bytes of the unpacked document: some hundred long articles. Its tree takes 13 times
as much memory (measured: 396 MB for 30 MB)."""

RELATIONS = "_rels/.rels"
DOCUMENT = "word/document.xml"
NAMESPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARAGRAPH, RUN = f"{NAMESPACE}p", f"{NAMESPACE}r"
NOT_READ = {
    f"{NAMESPACE}del",
    f"{NAMESPACE}moveFrom",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
"""What a change took away, and the second version of a text box."""


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the article of a Word file, or those of the export in it."""
    with opened(file, log) as data:
        try:
            text = document_text(data.whole(FILE_LIMIT))
        except ValueError as error:
            log.skip(file.where, str(error))
            return
    yield from articles_in(text, file, options, log)


def document_text(content: bytes) -> str:
    """Return the paragraphs of a Word file, a line each.

    Raises
    ------
    ValueError
        It is none, or not one to be opened.
    """
    if not content:
        message = "empty"
        raise ValueError(message)
    if not content.startswith(b"PK"):
        message = "not a Word file"
        raise ValueError(message)
    with opened_zip(BytesIO(content)) as archive:
        if DOCUMENT not in archive.NameToInfo:
            message = "not a Word file"
            raise ValueError(message)
        markup = unpack(archive, archive.getinfo(DOCUMENT), DOCUMENT_LIMIT)
    return "\n".join(_paragraphs(_parsed(markup)))


def _parsed(markup: bytes) -> Any:
    """Return the tree of the document; entities are not expanded."""
    if b"<!DOCTYPE" in markup or b"<\0!\0D\0O\0C" in markup:
        message = "DOCTYPE not allowed in a Word file"
        raise ValueError(message)
    with fenced("damaged Word file"):
        from docx.oxml import parse_xml

        return parse_xml(markup)


def _paragraphs(tree: Any) -> list[str]:
    """Return the text of each paragraph, those of tables and text boxes too."""
    found: dict[Any, list[str]] = {}
    for element in tree.iter(PARAGRAPH, RUN):
        above = [element.tag, *(a.tag for a in element.iterancestors())]
        if not NOT_READ.isdisjoint(above):
            continue
        if element.tag == PARAGRAPH:
            found[element] = []
            continue
        holder = next(element.iterancestors(PARAGRAPH), None)
        if holder is not None:
            found[holder].append(element.text)
    return ["".join(runs) for runs in found.values()]


FORMAT = Format(
    name="docx",
    suffixes=(".docx",),
    read=read,
    keeps="all words in order, of tables and text boxes too; a paragraph is a line",
    loses="pictures, styles, headers, footnotes, comments, deleted words",
)
