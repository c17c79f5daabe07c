"""Write the example inputs of docs/inputs.md: invented articles in each format.

``python tools/make_inputs.py`` writes docs/examples; the files are kept, since some
formats carry the time at which they were made.
"""

import csv
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from docx import Document

FOLDER = Path(__file__).parents[1] / "docs" / "examples"

ARTICLES = (
    {
        "id": "hp-1",
        "outlet": "Harbour Post",
        "published": "March 1, 2026",
        "headline": "Port cities sign grain accord",
        "body": "Two port cities signed an accord on grain on Sunday. Their mayors "
        "spoke of a beginning. Inspectors from both sides will share one office.",
        "section": "World",
    },
    {
        "id": "ur-7",
        "outlet": "Upland Review",
        "published": "03/04/2026",
        "headline": "Upland ministry bars timber imports",
        "body": "The Upland ministry barred timber from across the river on Tuesday. "
        "Growers welcomed the step. Builders warned of higher prices.",
        "section": "Economy",
    },
    {
        "id": "ur-8",
        "outlet": "Upland Review",
        "published": "2026-03-05",
        "headline": "No comment from the river council",
        "body": "",
        "section": "Economy",
    },
)
"""One with a date that could be March or April, one without a text."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Port cities sign grain accord</title>
<meta property="og:site_name" content="Harbour Post">
<meta name="author" content="Ines Mora">
<meta property="article:published_time" content="2026-03-01T08:00:00Z"></head>
<body><nav><a href="/">Home</a> <a href="/world">World</a></nav>
<article><h1>Port cities sign grain accord</h1>
<p>Two port cities signed an accord on grain on Sunday, after four weeks of talks.</p>
<p>Their mayors spoke of a beginning, and of the harvest that had to be moved.</p>
<p hidden>Subscribe to read the rest of this article on every device you own.</p>
<p>Inspectors from both sides will share one office on the northern quay.</p>
</article><footer>All rights reserved</footer></body></html>
"""

RTF = r"""{\rtf1\ansi\ansicpg1252 {\b Port cities sign grain accord}\par
Two port cities signed an accord on grain on Sunday.\par
Their mayors spoke of a \'93beginning\'94.\par}
"""

LEFT = (
    "Two port cities signed an accord on",
    "grain on Sunday, after weeks of inter-",
    "national talks.",
    "Their mayors spoke of a beginning, and",
    "of the harvest that had to be moved.",
)
RIGHT = (
    "Inspectors from both sides will share",
    "one office on the northern quay.",
)


NEXIS = """Documents (2)
Client/Matter: -None-
Search Terms: grain accord
1. Port cities sign grain accord
2. Growers wait for the first ships
Port cities sign grain accord
Harbour Post
March 1, 2026 Sunday 9:20 AM GMT
Copyright 2026 Harbour Post All Rights Reserved
Section:\xa0WORLD
Length:\xa027 words
Byline:\xa0Ines Mora
Body

Two port cities signed an accord on grain on Sunday. Their mayors spoke of a beginning.
Inspectors from both sides will share one office on the northern quay.
Classification
Language: ENGLISH
End of Document
Growers wait for the first ships
Upland Review
March 2, 2026 Monday
Copyright 2026 Upland Review
Length:\xa0140 words
Body

Growers in the hills said on Monday that they were waiting for the first ships.
Classification
Language: ENGLISH
End of Document
"""
"""In the shape of a Word file of Nexis Uni; the second article lost its text."""

FACTIVA = """HD
Port cities sign grain accord
BY
Ines Mora
WC
25 words
PD
1 March 2026
SN
Harbour Post
SC
HARB
LA
English
CY
(c) 2026 Harbour Post
LP
Two port cities signed an accord on grain on Sunday.
TD
Their mayors spoke of a beginning. Inspectors will share one office.
NS
gtrade : Trade
AN
Document HARB000020260301em3100001
"""

RULE = "_" * 60
PROQUEST = f"""{RULE}

Document 1 of 1

Port cities sign grain accord

Full text: Two port cities signed an accord on grain on Sunday. Their mayors spoke of a
beginning.

Publication title: Harbour Post

Publication date: Mar 1, 2026

ProQuest document ID: 3100000001

{RULE}

Contact us at: https://example.org
"""

CLOUD = """id,indexed_date,language,media_name,media_url,publish_date,title,url
c1,2026-03-02,en,post.example,post.example,2026-03-01,Accord,https://post.example/1
c2,2026-03-02,en,review.example,review.example,2026-03-02,Ships,https://review.example/2
"""


def nexis() -> bytes:
    """Return an export of Nexis Uni as a Word file."""
    document = Document()
    for line in NEXIS.splitlines():
        document.add_paragraph(line)
    return saved(document)


def factiva() -> bytes:
    """Return an export of Factiva as RTF."""
    lines = "\\par\n".join(FACTIVA.splitlines())
    return rf"{{\rtf1\ansi\ansicpg1252 {lines}\par}}".encode("ascii")


def pdf(columns: tuple[tuple[str, ...], ...]) -> bytes:
    """Return a PDF of one page with columns of text."""
    drawn = []
    for number, lines in enumerate(columns):
        drawn.append(f"BT /F1 11 Tf {60 + 250 * number} 720 Td 14 TL")
        drawn += [f"({line}) Tj T*" for line in lines]
        drawn.append("ET")
    content = "\n".join(drawn).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
        b"/Encoding /WinAnsiEncoding >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def docx() -> bytes:
    """Return the first article as a Word file."""
    document = Document()
    document.add_heading(ARTICLES[0]["headline"], 1)
    for sentence in ARTICLES[0]["body"].split(". "):
        document.add_paragraph(sentence.rstrip(".") + ".")
    return saved(document)


def xlsx() -> bytes:
    """Return the articles as a workbook."""
    book = openpyxl.Workbook()
    book.active.title = "Articles"
    book.active.append(list(ARTICLES[0]))
    for article in ARTICLES:
        book.active.append(list(article.values()))
    book.create_sheet("Remarks").append(["coder", "remark"])
    return saved(book)


def saved(made: object) -> bytes:
    """Return what an object with `save` saves."""
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def table() -> bytes:
    """Return the articles as CSV."""
    text = io.StringIO()
    rows = csv.DictWriter(text, list(ARTICLES[0]), lineterminator="\n")
    rows.writeheader()
    rows.writerows(ARTICLES)
    return text.getvalue().encode()


def parquet() -> bytes:
    """Return the articles as Parquet."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(ARTICLES)), buffer)
    return buffer.getvalue()


def archive() -> bytes:
    """Return a zip with a folder, a table and what is not read."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("harbour-post/2026-03-01-accord.txt", ARTICLES[0]["body"])
        packed.writestr("upland.csv", table())
        packed.writestr("older.zip", b"PK\x05\x06" + bytes(18))
    return buffer.getvalue()


def main() -> None:
    """Write all files."""
    lines = [json.dumps(article) for article in ARTICLES]
    files = {
        "harbour-post/2026-03-01-accord.txt": ARTICLES[0]["body"].encode(),
        "page.html": PAGE.encode(),
        "articles.csv": table(),
        "articles.xlsx": xlsx(),
        "articles.jsonl": "".join(f"{line}\n" for line in lines).encode(),
        "articles.json": json.dumps({"total": 3, "articles": ARTICLES}).encode(),
        "articles.parquet": parquet(),
        "accord.docx": docx(),
        "accord.pdf": pdf((LEFT, RIGHT)),
        "accord.rtf": RTF.encode(),
        "download.zip": archive(),
        "nexis.docx": nexis(),
        "factiva.rtf": factiva(),
        "proquest.txt": PROQUEST.encode(),
        "mediacloud.csv": CLOUD.encode(),
        "texts/c1.txt": ARTICLES[0]["body"].encode(),
    }
    for name, content in files.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
