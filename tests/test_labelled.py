import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from framing.articles import ReadLog, ReadOptions, read_articles
from framing.errors import LabelError
from framing.labelled import Labelled, LabelledColumns, read_labelled

CODES = ("aid", "row")
USUAL = LabelledColumns()


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(
    name: str,
    content: str,
    columns: LabelledColumns = USUAL,
    codes: tuple[str, ...] = CODES,
) -> list[Labelled]:
    Path(name).write_text(content, encoding="utf-8", newline="")
    return read_labelled(Path(name), columns, codes)


def refused(name: str, content: str, columns: LabelledColumns = USUAL) -> str:
    with pytest.raises(LabelError) as caught:
        read(name, content, columns)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'text,label,article\n"He, too, helped.",aid|row,d1\n'),
        ("a.csv", 'text;label;article\n"He, too, helped.";aid|row;d1\n'),
        ("a.csv", "text\tlabel\tarticle\nHe, too, helped.\taid|row\td1\n"),
        ("a.tsv", 'text,label,article\n"He, too, helped.",aid|row,d1\n'),
        ("a.tsv", "text\tlabel\tarticle\nHe, too, helped.\taid;row\td1\n"),
        (
            "a.jsonl",
            '{"text": "He, too, helped.", "label": ["row", "aid"], "article": "d1"}\n',
        ),
        (
            "a.ndjson",
            '\n{"text": "He, too, helped.", "label": "aid#row", "article": "d1"}',
        ),
        ("a.csv", '\ufefftext,label,article\r\n"He, too, helped.",aid | row,d1\r\n'),
        ("a.csv", 'text,aid,row,article\n"He, too, helped.",1,1,d1\n'),
        ("a.csv", 'text,aid,row,article\n"He, too, helped.",1.0,True,d1\n'),
    ],
)
def test_table_of_any_form_gives_text_codes_and_group(name: str, content: str) -> None:
    assert read(name, content) == [Labelled("He, too, helped.", ("aid", "row"), "d1")]


@pytest.mark.parametrize("nothing", ["", "none", "None", "-", " ; "])
def test_text_without_a_code_is_labelled_too(nothing: str) -> None:
    assert read("a.csv", f'text,label,id\nA,"{nothing}",1\n')[0].codes == ()


def test_columns_of_codes_say_by_zero_and_one() -> None:
    rows = read("a.csv", "text,aid,row\nA,0,1\nB,0,0\nC,1,0\n")
    assert [row.codes for row in rows] == [("row",), (), ("aid",)]


def test_chosen_columns_go_before_the_usual_ones() -> None:
    content = "text,label,quote,frame_2,page\nA,aid,B,row,9\n"
    columns = LabelledColumns(text="quote", label="frame_2", group="page")
    assert read("a.csv", content, columns) == [Labelled("B", ("row",), "9")]


def test_chosen_label_column_goes_before_columns_of_codes() -> None:
    columns = LabelledColumns(label="frame")
    assert read("a.csv", "text,aid,frame\nA,1,row\n", columns)[0].codes == ("row",)


def test_row_without_a_group_is_a_group_of_its_own() -> None:
    rows = read("a.csv", "text,label\nA,aid\nB,row\n")
    assert [row.group for row in rows] == ["a.csv:2", "a.csv:3"]


def test_row_without_a_text_is_left_out() -> None:
    rows = read("a.csv", 'text,label\nA,aid\n" ",row\n')
    assert [row.text for row in rows] == ["A"]


def test_quoted_line_end_belongs_to_the_text() -> None:
    rows = read("a.csv", 'text,label\n"A\nB",aid\n')
    assert [(row.text, row.group) for row in rows] == [("A\nB", "a.csv:3")]


def test_without_a_codebook_any_code_goes() -> None:
    rows = read("a.csv", "text,label\nA,whatever\n", codes=())
    assert rows[0].codes == ("whatever",)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.csv",
            "text,label\nA,aid\nB,peace\n",
            "a.csv:3: code 'peace' is none of aid, row. Mend it.",
        ),
        (
            "a.csv",
            "words,label\nA,aid\n",
            "a.csv:2: no text column (columns: words, label). "
            "Name it by --text-column.",
        ),
        (
            "a.csv",
            "text,verdict\nA,aid\n",
            "a.csv:2: no label column (columns: text, verdict). "
            "Name it by --label-column.",
        ),
        ("a.csv", "", "a.csv: no labelled text in it. Check the file."),
        ("a.csv", "text,label\n", "a.csv: no labelled text in it. Check the file."),
        (
            "a.jsonl",
            '{"text": "A", "label": "aid"}\n{"text": \n',
            "a.jsonl:2: not valid JSON. Mend the line.",
        ),
        ("a.jsonl", "[1]\n", "a.jsonl:1: not one JSON object a line. Mend the line."),
        ("a.jsonl", "[" * 200_000, "a.jsonl:1: not valid JSON. Mend the line."),
    ],
)
def test_table_that_cannot_be_used_is_refused_with_its_place(
    name: str, content: str, message: str
) -> None:
    assert refused(name, content) == message


def test_chosen_column_that_is_not_there_is_refused() -> None:
    message = refused("a.csv", "text,label\nA,aid\n", LabelledColumns(text="quote"))
    assert message.startswith("a.csv:2: no text column (columns: text, label).")


def test_missing_file_is_refused() -> None:
    with pytest.raises(LabelError, match=r"^a\.csv: No such file or directory\. "):
        read_labelled(Path("a.csv"), USUAL)


def test_file_that_is_not_utf_8_is_refused_with_the_byte() -> None:
    Path("a.csv").write_bytes(b"text,label\n\xe9,aid\n")
    with pytest.raises(LabelError, match=r"^a\.csv: not UTF-8 at byte 11\. "):
        read_labelled(Path("a.csv"), USUAL)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
def test_line_separator_inside_a_text_does_not_cut_it(
    separator: str, name: str
) -> None:
    text = f"A{separator}B"
    row = json.dumps({"text": text, "label": "aid"}, ensure_ascii=False)
    cell = "\t" if name == "a.tsv" else ","
    content = row if name == "a.jsonl" else f"text{cell}label\n{text}{cell}aid\n"
    assert [row.text for row in read(name, content)] == [text]


@pytest.fixture
def _limit() -> Iterator[None]:
    """Set the limit of a cell, global to the csv module, as Python starts with."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


LONG = f"text,label\n{'A' * 140_000},aid\n"
UNREADABLE = [
    pytest.param('text,label\n"A,aid\n', "unexpected end of data", id="unclosed"),
    pytest.param('text,label\n"A" B,aid\n', "',' expected after '\"'", id="after it"),
    pytest.param(LONG, "field larger than field limit (131072)", id="too long"),
]


@pytest.mark.usefixtures("_limit")
@pytest.mark.parametrize(("content", "message"), UNREADABLE)
def test_row_that_cannot_be_read_is_refused(content: str, message: str) -> None:
    assert refused("a.csv", content).endswith(f": {message}. Mend the row.")


@pytest.mark.usefixtures("_limit")
@pytest.mark.parametrize(("content", "message"), UNREADABLE)
def test_row_that_cannot_be_read_is_named(content: str, message: str) -> None:
    assert refused("a.csv", content) == f"a.csv:2: {message}. Mend the row."


@pytest.mark.usefixtures("_limit")
def test_articles_read_before_change_nothing() -> None:
    before = refused("a.csv", LONG)
    Path("articles.csv").write_text("text\nPolice.\n")
    assert list(read_articles(["articles.csv"], ReadOptions(), ReadLog()))
    assert refused("a.csv", LONG) == before


@pytest.mark.parametrize("value", ["TRUE", "true", "yes", "1", "1.0", "x", " X "])
def test_cell_of_a_code_may_say_yes_in_some_ways(value: str) -> None:
    assert read("a.csv", f"text,aid,row\nA,{value},0\n")[0].codes == ("aid",)


@pytest.mark.parametrize("value", ["FALSE", "false", "no", "0", "0.0", "", " "])
def test_cell_of_a_code_may_say_no_in_some_ways(value: str) -> None:
    assert read("a.csv", f"text,aid,row\nA,{value},1\n")[0].codes == ("row",)


@pytest.mark.parametrize("value", ["2", "-1", "0.5", "maybe", "aid"])
def test_cell_of_a_code_that_says_neither_yes_nor_no_is_refused(value: str) -> None:
    expected = f"a.csv:2: aid is '{value}'. Write 1 or 0."
    assert refused("a.csv", f"text,aid,row\nA,{value},0\n") == expected


def test_chosen_group_column_that_is_not_there_is_refused() -> None:
    content = "text,label,page\nA,aid,1\n"
    assert refused("a.csv", content, LabelledColumns(group="pages")) == (
        "a.csv:2: no group column (columns: text, label, page). "
        "Name it by --group-column."
    )


@pytest.mark.parametrize("row", ["B", "B,aid,row", "B, too,aid", "B,aid,"])
def test_row_with_another_number_of_cells_is_refused(row: str) -> None:
    expected = "a.csv:3: other number of cells than columns. Mend the row."
    assert refused("a.csv", f"text,label\nA,aid\n{row}\nC,aid\n") == expected


@pytest.mark.parametrize("text", ["null", "5", '["A"]'])
def test_text_that_is_no_text_is_refused(text: str) -> None:
    expected = "a.jsonl:1: the text is no text. Mend the line."
    assert refused("a.jsonl", f'{{"text": {text}, "label": "aid"}}\n') == expected
