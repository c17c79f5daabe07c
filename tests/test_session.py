import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from framing.coding.session import MAX_NOTE, CodingSession
from framing.errors import LabelError, StorageError
from framing.labelstore import read_label_file, read_labels
from tests.browser import make_session, make_units, migration, relations


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels" / "relations" / "ana.jsonl"


@pytest.fixture
def session(path: Path) -> CodingSession:
    return make_session(path)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_new_sitting_has_nothing_decided_and_writes_nothing(
    session: CodingSession, path: Path
) -> None:
    assert session.n_done == 0
    assert session.first_open() == 0
    assert session.decision(0) is None
    assert not path.exists()


def test_a_decision_is_a_line_that_the_label_store_reads(
    session: CodingSession, path: Path
) -> None:
    unit = session.units[0]
    codes, stance = ["dependence", "cooperation"], {"Norland": "favourable"}
    label = session.decide(0, codes, stance, " sure ")
    [line] = lines(path)
    assert line == {
        "codebook": relations().signature,
        "coder": "ana",
        "codes": ["cooperation", "dependence"],
        "doc_id": "post-01",
        "end": len(unit.text),
        "note": "sure",
        "order": "sample",
        "probability": 0.5,
        "source": "The Invented Post",
        "stance": {"Norland": "favourable"},
        "start": 0,
        "text": unit.text,
        "time": "2026-04-01T09:30:00Z",
    }
    assert read_label_file(path, relations()).labels == [label]
    assert session.decision(0) == label


def test_none_is_a_decision(session: CodingSession) -> None:
    session.decide(0, [])
    assert session.n_done == 1
    assert session.first_open() == 1
    label = session.decision(0)
    assert label is not None
    assert label.codes == ()


def test_a_sitting_goes_on_where_it_stopped(session: CodingSession, path: Path) -> None:
    for i in (0, 1, 3):
        session.decide(i, ["rivalry"])
    again = make_session(path)
    assert (again.n_done, again.first_open()) == (3, 2)
    assert again.decision(3) == session.decision(3)
    assert again.warnings == []


def test_the_next_open_unit_is_looked_for_round_and_round(
    session: CodingSession,
) -> None:
    for i in range(1, 9):
        session.decide(i, [])
    assert session.first_open(1) == 9
    assert session.first_open(10) == 0
    session.decide(0, [])
    session.decide(9, [])
    assert session.first_open(5) is None


def test_the_last_decision_counts_and_both_stay_in_the_file(
    session: CodingSession, path: Path
) -> None:
    session.decide(0, ["rivalry"])
    session.decide(0, ["sanctions"])
    assert [line["codes"] for line in lines(path)] == [["rivalry"], ["sanctions"]]
    label = make_session(path).decision(0)
    assert label is not None
    assert label.codes == ("sanctions",)


def test_the_same_decision_is_not_written_twice(
    session: CodingSession, path: Path
) -> None:
    first = session.decide(0, ["rivalry"], {}, "sure")
    assert session.decide(0, ["rivalry"], {}, "sure") is first
    assert len(lines(path)) == 1


@pytest.mark.parametrize("order", ["uncertain", "disagree", "audit"])
def test_a_unit_drawn_at_random_stays_so_when_it_is_looked_at_again(
    session: CodingSession, path: Path, order: str
) -> None:
    # Else what the model gets wrong would leave the sample that measures its errors.
    session.decide(0, ["rivalry"])
    again = [replace(unit, order=order, probability=0.0) for unit in session.units]
    second = make_session(path, again)
    assert second.n_done == 1
    changed = second.decide(0, ["sanctions"])
    assert (changed.order, changed.probability) == ("sample", 0.5)
    assert second.decide(0, ["sanctions"]) is changed
    assert len(lines(path)) == 2
    other = second.decide(1, [])
    assert (other.order, other.probability) == (order, 0.0)


def test_a_doubtful_unit_that_comes_into_the_sample_is_open_again(
    session: CodingSession, path: Path
) -> None:
    # Else doubtful units would be missing from the sample.
    doubtful = [replace(u, order="uncertain", probability=0.0) for u in session.units]
    make_session(path, doubtful).decide(0, ["rivalry"])
    sample = make_session(path)
    assert (sample.n_done, sample.first_open()) == (0, 0)
    known = sample.decision(0)
    assert known is not None
    assert known.codes == ("rivalry",)
    sample.decide(0, known.codes)
    assert (sample.n_done, sample.first_open()) == (1, 1)
    assert [line.get("order") for line in lines(path)] == ["uncertain", "sample"]
    assert make_session(path, doubtful).n_done == 1


def test_a_unit_drawn_anew_is_written_anew(session: CodingSession, path: Path) -> None:
    session.decide(0, ["rivalry"])
    drawn = [replace(unit, order="outlet", probability=1) for unit in session.units]
    make_session(path, drawn).decide(0, ["rivalry"])
    assert [line["order"] for line in lines(path)] == ["sample", "outlet"]
    assert read_label_file(path, relations()).labels[0].probability == 1.0


def test_a_decision_on_another_text_does_not_count(
    session: CodingSession, path: Path
) -> None:
    session.decide(0, ["rivalry"])
    unit = session.units[0]
    changed = replace(unit, text=unit.text.replace("spa", "old"))
    assert make_session(path, [changed]).decision(0) is None


def test_decisions_of_others_in_the_file_do_not_count(
    session: CodingSession, path: Path
) -> None:
    session.decide(0, ["rivalry"])
    assert make_session(path, coder="ben").n_done == 0


@pytest.mark.parametrize(
    ("codes", "stance", "note", "said"),
    [
        (["econ"], {}, "", "code 'econ' is not one of cooperation, dependence, riv"),
        ([""], {}, "", "code '' is not one of"),
        ([], {"Atlantis": "critical"}, "", "'Atlantis' is no target of this unit"),
        ([], {"Norland": "bad"}, "", "towards Norland must be one of favourable, cri"),
        ([], {}, "x" * (MAX_NOTE + 1), "the note has 2,001 characters. Keep it to 2,"),
        ([], {}, "\ud800", "the note has half a character pair"),
    ],
)
def test_what_is_not_of_the_codebook_or_unit_is_refused(
    session: CodingSession,
    path: Path,
    codes: list[str],
    stance: dict[str, str],
    note: str,
    said: str,
) -> None:
    with pytest.raises(LabelError, match=said):
        session.decide(0, codes, stance, note)
    assert session.n_done == 0
    assert not path.exists()


@pytest.mark.parametrize("codes", [[], ["economy", "security"]])
def test_single_coding_takes_exactly_one_code(path: Path, codes: list[str]) -> None:
    session = make_session(path, codebook=migration(single=True))
    with pytest.raises(LabelError, match="migration takes exactly one code a unit"):
        session.decide(0, codes)
    session.decide(0, ["economy", "economy"])
    assert lines(path)[0]["codes"] == ["economy"]


def test_what_cannot_be_written_is_not_decided(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text("a file where the folder should be")
    session = make_session(tmp_path / "labels" / "ana.jsonl", make_units())
    with pytest.raises((StorageError, LabelError)):
        session.decide(0, ["rivalry"])
    assert session.n_done == 0


def test_a_broken_label_file_stops_the_sitting(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("<<<<<<< mine\n")
    with pytest.raises(LabelError, match="unfinished git merge"):
        make_session(path)


def test_a_torn_last_line_is_said_and_the_sitting_goes_on(
    session: CodingSession, path: Path
) -> None:
    session.decide(0, ["rivalry"])
    with path.open("a", encoding="utf-8") as file:
        file.write('{"codes": ["riv')
    again = make_session(path)
    assert "torn" in again.warnings[0]
    again.decide(1, [])
    assert len(lines(path)) == 2


def test_many_threads_lose_nothing(session: CodingSession, path: Path) -> None:
    def work(own: str) -> None:
        for i in range(len(session.units)):
            session.decide(i, [own])

    codes = relations().names
    threads = [threading.Thread(target=work, args=[code]) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.n_done == 10
    found = {(line["start"], *line["codes"]) for line in lines(path)}
    assert found == {(unit.start, code) for unit in session.units for code in codes}
    assert make_session(path).decision(4) == session.decision(4)


def test_two_coders_write_two_files(session: CodingSession, path: Path) -> None:
    other = make_session(path.with_name("ben.jsonl"), coder="ben")
    session.decide(0, ["rivalry"])
    other.decide(0, ["sanctions"])
    labels = read_labels(path.parent, relations()).labels
    assert {(label.coder, *label.codes) for label in labels} == {
        ("ana", "rivalry"),
        ("ben", "sanctions"),
    }
