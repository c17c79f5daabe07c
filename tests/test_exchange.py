import io
import json
import os
import random
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from framing.codebook import STANCES, Code, Codebook
from framing.errors import LabelError
from framing.exchange import (
    TOOLS,
    Coders,
    Import,
    Reading,
    Rules,
    code_names,
    export_bytes,
    make_export,
    plan_import,
    read_import,
    write_import,
)
from framing.exchange import members as members_module
from framing.exchange.decision import Log, Refused, join_key
from framing.exchange.members import read_members
from framing.exchange.stances import read_stance, stance_parts, stance_text
from framing.exchange.table import guard, plain
from framing.exchange.taking import check_coder
from framing.exchange.times import FORMAT, iso_time
from framing.exchange.units import split_key
from framing.labelstore import read_label_file, read_labels
from framing.project import open_project
from framing.records import Label
from tests.conftest import CASES, Framing, Ran, call, train

EXPORTS = CASES / "exchange"
CODES = ("economy", "humanity", "security")
CODEBOOK = Codebook(
    name="migration",
    version="1.0",
    language="en",
    unit="one sentence",
    coding="multiple",
    codes=tuple(Code(name, name.title(), "Something.") for name in CODES),
    hash="0123456789ab",
    accepts=("aaaaaaaaaaaa",),
)
NOW = "2026-05-01T00:00:00Z"
NAMES = code_names(CODEBOOK, {})
RULES = Rules(CODEBOOK, NAMES, NOW)
HOW = Reading(NAMES)
LABEL = Label(
    doc_id="post-1",
    start=5,
    end=16,
    text="Wages rise.",
    codes=("economy",),
    stance={},
    coder="ana",
    time="2026-03-01T10:00:00Z",
    codebook=CODEBOOK.signature,
)
SUFFIXES = {
    "doccano": "labels.zip",
    "labelstudio": "labels.json",
    "prodigy": "labels.jsonl",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    codes = ("--codes", "economy,security,humanity", "--name", "migration")
    assert call("init", folder, *codes, "-q") == 0
    return folder


def is_coder(name: str) -> bool:
    try:
        check_coder(name)
    except Refused:
        return False
    return name != "all"


# Every letter there is but the halves of surrogate pairs, which are none.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
TRICKY = ["=1+1", "'=x", "'tis", "\r\n", "a\rb", 'say "no"', "a|b", "\u2028", "none"]
TARGETS = st.one_of(TEXTS, st.sampled_from(["China", "a = b", "a | b", "{", " x "]))
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(
    lambda time: time.strftime(FORMAT)
)


def make_label(**fields: Any) -> Label:
    return Label(**fields, end=fields["start"] + len(fields["text"]))


LABELS = st.builds(
    make_label,
    doc_id=st.one_of(TEXTS, st.sampled_from(["a:1-2", "=b", "7", ":", "a b"])),
    start=st.integers(0, 10**6),
    text=st.one_of(TEXTS, st.sampled_from(TRICKY)).filter(str.strip),
    codes=st.permutations(CODES).flatmap(
        lambda codes: st.integers(0, 3).map(lambda n: tuple(codes[:n]))
    ),
    stance=st.dictionaries(TARGETS, st.sampled_from(STANCES), max_size=3),
    coder=st.one_of(
        st.sampled_from(["ana", "ben@example.org", "3", "a.b", "labels"]),
        TEXTS.filter(is_coder),
    ),
    time=TIMES,
    codebook=st.sampled_from([CODEBOOK.signature, "migration 0.9 @aaaaaaaaaaaa"]),
    source=st.one_of(TEXTS, st.sampled_from(TRICKY)),
    note=st.one_of(TEXTS, st.sampled_from(TRICKY)),
    order=st.sampled_from(["", "sample", "uncertain"]),
    probability=st.floats(0, 1),
)
SETS = st.lists(LABELS, min_size=1, max_size=5, unique_by=lambda x: (x.coder, x.unit))


def taken_back(
    labels: Sequence[Label], tool: str, folder: Path
) -> tuple[list[Label], Log]:
    """Return labels after a way there and back."""
    path = folder / SUFFIXES.get(tool, "labels.csv")
    path.write_bytes(export_bytes(make_export(labels, tool, CODEBOOK), path))
    log, taken = read_import(path, tool, HOW, RULES, Coders())
    return [one.label for one in taken], log


def in_order(labels: Sequence[Label]) -> list[Label]:
    """Return labels as they are meant: codes are a set, and so are labels."""
    plainly = [replace(x, codes=tuple(sorted(x.codes))) for x in labels]
    return sorted(plainly, key=lambda x: (*x.unit, x.coder))


@pytest.mark.parametrize("tool", ["doccano", "labelstudio", "prodigy", "csv"])
@given(labels=SETS)
@settings(max_examples=60, deadline=None)
@example(labels=[LABEL, replace(LABEL, coder="ben", codes=("security", "economy"))])
@example(labels=[replace(LABEL, text="'=1+1 wages", coder="a;b;c\u00a0d;;;;;;")])
def test_labels_survive_the_way_there_and_back(
    labels: list[Label], tool: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    back, log = taken_back(labels, tool, tmp_path_factory.mktemp("x"))
    assert in_order(back) == in_order(labels)
    assert log.skipped == []
    assert log.dropped == {}


@given(labels=SETS)
@settings(max_examples=60, deadline=None)
def test_activetigger_keeps_unit_codes_coder_and_source(
    labels: list[Label], tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = labels[0].source
    assume(source not in ("nan", "None"))
    labels = [replace(label, source=source) for label in labels]
    back, log = taken_back(labels, "activetigger", tmp_path_factory.mktemp("x"))
    lost = {
        "stance": {},
        "note": "",
        "order": "",
        "probability": 0.0,
        "time": NOW,
        "codebook": CODEBOOK.signature,
    }
    assert in_order(back) == in_order([replace(x, **lost) for x in labels])
    # A cell where another coder has no label is nobody's decision.
    assert set(log.dropped) <= {"not coded yet"}


def test_openframing_keeps_text_and_code_of_what_it_can_hold(tmp_path: Path) -> None:
    several = replace(LABEL, start=20, end=31, codes=("economy", "security"))
    nothing = replace(LABEL, text="Rain.", start=40, end=45, codes=())
    export = make_export([LABEL, several, nothing], "openframing", CODEBOOK)
    assert export.files[""] == (
        '"Example","Category"\n"Wages rise.","economy"\n"Rain.","none"\n'
    )
    assert export.n_left_out == 1
    assert export.lost == {"coder": 2, "time": 2}
    (tmp_path / "a.csv").write_text(export.files[""])
    _, taken = read_import(Path("a.csv"), "openframing", HOW, RULES, Coders("ana"))
    assert [(x.label.text, x.label.codes) for x in taken] == [
        ("Wages rise.", ("economy",)),
        ("Rain.", ()),
    ]


@given(doc_id=TEXTS, start=st.integers(0, 10**9), length=st.integers(0, 10**5))
@example(doc_id="a:1-2", start=3, length=4)
def test_key_of_a_unit_is_joined_and_taken_apart(
    doc_id: str, start: int, length: int
) -> None:
    label = replace(LABEL, doc_id=doc_id, start=start, end=start + length)
    assert split_key(join_key(label)) == label.unit


@pytest.mark.parametrize("key", ["", "12", "a:1", "a:-1-2", "a:1-2 ", "a:١-٢"])
def test_other_ids_are_no_key(key: str) -> None:
    assert split_key(key) is None


@given(cell=st.one_of(TEXTS, st.sampled_from(TRICKY)))
def test_guarded_cell_is_no_formula_and_comes_back(cell: str) -> None:
    assert not guard(cell).startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋"))
    assert plain(guard(cell)) == cell


@given(stance=st.dictionaries(TARGETS, st.sampled_from(STANCES), max_size=3))
def test_stance_is_read_from_its_cell_and_its_parts(stance: dict[str, str]) -> None:
    assert read_stance(stance_text(stance)) == stance
    assert read_stance(stance_parts(stance)) == stance


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (1772400000, "2026-03-01T21:20:00Z"),
        (1772400000.9, "2026-03-01T21:20:00Z"),
        ("2026-03-01T21:20:00.25Z", "2026-03-01T21:20:00.25Z"),
        ("2026-03-01T22:20:00+01:00", "2026-03-01T21:20:00Z"),
        ("2026-03-01 21:20:00.5", "2026-03-01T21:20:00Z"),
        ("yesterday", ""),
        ("", ""),
        (None, ""),
        (True, ""),
        (1e300, ""),
        ([], ""),
    ],
)
def test_time_of_any_kind_becomes_iso_in_utc(value: Any, time: str) -> None:
    assert iso_time(value) == time


# What the exports of each tool look like: files in tests/cases/exchange.


def read_export(name: str, tool: str, coder: str = "") -> tuple[list[Label], Log]:
    log, taken = read_import(EXPORTS / name, tool, HOW, RULES, Coders(coder))
    return [one.label for one in taken], log


def decided(labels: Sequence[Label]) -> list[tuple[Any, ...]]:
    return [(x.coder, x.doc_id, x.start, x.codes) for x in labels]


def doccano_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/._ana.jsonl", b"\0\1")
        for file in sorted((EXPORTS / "doccano").iterdir()):
            archive.write(file, file.name)
    return path


def test_doccano_zip_and_folder_hold_a_file_per_coder(tmp_path: Path) -> None:
    path = doccano_zip(tmp_path / "export.zip")
    expected = [
        ("ana", "post-7", 0, ("economy",)),
        ("ana", "post-7", 71, ("humanity", "security")),
        ("ana", "post-7", 132, ()),
        ("ben", "post-7", 0, ("economy",)),
        ("ben", "post-7", 71, ("security",)),
        ("ben", "doccano-104", 0, ("economy", "humanity")),
    ]
    for place in (path, EXPORTS / "doccano"):
        labels, log = read_export(str(place), "doccano")
        assert decided(labels) == expected
        assert log.skipped == []
        assert log.n_empty == 1
    assert labels[1].note == "infants: humanity too"
    assert [label.source for label in labels[4:]] == ["Harbour Post", ""]
    assert labels[5].text == "A café owner hired two of the /arrivals/."


def test_doccano_labels_of_everybody_need_a_coder(tmp_path: Path) -> None:
    shutil.copy(EXPORTS / "doccano" / "ana.jsonl", "all.jsonl")
    with pytest.raises(LabelError) as caught:
        read_import(Path("all.jsonl"), "doccano", HOW, RULES, Coders())
    assert str(caught.value) == (
        "all.jsonl: does not say who coded. Name the coder: --coder NAME."
    )
    _, taken = read_import(Path("all.jsonl"), "doccano", HOW, RULES, Coders("zoe"))
    assert {one.label.coder for one in taken} == {"zoe"}


def test_doccano_csv_joins_labels_by_a_hash_sign() -> None:
    labels, _ = read_export("doccano_all.csv", "doccano", "ana")
    assert [(x.text, x.codes) for x in labels] == [
        ("Farms lack pickers, and wages rise.", ("economy",)),
        ('He drowned, and "nobody came".', ("humanity", "security")),
        ("The debate went on.", ()),
    ]


def test_label_studio_has_a_label_per_annotation_and_drops_cancelled_ones() -> None:
    labels, log = read_export("labelstudio.json", "labelstudio")
    assert decided(labels) == [
        ("3", "post-8", 0, ("economy", "security")),
        ("ben@example.org", "post-8", 0, ()),
    ]
    assert labels[0].time == "2026-03-09T22:16:08.746926Z"
    assert log.dropped == {"cancelled": 1, "tasks without an annotation": 1}
    assert log.n_empty == 0


def test_label_studio_json_min_is_read_whatever_its_control_is_called() -> None:
    labels, log = read_export("labelstudio_min.json", "labelstudio")
    assert decided(labels) == [
        ("3", "post-8", 0, ("economy", "security")),
        ("3", "labelstudio-13", 0, ("humanity",)),
        ("4", "labelstudio-14", 0, ()),
    ]
    assert "codes in topic" in log.understood[0]


def test_label_studio_csv_is_read_where_text_and_control_have_one_name() -> None:
    labels, _ = read_export("labelstudio.csv", "labelstudio")
    assert [(x.coder, x.text, x.codes) for x in labels] == [
        (
            "ana@example.org",
            "Guards at the harbour cost the city a million.",
            ("economy", "security"),
        ),
        ("ben@example.org", "The mayor thanked the volunteers.", ("humanity",)),
    ]


def test_prodigy_choices_ignore_and_reject_mean_what_they_mean() -> None:
    labels, log = read_export("prodigy_choice.jsonl", "prodigy")
    assert decided(labels) == [
        ("news-ana", "post-8", 0, ("economy", "security")),
        ("news-ana", "prodigy-11", 0, ()),
        ("news-ben", "prodigy-13", 0, ("economy",)),  # by the text of option 0
    ]
    assert labels[0].time == "2026-03-01T21:20:00Z"
    assert log.dropped == {"ignored": 1, "rejected with all its options": 1}
    assert log.n_empty == 0


def test_prodigy_binary_reject_says_that_the_code_does_not_apply() -> None:
    labels, log = read_export("prodigy_binary.jsonl", "prodigy")
    assert [(x.coder, x.text, x.codes) for x in labels] == [
        ("ana", "Wages rise.", ("economy",)),
        ("ana", "The council meets.", ()),
    ]
    assert log.dropped == {"ignored": 1}
    assert "a code that was not asked about" in log.understood[1]


def test_activetigger_export_has_nan_where_nobody_coded() -> None:
    labels, log = read_export("activetigger.csv", "activetigger")
    assert decided(labels) == [
        ("ana", "post-8", 0, ("economy", "security")),
        ("ben", "activetigger-17", 0, ()),
    ]
    assert labels[0].time == "2026-03-09T21:52:49Z"
    assert (labels[0].note, labels[0].source) == ("two of them", "Harbour Post")
    assert log.dropped == {"not coded yet": 2}


def test_plain_spreadsheet_gives_each_row_an_article() -> None:
    labels, log = read_export("text_label.csv", "csv", "ana")
    assert [(x.doc_id, x.start, x.end, x.text, x.codes) for x in labels] == [
        ("text_label.csv:2", 0, 23, "Wages rise, taxes fall.", ("economy",)),
        ("text_label.csv:3", 0, 20, "=Guards stood there.", ("humanity", "security")),
        ("text_label.csv:4", 0, 19, "The debate went on.", ()),
    ]
    assert log.n_empty == 0


def test_spreadsheet_with_a_column_per_code_leaves_out_empty_rows() -> None:
    labels, log = read_export("columns.tsv", "csv", "ana")
    assert [(x.text, x.codes) for x in labels] == [
        ("Wages rise.", ("economy",)),
        ("Guards and nurses met.", ("humanity", "security")),
        ("The debate went on.", ()),
    ]
    assert log.dropped == {"not coded yet": 1}


def test_coding_sheet_of_annotate_is_read_with_its_units() -> None:
    Path("sheet.csv").write_text(
        "doc_id,sent_no,start,source,sentence,economy,security,humanity,none,"
        "probability\n7,1,30,Post,Wages rise.,1,,,,0.25\n"
    )
    _, taken = read_import(Path("sheet.csv"), "csv", HOW, RULES, Coders("ana"))
    label = taken[0].label
    assert label.unit == ("7", 30, 41)
    assert (label.codes, label.source, label.probability) == (
        ("economy",),
        "Post",
        0.25,
    )


# What cannot be taken is skipped with its place and reason.


def read_text(
    name: str, content: str | bytes, tool: str, coder: str = ""
) -> tuple[list[Label], list[str]]:
    data = content.encode() if isinstance(content, str) else content
    Path(name).write_bytes(data)
    log, taken = read_import(Path(name), tool, HOW, RULES, Coders(coder))
    return [one.label for one in taken], [str(skipped) for skipped in log.skipped]


def line(**fields: Any) -> str:
    return json.dumps({"text": "Wages rise.", "label": ["economy"], **fields}) + "\n"


GOOD = line(text="Good.")
UNKNOWN = (
    "is not in migration (codes: economy, humanity, security{}); mend it or map it: "
    "--code OLD=NEW"
)
SKIPPED = {
    "unknown code": (
        line(label=["economy", "humanty"]),
        "code 'humanty' " + UNKNOWN.format("; nearest: humanity"),
    ),
    "unlike any code": (line(label=["xyz"]), "code 'xyz' " + UNKNOWN.format("")),
    "number as code": (line(label=[3]), "code '3' " + UNKNOWN.format("")),
    "spans": (line(label=[[0, 5, "economy"]]), "spans, not codes of the whole text"),
    "entities": (line(entities=[]), "spans, not codes of the whole text"),
    "empty text": (line(text=" \n"), "empty text"),
    "no text": (line(text=None), "no text"),
    "text is a list": (line(text=["a"]), "the text is no text"),
    "torn line": ('{"text": "Wag\n', "torn line, no whole JSON"),
    "deep": ("[" * 0 + '{"text":' + "[" * 100_000 + "\n", "torn line, no whole JSON"),
    "no object": ("5\n", "no JSON object"),
    "surrogate": (line(text="a\ud800b"), "lone surrogate, not a character"),
    "key spans more": (
        line(sent_id="a:0-12"),
        "the text has 11 characters, its key spans 12; it was changed on the way",
    ),
    "stance in words": (
        line(stance="China is good"),
        "stance is not of the form target = value; mend it or rename it",
    ),
    "stance value": (
        line(stance={"China": "good"}),
        "stance towards China is 'good', none of favourable, critical, neutral",
    ),
    "probability": (
        line(sent_id="a:0-11", probability=2),
        "probability is '2', no number from 0 to 1",
    ),
    "other codebook": (
        line(sent_id="a:0-11", codebook="migration 2 @bbbbbbbbbbbb"),
        "coded by migration 2 @bbbbbbbbbbbb, this is migration 1.0 @0123456789ab; "
        "recode, or list that hash under accepts",
    ),
    "note": (line(note={"a": 1}), "note is no text"),
}


@pytest.mark.parametrize("case", SKIPPED)
def test_what_cannot_be_taken_is_skipped_with_its_line(case: str) -> None:
    bad, reason = SKIPPED[case]
    labels, skipped = read_text("ana.jsonl", GOOD + bad + GOOD, "doccano")
    assert skipped == [f"ana.jsonl:2: {reason}"]
    assert {label.text for label in labels} == {"Good."}


def test_line_that_is_not_utf_8_costs_that_line_only() -> None:
    content = GOOD.encode() + b'{"text": "\xe9", "label": []}\n' + GOOD.encode()
    labels, skipped = read_text("ana.jsonl", content, "doccano")
    assert skipped == ["ana.jsonl:2: not UTF-8; name its encoding with --encoding"]
    assert len(labels) == 2


def test_stance_of_an_unknown_target_is_skipped_with_the_nearest() -> None:
    rules = replace(
        RULES, codebook=replace(CODEBOOK, targets="t.toml"), targets=("China",)
    )
    Path("ana.jsonl").write_text(line(stance={"Chnia": "neutral"}))
    log, taken = read_import(Path("ana.jsonl"), "doccano", HOW, rules, Coders())
    assert taken == []
    assert [str(s) for s in log.skipped] == [
        "ana.jsonl:1: stance of unknown target 'Chnia'; nearest: China"
    ]


def test_torn_list_keeps_what_came_before_the_tear() -> None:
    text = (EXPORTS / "labelstudio_min.json").read_text()
    labels, skipped = read_text(
        "a.json", text[: text.index("It rained")], "labelstudio"
    )
    assert len(labels) == 2
    assert skipped == [
        "a.json:4: the list is torn here; the rest of the file was not read"
    ]


def test_rows_that_do_not_fit_are_skipped_with_the_line_they_begin_on() -> None:
    content = b'text,label\n"Two\nlines.",economy\nA\nB,aid\n\xe9,economy\nC,economy\n'
    labels, skipped = read_text("a.csv", content, "csv", "ana")
    assert skipped == [
        "a.csv:4: the row has 1 cells, the header 2",
        "a.csv:6: not UTF-8; name its encoding with --encoding",
        "a.csv:5: code 'aid' " + UNKNOWN.format(""),
    ]
    assert [label.text for label in labels] == ["Two\nlines.", "C"]


def test_mark_that_is_neither_yes_nor_no_is_skipped() -> None:
    content = "text,economy,security,none\nA,maybe,,\nB,1,,1\nC,1,,\n"
    labels, skipped = read_text("a.csv", content, "csv", "ana")
    assert skipped == [
        "a.csv:2: economy is 'maybe', neither 1 nor 0",
        "a.csv:3: both none and economy are marked",
    ]
    assert len(labels) == 1


def test_prodigy_task_without_an_answer_or_question_is_skipped() -> None:
    lines = [
        {"text": "A"},
        {"text": "A", "answer": "accept"},
        {"text": "A", "answer": "accept", "spans": [], "_annotator_id": "ana"},
    ]
    content = "".join(json.dumps(task) + "\n" for task in lines)
    assert read_text("a.jsonl", content, "prodigy") == (
        [],
        [
            "a.jsonl:1: answer is 'None', not accept or reject",
            "a.jsonl:2: neither a label nor options to choose from",
            "a.jsonl:3: spans, not codes of the whole text",
        ],
    )


def test_codebook_with_one_code_a_unit_takes_no_more_and_no_less() -> None:
    rules = replace(RULES, codebook=replace(CODEBOOK, coding="single"))
    content = "text,label\nA,economy\nB,economy|security\nC,none\nD,\n"
    Path("a.csv").write_text(content)
    log, taken = read_import(Path("a.csv"), "csv", HOW, rules, Coders("ana"))
    assert [one.label.text for one in taken] == ["A"]
    assert [str(s) for s in log.skipped] == [
        "a.csv:3: 2 codes, migration takes exactly one a unit",
        "a.csv:4: 0 codes, migration takes exactly one a unit",
    ]
    assert log.dropped == {"without any label": 1}


def test_empty_labels_can_be_dropped() -> None:
    Path("ana.jsonl").write_text(GOOD + line(label=[]))
    rules = replace(RULES, drop_empty=True)
    log, taken = read_import(Path("ana.jsonl"), "doccano", HOW, rules, Coders())
    assert len(taken) == 1
    assert log.dropped == {"without any label": 1}


@pytest.mark.parametrize(
    ("name", "content", "tool", "message"),
    [
        ("a.csv", "text,verdict\nA,aid\n", "csv",
         "a.csv:1: no column of codes (columns: text, verdict). "
         "Name it by --label-column."),
        ("a.csv", "words,label\nA,aid\n", "csv",
         "a.csv:1: no column of texts (columns: words, label). "
         "Name it by --text-column."),
        ("a.csv", "text,label,label\nA,a,b\n", "csv",
         "a.csv:1: two columns are named 'label'. "
         "Give every column a name of its own."),
        ("a.csv", "\n\n", "csv",
         "a.csv:1: no header. Give every column a name of its own."),
        ("a.csv", "", "csv",
         "a.csv: empty. Save it as text: csv, json or jsonl."),
        ("a.csv", 'text,label\nA,economy\n"B,economy\nC,economy\n', "csv",
         "a.csv:3: unexpected end of data. Mend the row; nothing was imported."),
        ("a.csv", "text,user\nA,ana\n", "activetigger",
         "a.csv:1: no column of labels (columns: text, user). "
         "Name it by --label-column."),
        ("a.xlsx", b"PK\x03\x04xl/workbook.xml", "csv",
         "a.xlsx: not text (Excel document). Save it as text: csv, json or jsonl."),
        ("a.zip", b"PK\x03\x04torn", "doccano",
         "a.zip: not text (zip archive). Save it as text: csv, json or jsonl."),
        ("a.jsonl", GOOD.replace("Good", "Go\u0000od").encode("utf-16-le"), "doccano",
         "a.jsonl: looks like UTF-16 without BOM, use --encoding utf-16-le. "
         "Save it as text: csv, json or jsonl."),
    ],
)  # fmt: skip
def test_file_that_cannot_be_used_is_refused(
    name: str, content: str | bytes, tool: str, message: str
) -> None:
    with pytest.raises(LabelError) as caught:
        read_text(name, content, tool, "ana")
    assert str(caught.value) == message


def test_missing_file_and_fifo_are_refused() -> None:
    with pytest.raises(LabelError, match=r"^a\.csv: No such file or directory\. "):
        read_import(Path("a.csv"), "csv", HOW, RULES, Coders())
    os.mkfifo("pipe")
    with pytest.raises(LabelError, match=r"^pipe: not a regular file\. "):
        read_import(Path("pipe"), "csv", HOW, RULES, Coders())


def test_table_in_utf_16_with_a_mark_is_read() -> None:
    labels, _ = read_text("a.csv", "text\tlabel\nÄ\teconomy\n".encode("utf-16"), "csv",
                          "ana")  # fmt: skip
    assert [(x.text, x.codes) for x in labels] == [("Ä", ("economy",))]


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["choices", "text", "label", "email", "id"]), inner
        ),
    ),
    max_leaves=4,
)
KEYS = {
    "doccano": "id text label labels Comments annotations sent_id start doc_id stance",
    "prodigy": "text answer accept options label meta _annotator_id _timestamp",
    "labelstudio": "id text frame coder note stance annotator updated_at sent_id",
}
RESULTS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["from_name", "type", "value"], JSON)
)
ANNOTATIONS = st.fixed_dictionaries(
    {},
    optional={
        "result": st.one_of(JSON, st.lists(RESULTS, max_size=2)),
        "completed_by": JSON,
        "updated_at": JSON,
    },
)


def records(tool: str) -> st.SearchStrategy[dict[str, Any]]:
    usual = {
        "text": st.just("Wages rise."),
        "answer": st.sampled_from(["accept", "reject"]),
        "accept": st.lists(JSON, max_size=2),
        "type": st.sampled_from(["choices", "textarea"]),
    }
    fields = {key: st.one_of(JSON, usual.get(key, JSON)) for key in KEYS[tool].split()}
    if tool == "labelstudio":
        fields["data"] = st.one_of(JSON, st.just({"text": "Wages rise."}))
        fields["annotations"] = st.one_of(JSON, st.lists(ANNOTATIONS, max_size=2))
    return st.fixed_dictionaries({}, optional=fields)


@pytest.mark.parametrize("tool", sorted(KEYS))
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_whatever_a_record_holds_it_is_taken_or_skipped(
    tool: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = data.draw(st.lists(records(tool), max_size=3))
    path = tmp_path_factory.mktemp("x") / "ana.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    try:
        _, taken = read_import(path, tool, HOW, RULES, Coders())
    except LabelError:
        return
    folder = path.parent / "labels"
    store(folder, *(one.label for one in taken))
    if taken:
        assert read_labels(folder, CODEBOOK).labels


# Zips and folders of strangers.


def test_hostile_zip_writes_nothing_and_its_good_members_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members_module, "MAX_BYTES", 10_000)
    with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../ana.jsonl", GOOD)
        archive.writestr("/etc/ben.jsonl", line(text="Other."))
        archive.writestr("C:\\x\\cid.jsonl", line(text="Third."))
        archive.writestr("bomb.jsonl", " " * 1_000_000)
        archive.writestr("inner.zip", "PK")
        archive.writestr("wrong\x1b.jsonl", b"\x89PNG")
    before = sorted(tmp_path.rglob("*"))
    log, taken = read_import(Path("a.zip"), "doccano", HOW, RULES, Coders())
    assert {one.label.coder for one in taken} == {"ana", "ben", "cid"}
    assert [str(skipped) for skipped in log.skipped] == [
        "a.zip/bomb.jsonl: more than 0 MB",
        "a.zip/inner.zip: no jsonl, json, csv or tsv file",
        "a.zip/wrong\\x1b.jsonl: not text (PNG). Save it as text: csv, json or jsonl",
    ]
    assert sorted(tmp_path.rglob("*")) == before


def test_damaged_and_locked_members_are_skipped() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ana.jsonl", GOOD)
        archive.writestr("ben.jsonl", GOOD)
    data = out.getvalue()
    torn = data.replace(b"Good", b"Goot", 1)
    at = data.index(b"PK\x01\x02") + 8
    locked = data[:at] + b"\x01" + data[at + 1 :]
    for content, reason in ((torn, "damaged"), (locked, "password protected")):
        labels, skipped = read_text("a.zip", content, "doccano")
        assert skipped == [f"a.zip/ana.jsonl: {reason}"]
        assert [label.coder for label in labels] == ["ben"]


def test_links_in_a_folder_are_not_followed() -> None:
    Path("in").mkdir()
    Path("in/ana.jsonl").write_text(GOOD)
    Path("secret.jsonl").write_text(GOOD)
    Path("in/ben.jsonl").symlink_to("../secret.jsonl")
    log = Log()
    assert [m.name for m in read_members(Path("in"), "", log)] == ["in/ana.jsonl"]
    assert [str(s) for s in log.skipped] == [
        "in/ben.jsonl: a link, which is not followed"
    ]


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "a\\b", ".hidden", "a\nb", " a", "a:b", "é" * 51, "x."]
)
def test_coder_that_cannot_name_a_file_is_skipped(name: str) -> None:
    content = f"text,label,coder\nA,economy,{json.dumps(name)[1:-1]}\nB,economy,ben\n"
    if name == "a\nb":
        content = 'text,label,coder\nA,economy,"a\nb"\nB,economy,ben\n'
    labels, skipped = read_text("a.csv", content, "csv")
    assert [label.coder for label in labels] == ["ben"]
    assert len(skipped) == 1
    assert skipped[0].startswith("a.csv:2: coder ")
    assert skipped[0].endswith(" cannot name a file; rename: --coder OLD=NEW")


# Coders and codes under other names.


def test_coders_can_be_renamed_one_by_one() -> None:
    coders = Coders(renamed={"3": "ana", "ben@example.org": "ben"})
    _, taken = read_import(
        EXPORTS / "labelstudio.json", "labelstudio", HOW, RULES, coders
    )
    assert [one.label.coder for one in taken] == ["ana", "ben"]


def test_one_name_for_several_coders_is_refused() -> None:
    with pytest.raises(LabelError) as caught:
        read_import(EXPORTS / "doccano", "doccano", HOW, RULES, Coders("ana"))
    assert "labels of ana, ben. Rename one by one: --coder OLD=NEW." in str(
        caught.value
    )
    wrong = Coders(renamed={"anna": "ana"})
    with pytest.raises(LabelError, match=r"no coder 'anna' in it \(there: ana, ben\)"):
        read_import(EXPORTS / "doccano", "doccano", HOW, RULES, wrong)


def test_codes_are_found_by_title_in_any_case_and_by_the_names_given() -> None:
    codebook = replace(CODEBOOK, codes=(
        Code("economy", "Economic consequences", "x"), Code("law", "Law, order", "x"),
    ))  # fmt: skip
    names = code_names(codebook, {"Geld": "economy"})
    rules = Rules(codebook, names, NOW)
    Path("a.csv").write_text(
        'text,label\nA,economic CONSEQUENCES\nB,"law, order|Geld"\nC,"geld, law"\n'
    )
    log, taken = read_import(Path("a.csv"), "csv", Reading(names), rules, Coders("ana"))
    assert [one.label.codes for one in taken] == [
        ("economy",),
        ("economy", "law"),
        ("economy", "law"),
    ]
    assert log.skipped == []


# Units that come without our key.


def test_texts_of_an_article_get_places_one_after_another() -> None:
    content = (
        "article,text,label,coder\nd1,One.,economy,ana\nd1,Two.,none,ana\n"
        "d2,One.,economy,ana\nd1,Two.,economy,ben\n"
    )
    labels, _ = read_text("a.csv", content, "csv")
    assert [(x.coder, *x.unit) for x in labels] == [
        ("ana", "d1", 0, 4),
        ("ana", "d1", 5, 9),
        ("ana", "d2", 0, 4),
        ("ben", "d1", 5, 9),
    ]


def test_same_text_of_two_coders_is_one_unit_and_twice_of_one_coder_two() -> None:
    content = (
        "text,label,coder\nOne.,economy,ana\nOne.,none,ana\nOne.,none,ben\n"
        "One.,none,ben\n"
    )
    labels, _ = read_text("a.csv", content, "csv")
    assert [(x.coder, x.doc_id) for x in labels] == [
        ("ana", "a.csv:2"),
        ("ana", "a.csv:3"),
        ("ben", "a.csv:2"),
        ("ben", "a.csv:3"),
    ]


def test_order_and_chance_count_only_beside_our_key() -> None:
    content = "text,label,order,probability,codebook\nA,economy,7,12,MACS\n"
    labels, skipped = read_text("a.csv", content, "csv", "ana")
    assert skipped == []
    assert (labels[0].order, labels[0].probability) == ("", 0.0)


def test_codes_named_like_our_columns_are_not_taken_for_columns(
    tmp_path: Path,
) -> None:
    codebook = replace(
        CODEBOOK, codes=(Code("order", "Order", "x"), Code("time", "T", "x"))
    )
    label = replace(LABEL, codes=("order",), codebook=codebook.signature)
    text = make_export([label], "csv", codebook).files[""]
    Path("a.csv").write_text(text)
    names = code_names(codebook, {})
    rules = Rules(codebook, names, NOW)
    _, taken = read_import(Path("a.csv"), "csv", Reading(names), rules, Coders())
    assert [one.label for one in taken] == [label]


# A file that says two things, and labels that are there already.


def rows_of(*rows: tuple[str, str]) -> str:
    body = "".join(
        f"post-1:5-16,Wages rise.,{code},ana,{time}\n" for code, time in rows
    )
    return f"sent_id,text,codes,coder,time\n{body}"


def test_later_of_two_decisions_counts_where_both_have_times() -> None:
    content = rows_of(("economy", "2026-03-02"), ("security", "2026-03-01"))
    labels, skipped = read_text("a.csv", content, "csv")
    assert [label.codes for label in labels] == [("economy",)]
    assert skipped == []


@pytest.mark.parametrize("time", ["", "2026-03-01"])
def test_two_decisions_without_an_order_are_both_skipped(time: str) -> None:
    content = rows_of(("economy", time), ("security", "2026-03-01"))
    labels, skipped = read_text("a.csv", content, "csv")
    assert labels == []
    assert skipped == [
        "a.csv:2: ana decides this unit otherwise at a.csv:3",
        "a.csv:3: ana decides this unit otherwise at a.csv:2",
    ]


def planned(name: str, content: str, folder: Path, tool: str = "csv") -> Import:
    Path(name).write_text(content)
    log, taken = read_import(Path(name), tool, HOW, RULES, Coders())
    return plan_import(log, taken, folder, RULES)


def store(folder: Path, *labels: Label) -> None:
    from framing.labelstore import append_labels

    for label in labels:
        append_labels(folder / f"{label.coder}.jsonl", [label])


def test_changed_decision_keeps_what_the_tool_cannot_say(tmp_path: Path) -> None:
    old = replace(
        LABEL,
        stance={"China": "neutral"},
        source="Post",
        order="sample",
        probability=0.5,
    )
    store(tmp_path, old)
    text = make_export([old], "activetigger", CODEBOOK).files[""]
    same = planned("a.csv", text, tmp_path, "activetigger")
    assert same.labels == []
    plan = planned("b.csv", text.replace("economy", "security"), tmp_path,
                   "activetigger")  # fmt: skip
    assert plan.labels == [replace(old, codes=("security",), time=NOW)]


def test_change_under_the_old_time_gets_the_time_of_today(tmp_path: Path) -> None:
    store(tmp_path, LABEL)
    plan = planned("a.csv", rows_of(("security", LABEL.time)), tmp_path)
    assert [(x.codes, x.time) for x in plan.labels] == [(("security",), NOW)]


def test_decision_older_than_that_of_the_study_is_skipped(tmp_path: Path) -> None:
    store(tmp_path, LABEL)
    plan = planned("a.csv", rows_of(("security", "2026-02-01")), tmp_path)
    assert plan.labels == []
    assert [str(s) for s in plan.log.skipped] == [
        "a.csv:2: older than the decision of ana of 2026-03-01T10:00:00Z"
    ]


def test_unit_that_is_there_with_another_text_is_skipped(tmp_path: Path) -> None:
    store(tmp_path, replace(LABEL, text="Wages fell."))
    plan = planned("a.csv", rows_of(("security", "")), tmp_path)
    assert [str(s) for s in plan.log.skipped] == [
        "a.csv:2: its unit is in the labels with another text"
    ]


def test_import_is_appended_and_read_back(tmp_path: Path) -> None:
    plan = planned("a.csv", rows_of(("security", "")), tmp_path)
    write_import(plan, tmp_path)
    assert read_label_file(tmp_path / "ana.jsonl", CODEBOOK).labels == plan.labels


# The shape of what we write.

BOTH = [
    replace(
        LABEL, codes=("security", "economy"), note="n", stance={"China": "critical"}
    ),
    replace(LABEL, coder="ben@example.org", codes=(), order="", source="Post"),
]


def written(tool: str, labels: Sequence[Label] = BOTH) -> dict[str, str]:
    return make_export(labels, tool, CODEBOOK).files


def test_doccano_gets_text_label_and_meta_in_a_file_per_coder() -> None:
    files = written("doccano")
    assert set(files) == {"ana.jsonl", "ben@example.org.jsonl"}
    assert json.loads(files["ana.jsonl"]) == {
        "text": "Wages rise.",
        "label": ["security", "economy"],
        "sent_id": "post-1:5-16",
        "note": "n",
        "time": LABEL.time,
        "codebook": CODEBOOK.signature,
        "stance": {"China": "critical"},
    }


def test_label_studio_gets_a_task_with_an_annotation_per_coder() -> None:
    same = [replace(label, source="") for label in BOTH]
    tasks = json.loads(written("labelstudio", same)[""])
    assert len(tasks) == 1
    assert tasks[0]["data"]["sent_id"] == "post-1:5-16"
    first, second = tasks[0]["annotations"]
    assert first["result"][0] == {
        "id": "frame",
        "from_name": "frame",
        "to_name": "text",
        "type": "choices",
        "value": {"choices": ["security", "economy"]},
    }
    assert [r["from_name"] for r in first["result"][1:]] == ["coder", "note", "stance"]
    assert first["result"][3]["value"] == {"text": ["China = critical"]}
    assert "completed_by" not in first
    assert second["completed_by"] == {"email": "ben@example.org"}
    assert not second["was_cancelled"]


def test_prodigy_gets_a_choice_task_per_decision() -> None:
    task = json.loads(written("prodigy")[""].splitlines()[0])
    assert task["_view_id"] == "choice"
    assert task["accept"] == ["security", "economy"]
    assert task["options"][0] == {"id": "economy", "text": "Economy"}
    assert (task["answer"], task["_annotator_id"]) == ("accept", "ana")
    assert task["_timestamp"] == datetime(2026, 3, 1, 10, tzinfo=UTC).timestamp()
    assert task["meta"]["stance"] == "China = critical"
    assert "time" not in task["meta"]


def test_activetigger_gets_each_unit_once_with_a_column_per_coder() -> None:
    assert written("activetigger")[""] == (
        '"sent_id","text","source","labels_ana","labels_ben@example.org"\n'
        '"post-1:5-16","Wages rise.","Post","security|economy","none"\n'
    )
    assert make_export(BOTH, "activetigger", CODEBOOK).lost == {
        "note": 1,
        "time": 2,
        "stance": 1,
    }


def test_csv_has_a_row_per_decision_and_no_formula() -> None:
    label = replace(LABEL, text="=1+1 is two", source="@Post")
    rows = written("csv", [label])[""].splitlines()
    assert rows[1].startswith('"post-1:5-16","post-1","\'@Post","\'=1+1 is two",')


def test_export_of_several_coders_to_doccano_needs_a_zip() -> None:
    export = make_export(BOTH, "doccano", CODEBOOK)
    with pytest.raises(LabelError) as caught:
        export_bytes(export, Path("x.jsonl"))
    assert str(caught.value) == (
        "a file per coder (ana.jsonl, ben@example.org.jsonl). "
        "Write a zip: -o labels.zip."
    )
    assert export_bytes(export, Path("x.zip")) == export_bytes(export, Path("y.ZIP"))


# The commands.


def imported(framing: Framing, study: Path, name: str, tool: str, *more: str) -> Ran:
    options = ("--from", tool, "--project", study, *more)
    return framing("labels", "import", EXPORTS / name, *options)


def test_import_prints_what_it_adds_and_twice_adds_nothing(
    framing: Framing, study: Path
) -> None:
    ran = imported(framing, study, "doccano", "doccano")
    folder = study / "labels" / "migration"
    assert ran.code == 0
    assert [row.split() for row in ran.out.splitlines()] == [
        ["coder", "new", "changed", "there", "already"],
        ["ana", "3", "0", "0"],
        ["ben", "3", "0", "0"],
    ]
    assert "without any label, taken as coded with no code: 1; if nobody" in ran.err
    assert "6 labels added in study/labels/migration/" in ran.err
    before = {path: path.read_bytes() for path in folder.iterdir()}
    again = imported(framing, study, "doccano", "doccano", "-q")
    assert (again.code, again.err) == (0, "")
    assert again.out.splitlines()[1].split() == ["ana", "0", "0", "3"]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    codebook = open_project(study).read_codebook()
    assert len(read_labels(folder, codebook).labels) == 6


def test_dry_run_shows_what_was_understood_and_writes_nothing(
    framing: Framing, study: Path
) -> None:
    before = sorted(study.rglob("*"))
    ran = imported(framing, study, "text_label.csv", "csv", "--coder", "x", "--dry-run")
    assert ran.code == 0
    assert "text_label.csv: text = text; codes = label" in ran.err
    assert ran.err.endswith("Nothing was written (--dry-run).\n")
    assert "humanity, security: =Guards stood there." in ran.out
    assert ["none", "1"] in [row.split() for row in ran.out.splitlines()]
    assert sorted(study.rglob("*")) == before


def test_import_with_skips_ends_with_1_and_lists_ten_of_them(
    framing: Framing, study: Path
) -> None:
    bad = "".join(line(text=f"Text {i}.", label=["peace"]) for i in range(12))
    Path("ana.jsonl").write_text(GOOD + bad)
    options = ("--from", "doccano", "--project", study)
    ran = framing("labels", "import", "ana.jsonl", *options)
    assert ran.code == 1
    assert ran.err.count("skipped ana.jsonl:") == 10
    assert "skipped 2 more; --json lists them all" in ran.err
    mapped = framing(
        "labels", "import", "ana.jsonl", *options, "--code", "peace=humanity", "--json"
    )
    assert mapped.code == 0
    assert mapped.json["coders"] == [
        {"coder": "ana", "new": 12, "changed": 0, "same": 1}
    ]
    assert mapped.json["skipped"] == []
    assert mapped.json["written"] is True


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (line(label=["peace"]), "none of it could be taken, 1 skipped. Mend the file."),
        ("{}\n", "none of it could be taken, 1 skipped. Mend the file."),
        ("\n", "no decision in it. Check the file and --from."),
    ],
)
def test_import_of_nothing_ends_with_5(
    framing: Framing, study: Path, content: str, message: str
) -> None:
    Path("ana.jsonl").write_text(content)
    options = ("--from", "doccano", "--project", study)
    ran = framing("labels", "import", "ana.jsonl", *options)
    assert ran.code == 5
    assert ran.err.splitlines()[-1] == f"framing: ana.jsonl: {message}"
    assert not (study / "labels" / "migration" / "ana.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "excel"], "choose one of doccano, labelstudio, prodigy, csv"),
        (["--from", "csv", "--code", "a"], "'a' is not of the form OLD=NEW"),
        (["--from", "csv", "--code", "a=b"], "'b' is no code of migration"),
        (["--from", "csv", "--coder", "a", "--coder", "b"], "give one NAME"),
    ],
)
def test_wrong_use_of_import_ends_with_2(
    framing: Framing, study: Path, options: list[str], message: str
) -> None:
    ran = framing("labels", "import", "x.csv", "--project", study, *options)
    assert ran.code == 2
    assert message in " ".join(ran.err.split())


def test_name_that_no_file_can_have_is_refused(framing: Framing, study: Path) -> None:
    ran = imported(framing, study, "text_label.csv", "csv", "--coder", "../x")
    assert ran.code == 5
    assert ran.err.startswith("framing: --coder ../x: coder '../x' cannot name a file")


def test_import_outside_a_study_is_refused(framing: Framing) -> None:
    ran = framing("labels", "import", EXPORTS / "doccano", "--from", "doccano")
    assert ran.code == 6
    assert ": no study here. Make one: framing init, or --project." in ran.err


@pytest.mark.parametrize("tool", sorted(set(TOOLS) - {"openframing"}))
def test_export_of_all_coders_is_imported_without_a_change(
    framing: Framing, study: Path, tool: str
) -> None:
    assert imported(framing, study, "doccano", "doccano").code == 0
    name = SUFFIXES.get(tool, "labels.csv")
    ran = framing("labels", "export", "--to", tool, "-o", name, "--project", study)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith(f"6 labels in {name}\n")
    assert ("cannot carry: note (1), time (6)" in ran.err) == (tool == "activetigger")
    folder = study / "labels" / "migration"
    before = (folder / "ana.jsonl").read_bytes()
    back = framing("labels", "import", name, "--from", tool, "--project", study)
    assert back.code == 0
    assert back.out.splitlines()[1].split() == ["ana", "0", "0", "3"]
    assert (folder / "ana.jsonl").read_bytes() == before


def test_export_of_one_coder_goes_to_standard_output(
    framing: Framing, study: Path
) -> None:
    assert imported(framing, study, "doccano", "doccano").code == 0
    options = ("--to", "doccano", "--project", study)
    ran = framing("labels", "export", *options, "--coder", "ben")
    assert [json.loads(row)["label"] for row in ran.out.splitlines()] == [
        ["economy", "humanity"],
        ["economy"],
        ["security"],
    ]
    assert framing("labels", "export", *options).code == 5
    ran = framing("labels", "export", *options, "--coder", "zoe")
    assert "no labels of zoe (coders: ana, ben). Check --coder." in ran.err


# The loop on a codebook that nothing here was made for.

THEMES = {
    "economy": ["wages", "taxes", "factories", "pickers", "rents"],
    "security": ["police", "border", "smugglers", "patrols", "raids"],
    "humanity": ["families", "children", "drowned", "hunger", "shelter"],
}


def foreign_lines(n: int) -> list[dict[str, Any]]:
    """Return invented sentences as doccano exports them."""
    dice = random.Random(4)
    lines = []
    for number in range(n):
        codes = dice.sample(sorted(THEMES), dice.choice([0, 1, 1, 1, 2]))
        words = [dice.choice(THEMES[code]) for code in codes]
        about = " and ".join(words) or dice.choice(["weather", "football", "music"])
        place = dice.choice(["harbour", "capital", "valley", "island"])
        text = f"On day {number} the talk in the {place} was of {about} again."
        lines.append(
            {"id": 900 + number, "text": text, "label": codes, "Comments": [],
             "article_id": f"n{number // 5}"}
        )  # fmt: skip
    return lines


def test_foreign_labels_train_a_model_that_is_evaluated_and_scores(
    framing: Framing, study: Path
) -> None:
    lines = foreign_lines(300)
    with zipfile.ZipFile("export.zip", "w") as archive:
        for coder, own in (("ana", lines[:200]), ("ben", lines[150:])):
            text = "".join(json.dumps(line) + "\n" for line in own)
            archive.writestr(f"{coder}.jsonl", text)
    ran = framing(
        "labels", "import", "export.zip", "--from", "doccano", "--project", study
    )
    assert ran.code == 0
    assert "350 labels added" in ran.err
    news = study / "seeds" / "articles" / "news.csv"
    news.write_text(
        "source,text\nPost,Smugglers met patrols there.\nPost,Wages and taxes.\n"
    )
    train(study)
    card = framing("evaluate", "--project", study, "--json").json
    assert card["gold"] == {"agreed": 50, "single coder": 250}
    found = {row["code"]: row["f1"] for row in card["frames"]["unseen"]}
    assert set(found) == {*THEMES, "macro"}
    assert all(f1 > 0.8 for f1 in found.values())
    scored = framing("score", news, "--project", study, "--json")
    assert scored.code == 0
    share = {row["code"]: row["share"] for row in scored.json["mix"]}
    assert (share["security"], share["economy"], share["humanity"]) == (0.5, 0.5, 0)
