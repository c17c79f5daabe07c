"""Reader of saved web pages: the article without what stands around it."""

import logging
import re
from collections.abc import Iterator
from typing import Any

from framing.articles.decoding import (
    Encoding,
    choose_encoding,
    decode,
    why_binary,
    why_not_text,
)
from framing.articles.exported import articles
from framing.articles.exports import parser_of
from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.library import fenced
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.stream import ByteReader, opened
from framing.articles.whole import FILE_LIMIT, articles_in
from framing.records import Article

PAGE_LIMIT = 4 << 20
"""Characters of a page without its scripts: twenty times a long one."""

MAX_TAGS = 30_000
"""Opening and closing tags of a page, three times a long one. The library takes up to
4 s for as many links, and twice as many take four times as long."""

MAX_WORDS = 1000
"""Words in one tag. The parser compares every attribute with all before it: 100,000
take 24 s."""

HIDDEN = ["//*[@hidden]", "//*[@aria-hidden='true'][not(.//p)]"]
"""What a reader of the page did not see and the library would take for text."""

NOT_SHOWN = re.compile("<!--|<script|<style", re.I)
ENDS = {
    "<!--": re.compile("-->"),
    "<script": re.compile("</script", re.I),
    "<style": re.compile("</style", re.I),
}
TAG = re.compile("<[a-z][^<>]*+>", re.I)
CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{2,40})", re.I)
DECLARED_IN = 4096
"""Bytes in which a page declares its encoding; the standard says 1024."""


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the article of a page, or those of the export that it is.

    The title is the page's; its author, site and address are kept beside the text.
    """
    with opened(file, log) as data:
        yield from parse(data, file, options, log)


def parse(
    data: ByteReader, file: InputFile, options: ReadOptions, log: ReadLog
) -> Iterator[Article]:
    """Yield the article in `data`, or note why there is none."""
    try:
        page = _decoded(data.whole(FILE_LIMIT), options)
        export = parser_of(page)
        text, about = ("", {}) if export else page_text(page)
    except ValueError as error:
        log.skip(file.where, str(error))
        return
    if export:
        yield from articles(export, page, file, log)
    else:
        yield from articles_in(text, file, options, log, about)


def page_text(page: str) -> tuple[str, dict[str, str]]:
    """Return the text of a page, a paragraph a line, and what it says of itself.

    Raises
    ------
    ValueError
        There is no article in it, or it is too big to be a page.
    """
    page = without_unseen(page)
    if len(page) > PAGE_LIMIT:
        message = f"page of more than {PAGE_LIMIT >> 20} MB"
        raise ValueError(message)
    if page.count("<") > MAX_TAGS:
        message = f"page of more than {MAX_TAGS:,} tags"
        raise ValueError(message)
    page = TAG.sub(_bare_if_long, page)
    with fenced("damaged page"):
        import trafilatura

        _quieten()
        found: Any = trafilatura.bare_extraction(
            page,
            include_comments=False,
            with_metadata=True,
            prune_xpath=HIDDEN,
            # A date from anywhere in the page would be a guess.
            date_extraction_params={
                "original_date": True,
                "extensive_search": False,
                "max_date": "2100-01-01",
            },
        )
    text = getattr(found, "text", None) or ""
    if not text.strip():
        message = "no article found in the page"
        raise ValueError(message)
    names = {"sitename": "site", "url": "url", "author": "author"}
    about = {ours: getattr(found, name) or "" for name, ours in names.items()}
    about["title"], about["date"] = found.title or "", found.date or ""
    return text, about


def without_unseen(page: str) -> str:
    """Return a page without comments, styles and scripts, in one pass over it.

    Parsers take hours for some pages of these. What machines are told about the
    article (ld+json) is kept: its date and author stand there.
    """
    kept, at = [], 0
    while found := NOT_SHOWN.search(page, at):
        kept.append(page[at : found.start()])
        end = ENDS[found[0].lower()].search(page, found.end() - 2)
        if end is None:
            return "".join(kept)
        head = page[found.end() : found.end() + 200].partition(">")[0]
        if "ld+json" in head:
            kept.append(page[found.start() : end.end()])
            at = end.end()
        elif found[0] == "<!--":
            at = end.end()
        else:
            at = page.find(">", end.end()) + 1 or len(page)
    return "".join([*kept, page[at:]])


def _bare_if_long(tag: re.Match[str]) -> str:
    """Return a tag, without its attributes if there are too many."""
    if len(tag[0]) < 2 * MAX_WORDS or len(tag[0].split()) < MAX_WORDS:
        return tag[0]
    return tag[0].split(maxsplit=1)[0] + ">"


def _decoded(content: bytes, options: ReadOptions) -> str:
    """Return the text of a page in the encoding it declares, else as other text."""
    encoding = choose_encoding(content, options.encoding)
    if reason := why_not_text(content, encoding) or why_binary(content, encoding):
        raise ValueError(reason)
    try:
        return decode(content, encoding)
    except ValueError:
        declared = CHARSET.search(content[:DECLARED_IN])
        if encoding.given or declared is None:
            raise
        try:
            return decode(content, Encoding(declared[1].decode("ascii"), given=True))
        except LookupError:
            pass
        raise


def _quieten() -> None:
    """Keep the library's log from the terminal, where nobody set up logging."""
    logger = logging.getLogger("trafilatura")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


FORMAT = Format(
    name="html",
    suffixes=(".html", ".htm", ".xhtml"),
    read=read,
    keeps="the article's text; title, date, author, site, url as the page gives them",
    loses="menus, comments, captions, hidden text, scripts, links",
)
