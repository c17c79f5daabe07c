import errno
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.codebook import STANCES, Code, Codebook
from framing.errors import LabelError, StorageError
from framing.labelstore import (
    MAX_LINE,
    LabelSet,
    append_labels,
    label_line,
    read_label_file,
    read_labels,
)
from framing.project import Project, read_codebook_targets
from framing.records import Label

ROOT = Path(__file__).parents[1]
CODES = ("cooperation", "dependence", "rivalry")
CODEBOOK = Codebook(
    name="relations",
    version="2",
    language="en",
    unit="one sentence",
    coding="multiple",
    codes=tuple(Code(name, name.title(), "Something.") for name in CODES),
    hash="0123456789ab",
    accepts=("aaaaaaaaaaaa",),
)
SINGLE = replace(CODEBOOK, coding="single")
LABEL = Label(
    doc_id="a-01",
    start=0,
    end=12,
    text="They agreed.",
    codes=("cooperation",),
    stance={"China": "neutral"},
    coder="ann",
    time="2026-01-01T00:00:00Z",
    codebook=CODEBOOK.signature,
    source="A",
)
OTHER = replace(LABEL, start=13, end=27, text="They did more.", codes=())
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

LABELS = st.builds(
    lambda **fields: Label(**fields, end=fields["start"] + len(fields["text"])),
    doc_id=st.text(max_size=8),
    start=st.integers(0, 5),
    text=st.text(max_size=20),
    codes=st.sets(st.sampled_from(CODES)).map(lambda codes: tuple(sorted(codes))),
    stance=st.dictionaries(st.text(max_size=8), st.sampled_from(STANCES), max_size=3),
    coder=st.just("ann"),
    time=st.text(max_size=8),
    codebook=st.sampled_from([CODEBOOK.signature, "relations 1 @aaaaaaaaaaaa"]),
    source=st.text(max_size=8),
    note=st.text(max_size=8),
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def line(**changes: Any) -> str:
    """A label line with some keys changed; None takes a key away."""
    record = json.loads(label_line(LABEL)) | changes
    return json.dumps({k: v for k, v in record.items() if v is not None})


def read(*lines: str, codebook: Codebook = CODEBOOK) -> LabelSet:
    Path("ann.jsonl").write_text("\n".join(lines), encoding="utf-8", newline="")
    return read_label_file(Path("ann.jsonl"), codebook)


def refused(*lines: str, codebook: Codebook = CODEBOOK) -> str:
    with pytest.raises(LabelError) as caught:
        read(*lines, codebook=codebook)
    return str(caught.value)


def test_label_is_one_line_with_sorted_keys_and_readable_text() -> None:
    label = replace(LABEL, text="Kiev’s “non”", source="", note="")
    assert label_line(label) == (
        '{"codebook": "relations 2 @0123456789ab", "coder": "ann", '
        '"codes": ["cooperation"], "doc_id": "a-01", "end": 12, '
        '"stance": {"China": "neutral"}, "start": 0, "text": "Kiev’s “non”", '
        '"time": "2026-01-01T00:00:00Z"}\n'
    )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(LABELS, max_size=5, unique_by=lambda label: label.unit))
def test_what_is_appended_is_read_again(labels: list[Label]) -> None:
    path = Path("round.jsonl")
    path.unlink(missing_ok=True)
    half = len(labels) // 2
    append_labels(path, labels[:half])
    append_labels(path, labels[half:])
    assert path.exists() == bool(labels)
    if labels:
        assert read_label_file(path, CODEBOOK) == LabelSet(labels, [])


def test_nothing_to_append_touches_nothing() -> None:
    append_labels(Path("labels/ann.jsonl"), [])
    assert not Path("labels").exists()
    Path("ann.jsonl").write_text('{"torn')
    append_labels(Path("ann.jsonl"), [])
    assert Path("ann.jsonl").read_text() == '{"torn'


def test_folder_is_made_and_earlier_lines_stay_as_they_are() -> None:
    path = Path("new/folder/ann.jsonl")
    append_labels(path, [LABEL])
    before = path.read_bytes()
    append_labels(path, [OTHER])
    assert path.read_bytes() == before + label_line(OTHER).encode()


def test_labels_of_all_coders_are_read_in_order_of_their_names() -> None:
    folder = Path("labels")
    bob = replace(LABEL, coder="bob", codes=("rivalry",))
    append_labels(folder / "bob.jsonl", [bob])
    append_labels(folder / "ann.jsonl", [LABEL])
    (folder / "notes.txt").write_text("not a label")
    assert read_labels(folder, CODEBOOK) == LabelSet([LABEL, bob], [])


def test_codes_come_back_sorted_and_once() -> None:
    codes = ["rivalry", "cooperation", "rivalry"]
    assert read(line(codes=codes)).labels[0].codes == ("cooperation", "rivalry")


def test_last_decision_on_a_unit_wins_with_a_warning() -> None:
    found = read(
        line(),
        line(codes=["rivalry"], time="2026-01-01T00:00:01Z"),
        line(start=5, end=17),
        line(codes=["dependence"], time="2026-01-01T00:00:02Z"),
    )
    assert [(label.start, label.codes) for label in found.labels] == [
        (0, ("dependence",)),
        (5, ("cooperation",)),
    ]
    assert found.warnings == ["ann.jsonl: 2 decisions were replaced by later ones"]


@pytest.mark.parametrize(
    "change", [{"codes": ["rivalry"]}, {"codes": []}, {"stance": {}}]
)
@pytest.mark.parametrize("between", [[], [line(time="2026-01-01T00:00:01Z")]])
def test_two_decisions_of_one_time_are_refused_with_their_place(
    change: dict[str, Any], between: list[str]
) -> None:
    assert refused(line(), *between, line(**change)) == (
        f"ann.jsonl:{2 + len(between)}: ann decided this unit otherwise at the same "
        "time (2026-01-01T00:00:00Z). Remove the line that does not hold."
    )


def test_the_same_decision_may_stand_there_twice() -> None:
    # A merge of two branches can leave it so.
    found = read(line(), line(note="sure"))
    assert [label.codes for label in found.labels] == [("cooperation",)]
    assert found.warnings == ["ann.jsonl: 1 decisions were replaced by later ones"]


def test_decisions_without_a_time_replace_each_other_in_order() -> None:
    found = read(line(time=""), line(time="", codes=["rivalry"]))
    assert [label.codes for label in found.labels] == [("rivalry",)]


def test_two_units_or_two_coders_may_decide_at_the_same_time() -> None:
    two = (line(start=5, end=17, codes=[]), line(coder="bob", codes=[]))
    assert len(read(line(), *two).labels) == 3


def test_decisions_of_two_coders_in_one_file_are_both_kept() -> None:
    found = read(line(coder="ann"), line(coder="bob", codes=["rivalry"]))
    assert [label.coder for label in found.labels] == ["ann", "bob"]
    assert found.warnings == []


def test_line_of_another_coder_in_a_folder_is_refused() -> None:
    append_labels(Path("labels/ann.jsonl"), [LABEL, replace(OTHER, coder="bob")])
    with pytest.raises(LabelError) as caught:
        read_labels(Path("labels"), CODEBOOK)
    assert str(caught.value) == (
        "labels/ann.jsonl:2: a label of bob. Move it to the file of its coder."
    )


def test_blank_lines_and_windows_line_ends_do_no_harm() -> None:
    other = line(start=5, end=17)
    assert read(line() + "\r", "", "  \r", other).warnings == []
    assert len(read(line() + "\r", "", other + "\r", "").labels) == 2


def test_line_separators_inside_a_text_do_not_part_lines() -> None:
    label = replace(LABEL, text="a\u2028b\u2029c\x85d\x0be\rf\ng", end=13)
    append_labels(Path("ann.jsonl"), [label])
    assert read_label_file(Path("ann.jsonl"), CODEBOOK).labels == [label]


def test_label_of_an_accepted_earlier_codebook_holds() -> None:
    assert read(line(codebook="relations 1 @aaaaaaaaaaaa")).labels


def test_torn_last_line_is_skipped_with_a_warning_wherever_it_is_torn() -> None:
    path = Path("ann.jsonl")
    whole, last = label_line(LABEL).encode(), label_line(OTHER).encode()
    for cut in range(1, len(last) - 1, 3):
        path.write_bytes(whole + last[:cut])
        warning = "ann.jsonl:2: the last line is torn and was skipped"
        assert read_label_file(path, CODEBOOK) == LabelSet([LABEL], [warning]), cut


def test_last_line_that_only_lacks_its_end_is_whole() -> None:
    Path("ann.jsonl").write_text((label_line(LABEL) + label_line(OTHER))[:-1])
    found = read_label_file(Path("ann.jsonl"), CODEBOOK)
    assert found == LabelSet([LABEL, OTHER], [])


def test_last_line_torn_inside_a_character_is_skipped_too() -> None:
    data = label_line(replace(OTHER, text="Erdoğan")).encode()
    torn = data[: data.index("ğ".encode()) + 1]
    Path("ann.jsonl").write_bytes(label_line(LABEL).encode() + torn)
    found = read_label_file(Path("ann.jsonl"), CODEBOOK)
    warning = "ann.jsonl:2: the last line is torn and was skipped"
    assert found == LabelSet([LABEL], [warning])


@pytest.mark.parametrize("whole", ["", label_line(LABEL)])
def test_torn_line_is_cut_off_when_a_label_is_added(whole: str) -> None:
    path = Path("ann.jsonl")
    last = label_line(replace(OTHER, text="Erdoğan")).encode()
    cuts = [*range(1, len(last) - 1, 20), last.index("ğ".encode()) + 1, len(last) - 2]
    for cut in cuts:
        path.write_bytes(whole.encode() + last[:cut])
        append_labels(path, [OTHER])
        assert path.read_text(encoding="utf-8") == whole + label_line(OTHER), cut


@pytest.mark.parametrize("before", ["", label_line(OTHER)])
def test_line_without_its_end_gets_one_when_a_label_is_added(before: str) -> None:
    whole = before + label_line(LABEL)
    Path("ann.jsonl").write_text(whole[:-1], encoding="utf-8")
    added = replace(OTHER, start=30, end=44)
    append_labels(Path("ann.jsonl"), [added])
    written = Path("ann.jsonl").read_text(encoding="utf-8")
    assert written == whole + label_line(added)


def test_line_without_its_end_may_be_long_when_a_label_is_added() -> None:
    long = replace(LABEL, text="A" * (MAX_LINE + 1), end=MAX_LINE + 1)
    Path("ann.jsonl").write_text(label_line(long)[:-1], encoding="utf-8")
    append_labels(Path("ann.jsonl"), [OTHER])
    found = read_label_file(Path("ann.jsonl"), CODEBOOK)
    assert found == LabelSet([long, OTHER], [])


def test_deeply_nested_torn_line_is_cut_off_when_a_label_is_added() -> None:
    Path("ann.jsonl").write_text(label_line(LABEL) + "[" * 200_000)
    append_labels(Path("ann.jsonl"), [OTHER])
    found = read_label_file(Path("ann.jsonl"), CODEBOOK)
    assert found == LabelSet([LABEL, OTHER], [])


def test_torn_line_in_the_middle_is_refused_with_its_place() -> None:
    message = refused(line(), line()[:40], line(start=5))
    assert message == (
        "ann.jsonl:2: not a whole JSON line. Restore it from version control."
    )


def test_torn_line_that_has_its_end_is_refused() -> None:
    message = refused(line(), line()[:40], "")
    assert message.startswith("ann.jsonl:2: not a whole JSON line.")


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> theirs"])
@pytest.mark.parametrize("is_last", [True, False])
def test_unfinished_merge_is_refused_with_its_place(mark: str, is_last: bool) -> None:
    message = refused(*[line(), mark, line(start=5)][: 2 if is_last else 3])
    assert message == (
        "ann.jsonl:2: unfinished git merge. Settle it, keeping the lines of both."
    )


def test_conflict_mark_of_the_common_ancestor_is_refused() -> None:
    message = refused(line(), "||||||| 1234567", line(start=5))
    assert message.startswith("ann.jsonl:2: ")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("[1]", "not a label (one JSON object a line). Mend the line."),
        ("null", "not a label (one JSON object a line). Mend the line."),
        ('"label"', "not a label (one JSON object a line). Mend the line."),
        (line(doc_id=None), "doc_id is missing or no str. Mend the line."),
        (line(text=None), "text is missing or no str. Mend the line."),
        (line(coder=None), "coder is missing or no str. Mend the line."),
        (line(time=None), "time is missing or no str. Mend the line."),
        (line(codebook=None), "codebook is missing or no str. Mend the line."),
        (line(stance=None), "stance is missing or no dict. Mend the line."),
        (line(codes=None), "codes is missing or no list. Mend the line."),
        (line(codes="rivalry"), "codes is missing or no list. Mend the line."),
        (line(start="0"), "start is missing or no int. Mend the line."),
        (line(start=0.0), "start is missing or no int. Mend the line."),
        (line(end=True), "end is missing or no int. Mend the line."),
        (line(colour="red"), "colour is no key of a label. Remove it."),
        (
            line(codes=["rivalries"]),
            "code 'rivalries' is not in relations (codes: cooperation, dependence, "
            "rivalry; nearest: rivalry). Fix the line or add the code.",
        ),
        (
            line(codes=["cooperation", "xyz"]),
            "code 'xyz' is not in relations (codes: cooperation, dependence, "
            "rivalry). Fix the line or add the code.",
        ),
        (
            line(codes=[["rivalry"]]),
            "code \"['rivalry']\" is not in relations (codes: cooperation, "
            "dependence, rivalry; nearest: rivalry). Fix the line or add the code.",
        ),
        (
            line(stance={"China": "good"}),
            "stance towards China must be one of favourable, critical, neutral.",
        ),
        (
            line(stance={"Chi\x1b[31mna": ["neutral"]}),
            "stance towards Chi\\x1b[31mna must be one of favourable, critical, "
            "neutral.",
        ),
        (
            line(codebook="relations 1 @bbbbbbbbbbbb"),
            "coded by relations 1 @bbbbbbbbbbbb, this is relations 2 @0123456789ab. "
            "Recode, or list that hash under accepts.",
        ),
        (
            line(codebook="weather 2 @0123456789ab"),
            "coded by weather 2 @0123456789ab, this is relations 2 @0123456789ab. "
            "Recode, or list that hash under accepts.",
        ),
    ],
)
def test_line_that_is_no_label_is_refused_with_its_place(
    bad: str, message: str
) -> None:
    assert refused(line(), "", bad, line(start=5)) == f"ann.jsonl:3: {message}"


def test_whole_last_line_is_refused_as_any_other() -> None:
    assert refused(line(), line(codes=["xyz"])).startswith("ann.jsonl:2: code 'xyz'")


@pytest.mark.parametrize("codes", [[], ["cooperation", "rivalry"]])
def test_single_coding_takes_exactly_one_code(codes: list[str]) -> None:
    assert refused(line(codes=codes), codebook=SINGLE) == (
        "ann.jsonl:1: relations takes exactly one code a unit. Fix the line."
    )
    assert read(line(), codebook=SINGLE).labels


@pytest.mark.parametrize("change", [{"source": 5}, {"note": ["a"]}, {"source": False}])
def test_optional_key_of_the_wrong_kind_is_refused(change: dict[str, Any]) -> None:
    expected = f"ann.jsonl:1: {next(iter(change))} is no str. Mend the line."
    assert refused(line(**change)) == expected


@pytest.mark.parametrize("place", [(-1, 11), (12, 0), (0, 11), (0, 0)])
def test_place_that_cannot_be_that_of_the_text_is_refused(
    place: tuple[int, int],
) -> None:
    assert refused(line(start=place[0], end=place[1])) == (
        "ann.jsonl:1: start and end do not span the text. Restore the line."
    )


def test_error_names_the_file_also_deep_in_folders() -> None:
    path = Path("a-rather-long-name-of-a-folder" * 2) / "labels/relations/ann.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("[1]\n")
    with pytest.raises(LabelError, match=r"ann\.jsonl:1: "):
        read_label_file(path, CODEBOOK)


def test_line_that_is_not_utf_8_is_refused_with_its_place() -> None:
    Path("ann.jsonl").write_bytes(b'{"doc_id": "\xe9"}\n')
    with pytest.raises(LabelError, match=r"^ann\.jsonl:1: not UTF-8\. "):
        read_label_file(Path("ann.jsonl"), CODEBOOK)


def test_missing_file_is_refused() -> None:
    with pytest.raises(LabelError, match=r"^ann\.jsonl: No such file or directory\. "):
        read_label_file(Path("ann.jsonl"), CODEBOOK)


def test_folder_without_label_files_is_refused() -> None:
    Path("labels").mkdir()
    with pytest.raises(LabelError, match=r"^labels: no labels\. .*--write-labels\.$"):
        read_labels(Path("labels"), CODEBOOK)


def test_deeply_nested_line_is_refused_and_nothing_worse() -> None:
    assert refused("[" * 200_000, "").startswith("ann.jsonl:1: not a whole JSON line.")


class BrokenFile(io.FileIO):
    """A file on a disk that fills up half way through what is written."""

    def write(self, data: Any) -> int:
        super().write(data[: len(data) // 2])
        raise FULL


class ShortFile(io.FileIO):
    """A file that takes half of what is written and says so."""

    def write(self, data: Any) -> int:
        return super().write(data[: len(data) // 2])


def fail(*_: object) -> None:
    raise FULL


def opening(kind: type[io.FileIO]) -> Callable[..., io.FileIO]:
    def opened(path: Path, mode: str, **_: Any) -> io.FileIO:
        return kind(path, mode.replace("b", ""))

    return opened


@pytest.mark.parametrize("before", [None, [LABEL]])
@pytest.mark.parametrize(
    ("thing", "name", "broken", "message"),
    [
        (
            Path,
            "open",
            opening(BrokenFile),
            "No space left on device. The labels there are as before.",
        ),
        (
            Path,
            "open",
            opening(ShortFile),
            "the disk is full. Free some space; nothing lost.",
        ),
        (
            os,
            "fsync",
            fail,
            "No space left on device. The labels there are as before.",
        ),
    ],
    ids=["write fails", "write stops short", "sync fails"],
)
def test_full_disk_leaves_the_file_as_it_was(
    before: list[Label] | None,
    thing: object,
    name: str,
    broken: Any,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = Path("ann.jsonl")
    if before:
        append_labels(path, before)
    data = path.read_bytes() if before else b""
    with monkeypatch.context() as patch:
        patch.setattr(thing, name, broken)
        with pytest.raises(StorageError) as caught:
            append_labels(path, [OTHER, OTHER])
    assert str(caught.value) == f"ann.jsonl: {message}"
    assert path.read_bytes() == data


def test_folder_that_cannot_be_made_is_a_storage_error() -> None:
    Path("labels").write_text("a file in the way")
    with pytest.raises(StorageError, match=r"as before\.$"):
        append_labels(Path("labels/ann.jsonl"), [LABEL])


@pytest.fixture(scope="module")
def shipped() -> LabelSet:
    project = Project(ROOT, "relations")
    return read_labels(project.labels, project.read_codebook())


def test_shipped_labels_are_valid_without_a_warning(shipped: LabelSet) -> None:
    assert shipped.warnings == []
    coders = {label.coder for label in shipped.labels}
    files = {path.stem for path in (ROOT / "labels/relations").glob("*.jsonl")}
    assert coders == files >= {"coder-a", "coder-b", "coder-c", "adjudicated"}


def test_shipped_offsets_slice_back_to_their_articles(shipped: LabelSet) -> None:
    articles = {}
    for path in (ROOT / "seeds/articles").glob("*.jsonl"):
        for row in path.read_text(encoding="utf-8").splitlines():
            article = json.loads(row)
            articles[article["id"]] = article
    for label in shipped.labels:
        article = articles[label.doc_id]
        assert article["text"][label.start : label.end] == label.text
        assert article["source"] == label.source


def test_shipped_units_do_not_overlap(shipped: LabelSet) -> None:
    units = sorted({label.unit for label in shipped.labels})
    for (doc, _, end), (next_doc, start, _) in pairwise(units):
        assert doc != next_doc or end <= start


def test_shipped_stance_is_towards_known_targets(shipped: LabelSet) -> None:
    codebook = Project(ROOT, "relations").read_codebook()
    names = set(read_codebook_targets(codebook).names)
    assert {t for label in shipped.labels for t in label.stance} <= names


def test_shipped_files_are_written_as_framing_writes_them(shipped: LabelSet) -> None:
    for path in (ROOT / "labels/relations").glob("*.jsonl"):
        own = [label for label in shipped.labels if label.coder == path.stem]
        written = "".join(label_line(label) for label in own)
        assert path.read_text(encoding="utf-8") == written
