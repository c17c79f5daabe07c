"""Readers of pages, documents, workbooks, JSON and archives."""

import csv
import importlib.util
import io
import json
import resource
import time
import warnings
import zipfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framing.articles import unzip, webpage
from framing.articles.pdf import rejoined
from framing.errors import InputError
from tests.test_articles import GOOD, Bad, labels, parquet, read, write

ROOT = Path(__file__).parents[1]
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
P = "<p>Ministers of both states met on Monday to talk about the price of gas.</p>"


def zipped(*entries: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with (
        warnings.catch_warnings(action="ignore"),  # about names that stand twice
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def word(body: str, start: str = "") -> bytes:
    document = f"{start}<w:document {W}><w:body>{body}</w:body></w:document>"
    return zipped(("word/document.xml", document.encode()))


def saved(made: Any) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(book)


def example_pdf(*columns: tuple[str, ...]) -> bytes:
    path = ROOT / "tools" / "make_inputs.py"
    spec = importlib.util.spec_from_file_location("make_inputs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pdf(columns)


def locked(content: bytes) -> bytes:
    """Mark every entry of a zip as encrypted."""
    return content.replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
    )


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
TALKS = b"Talks began."
TABLE = b"id,text\n1,Talks began.\n"
PDF_LOCKED = b"trailer\n<< /Encrypt << /Filter /Standard /V 1 /R 2 /O () /U () /P 0 >>"
CUT = zipped(("x.txt", TALKS), ("y.txt", TALKS))
WRONG = zipped(("x.csv", TABLE * 50)).replace(b"PK\x03\x04", b"PK\x03\x04", 1)
WRONG = WRONG[:50] + bytes([WRONG[50] ^ 0xFF]) + WRONG[51:]

SKIPPED = [
    Bad("empty", "x.docx", b"", "x.docx: empty"),
    Bad("empty", "x.xlsx", b"", "x.xlsx: empty"),
    Bad("empty", "x.pdf", b"", "x.pdf: empty"),
    Bad("empty", "x.rtf", b"", "x.rtf: empty"),
    Bad("empty", "x.html", b"", "x.html: empty"),
    Bad("empty", "x.json", b"", "x.json: empty"),
    Bad("empty", "x.zip", b"", "x.zip: damaged zip archive"),
    Bad("renamed doc", "x.docx", b"\xd0\xcf\x11\xe0", "x.docx: not a Word file"),
    Bad("plain zip", "x.docx", zipped(("a.txt", b"a")), "x.docx: not a Word file"),
    Bad("cut", "x.docx", word("")[:-30], "x.docx: damaged zip archive"),
    Bad("no XML", "x.docx", word("<p>"), "x.docx: damaged Word file"),
    Bad("no text", "x.docx", word("<w:p/>"), "x.docx: no text"),
    Bad(
        "entity bomb",
        "x.docx",
        word("&a;", ENTITIES),
        "x.docx: DOCTYPE not allowed in a Word file",
    ),
    Bad(
        "external entity",
        "x.docx",
        word("&a;", OUTSIDE),
        "x.docx: DOCTYPE not allowed in a Word file",
    ),
    Bad(
        "unpacks to much",
        "x.docx",
        word(" " * (400 << 20)),
        "x.docx: unpacks to more than 32 MB",
    ),
    Bad("no workbook", "x.xlsx", b"text,id", "x.xlsx: not an Excel workbook"),
    Bad(
        "plain zip",
        "x.xlsx",
        zipped(("a.txt", b"a")),
        "x.xlsx: not an Excel workbook, or a damaged one",
    ),
    Bad("no rows", "x.xlsx", workbook(a=[]), "x.xlsx: no text"),
    Bad(
        "row without text",
        "x.xlsx",
        workbook(a=[["text"], ["Talks."], [None], ["", 3]]),
        "x.xlsx:a row 4: row has more cells than the header (1)",
        1,
    ),
    Bad("no PDF", "x.pdf", b"Talks began.", "x.pdf: not a PDF file"),
    Bad("damaged", "x.pdf", b"%PDF-1.4\nnothing", "x.pdf: damaged PDF file"),
    Bad(
        "scanned",
        "x.pdf",
        example_pdf(()),
        "x.pdf: no text in its pages: scanned, it needs text recognition",
    ),
    Bad("no RTF", "x.rtf", b"Talks began.", "x.rtf: not an RTF file"),
    Bad("undefined byte", "x.rtf", rb"{\rtf1 \'81}", "x.rtf: damaged RTF file"),
    Bad(
        "long",
        "x.rtf",
        rb"{\rtf1 " + b"word " * (4 << 20),
        "x.rtf: RTF of more than 16 MB without its pictures",
    ),
    Bad(
        "braces",
        "x.rtf",
        rb"{\rtf1 " + b"{" * 1_000_000,
        "x.rtf: RTF of more than 1,000,000 groups",
    ),
    Bad("no words", "x.rtf", rb"{\rtf1 }", "x.rtf: no text"),
    Bad("no article", "x.html", b"<html>", "x.html: no article found in the page"),
    Bad("picture", "x.htm", b"\x89PNG\r\n", "x.htm: not text (PNG)"),
    Bad(
        "cp1252 undeclared",
        "x.html",
        b"<p>caf\xe9 in Paris",
        "x.html: not UTF-8 at byte 6; cp1252 would read it: use --encoding cp1252",
    ),
    Bad("deep", "x.html", b"<div>" * 25_000, "x.html: no article found in the page"),
    Bad(
        "deeper",
        "x.html",
        b"<div>" * 200_000,
        "x.html: page of more than 30,000 tags",
    ),
    Bad(
        "open comments",
        "x.html",
        b"<!--" * 100_000 + P.encode(),
        "x.html: no article found in the page",
    ),
    Bad("many", "x.html", b"a" * (5 << 20), "x.html: page of more than 4 MB"),
    Bad(
        "number", "x.json", b'[1, {"text": "a"}]', "x.json:item 1: not a JSON object", 1
    ),
    Bad(
        "NaN",
        "x.json",
        b'[{"text": "b", "n": NaN}, {"text": "a"}]',
        "x.json:item 1: NaN is not valid JSON",
        1,
    ),
    Bad(
        "many digits",
        "x.json",
        b'[{"n": ' + b"1" * 5000 + b'}, {"text": "a"}]',
        "x.json:item 1: number of 5,000 digits",
        1,
    ),
    Bad("zip of nothing", "x.zip", zipped(), "x.zip: no readable article files in it"),
    Bad("cut", "x.zip", CUT[:-30], "x.zip: damaged zip archive"),
    Bad("damaged entry", "x.zip", WRONG, "x.zip/x.csv: damaged"),
    Bad(
        "nested",
        "x.zip",
        zipped(("a.txt", TALKS), ("in.zip", CUT)),
        "x.zip/in.zip: nested archives are not read",
        1,
    ),
    Bad(
        "with a password",
        "x.zip",
        locked(zipped(("a.txt", TALKS))),
        "x.zip/a.txt: password protected",
    ),
    Bad(
        "entry of zeros",
        "x.zip",
        zipped(("a.txt", bytes(30 << 20)), ("b.txt", TALKS)),
        "x.zip/a.txt: unpacks to more than 200 times its size",
        1,
    ),
    Bad(
        "other files",
        "x.zip",
        zipped(("a.txt", TALKS), ("__MACOSX/._a.txt", b"a")),
        "x.zip/__MACOSX/._a.txt: hidden",
        1,
    ),
    Bad(
        "control characters",
        "x.zip",
        zipped(("a.txt", TALKS), ("\x1b[2J.txt", b"")),
        r"x.zip/\x1b[2J.txt: empty",
        1,
    ),
]

REFUSED = [
    Bad(
        "cut",
        "x.json",
        b'[{"text": "a"}, {"text": "b',
        "x.json:item 2: not valid JSON (Unterminated string starting at). "
        "Export the file again.",
    ),
    Bad(
        "no comma",
        "x.json",
        b'[{"text": "a"} {"text": "b"}]',
        "x.json:item 1: no comma and no ] behind it. Export the file again.",
    ),
    Bad(
        "text behind",
        "x.json",
        b'[{"text": "a"}] []',
        "x.json: text behind the end of the list. Export the file again.",
    ),
    Bad(
        "deep",
        "x.json",
        b'[{"text": ' + b"[" * 100_000,
        "x.json:item 1: nested too deep. Export the file again.",
    ),
    Bad(
        "broken object",
        "x.json",
        b'{"articles":\n [}',
        "x.json:2: not valid JSON at column 3. Export the file again.",
    ),
    Bad(
        "no text",
        "x.json",
        b'{"articles": [{"id": 1}]}',
        "x.json: no text column (columns: id). Name it with --text-column.",
    ),
    Bad(
        "no text column",
        "x.xlsx",
        workbook(a=[["id", "headline"], [1, "b"]]),
        "x.xlsx:a: no text column (columns: id, headline). Name it with --text-column.",
    ),
    Bad(
        "table in a zip",
        "x.zip",
        zipped(("a.csv", b"id\n1\n")),
        "x.zip/a.csv: no text column (columns: id). Name it with --text-column.",
    ),
]


@pytest.mark.parametrize("case", SKIPPED, ids=labels(SKIPPED))
def test_bad_item_is_skipped_and_the_good_ones_are_read(
    case: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path, {case.name: case.content} | GOOD))
    start = time.perf_counter()
    articles, log = read(".")
    assert time.perf_counter() - start < 10
    assert [str(item) for item in log.skipped] == [case.message]
    assert len(articles) == log.n_read == case.n_good + 1


@pytest.mark.parametrize("case", REFUSED, ids=labels(REFUSED))
def test_unusable_file_is_refused_in_one_line(
    case: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path, {case.name: case.content}))
    with pytest.raises(InputError) as refusal:
        read(".")
    assert str(refusal.value) == case.message


PAGE = f"""<html><head><title>Talks on gas</title><meta charset="CHARSET">
<meta property="og:site_name" content="Harbour Post">
<meta name="author" content="Ines Mora">
<script type="application/ld+json">{{"@type": "NewsArticle",
"datePublished": "2026-03-01T08:00:00Z", "headline": "Talks on gas"}}</script>
<script>if (a < 1 && "<!--") document.write("<p>Never seen</p>")</script>
<style>p {{ content: "-->" }}</style></head><body><nav>Home World</nav>
<article><h1>Talks on gas</h1>{P}<!-- a remark <p>Not there</p> -->
<p hidden>Subscribe now to go on reading.</p>
<p>The café &amp; hotel were closed for&nbsp;them, an official said on Monday.</p>
<div id="comments"><p>First! I never liked the price of gas, honestly.</p></div>
</article><footer>All rights reserved</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-1"])
def test_a_page_gives_its_article_and_what_it_says_of_itself(
    tmp_path: Path, charset: str
) -> None:
    page = PAGE.replace("CHARSET", charset).encode(charset)
    ((article,), _) = read(write(tmp_path, {"post/x.html": page}))
    assert article.doc_id == "post/x"
    assert (article.source, article.date) == ("post", "2026-03-01")
    assert article.title == "Talks on gas"
    assert article.extra["site"] == "Harbour Post"
    assert article.extra["author"] == "Ines Mora"
    assert "price of gas.\n" in article.text
    assert "café & hotel" in article.text
    unseen = ("Subscribe", "Never", "Not there", "Home", "First!", "reserved", "script")
    assert not [word for word in unseen if word in article.text]
    ((article,), _) = read(tmp_path, source_column="site")
    assert article.source == "Harbour Post"
    assert "site" not in article.extra


def test_a_dated_name_goes_before_the_date_in_a_page(tmp_path: Path) -> None:
    files = {"2025-01-02-x.html": PAGE.replace("CHARSET", "utf-8").encode()}
    ((article,), _) = read(write(tmp_path, files))
    assert article.date == "2025-01-02"


@pytest.mark.parametrize(
    ("page", "left"),
    [
        ("a<!-- b -->c", "ac"),
        ("a<!-->c", "ac"),
        ("a<!-- b", "a"),
        ("a<script>b</script>c", "ac"),
        ("a<SCRIPT src=x>b</Script >c", "ac"),
        ("a<style>b</style>c<!-- d --><script>e", "ac"),
        ('<script>"<!--"</script>c', "c"),
        ('<script type="application/ld+json">b</script>c',) * 2,
        ("a < b", "a < b"),
    ],
)
def test_unseen_parts_of_a_page_are_cut_out(page: str, left: str) -> None:
    assert webpage.without_unseen(page) == left


@pytest.mark.parametrize(
    "start",
    [
        "<!--" * 500_000,
        "<script" * 300_000,
        "<script>" * 300_000,
        "<style>" * 300_000 + "</style",
        "<" * 29_000,
        "<a " * 29_000,
        "<body " + " ".join(f"a{n}=1" for n in range(300_000)) + ">",
        "".join(f"<div a{n}={n}>" for n in range(29_000)),
        "".join(f"<a href=x{n}>a</a>" for n in range(14_500)),
        "<table>" * 29_000,
        "<p>" * 29_000,
        "&amp;" * 500_000,
        "<b>" * 10_000 + "a" + "</b>" * 10_000,
    ],
    ids=lambda start: start[:12],
)
def test_a_hostile_page_takes_seconds(tmp_path: Path, start: str) -> None:
    write(tmp_path, {"x.html": (start + P * 4).encode()} | GOOD)
    begun = time.perf_counter()
    articles, _ = read(tmp_path)
    assert time.perf_counter() - begun < 10
    assert "good" in [article.doc_id for article in articles]


def test_a_word_file_gives_its_words_in_order(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Talks on gas", 1)
    document.add_paragraph("They met.").add_run(" It was late.")
    cells = document.add_table(1, 2).rows[0].cells
    cells[0].text, cells[1].text = "Left", "Right"
    document.add_paragraph("The end.")
    write(tmp_path, {"post/2026-03-01-x.docx": saved(document)})
    ((article,), log) = read(tmp_path)
    assert article.text == "Talks on gas\nThey met. It was late.\nLeft\nRight\nThe end."
    assert (article.doc_id, article.source) == ("post/2026-03-01-x", "post")
    assert (article.date, log.n_plain) == ("2026-03-01", 1)


def test_of_changes_the_new_words_are_read(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>They </w:t></w:r><w:del><w:r><w:t>fought</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>met</w:t></w:r></w:ins><w:r><w:br/><w:t>late.</w:t></w:r>"
        "<w:hyperlink><w:r><w:t> More.</w:t></w:r></w:hyperlink></w:p>"
    )
    ((article,), _) = read(write(tmp_path, {"x.docx": word(body)}))
    assert article.text == "They met\nlate. More."


def test_pdf_columns_lines_and_words_are_joined(tmp_path: Path) -> None:
    left = (
        "Talks in the harbour",
        "Two port cities signed an accord on",
        "grain on Sunday, after weeks of inter-",
        "national talks about the e\\002ort.",
        "The mayors spoke of a beginning, and",
        "of the harvest.",
    )
    right = ("Inspectors from both sides will share", "one office on the quay.")
    write(tmp_path, {"x.pdf": example_pdf(left, right)})
    ((article,), _) = read(tmp_path)
    assert article.text.splitlines()[-1].endswith("share one office on the quay.")
    assert "weeks of international talks" in article.text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", ""),
        ("One line.", "One line."),
        ("A well-\nKnown case", "A well- Known case"),
        ("Talks\n\nThey met.", "Talks\nThey met."),
        (
            "Heading\nThe first line of a text is long\nand goes on here to the end",
            "Heading\nThe first line of a text is long and goes on here to the end",
        ),
        (
            "The first line of a text is long\nthen it ends.\nThe next begins here.",
            "The first line of a text is long then it ends.\nThe next begins here.",
        ),
    ],
)
def test_lines_are_rejoined(page: str, text: str) -> None:
    assert rejoined(page) == text


def test_a_pdf_that_draws_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.articles.pdf.MAX_STEPS", 20)
    files = {"x.pdf": example_pdf(("They met.",) * 10), "y.pdf": example_pdf(("a",))}
    articles, log = read(write(tmp_path, files))
    assert [article.doc_id for article in articles] == ["y"]
    assert [s.reason for s in log.skipped] == ["PDF of more than 20 drawing steps"]


def test_pages_without_text_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.articles.pdf.page_texts", lambda _: ["They met.", ""])
    (_, log) = read(write(tmp_path, {"x.pdf": b"%PDF"}))
    assert [w.partition(": ")[2] for w in log.warnings] == [
        "no text on 1 of 2 pages (first page 2): pictures of pages are not read"
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            rb"{\rtf1\ansi\ansicpg1252 caf\'e9 \u8212? it\rquote s\par Next}",
            "café — it’s\nNext",
        ),
        (b"{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'f0}", "Пр"),
        ("{\\rtf1\\ansi caf\u00e9}".encode("cp1252"), "café"),
        (rb"{\rtf1\u-10179?\u-8704? x}", "😀 x"),
    ],
)
def test_rich_text(tmp_path: Path, content: bytes, text: str) -> None:
    ((article,), _) = read(write(tmp_path, {"x.rtf": content}))
    assert article.text == text


def test_a_workbook_is_read_like_a_table(tmp_path: Path) -> None:
    rows = [
        [None, None],
        ["id", "body", "outlet", "date", "share", "paid"],
        [7, "They met.", "Post", date(2026, 3, 1), 0.5, True],
        ["007", '=CONCATENATE("a","b")', "Post", None, 3.0, None],
        ["8", "NA", "None", datetime(2026, 3, 2, 8), None, False],
    ]
    book = workbook(Articles=rows, Remarks=[["coder"], ["ana"]])
    articles, log = read(write(tmp_path, {"x.xlsx": book}))
    assert [(a.doc_id, a.text, a.source, a.date) for a in articles] == [
        ("7", "They met.", "Post", "2026-03-01"),
        ("8", "NA", "None", "2026-03-02"),
    ]
    assert articles[0].extra == {"share": "0.5", "paid": "true"}
    reasons = [str(s).partition("x.xlsx:")[2] for s in log.skipped]
    # A formula that no program has worked out has no value.
    assert reasons == [
        "Remarks: sheet without a text column",
        "Articles row 4: no text",
    ]


def test_sheets_are_read_one_after_the_other(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(workbook(a=[["text"], ["One."]], b=[["text"], ["Two."]]))
    )
    book.create_sheet("c").append(["text"])
    book["c"].sheet_state = "hidden"
    articles, log = read(write(tmp_path, {"x.xlsx": saved(book)}))
    assert [a.doc_id for a in articles] == ["x:a:1", "x:b:1"]
    assert [s.reason for s in log.skipped] == ["hidden sheet"]


def test_texts_that_excel_cut_are_warned_of(tmp_path: Path) -> None:
    book = workbook(a=[["text", "source"], ["a" * 32_767, "Post"], ["b", "Post"]])
    (_, log) = read(write(tmp_path, {"x.xlsx": book}))
    assert "1 texts have 32,767 characters, where Excel cuts" in log.warnings[0]


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (b'[{"text": "a"}, {"text": "b"}]', ["x:1", "x:2"]),
        (b"[]", []),
        (b' \n[\n {"id": "k", "text": "a"}\n]\n', ["k"]),
        (b'{"n": 2, "hits": [{"text": "a"}, {"text": "b"}]}', ["x:1", "x:2"]),
        (b'{\n "text": "a",\n "authors": [{"name": "b"}]\n}', ["x:1"]),
        (b'{"text": "a"}\n{"text": "b"}\n', ["x:1", "x:2"]),
        (b'{"text": "a"}', ["x:1"]),
        ('[{"text": "Größe"}]'.encode("utf-16"), ["x:1"]),
        (b'\xef\xbb\xbf[{"text": "a"}]', ["x:1"]),
    ],
)
def test_json_files(tmp_path: Path, content: bytes, ids: list[str]) -> None:
    articles, log = read(write(tmp_path, {"x.json": content}) / "x.json")
    assert [article.doc_id for article in articles] == ids
    assert log.skipped == []


def test_a_long_json_list_is_read_item_by_item(tmp_path: Path) -> None:
    items = [{"id": str(n), "text": f"{n} " + "a\u00e9\\" * 20_000} for n in range(100)]
    path = tmp_path / "x.json"
    path.write_text(json.dumps(items), encoding="utf-8")
    articles, _ = read(path)
    assert [article.text for article in articles] == [item["text"] for item in items]


def test_an_archive_is_read_like_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = zipped(
        ("post/2026-03-01-a.txt", b"They met."),
        ("b.md", b"# Gas\nThey left."),
        ("t.csv", b"id,text\n7,Talks.\n"),
        ("t.parquet", parquet({"text": ["Late."]})),
        ("w.xlsx", workbook(a=[["text"], ["In cells."]])),
        ("d.docx", word("<w:p><w:r><w:t>In Word.</w:t></w:r></w:p>")),
    )
    monkeypatch.chdir(write(tmp_path, {"x.zip": content}))
    articles, log = read("x.zip")
    assert log.skipped == []
    assert [(a.doc_id, a.source, a.date, a.where) for a in articles] == [
        ("x/b", "x", "", "x.zip/b.md"),
        ("x/d", "x", "", "x.zip/d.docx"),
        ("x/post/2026-03-01-a", "post", "2026-03-01", "x.zip/post/2026-03-01-a.txt"),
        ("7", "(none)", "", "x.zip/t.csv:2"),
        ("x/t:1", "(none)", "", "x.zip/t.parquet:row 1"),
        ("x/w:1", "(none)", "", "x.zip/w.xlsx:a row 2"),
    ]
    assert [path for path, _ in log.files] == ["x.zip"]


def test_names_in_an_archive_make_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["../../x.txt", "/abs/y.txt", "C:\\z\\z.txt"]
    content = zipped(*((name, f"In {name}".encode()) for name in names))
    monkeypatch.chdir(write(tmp_path / "in" / "deep", {"x.zip": content}))
    before = sorted(tmp_path.rglob("*"))
    articles, _ = read("x.zip")
    assert [a.where for a in articles] == [
        "x.zip/../../x.txt",
        "x.zip/abs/y.txt",
        "x.zip/C:/z/z.txt",
    ]
    assert [a.source for a in articles] == ["x", "abs", "z"]
    assert sorted(tmp_path.rglob("*")) == before


def test_entries_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    content = zipped(("a.txt", b"One."), ("a.txt", b"Two."))
    articles, log = read(write(tmp_path, {"x.zip": content}))
    assert [(a.doc_id, a.text) for a in articles] == [
        ("x/a", "One."),
        ("x/a (2)", "Two."),
    ]
    assert "file number 2 of this name in the archive" in log.warnings[0]


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("MAX_MEMBERS", 1, "more than 1 files in the archive"),
        ("DIRECTORY_LIMIT", 50, "more than 10,000 files in the archive"),
        ("TOTAL_LIMIT", 3, "unpacks to more than 0 GB"),
    ],
)
def test_an_archive_of_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, reason: str
) -> None:
    monkeypatch.setattr(unzip, limit, value)
    _, log = read(write(tmp_path, {"x.zip": CUT} | GOOD))
    assert [item.reason for item in log.skipped] == [reason]


def test_an_archive_of_a_million_entries_is_refused_at_once(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    content = entry * 200_000
    end = b"PK\x05\x06" + bytes(8) + len(content).to_bytes(4, "little") + bytes(6)
    write(tmp_path, {"x.zip": content + end} | GOOD)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, log = read(tmp_path)
    assert [s.reason for s in log.skipped] == ["more than 10,000 files in the archive"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (b'[{"text": "a"}]', ["stdin:1"]),
        (b"[sic] Talks began.", ["stdin"]),
        (b"id,text\n7,Talks.\n", ["7"]),
        (b"outlet\tbody\nPost\tTalks.\n", ["stdin:1"]),
        (b"Text, they said, was all there was.\nNo more.", ["stdin"]),
        (f"<!DOCTYPE html><article>{P * 3}</article>".encode(), ["stdin"]),
    ],
)
def test_what_is_piped_in_is_told_by_its_beginning(
    content: bytes, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    articles, _ = read("-")
    assert [article.doc_id for article in articles] == ids


START = st.sampled_from(
    [
        b"",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"{\\rtf1 ",
        b"%PDF-1.4\n",
        b"<html><p>",
        b'[{"text": "',
        b'{"a": [{"text": ',
        word("<w:p/>")[:-40],
        workbook(a=[["text"], ["b"]])[:4000],
        example_pdf(("They met.",))[:600],
    ]
)


@settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["docx", "xlsx", "pdf", "rtf", "html", "json", "zip"]),
    START,
    st.binary() | st.text(st.sampled_from('<>!-"{}[]\\:a1\n/é')).map(str.encode),
)
def test_only_our_error_comes_out_of_any_bytes(
    tmp_path: Path, suffix: str, start: bytes, rest: bytes
) -> None:
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(start + rest)
    with suppress(InputError):
        read(path)


WHOLE = {
    "docx": saved(Document()),
    "xlsx": workbook(a=[["text", "id"], ["They met.", 1], ["They left.", 2]]),
    "pdf": example_pdf(("They met.", "They left.")),
    "zip": zipped(("a.txt", TALKS), ("t.csv", TABLE)),
}


@settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_only_our_error_comes_out_of_a_damaged_file(
    tmp_path: Path, suffix: str, data: st.DataObject
) -> None:
    content = bytearray(WHOLE[suffix])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(content)
    with suppress(InputError):
        read(path)


def test_csv_in_an_archive_is_read_by_the_rules_of_csv(tmp_path: Path) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["text", "id"], ['He said "no",\nthen left.', "1"]])
    content = zipped(("t.csv", buffer.getvalue().encode()))
    ((article,), _) = read(write(tmp_path, {"x.zip": content}))
    assert article.text == 'He said "no",\nthen left.'
