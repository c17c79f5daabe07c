import csv
import io
import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framing.articles import ReadLog, ReadOptions, read_articles
from framing.articles.rows import TEXT_LIMIT
from framing.articles.stream import BLOCK, LINE_LIMIT
from framing.errors import InputError
from framing.records import Article

GOOD = {"good.jsonl": b'{"id": "good", "text": "Ministers met."}\n'}
"""A neighbour that must come through whatever else is in the folder."""

NO_BOM = "Kiew und Moskau verhandeln. ".encode("utf-16-le")
CYRILLIC = "Переговоры начались в среду утром".encode("cp1251")


def read(*inputs: Path | str, **options: str) -> tuple[list[Article], ReadLog]:
    log = ReadLog()
    paths = [str(path) for path in inputs]
    return list(read_articles(paths, ReadOptions(**options), log)), log


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def parquet(table: dict[str, Any], **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(table), buffer, **options)
    return buffer.getvalue()


class Bad(NamedTuple):
    """A bad file: one skip with this place and reason, or one error."""

    label: str
    name: str
    content: bytes
    message: str
    n_good: int = 0


HEAD = b"id,text,source,date\n"
ROW = b"1,Talks began.,Post,2019-03-12\n"

SKIPPED = [
    Bad("empty", "x.txt", b"", "x.txt: empty"),
    Bad("blank", "x.txt", b" \n\t\n", "x.txt: no text"),
    Bad("only a BOM", "x.txt", b"\xef\xbb\xbf", "x.txt: no text"),
    Bad(
        "UTF-16 without BOM",
        "x.txt",
        NO_BOM,
        "x.txt: looks like UTF-16 without BOM, use --encoding utf-16-le",
    ),
    Bad("NUL", "x.txt", b"Talks\0 began", "x.txt: binary data at byte 5"),
    Bad("JPEG", "x.txt", b"\xff\xd8\xff\xe0\0\x10JFIF", "x.txt: not text (JPEG)"),
    Bad("PDF", "x.md", b"%PDF-1.7\n", "x.md: not text (PDF)"),
    Bad("zip", "x.txt", b"PK\x03\x04\0\0", "x.txt: not text (zip archive)"),
    Bad(
        "Word",
        "x.txt",
        b"PK\x03\x04\0\0word/document.xml",
        "x.txt: not text (Word document)",
    ),
    Bad(
        "cp1252",
        "x.txt",
        b"The caf\xe9 in Paris",
        "x.txt: not UTF-8 at byte 7; cp1252 would read it: use --encoding cp1252",
    ),
    Bad(
        "cp1251",
        "x.txt",
        CYRILLIC,
        "x.txt: not UTF-8 at byte 0; cp1251 would read it: use --encoding cp1251",
    ),
    Bad(
        "broken UTF-16",
        "x.txt",
        b"\xff\xfea\0b",
        "x.txt: not UTF-16 at byte 4; name its encoding with --encoding",
    ),
    Bad(
        "long text",
        "x.txt",
        b"a" * (TEXT_LIMIT + 1),
        "x.txt: text of 2,000,001 characters, at most 2,000,000 are read",
    ),
    Bad(
        "huge single line",
        "x.txt",
        b"a" * (4 * TEXT_LIMIT + BLOCK),
        "x.txt: text of more than 2,000,000 characters",
    ),
    Bad("empty table", "x.csv", b"", "x.csv: empty"),
    Bad("blank table", "x.csv", b"\n\n", "x.csv: no text"),
    Bad(
        "Excel named csv",
        "x.csv",
        b"PK\x03\x04xl/workbook.xml",
        "x.csv: not text (Excel document)",
    ),
    Bad(
        "ragged row",
        "x.csv",
        HEAD + b"1,a,b,c,d\n" + ROW,
        "x.csv:2: row has 5 fields, header has 4",
        1,
    ),
    Bad(
        "quote not doubled",
        "x.csv",
        HEAD + b'1,"a "fine" day",b,c\n' + ROW,
        "x.csv:2: quote inside a quoted field is not doubled",
        1,
    ),
    Bad(
        "one row in cp1252",
        "x.csv",
        HEAD + b"2,Caf\xe9 talks,b,c\n" + ROW,
        "x.csv:2: not UTF-8 (byte 0xe9); cp1252 would read it: use --encoding cp1252",
        1,
    ),
    Bad("no text in row", "x.csv", HEAD + b"2,,b,c\n" + ROW, "x.csv:2: no text", 1),
    Bad(
        "NUL in row",
        "x.csv",
        HEAD + b"2,ab\0c,b,c\n" + ROW,
        "x.csv:2: binary data at character 2",
        1,
    ),
    Bad(
        "long text in row",
        "x.csv",
        HEAD + b"2," + b"a" * (TEXT_LIMIT + 1) + b",b,c\n" + ROW,
        "x.csv:2: text of 2,000,001 characters, at most 2,000,000 are read",
        1,
    ),
    *(
        Bad(label, "x.jsonl", line + b'\n\n{"text": "b"}\n', f"x.jsonl:1: {why}", 1)
        for label, line, why in [
            ("broken line", b'{"text": "a",', "not valid JSON at column 14"),
            ("two objects", b'{"text": "a"} {}', "not valid JSON at column 15"),
            ("no object", b'"text"', "not a JSON object"),
            ("NaN", b'{"text": "a", "n": NaN}', "NaN is not valid JSON"),
            ("minus infinity", b'{"n": -Infinity}', "-Infinity is not valid JSON"),
            ("key twice", b'{"text": "a", "text": "b"}', "key 'text' stands twice"),
            ("deep", b'{"text": ' + b"[" * 100_000, "nested too deep"),
            (
                "many digits",
                b'{"text": "a", "id": ' + b"1" * 5000 + b"}",
                "number of 5,000 digits",
            ),
            ("number as text", b'{"text": 1e5}', "text is a number"),
            ("null as text", b'{"text": null}', "text is null"),
            ("list as text", b'{"text": ["a"]}', "text is a list or object"),
            ("object as text", b'{"text": {}}', "text is a list or object"),
            ("truth as text", b'{"text": true}', "text is true or false"),
            ("no text key", b'{"id": 1}', "no text column"),
            (
                "lone surrogate",
                rb'{"text": "a\ud800"}',
                "lone surrogate, not a character",
            ),
            (
                "lone surrogate in title",
                rb'{"text": "a", "title": "\udc80"}',
                "lone surrogate, not a character",
            ),
            ("NUL in JSON", rb'{"text": "a\u0000"}', "binary data at character 1"),
            (
                "line in cp1252",
                b'{"text": "caf\xe9s"}',
                "not UTF-8 (byte 0xe9); cp1252 would read it: use --encoding cp1252",
            ),
            ("long line", b" " * (LINE_LIMIT + 1), "line longer than 16 MB"),
        ]
    ),
    Bad(
        "nulls",
        "x.parquet",
        parquet({"text": ["a", None]}),
        "x.parquet:row 2: no text",
        1,
    ),
    Bad("unknown suffix", "x.exe", b"MZ", "x.exe: .exe files are not read"),
    Bad(
        "old Word file",
        "x.doc",
        b"\xd0\xcf\x11\xe0",
        "x.doc: .doc files are not read, save it as docx",
    ),
    Bad("no suffix", "Makefile", b"all:", "Makefile: no file suffix"),
    Bad("hidden", ".x.txt", b"a", ".x.txt: hidden"),
]

REFUSED = [
    Bad(
        "unclosed quote",
        "x.csv",
        HEAD + b'1,"ok\nok",b,c\n2,a,"open,c\n' + ROW * 3,
        "x.csv:4: the quote that opens here is not closed. "
        'Close it, and write " inside a field as "".',
    ),
    Bad(
        "unclosed quote before another",
        "x.csv",
        HEAD + b'1,"open,b,c\n2,"Talks, again",b,c\n',
        "x.csv:2: the quote that opens here is not closed. "
        'Close it, and write " inside a field as "".',
    ),
    Bad(
        "unclosed quote in a long file",
        "x.csv",
        HEAD + b'1,"open,b,c\n' + (b"2,a,b," + b"c" * BLOCK + b"\n") * 17,
        "x.csv:2: row longer than 16 MB. Is a quote not closed?",
    ),
    Bad(
        "column twice",
        "x.csv",
        b"text,date,text,date\n",
        "x.csv: column name given twice: text, date. Rename one.",
    ),
    Bad(
        "no text column",
        "x.csv",
        b"id,headline\n1,a\n",
        "x.csv: no text column (columns: id, headline). Name it with --text-column.",
    ),
    Bad(
        "Media Cloud",
        "x.csv",
        b"id,media_name,publish_date,title,url\n",
        "x.csv: a Media Cloud list, which has no article text. Give the texts by "
        "--text-from DIR|FILE: files named by id, or a table with the column url or "
        "id.",
    ),
    Bad(
        "addresses without texts",
        "x.csv",
        b"id,title,url\n",
        "x.csv: this export has no article text (columns: id, title, url). Add the "
        "texts to it as a column, or name their column with --text-column.",
    ),
    Bad(
        "header in cp1252",
        "x.csv",
        b"text,d\xe9but\n",
        "x.csv:1: the header is not UTF-8 (byte 0xe9); cp1252 would read it: "
        "use --encoding cp1252.",
    ),
    Bad(
        "array",
        "x.jsonl",
        b'[{"text": "a"}]',
        "x.jsonl: this is an array, one object per line is needed. "
        "Write it as JSON lines.",
    ),
    Bad(
        "object over lines",
        "x.jsonl",
        b'{\n "text": "a"\n}',
        "x.jsonl: this is one object over many lines, one object per line is "
        "needed. Write it as JSON lines.",
    ),
    Bad(
        "no text key",
        "x.jsonl",
        b'{"id": 1, "name": "a"}\n{"id": 2}',
        "x.jsonl: no text column (columns: id, name). Name it with --text-column.",
    ),
    Bad(
        "id for two texts",
        "x.csv",
        HEAD + b"1,a,b,c\n1,other,b,c\n",
        "x.csv:3: id '1' already belongs to another text at x.csv:2. "
        "Make the ids unique or name another --id-column.",
    ),
    Bad(
        "no Parquet",
        "x.parquet",
        b"PAR1 and then nothing",
        "x.parquet: not a complete Parquet file (Parquet magic bytes not found in "
        "footer. Either the file is corrupted or this is not a parquet file). "
        "Copy or export it again.",
    ),
    Bad(
        "text of numbers",
        "x.parquet",
        parquet({"text": [1, 2]}),
        "x.parquet: text column 'text' is int64, not string. "
        "Name another with --text-column.",
    ),
    Bad(
        "broken UTF-16",
        "x.csv",
        b"\xff\xfet\0e\0x\0t\0\n\0a",
        "x.csv: not utf-16 all through. Name its encoding with --encoding.",
    ),
    Bad(
        "no articles",
        "x.exe",
        b"",
        ".: no readable article files (.csv .docx .htm .html .json .jsonl .md .ndjson "
        ".parquet .pdf .rtf .tsv .txt .xhtml .xlsx .zip). "
        "Give a file or a folder with such files.",
    ),
]


def labels(cases: list[Bad]) -> list[str]:
    return [f"{case.name} {case.label}" for case in cases]


@pytest.mark.parametrize("case", SKIPPED, ids=labels(SKIPPED))
def test_bad_item_is_skipped_and_the_good_ones_are_read(
    case: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path, {case.name: case.content} | GOOD))
    articles, log = read(".")
    assert [str(item) for item in log.skipped] == [case.message]
    assert len(articles) == log.n_read == case.n_good + 1
    assert "good" in [article.doc_id for article in articles]


@pytest.mark.parametrize("case", REFUSED, ids=labels(REFUSED))
def test_unusable_file_is_refused_in_one_line(
    case: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path, {case.name: case.content}))
    with pytest.raises(InputError) as refusal:
        read(".")
    assert str(refusal.value) == case.message


def test_damaged_parquet_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = parquet({"text": ["Talks began."] * 50}, write_page_checksum=True)
    path = tmp_path / "x.parquet"
    for end in range(0, len(whole), 40):
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match="not a complete Parquet file"):
            read(path)
    path.write_bytes(whole[:30] + bytes([whole[30] ^ 1]) + whole[31:])
    with pytest.raises(InputError, match="not a complete Parquet file"):
        read(path)


@pytest.mark.parametrize("given", ["", "no.csv", "no/folder", "a\0b", "x" * 5000])
def test_missing_input_is_refused_before_anything_is_read(given: str) -> None:
    with pytest.raises(InputError, match=r"Check the path\.$"):
        read_articles([given], ReadOptions(), ReadLog())


@pytest.mark.parametrize("name", ["klingon", "hex", "a\0b", "undefined", "idna"])
def test_unknown_encoding_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="no such text encoding"):
        read_articles(["-"], ReadOptions(encoding=name), ReadLog())


def test_named_column_must_exist(tmp_path: Path) -> None:
    write(tmp_path, {"x.csv": HEAD + ROW, "x.jsonl": b'{"text": "a"}\n'})
    wanted = r"no column 'nr' \(columns: .*\)\. Name another with --id-column\."
    for name in ("x.csv", "x.jsonl"):
        with pytest.raises(InputError, match=wanted):
            read(tmp_path / name, id_column="nr")


def test_file_that_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"locked.txt": b"a"} | GOOD)
    opens = Path.open

    def refuse(path: Path, *args: Any, **options: Any) -> Any:
        if path.name == "locked.txt":
            raise PermissionError(13, "Permission denied")
        return opens(path, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    articles, log = read(tmp_path)
    assert len(articles) == 1
    assert [item.reason for item in log.skipped] == ["permission denied"]
    with pytest.raises(InputError, match=r"locked\.txt: permission denied\. Check"):
        read(tmp_path / "locked.txt")


def test_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, {"x.csv": HEAD + ROW * 2}) / "x.csv"
    articles = read_articles([str(path)], ReadOptions(), ReadLog())
    next(articles)
    path.write_bytes(HEAD)
    with pytest.raises(InputError, match="changed while it was being read"):
        list(articles)


def test_links_pipes_and_deep_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {f"{'d/' * 30}x.txt": b"deep", ".git/x.txt": b"a"} | GOOD)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "passwd.txt").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.txt")
    articles, log = read(tmp_path)
    assert [article.doc_id for article in articles] == ["good"]
    assert sorted(item.reason for item in log.skipped) == [
        "hidden",
        "more than 20 folders deep",
        "not a regular file",
        "symbolic link, not followed",
        "symbolic link, not followed",
    ]
    with pytest.raises(InputError, match="not a regular file"):
        read(tmp_path / "pipe.txt")


def test_empty_folder_among_others_is_noted(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "empty").mkdir()
    articles, log = read(tmp_path / "empty", tmp_path / "good.jsonl")
    assert len(articles) == 1
    assert [item.reason for item in log.skipped] == ["no readable article files in it"]


def test_names_are_shown_without_control_characters(tmp_path: Path) -> None:
    write(tmp_path, {"\x1b[31mred.txt": b"", "a\x1b.csv": b"\x1b,text\nv,b\n"})
    _, log = read(tmp_path)
    told = "".join([*map(str, log.skipped), *log.understood, *log.warnings])
    assert told.isprintable()


def test_plain_file_takes_source_date_and_id_from_its_path(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "corpus/the-hill/2019-03-12-talks.txt": b"Talks began.\r\nThey ended.",
            "corpus/fox/talks.md": b"# Talks begin #\n\nTalks began.",
            "corpus/fox/2019-13-40-no-date.txt": b"No date.",
        },
    )
    first, second, third = read(tmp_path / "corpus")[0]
    assert (first.doc_id, first.date) == ("fox/2019-13-40-no-date", "")
    assert (second.doc_id, second.title) == ("fox/talks", "Talks begin")
    assert second.text == "# Talks begin #\n\nTalks began."
    assert third == Article(
        doc_id="the-hill/2019-03-12-talks",
        source="the-hill",
        date="2019-03-12",
        title="",
        text="Talks began.\r\nThey ended.",
        where=str(tmp_path / "corpus/the-hill/2019-03-12-talks.txt"),
    )


def test_ids_of_plain_files_are_relative_to_what_holds_all_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"corpus/a/1.txt": b"One.", "corpus/b/1.txt": b"Other."})
    monkeypatch.chdir(tmp_path / "corpus/a")

    def ids(*inputs: str) -> list[str]:
        return [article.doc_id for article in read(*inputs)[0]]

    assert ids("1.txt") == ids(".") == ["1"]
    assert ids("../a", "../b") == ids("1.txt", "../b/1.txt") == ["a/1", "b/1"]
    assert {article.source for article in read("1.txt", "../b")[0]} == {"a", "b"}


def test_same_article_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, {"x.csv": HEAD + ROW + ROW, "y.txt": b"a"}) / "x.csv"
    articles, log = read(path, path, tmp_path / "y.txt", tmp_path)
    assert len(articles) == log.n_read == 2
    assert {item.reason for item in log.skipped} == {
        "same article again (same id and text)"
    }
    assert len(log.skipped) == 6


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"]
)
@pytest.mark.parametrize("suffix", ["txt", "csv", "jsonl"])
def test_encodings(encoding: str, suffix: str, tmp_path: Path) -> None:
    text = "“Gespräche” in Genf"
    content = {
        "txt": text,
        "csv": f"text,source\n{text},Post\n",
        "jsonl": json.dumps({"text": text}, ensure_ascii=False) + "\n",
    }[suffix]
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(content.encode(encoding))
    named = encoding if encoding in ("utf-16-le", "cp1252") else ""
    articles, log = read(path, encoding=named)
    assert [article.text for article in articles] == [text]
    assert not log.skipped


def test_named_encoding_is_strict(tmp_path: Path) -> None:
    path = write(tmp_path, {"x.txt": b"caf\x81"}) / "x.txt"
    assert str(read(path, encoding="cp1252")[1].skipped[0]).endswith(
        "not cp1252 at byte 3; name another with --encoding"
    )


def test_table_is_understood_and_said(tmp_path: Path) -> None:
    content = (
        "\ufeffId;Publication-Title;Full Text;Publication date;HD;url;;\r\n"
        "007;The Post;NA;March 12, 2019;null;https://x;;\r\n"
        '1e5;;"Talks;\nbegan ""again""";03/04/2019;;;;\r\n'
    )
    path = write(tmp_path, {"news.csv": content.encode()}) / "news.csv"
    articles, log = read(path)
    assert articles == [
        Article(
            doc_id="007",
            source="The Post",
            date="2019-03-12",
            title="null",
            text="NA",
            where=f"{path}:2",
            extra={"url": "https://x"},
        ),
        Article(
            doc_id="1e5",
            source="(none)",
            date="",
            title="",
            text='Talks;\nbegan "again"',
            where=f"{path}:3",
            extra={"url": ""},
        ),
    ]
    assert log.understood == [
        f"{path}: text=Full Text, source=Publication-Title, date=Publication date, "
        "title=HD, doc_id=Id; separated by semicolons; 2 articles"
    ]
    assert log.warnings == [
        f"{path}: dates left empty because ambiguous or not understood: 1 "
        "(such as 03/04/2019)"
    ]
    assert log.files == [(str(path), sha256(content.encode()).hexdigest())]


def test_first_alias_wins_and_the_users_choice_goes_before(tmp_path: Path) -> None:
    rows = b"content,Body,outlet,text\nc,b,o,t\n"
    path = write(tmp_path, {"x.csv": rows}) / "x.csv"
    assert read(path)[0][0].text == "t"
    article = read(path, text_column="body", source_column="content")[0][0]
    assert (article.text, article.source) == ("b", "c")
    assert article.extra == {"outlet": "o", "text": "t"}
    assert article.doc_id == "x:1"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["x.csv", "x.tsv"])
def test_line_ends_and_delimiters(name: str, end: str, tmp_path: Path) -> None:
    delimiter = "\t" if name == "x.tsv" else ","
    rows = ["source", "text"], ["Post", "a\u2028b"], ["", ""]
    content = end.join(delimiter.join(row) for row in rows)
    articles, log = read(write(tmp_path, {name: content.encode()}) / name)
    assert [article.text for article in articles] == ["a\u2028b"]
    assert "separated" not in log.understood[0]
    assert [item.reason for item in log.skipped] == ["no text"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.csv", HEAD), ("x.parquet", parquet({"text": pa.array([], pa.string())}))],
)
def test_table_without_rows_gives_no_article(
    name: str, content: bytes, tmp_path: Path
) -> None:
    articles, log = read(write(tmp_path, {name: content}) / name)
    assert (articles, log.skipped) == ([], [])
    assert log.understood[0].endswith("; 0 articles")


def test_json_values_become_text(tmp_path: Path) -> None:
    line = (
        '{"id": 1234567890123456789012345678901234567890, "body": "a", "n": 1e5, '
        '"authors": ["Ü", {"x": 2.50}], "source": null, "live": true}'
    )
    lines = f'{line}\n{{"text": "b"}}\n{{"text": "c"}}\n'
    path = write(tmp_path, {"x.jsonl": lines.encode()}) / "x.jsonl"
    (first, *_), log = read(path)
    assert first.doc_id == "1234567890123456789012345678901234567890"
    assert first.source == "(none)"
    assert first.extra == {
        "n": "1e5",
        "authors": '["Ü", {"x": "2.50"}]',
        "live": "true",
    }
    assert log.understood == [
        f"{path}: text=body, source=source, doc_id=id; 1 article",
        f"{path}: text=text; 2 articles",
    ]


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int32(), pa.string()),
    ],
    ids=str,
)
def test_parquet_columns_of_many_types(kind: pa.DataType, tmp_path: Path) -> None:
    noon = datetime(2019, 3, 12, 12, tzinfo=UTC)
    content = parquet(
        {
            "text": pa.array(["Talks began.", "Talks ended."]).cast(kind),
            "source": pa.array([float("nan"), None], pa.float64()),
            "id": pa.array([7, 8]),
            "date": pa.array([noon, None], pa.timestamp("ns", "Asia/Tokyo")),
            "day.seen": pa.array([date(2019, 3, 13), None]),
            "tags": pa.array([["a"], None]),
            "picture": pa.array([b"\xff", None]),
        }
    )
    path = write(tmp_path, {"x.parquet": content}) / "x.parquet"
    articles, log = read(path)
    assert articles[0] == Article(
        doc_id="7",
        source="(none)",
        date="2019-03-12",
        title="",
        text="Talks began.",
        where=f"{path}:row 1",
        extra={"day.seen": "2019-03-13", "tags": '["a"]'},
    )
    assert articles[1].date == ""
    assert log.files == [(str(path), sha256(content).hexdigest())]


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (b'\n {"text": "a"}\n{"text": "b"}', ["stdin:2", "stdin:3"]),
        ('{"text": "a"}'.encode("utf-16"), ["stdin:1"]),
        (b"Talks {began}.", ["stdin"]),
    ],
)
def test_stdin(content: bytes, ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    articles, log = read("-")
    assert [article.doc_id for article in articles] == ids
    assert {article.source for article in articles} == {"(none)"}
    assert log.files == [("-", sha256(content).hexdigest())]


def test_a_large_table_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("w") as file:
        file.write("text\n")
        file.writelines(f"{n} {'a' * 1000}\n" for n in range(5000))
    log = ReadLog()
    next(read_articles([str(path)], ReadOptions(), log))
    assert not log.files


def test_readers_do_not_import_the_heavy_libraries() -> None:
    heavy = (
        "{'numpy', 'pandas', 'pyarrow', 'sklearn', 'scipy', 'nltk', 'trafilatura', "
        "'lxml', 'docx', 'openpyxl', 'pypdf', 'striprtf'}"
    )
    code = (
        "import sys, framing.articles as a; a.load_formats(a.ReadLog()); "
        f"assert not {heavy} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(characters, min_size=1).filter(lambda text: not text.isspace())
words = st.text(characters).map(str.strip)
records = st.lists(
    st.fixed_dictionaries(
        {
            "id": words.filter(bool),
            "source": words.filter(bool),
            "date": st.dates().map(date.isoformat),
            "title": words,
            "text": texts,
            "section": st.text(characters),
        }
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda record: record["id"],
)


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(records)
def test_what_is_written_is_read_back(
    tmp_path: Path, written: list[dict[str, str]]
) -> None:
    with (tmp_path / "x.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(written[0]), quoting=csv.QUOTE_ALL)
        table.writeheader()
        table.writerows(written)
    lines = "\n".join(json.dumps(record) for record in written)
    (tmp_path / "x.jsonl").write_text(lines, encoding="utf-8")
    for name in ("x.csv", "x.jsonl"):
        articles, log = read(tmp_path / name)
        assert not log.skipped
        assert [as_record(article) for article in articles] == written


def as_record(article: Article) -> dict[str, str]:
    return {
        "id": article.doc_id,
        "source": article.source,
        "date": article.date,
        "title": article.title,
        "text": article.text,
        **article.extra,
    }


@settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["x.txt", "x.csv", "x.tsv", "x.jsonl", "x.parquet"]),
    st.sampled_from([b"", b"text,id\n", b"\xff\xfe", b'{"text": "', b"PAR1"]),
    st.binary() | st.text(st.sampled_from('",\n\r\0{}[]:a\\1é')).map(str.encode),
)
def test_only_our_error_comes_out_of_any_bytes(
    tmp_path: Path, name: str, start: bytes, rest: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(start + rest)
    with suppress(InputError):
        read(path)


def dated(*dates: str) -> bytes:
    rows = "".join(f"{n},They met {n}.,Post,{d}\n" for n, d in enumerate(dates, 1))
    return f"id,text,source,date\n{rows}".encode()


CLEAR = ("25/04/2019", "26/04/2019", "27/04/2019", "28/04/2019", "29/04/2019")


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (("03/04/2019", *CLEAR), "2019-04-03"),
        (("03/04/2019", *(f"4/{n}/2019" for n in range(13, 18))), "2019-03-04"),
        (("03/04/2019", *CLEAR[1:]), ""),  # too few tell
        (("03/04/2019", *CLEAR, "04/25/2019"), ""),  # they contradict each other
    ],
)
def test_dates_of_one_reading_settle_the_others(
    tmp_path: Path, dates: tuple[str, ...], first: str
) -> None:
    articles, log = read(write(tmp_path, {"x.csv": dated(*dates)}))
    assert articles[0].date == first
    told = [line for line in log.understood if "first, as" in line]
    assert len(told) == bool(first)
    assert bool(first) != any("03/04/2019" in line for line in log.warnings)


def test_later_dates_that_contradict_the_first_are_warned_of(tmp_path: Path) -> None:
    dates = ("03/04/2019", *CLEAR, *["2019-01-01"] * 1000, "04/25/2019")
    articles, log = read(write(tmp_path, {"x.csv": dated(*dates)}))
    assert (articles[0].date, articles[-1].date) == ("2019-04-03", "2019-04-25")
    (warning,) = log.warnings
    assert "1 later dates have it the other way round" in warning
