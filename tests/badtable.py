"""The table of bad input: 75 cases by number, their files made when the tests run.

A case is a row: what is put into the folder `in` beside a good article, and how
`framing score in -o out` must end. A case that the tests of another part own has no
files here and names those tests.
"""

import csv
import io
import os
import socket
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

GOOD = "Police closed the border on Monday."
PLAIN = GOOD.encode()
HEAD = b"id,source,text\n"
ROW = b"1,Post,Firms need the workers.\n"
MORE = "Two firms need the workers of the coast."

Tables = tuple[pd.DataFrame, pd.DataFrame, Path]
"""The tables `scores` and `articles` of a run, and its results folder."""


@dataclass(frozen=True)
class Case:
    """A row of the table.

    Attributes
    ----------
    files
        Content by name below `in`.
    make
        Makes what cannot be written as bytes, in the folder `in`.
    code
        Exit code.
    says
        Patterns that the messages must have, each in one line.
    n_read
        Articles scored, the good one among them; 0 if nothing is.
    check
        Looks at what was scored.
    tests
        Tests that own the case, as `file::function`.
    """

    number: int
    what: str
    code: int = 0
    says: tuple[str, ...] = ()
    n_read: int = 1
    files: dict[str, bytes] = field(default_factory=dict)
    make: Callable[[Path], None] | None = None
    check: Callable[[Tables], None] | None = None
    options: str = ""
    tests: tuple[str, ...] = ()


def owned(number: int, what: str, *tests: str) -> Case:
    """Return a case that other tests own."""
    return Case(number, what, tests=tests)


def cp(text: str, encoding: str) -> bytes:
    return text.encode(encoding)


def rows(*lines: str | bytes) -> bytes:
    """Return a table with a header and the good row behind the others."""
    return (
        HEAD + b"".join(x if isinstance(x, bytes) else x.encode() for x in lines) + ROW
    )


def zipped(*entries: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with (
        warnings.catch_warnings(action="ignore"),  # about names that stand twice
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def locked() -> bytes:
    """Return an archive whose first entry says that it is encrypted."""
    content = bytearray(zipped(("a.txt", PLAIN), ("b.txt", MORE.encode())))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def wrong_sum() -> bytes:
    """Return an archive whose first entry does not fit its checksum."""
    content = bytearray(zipped(("a.txt", PLAIN), ("b.txt", MORE.encode())))
    content[content.index(b"PK\x01\x02") + 16] ^= 1
    return bytes(content)


def bytes_names() -> bytes:
    """Return an archive with names that are not UTF-8 or would move the cursor."""
    content = zipped(("caf\u0001.txt", PLAIN), ("x\x1b[2J.txt", MORE.encode()))
    return content.replace(b"caf\x01.txt", b"caf\x82.txt")


def million_entries() -> bytes:
    """Return an archive whose list names a million files."""
    entry = b"PK\x01\x02" + bytes(42)
    content = entry * 1_000_000
    size = struct.pack("<I", len(content))
    return content + b"PK\x05\x06" + bytes(8) + size + bytes(6)


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
START = f"<w:document {W}><w:body>"


def word(body: str, before: str = "", *others: tuple[str, bytes]) -> bytes:
    markup = f"{before}{START}{body}</w:body></w:document>"
    return zipped(("word/document.xml", markup.encode()), *others)


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
MACRO = (
    ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0 Shell"),
    (
        "word/_rels/document.xml.rels",
        b'<Relationships><Relationship Id="r1" TargetMode="External" '
        b'Target="http://127.0.0.1:9/x.png"/></Relationships>',
    ),
)


def parquet(table: dict[str, object], **options: object) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(table), buffer, **options)
    return buffer.getvalue()


def flipped() -> bytes:
    """Return a Parquet file with page checksums and one wrong bit in its text."""
    content = bytearray(
        parquet(
            {"text": [GOOD], "source": ["Post"]},
            write_page_checksum=True,
            compression="none",
            use_dictionary=False,
            write_statistics=False,
        )
    )
    content[content.index(b"Police")] ^= 1
    return bytes(content)


def workbook(*lines: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


PAGE = f"<p>{GOOD} {MORE} Ministers met for the whole day to talk about it.</p>" * 3


def long_line(folder: Path) -> None:
    block = b"a" * (1 << 20)
    with (folder / "a.jsonl").open("wb") as file:
        file.write(b'{"text": "')
        for _ in range(1024):
            file.write(block)
        file.write(b'"}\n{"text": "Firms need the workers."}\n')


def links(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "up").symlink_to(folder)


def link_out(folder: Path) -> None:
    (folder / "a.txt").symlink_to("/etc/passwd")


def pipes(folder: Path) -> None:
    os.mkfifo(folder / "a.txt")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket must be short
        server.bind("b.txt")
        os.chdir(here)


def no_mark(tables: Tables) -> None:
    assert not tables[0]["text"].str.contains("\ufeff").any()


def exact_offsets(tables: Tables) -> None:
    """Assert that places slice the sentences out of the text of the file."""
    scores, _, results = tables
    text = (results.parent / "in" / "a.txt").read_bytes().decode()
    own = scores[scores["doc_id"] == "a"]
    assert len(own) >= 2
    for start, end, unit in own[["start", "end", "text"]].itertuples(index=False):
        assert text[start:end] == unit


def kept(text: str) -> Callable[[Tables], None]:
    def check(tables: Tables) -> None:
        assert tables[0]["text"].str.contains(text, regex=False).any()

    return check


def not_there(*texts: str) -> Callable[[Tables], None]:
    def check(tables: Tables) -> None:
        for text in texts:
            assert not tables[0]["text"].str.contains(text, regex=False).any()

    return check


def sources(*names: str) -> Callable[[Tables], None]:
    def check(tables: Tables) -> None:
        assert set(names) <= set(tables[1]["source"])

    return check


def ids(*names: str) -> Callable[[Tables], None]:
    def check(tables: Tables) -> None:
        assert set(names) <= set(tables[1]["doc_id"])

    return check


def inert(tables: Tables) -> None:
    """Assert that no cell of a CSV file is a formula, and that numbers are numbers."""
    found = list(tables[2].glob("*.csv"))
    assert found
    for path in found:
        with path.open(newline="", encoding="utf-8") as file:
            header, *body = csv.reader(file)
        for line in body:
            for name, cell in zip(header, line, strict=True):
                number = name not in ("source", "title", "text", "doc_id")
                assert number or cell[:1] not in set("=+-@\t\r＝＋－＠"), cell


INJECTED = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "＝1+1")
CYRILLIC = "Полиция закрыла границу в понедельник, сообщили власти."
GERMAN = (
    "Die Regierung hat am Montag die Grenze geschlossen. Die Minister sprachen am "
    "Abend über die Löhne der Arbeiter und die Kosten für die Gemeinden im Norden. "
)

CASES = [
    # A: text
    Case(1, "empty file", 1, (r"in/a\.txt: empty$",), files={"a.txt": b""}),
    Case(2, "blanks only", 1, (r"in/a\.txt: no text$",), files={"a.txt": b" \n\t\n"}),
    Case(
        3,
        "UTF-8 with mark",
        n_read=2,
        files={"a.txt": b"\xef\xbb\xbf" + MORE.encode()},
        check=no_mark,
    ),
    Case(
        4,
        "UTF-16 with mark",
        n_read=3,
        files={
            "a.txt": b"\xff\xfe" + cp(MORE, "utf-16-le"),
            "b.txt": b"\xfe\xff" + cp(MORE, "utf-16-be"),
        },
        check=no_mark,
    ),
    Case(
        5,
        "UTF-16 without mark",
        1,
        (
            r"in/a\.txt: looks like UTF-16 without BOM, use --encoding utf-16-le$",
            r"in/b\.txt: looks like UTF-16 without BOM, use --encoding utf-16-be$",
        ),
        files={"a.txt": cp(MORE, "utf-16-le"), "b.txt": cp(MORE, "utf-16-be")},
    ),
    Case(
        6,
        "latin-1",
        1,
        (r"in/a\.txt: not UTF-8 at byte 3; .* --encoding cp1252$",),
        files={"a.txt": cp("Café closed, the owner said.", "latin-1")},
    ),
    Case(
        7,
        "cp1251",
        1,
        (r"in/a\.txt: not UTF-8 at byte 0; .* --encoding cp125\d$",),
        files={"a.txt": cp(CYRILLIC, "cp1251")},
    ),
    Case(
        8,
        "one row in another encoding",
        1,
        (r"in/a\.csv:3: not UTF-8 \(byte 0xe9\)",),
        n_read=3,
        files={"a.csv": rows("0,Sun,Rain fell.\n", b"2,Caf\xe9,Rain.\n")},
    ),
    Case(
        9,
        "zero bytes",
        1,
        (r"in/a\.txt: binary data at byte 5",),
        files={"a.txt": b"Rain,\0 it rained."},
    ),
    Case(
        10,
        "picture and PDF named txt",
        1,
        (r"in/a\.txt: not text \(JPEG\)", r"in/b\.txt: not text \(PDF\)"),
        files={"a.txt": b"\xff\xd8\xff\xe0JFIF", "b.txt": b"%PDF-1.4\n"},
    ),
    Case(
        11,
        "line of 1 GB",
        1,
        (r"in/a\.jsonl:1: line longer than 16 MB",),
        n_read=2,
        make=long_line,
    ),
    Case(
        12,
        "sentence of a million words",
        says=(
            r"1 sentence of more than 2,000 words, .*\(in/a\.txt: 1,000,000 words\)",
        ),
        n_read=2,
        files={"a.txt": b"a " * 999_999 + b"a."},
    ),
    Case(
        13,
        "line ends of all kinds",
        n_read=4,
        files={
            "a.txt": f"{GOOD}\r{MORE}\r\n{GOOD}\u2028{MORE}\n".encode(),
            "b.csv": b"id,source,text\r7,Post,Rain.\r8,Post,It\xe2\x80\xa8froze.\r",
        },
        check=exact_offsets,
    ),
    Case(
        14,
        "no sentence ends",
        says=(r"1 sentence of more than 2,000 words, .*\(in/a\.txt: 200,000 words\)",),
        n_read=2,
        files={"a.txt": b"the police went on and the firms went on and " * 20_000},
    ),
    Case(
        15,
        "another language",
        1,
        (
            r"in/a\.txt: language de, the codebook is en",
            r"left out 1 article that is not in the language of the codebook \(en\)",
        ),
        files={"a.txt": (GERMAN * 4).encode()},
        check=not_there("Regierung"),
    ),
    Case(
        16,
        "emoji and characters beyond the first plane",
        n_read=2,
        files={"a.txt": f"𝒫olice 👩‍👩‍👧 met. {MORE} 🇩🇪 It 𐍈 rained.".encode()},
        check=exact_offsets,
    ),
    Case(
        17,
        "text from right to left",
        n_read=2,
        files={"a.txt": f"Police \u202eredrob\u202c closed. {MORE}".encode()},
        check=exact_offsets,
    ),
    Case(
        18,
        "invisible characters and look-alikes",
        n_read=2,
        files={"a.txt": f"Po\u200blice cl\xadosed the bоrder. {MORE}".encode()},
        check=exact_offsets,
    ),
    Case(
        19,
        "half a surrogate pair",
        1,
        (r"in/a\.jsonl:1: .*surrogate",),
        n_read=2,
        files={"a.jsonl": b'{"text": "a \\ud800 b"}\n{"text": "It rained."}\n'},
    ),
    Case(
        20,
        "terminal escapes",
        1,
        (r"in/\\x1b\[31mred\.txt: empty$",),
        n_read=2,
        files={
            "\x1b[31mred.txt": b"",
            "b.txt": b"\x1b[2J\x1b[31mPolice\x07 closed the border.",
        },
    ),
    # B: CSV
    Case(
        21,
        "quotes and line ends in fields",
        n_read=3,
        files={"a.csv": rows('2,"Post, ""the""","It rained.\nIt froze."\n')},
        check=sources('Post, "the"'),
    ),
    Case(
        22,
        "semicolons and tabs",
        says=(r"separated by semicolons", r"separated by tabs"),
        n_read=3,
        files={
            "a.csv": b"id;source;text\n7;Post;It rained, they said.\n",
            "b.csv": b"id\tsource\ttext\n8\tSun\tIt froze.\n",
        },
        check=sources("Post", "Sun"),
    ),
    Case(
        23,
        "row with another number of fields",
        1,
        (
            r"in/a\.csv:2: row has 2 fields, header has 3$",
            r"in/a\.csv:3: row has 4 fields, header has 3$",
        ),
        n_read=2,
        files={"a.csv": rows("0,Post\n", "2,Post,It rained.,more\n")},
    ),
    Case(
        24,
        "quote not closed",
        3,
        (r"in/a\.csv:3: the quote that opens here is not closed",),
        n_read=0,
        files={"a.csv": rows("0,Post,Rain.\n", '2,Post,"Rain.\n')},
    ),
    Case(
        25,
        "column names that stand twice",
        3,
        (r"in/a\.csv: column name given twice: id, text\.",),
        n_read=0,
        files={"a.csv": b"id,id,text,text\n1,2,x,y\n"},
    ),
    Case(
        26,
        "no text column",
        3,
        (r"in/a\.csv: no text column \(columns: id, wer\)\. .*--text-column",),
        n_read=0,
        files={"a.csv": b"id,wer\n1,Post\n"},
    ),
    Case(27, "header only", says=(r"in/a\.csv: .* 0 articles",), files={"a.csv": HEAD}),
    Case(
        28,
        "empty source, NA as a text",
        n_read=4,
        files={"a.csv": rows("2,,It rained.\n", "3,NA,NA\n")},
        check=lambda tables: (sources("(none)", "NA")(tables), kept("NA")(tables))[0],
    ),
    Case(
        29,
        "ids that look like numbers",
        n_read=5,
        files={"a.csv": rows("007,P,Rain.\n", "1e5,P,Ice.\n", f"{'9' * 40},P,Sun.\n")},
        check=ids("007", "1e5", "9" * 40, "1"),
    ),
    Case(
        30,
        "id for two texts",
        3,
        (r"in/a\.csv:3: id '1' already belongs to another text at in/a\.csv:2\.",),
        n_read=0,
        files={"a.csv": rows("1,Post,It rained.\n")},
    ),
    Case(
        30,
        "id for the same text",
        1,
        (r"in/a\.csv:3: same article again",),
        n_read=2,
        files={"a.csv": rows(ROW)},
    ),
    # C: JSON lines and pages
    Case(
        31,
        "broken line 77",
        1,
        (r"in/a\.jsonl:77: not valid JSON at column 10$",),
        n_read=78,
        files={
            "a.jsonl": b"".join(b'{"text": "Rain %d."}\n' % n for n in range(76))
            + b'{"text": S\n{"text": "Sun."}\n'
        },
    ),
    Case(
        32,
        "array for lines",
        3,
        (r"in/a\.jsonl: this is an array, one object per line is needed\.",),
        n_read=0,
        files={"a.jsonl": b'[{"text": "x"}]'},
    ),
    Case(
        33,
        "NaN, keys twice, deep, many digits",
        1,
        (
            r"in/a\.jsonl:1: NaN is not valid JSON",
            r"in/a\.jsonl:2: key 'text' stands twice",
            r"in/a\.jsonl:3: nested too deep",
            r"in/a\.jsonl:4: number of 5,000 digits",
        ),
        n_read=2,
        files={
            "a.jsonl": b'{"text": "a", "n": NaN}\n{"text": "a", "text": "b"}\n'
            + b'{"text": "a", "n": '
            + b"[" * 100_000
            + b"]" * 100_000
            + b'}\n{"text": "a", "n": '
            + b"1" * 5000
            + b'}\n{"text": "It rained."}\n'
        },
    ),
    Case(
        34,
        "text that is none",
        1,
        (
            r"in/a\.jsonl:1: text is a number",
            r"in/a\.jsonl:2: text is null",
            r"in/a\.jsonl:3: text is a list",
        ),
        n_read=2,
        files={
            "a.jsonl": b'{"text": 1}\n{"text": null}\n{"text": ["a"]}\n{"text": "Sun."}'
        },
    ),
    Case(
        35,
        "scripts, styles and entities",
        n_read=2,
        files={
            "a.html": f"<html><head><style>p {{x: hidden}}</style></head><body>{PAGE}"
            "<script>alert('boo')</script><p>The ministers&nbsp;met &amp; ate "
            "&lt;all&gt; in the hall of the old town.</p></body></html>".encode()
        },
        check=lambda tables: (
            not_there("alert", "hidden")(tables),
            kept("& ate <all>")(tables),
        )[0],
    ),
    Case(
        36,
        "200,000 nested tags, 100,000 comments begun",
        1,
        (r"in/a\.html: page of more than 30,000 tags", r"in/b\.html: no article found"),
        files={
            "a.html": b"<div>" * 200_000 + PAGE.encode(),
            "b.html": b"<!--" * 100_000 + PAGE.encode(),
        },
    ),
    # D: archives and folders
    Case(
        37,
        "zip bomb",
        1,
        (
            r"in/a\.zip/a\.txt: unpacks to more than 200 times its size",
            r"in/b\.zip: more than 10,000 files in the archive",
        ),
        n_read=2,
        files={
            "a.zip": zipped(("a.txt", b"0" * (64 << 20)), ("b.txt", MORE.encode())),
            "b.zip": million_entries(),
        },
    ),
    Case(
        38,
        "names that lead out of the archive",
        n_read=4,
        files={
            "a.zip": zipped(
                *(
                    (name, f"{MORE} {name[-5]}".encode())
                    for name in ("../../x.txt", "/abs/y.txt", "C:\\z\\z.txt")
                )
            )
        },
    ),
    Case(
        39,
        "zip in a zip",
        1,
        (r"in/a\.zip/b\.zip: nested archives are not read",),
        n_read=2,
        files={"a.zip": zipped(("b.zip", zipped()), ("c.txt", MORE.encode()))},
    ),
    Case(
        40,
        "zip with a password",
        1,
        (r"in/a\.zip/a\.txt: password protected",),
        n_read=2,
        files={"a.zip": locked()},
    ),
    Case(
        41,
        "zip cut short, wrong checksum",
        1,
        (r"in/a\.zip: damaged", r"in/b\.zip/a\.txt: damaged"),
        n_read=2,
        files={"a.zip": zipped(("a.txt", PLAIN))[:-30], "b.zip": wrong_sum()},
    ),
    Case(
        42,
        "zip with a name twice",
        says=(r"in/a\.zip/a\.txt: file number 2 of this name",),
        n_read=3,
        files={"a.zip": zipped(("a.txt", PLAIN), ("a.txt", MORE.encode()))},
        check=ids("a/a", "a/a (2)"),
    ),
    Case(43, "odd names in a zip", n_read=3, files={"a.zip": bytes_names()}),
    Case(
        44,
        "link to a folder above",
        1,
        (r"in/sub/up: symbolic link, not followed",),
        make=links,
    ),
    Case(
        45,
        "link to /etc/passwd",
        1,
        (r"in/a\.txt: symbolic link, not followed",),
        make=link_out,
    ),
    Case(
        46,
        "pipe and socket",
        1,
        (r"in/a\.txt: not a regular file", r"in/b\.txt: not a regular file"),
        make=pipes,
    ),
    owned(
        47,
        "file without permission",
        "test_articles.py::test_file_that_cannot_be_opened",
    ),
    owned(
        48,
        "file that changes while it is read",
        "test_articles.py::test_file_that_changes_while_it_is_read_is_refused",
    ),
    # E: Word, Parquet
    Case(
        49,
        "zip and old Word file named docx",
        1,
        (r"in/a\.docx: not a Word file", r"in/b\.docx: not a Word file"),
        files={
            "a.docx": zipped(("a.txt", PLAIN)),
            "b.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        },
    ),
    Case(
        50,
        "docx with entities",
        1,
        (r"in/a\.docx: DOCTYPE not allowed", r"in/b\.docx: DOCTYPE not allowed"),
        files={
            "a.docx": word(paragraph("&c;"), LAUGHS),
            "b.docx": word(paragraph("&a;"), OUTSIDE),
        },
        check=not_there("root:"),
    ),
    Case(
        51,
        "docx of 400 MB",
        1,
        (r"in/a\.docx: unpacks to more than \d+ MB",),
        files={"a.docx": word(" " * (400 << 20))},
    ),
    Case(
        52,
        "docx with macros and linked pictures",
        n_read=2,
        files={"a.docx": word(paragraph(MORE), "", *MACRO)},
        check=not_there("Shell", "127.0.0.1"),
    ),
    Case(
        53,
        "half a Parquet file",
        3,
        (r"in/a\.parquet: not a complete Parquet file",),
        n_read=0,
        files={"a.parquet": parquet({"text": [GOOD]})[:-20]},
    ),
    Case(
        54,
        "one wrong bit in a Parquet file",
        3,
        (r"in/a\.parquet: not a complete Parquet file",),
        n_read=0,
        files={"a.parquet": flipped()},
    ),
    Case(
        55,
        "numbers for text in Parquet",
        3,
        (r"in/a\.parquet: text column 'text' is int64, not string",),
        n_read=0,
        files={"a.parquet": parquet({"text": [1]})},
    ),
    Case(
        55,
        "lists for text in Parquet",
        3,
        (r"in/a\.parquet: text column 'text' is list<.*>, not string",),
        n_read=0,
        files={"a.parquet": parquet({"text": [["a"]]})},
    ),
    Case(
        56,
        "Parquet without rows, without texts",
        1,
        (r"in/b\.parquet:row 1: no text", r"in/a\.parquet: .* 0 articles"),
        n_read=2,
        files={
            "a.parquet": parquet({"text": pa.array([], pa.string())}),
            "b.parquet": parquet({"text": [None, MORE]}),
        },
    ),
    # F: what is written and shown
    Case(
        57,
        "formulas in cells",
        n_read=7,
        files={
            "a.jsonl": "".join(
                f'{{"source": "{name.replace(chr(9), chr(92) + "t")}", "title": "=1", '
                f'"text": "={n}. {MORE}"}}\n'
                for n, name in enumerate(INJECTED)
            ).encode()
        },
        check=inert,
    ),
    owned(
        58,
        "markup in texts",
        "test_page_in_browser.py::test_markup_in_texts_stays_text",
    ),
    owned(
        59,
        "end of script in data",
        "test_web.py::test_the_page_comes_without_a_token_and_holds_no_data",
    ),
    owned(
        60,
        "javascript: as address",
        "test_page_in_browser.py::test_markup_in_texts_stays_text",
    ),
    owned(
        61,
        "page opened without a network",
        "test_web.py::test_the_page_asks_nobody_else_and_has_nothing_inline",
    ),
    *(
        owned(n, what, "test_web.py::test_an_attack_is_refused_and_writes_nothing")
        for n, what in (
            (62, "wrong Host"),
            (63, "foreign origin"),
            (64, "no token, form posts"),
        )
    ),
    owned(
        65,
        "long, deep and odd requests",
        "test_web.py::test_an_attack_is_refused_and_writes_nothing",
        "test_web.py::test_a_form_without_a_length_is_refused",
    ),
    owned(
        66,
        "slow clients, port in use",
        "test_web.py::test_slow_clients_keep_nobody_out_and_are_cut",
        "test_web.py::test_the_33rd_connection_is_closed_at_once",
        "test_web.py::test_a_port_in_use_is_said_in_a_line",
    ),
    # G: labels, codebook, model
    owned(67, "marks of a conflict", "test_bad_input.py::unfinished merge"),
    owned(68, "unknown code", "test_bad_input.py::unknown code"),
    owned(
        69,
        "two decisions of a coder",
        "test_bad_input.py::test_later_decision_on_a_unit_wins_and_is_reported",
        "test_bad_input.py::two decisions at one time",
    ),
    owned(
        70,
        "coders who contradict each other",
        "test_bad_input.py::"
        "test_contradictory_labels_of_two_coders_count_for_agreement",
    ),
    owned(
        71,
        "torn lines",
        "test_bad_input.py::test_torn_last_label_is_skipped_with_a_warning",
        "test_bad_input.py::torn in the middle",
    ),
    owned(
        72,
        "label of a text that has changed",
        "test_bad_input.py::"
        "test_label_whose_article_has_changed_is_listed_and_trains_with_its_own_text",
    ),
    owned(
        73, "model of another codebook", "test_bad_input.py::model of another codebook"
    ),
    owned(
        74,
        "damaged and hostile models",
        "test_bad_input.py::half a model",
        "test_bad_input.py::one byte off",
        "test_bad_input.py::test_hostile_model_runs_nothing",
    ),
    owned(
        75,
        "newer model, no labels, one class",
        "test_bad_input.py::test_model_of_a_newer_framing_asks_for_an_update",
        "test_bad_input.py::no labels",
        "test_bad_input.py::a code that all units carry",
    ),
]
