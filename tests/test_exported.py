"""Exports in the files they come in: Word, RTF, pages, text, archives and pipes.

No file of a vendor is here: the texts are those of tests/cases/exports, put into
files as a word processor would.
"""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from framing.articles.exports import PARSERS, factiva_html
from framing.errors import InputError
from tests.conftest import CASES, Framing
from tests.test_articles import read, write

EXPORTS = CASES / "exports"


def docx(text: str) -> bytes:
    document = Document()
    for number, line in enumerate(text.split("\n")):
        # Headlines are headings, and what is bold is a run of its own.
        paragraph = document.add_paragraph("", "Heading 1" if number == 0 else None)
        first, colon, rest = line.partition(":")
        paragraph.add_run(first + colon).bold = bool(colon)
        paragraph.add_run(rest)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def rtf(text: str) -> bytes:
    def escaped(character: str) -> str:
        if character in "\\{}":
            return f"\\{character}"
        if character == "\xa0":
            return r"\~"
        number = ord(character)
        return character if number < 128 else rf"\u{number}?"

    lines = ("".join(map(escaped, line)) for line in text.split("\n"))
    body = "\\par\n".join(f"{{\\b0 {line}}}" for line in lines)
    body = body.replace("\f", r"\page ")
    return rf"{{\rtf1\ansi\ansicpg1252\uc1 {body}\par}}".encode("ascii")


def plain(text: str) -> bytes:
    return text.encode()


CONTAINERS = {".docx": docx, ".rtf": rtf, ".txt": plain}
TEXTS = sorted(path for path in EXPORTS.iterdir() if path.suffix == ".txt")
PAGES = sorted(path for path in EXPORTS.iterdir() if path.suffix == ".html")


def wanted(path: Path) -> Any:
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def check(tmp_path: Path, name: str, content: bytes, expected: Any) -> None:
    """Assert that a file gives the articles that its export is known to have."""
    articles, log = read(write(tmp_path, {f"in/{name}": content}) / "in")
    good = [item for item in expected["articles"] if "reason" not in item]
    assert [(a.title, a.source, a.date, a.text) for a in articles] == [
        (a.get("title", ""), a.get("source", "(none)"), a.get("date", ""), a["text"])
        for a in good
    ]
    assert [a.extra for a in articles] == [a.get("extra", {}) for a in good]
    assert len(log.skipped) == len(expected["articles"]) - len(good)
    (seen,) = log.reads
    assert seen.format.endswith(f", {expected['export']}")
    assert (seen.n_found, seen.n_articles) == (len(expected["articles"]), len(good))
    assert seen.announced == expected["announced"]


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_an_export_is_the_same_in_every_file(
    tmp_path: Path, path: Path, suffix: str
) -> None:
    content = CONTAINERS[suffix](path.read_text(encoding="utf-8"))
    check(tmp_path, f"export{suffix}", content, wanted(path))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_an_exported_page_gives_its_articles(tmp_path: Path, path: Path) -> None:
    check(tmp_path, "export.html", path.read_bytes(), wanted(path))


def test_exports_are_known_in_archives_and_pipes(
    framing: Framing, tmp_path: Path
) -> None:
    path = EXPORTS / "nexis_uni.txt"
    n = sum("reason" not in item for item in wanted(path)["articles"])
    with zipfile.ZipFile(tmp_path / "download.zip", "w") as archive:
        archive.writestr("Files (10).docx", docx(path.read_text(encoding="utf-8")))
    ran = framing("read", "download.zip", "--json")
    assert ran.json["n_articles"] == n
    assert ran.json["files"][0]["format"] == "docx, Nexis"
    piped = framing("read", "-", "--json", stdin=path.read_text(encoding="utf-8"))
    assert piped.json["n_articles"] == n


NEXIS = (
    "Documents (2)\nSearch Terms: grain\n"
    "Talks on grain\nHarbour Post\n03/04/2019\nCopyright 2019\n"
    "Length:\xa0400 words\nBody\n\nTalks on grain began on Monday.\n"
    "End of Document\n"
)


def test_the_preview_tells_what_an_export_says_of_itself(
    framing: Framing, tmp_path: Path
) -> None:
    write(tmp_path, {"nexis.docx": docx(NEXIS)})
    ran = framing("read", "nexis.docx", "--preview")
    assert ran.code == 0
    assert ran.out.splitlines()[:2] == [
        "file       format      announced found read skipped",
        "nexis.docx docx, Nexis         2     1    1       0",
    ]
    told = " ".join(ran.out.split())
    assert "says it holds 2 articles, found 1" in told
    assert "1 article much longer or shorter than the export says" in told
    assert "article 1 of 1: the export says 400 words, 6 were read" in told
    assert "Dates: none" in told


@pytest.mark.parametrize("make", [docx, rtf, plain])
def test_an_error_of_a_parser_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[str], bytes]
) -> None:
    def parse(text: str) -> Any:
        message = "cannot be taken apart. Export it again."
        raise InputError(message)

    monkeypatch.setattr(PARSERS["Nexis"], "parse", parse)
    suffix = next(s for s, m in CONTAINERS.items() if m is make)
    path = write(tmp_path, {f"bad{suffix}": make(NEXIS)}) / f"bad{suffix}"
    with pytest.raises(InputError, match=rf"bad\{suffix}: cannot be taken apart\. "):
        read(path)


def test_a_page_that_is_no_page_names_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str) -> str:
        message = "not HTML that can be read. Export the articles again."
        raise InputError(message)

    monkeypatch.setattr(factiva_html, "as_text", refuse)
    page = (EXPORTS / "factiva_page.html").read_bytes()
    with pytest.raises(InputError, match=r"f\.html: not HTML"):
        read(write(tmp_path, {"f.html": page}))


def test_a_text_about_exports_is_an_article(tmp_path: Path) -> None:
    text = "The minister read to the End of Document and left.\n"
    articles, log = read(write(tmp_path, {"a.txt": text.encode()}))
    assert [a.text for a in articles] == [text]
    assert log.reads[0].format == "text"
