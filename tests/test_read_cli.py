"""`framing read`: the preview, the articles written, and what was skipped."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framing.articles import ReadLog, ReadOptions, read_articles
from framing.articles.writing import as_row, write_articles
from framing.errors import InputError
from framing.records import Article
from tests.conftest import Framing
from tests.test_articles import write

TABLE = b"""nr,body,outlet,published,section
1,They met.,Post,2026-03-01,World
2,=HYPERLINK("x"),Sun,03/04/2026,Home
3,,Sun,2026-03-05,Home
"""


def test_preview_shows_what_would_be_read(framing: Framing, tmp_path: Path) -> None:
    write(tmp_path, {"in/t.csv": TABLE, "in/notes.doc": b"a"})
    ran = framing("read", "in", "--preview")
    assert ran.code == 1
    assert ran.out == (
        "file     format found read skipped\n"
        "in/t.csv csv        3    2       1\n"
        "\n"
        "2 articles read, 2 items skipped.\n"
        "\n"
        "Read in/t.csv: text=body, source=outlet, date=published; 2 articles\n"
        "Note in/t.csv: dates left empty because ambiguous or not understood: 1 (such"
        " as\n  03/04/2026)\n"
        "\n"
        "source articles\n"
        "Post          1\n"
        "Sun           1\n"
        "\n"
        "Dates: 2026-03-01 to 2026-03-01; 1 of 2 articles have none\n"
        "\n"
        "Article 1\n"
        "  t:1 | Post | 2026-03-01\n"
        "  They met.\n"
        "\n"
        "Article 2\n"
        "  t:2 | Sun | no date\n"
        '  =HYPERLINK("x")\n'
        "\n"
        "Skipped (2)\n"
        "in/notes.doc: .doc files are not read, save it as docx\n"
        "in/t.csv:4: no text\n"
    )


def test_many_files_are_told_by_their_format(framing: Framing, tmp_path: Path) -> None:
    files = {f"in/post/{n}.txt": b"They met." for n in range(13)}
    ran = framing("read", write(tmp_path, {**files, "in/t.csv": TABLE}) / "in")
    assert ran.out.splitlines()[:3] == [
        "format files found read skipped",
        "text      13    13   13       0",
        "csv        1     3    2       1",
    ]


def test_preview_is_safe_on_a_terminal(framing: Framing, tmp_path: Path) -> None:
    text = b'{"text": "They\\u001b[2J met \\u202e.", "source": "\\u001b[31mPost"}\n'
    write(tmp_path, {"\x1b[2Jx.jsonl": text})
    ran = framing("read", ".", "--preview")
    assert "\x1b" not in ran.out + ran.err
    assert "\u202e" not in ran.out


def test_preview_for_other_programs(framing: Framing, tmp_path: Path) -> None:
    write(tmp_path, {"t.csv": TABLE})
    told = framing("read", "t.csv", "--json").json
    assert told["files"] == [
        {
            "where": "t.csv",
            "format": "csv",
            "n_files": 1,
            "found": 3,
            "read": 2,
            "skipped": 1,
            "announced": None,
        }
    ]
    assert (told["n_articles"], told["n_skipped"], told["n_undated"]) == (2, 1, 1)
    assert told["sources"] == {"Post": 1, "Sun": 1}
    assert told["skipped"] == [{"where": "t.csv:4", "reason": "no text"}]


def test_articles_are_written_in_each_format(framing: Framing, tmp_path: Path) -> None:
    write(tmp_path, {"t.csv": TABLE})
    for name in ("out.jsonl", "out.csv", "out.parquet"):
        ran = framing("read", "t.csv", "-o", f"new/{name}", "--skipped", "left/out.csv")
        assert (ran.code, ran.out) == (1, "")
        assert f"2 articles written to new/{name}" in ran.err
    first = {
        "doc_id": "t:1",
        "source": "Post",
        "date": "2026-03-01",
        "title": "",
        "text": "They met.",
        "nr": "1",
        "section": "World",
    }
    formula = '=HYPERLINK("x")'
    lines = (tmp_path / "new" / "out.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == first
    assert json.loads(lines[1])["text"] == formula
    rows = pq.read_table(tmp_path / "new" / "out.parquet").to_pylist()
    assert rows[0] == first
    with (tmp_path / "new" / "out.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert rows[0] == first
    assert rows[1]["text"] == f"'{formula}"
    left = (tmp_path / "left" / "out.csv").read_text()
    assert left == "place,reason\nt.csv:4,no text\n"


def test_articles_are_piped_on(framing: Framing, tmp_path: Path) -> None:
    write(tmp_path, {"t.csv": TABLE})
    ran = framing("read", "t.csv", "-o", "-", "--quiet")
    assert [json.loads(line)["text"] for line in ran.out.splitlines()] == [
        "They met.",
        '=HYPERLINK("x")',
    ]
    again = framing("read", "-", "--json", stdin=ran.out)
    assert again.json["n_articles"] == 2


def test_a_failed_reading_leaves_the_file_of_before(
    framing: Framing, tmp_path: Path
) -> None:
    broken = b'[{"text": "a"}, {"text'
    write(tmp_path, {"x.json": broken, "out.csv": b"before", "e.csv": b"text\n"})
    for name in ("x.json", "e.csv"):
        ran = framing("read", name, "-o", "out.csv")
        assert ran.code == 3
        assert ran.err.count("\n") <= 2
        assert (tmp_path / "out.csv").read_bytes() == b"before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["e.csv", "out.csv", "x.json"]


@pytest.mark.parametrize("name", ["out.xlsx", "out", "folder.csv"])
def test_a_file_that_cannot_be_written_is_refused_first(
    framing: Framing, tmp_path: Path, name: str
) -> None:
    write(tmp_path, {"t.csv": TABLE, "folder.csv/x": b""})
    ran = framing("read", "t.csv", "-o", name)
    assert ran.code == 6
    assert ran.err == (
        f"framing: {name}: not written. Give a .jsonl, .csv or .parquet file.\n"
    )


def test_standard_output_takes_one_thing(framing: Framing, tmp_path: Path) -> None:
    write(tmp_path, {"t.csv": TABLE})
    for option in ("--preview", "--json"):
        assert framing("read", "t.csv", "-o", "-", option).code == 2


def test_no_article_is_shown_but_not_written(framing: Framing, tmp_path: Path) -> None:
    write(tmp_path, {"e.txt": b""})
    ran = framing("read", "e.txt", "--preview")
    assert ran.code == 1
    assert "0 articles read, 1 item skipped." in ran.out
    assert framing("read", "e.txt", "-o", "out.csv").code == 3


def test_further_columns_keep_their_names_where_they_are_free() -> None:
    extra = {"title": "A", "x_title": "B", "section": "C"}
    row = as_row(Article("1", "Post", "", "Talks", "They met.", extra=extra))
    assert row["title"] == "Talks"
    assert sorted(set(row) - {"doc_id", "source", "date", "title", "text"}) == [
        "section",
        "x_title",
        "x_x_title",
    ]


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
articles = st.builds(
    Article,
    doc_id=words.map(str.strip).filter(bool),
    source=words.map(str.strip).filter(bool),
    date=st.dates().map(str),
    title=words.map(str.strip),
    text=words.filter(str.strip),
    extra=st.dictionaries(st.sampled_from(["section", "author", "text"]), words),
)


@settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(articles, min_size=1, max_size=4, unique_by=lambda a: a.doc_id),
    st.sampled_from(["x.jsonl", "x.parquet"]),
)
def test_what_is_written_is_read_back(
    tmp_path: Path, written: list[Article], name: str
) -> None:
    path = tmp_path / name
    assert write_articles(written, path) == len(written)
    log = ReadLog()
    found = list(read_articles([str(path)], ReadOptions(), log))
    assert not log.skipped
    columns = {name for article in written for name in as_row(article)}
    for article, before in zip(found, written, strict=True):
        row = dict.fromkeys(columns, "") if name.endswith("parquet") else {}
        assert as_row(article) == {**row, **as_row(before)}


def test_writing_stops_with_the_reading(tmp_path: Path) -> None:
    def fail():
        yield Article("1", "Post", "", "", "They met.")
        raise InputError("gone")

    with pytest.raises(InputError, match="gone"):
        write_articles(fail(), tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == []


FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(articles, min_size=1, max_size=4), st.sampled_from(["", *FORMULA]))
def test_csv_gives_back_the_values_and_no_formula(
    tmp_path: Path, written: list[Article], sign: str
) -> None:
    path = tmp_path / "x.csv"
    written = [replace(a, text=sign + a.text, title=sign + a.title) for a in written]
    write_articles(written, path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, article in zip(rows, written, strict=True):
        for name, value in as_row(article).items():
            plain = value.replace("\r\n", "\n").replace("\r", "\n")
            assert row[name] == ("'" * value.startswith(FORMULA)) + plain
    assert not any(cell.startswith(FORMULA) for row in rows for cell in row.values())
