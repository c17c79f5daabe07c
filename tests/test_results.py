import csv
import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from framing.errors import InputError, StorageError
from framing.results import (
    RUN_FILE,
    csv_text,
    read_run,
    read_table,
    write_results,
)

SCORES = pd.DataFrame(
    {
        "doc_id": ["a-1", "a-1", "=b"],
        "start": [0, 14, 0],
        "text": ["They agreed.", "“Non”, he said.", "=1+1"],
        "p_aid": [0.1, 0.9, float("nan")],
        "aid": [False, True, False],
    }
)
MIX = pd.DataFrame({"source": ["A", "-B"], "aid": [-0.25, 0.5]})
TABLES = {"scores.parquet": SCORES, "mix.csv": MIX}
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(folder: Path, **run: Any) -> None:
    write_results(folder, TABLES, run)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def cells(table: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_text(table), newline="")))


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        "-",
        "=",
    ],
)
@pytest.mark.parametrize("dtype", ["object", "str", "string"])
def test_cell_that_a_spreadsheet_would_compute_is_text(cell: str, dtype: str) -> None:
    table = pd.DataFrame({"text": pd.array([cell, "plain"], dtype=dtype)})
    assert cells(table) == [["text"], [f"'{cell}"], ["plain"]]


@pytest.mark.parametrize(
    ("cell", "written"),
    [("\r=1", "'\n=1"), ("A\r=1", "A\n=1"), ("A\r\nB", "A\nB")],
)
def test_carriage_return_in_a_cell_begins_no_new_row(cell: str, written: str) -> None:
    table = pd.DataFrame({"text": [cell], "n": [1]})
    assert cells(table) == [["text", "n"], [written, "1"]]
    assert "\r" not in csv_text(table)


@pytest.mark.parametrize("cell", ["1=1", "a-b", "'=1", "–", "“=1”", "", "mail@home"])
def test_cell_that_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert cells(pd.DataFrame({"text": [cell], "n": [1]})) == [
        ["text", "n"],
        [cell, "1"],
    ]


def test_numbers_stay_numbers_also_below_zero() -> None:
    table = pd.DataFrame({"x": [-0.5], "n": [-3], "any": pd.Series([-1], dtype=object)})
    assert csv_text(table) == "x,n,any\n-0.5,-3,-1\n"


def test_csv_quotes_what_needs_it_and_leaves_the_table_alone() -> None:
    table = pd.DataFrame({"text": ['=a,"b"\nc', None]})
    assert csv_text(table) == 'text\n"\'=a,""b""\nc"\n""\n'
    assert table["text"].tolist()[0] == '=a,"b"\nc'


def test_formula_in_a_column_of_categories_is_text() -> None:
    table = pd.DataFrame({"a": pd.Categorical(["=1", "b", "=1"])})
    assert cells(table) == [["a"], ["'=1"], ["b"], ["'=1"]]


def test_formula_in_a_column_name_is_text() -> None:
    assert cells(pd.DataFrame({"=1": ["a"]})) == [["'=1"], ["a"]]


def test_results_are_read_again_as_they_were_written() -> None:
    folder = Path("new/results")
    write(folder, seed=7, command="framing score “a”")
    assert names(folder) == ["mix.csv", "run.json", "scores.parquet"]
    assert read_run(folder) == {
        "seed": 7,
        "command": "framing score “a”",
        "files": ["mix.csv", "scores.parquet"],
    }
    pd.testing.assert_frame_equal(read_table(folder, "scores.parquet"), SCORES)
    assert (folder / "mix.csv").read_text() == "source,aid\nA,-0.25\n'-B,0.5\n"
    assert names(folder.parent) == ["results"]


def test_same_results_are_the_same_bytes() -> None:
    write(Path("one"), seed=7)
    write(Path("two"), seed=7)
    for name in names(Path("one")):
        assert (Path("one") / name).read_bytes() == (Path("two") / name).read_bytes()


def test_earlier_results_are_replaced_whole() -> None:
    folder = Path("results")
    write_results(folder, {"stance.parquet": SCORES, "mix.csv": MIX}, {"seed": 1})
    write(folder, seed=2)
    assert names(folder) == ["mix.csv", "run.json", "scores.parquet"]
    assert read_run(folder)["seed"] == 2
    assert names(Path()) == ["results"]


def test_empty_folder_is_taken_for_the_results() -> None:
    Path("results").mkdir()
    write(Path("results"), seed=1)
    assert read_run(Path("results"))["seed"] == 1


def test_folder_that_is_reached_by_dots_is_replaced() -> None:
    write(Path("results"), seed=1)
    write(Path("other/../results/."), seed=2)
    assert read_run(Path("results"))["seed"] == 2


def not_results(kind: str) -> Path:
    folder = Path("results")
    if kind == "file":
        folder.write_text("mine")
    elif kind == "link":
        write(Path("real"), seed=1)
        folder.symlink_to("real")
    else:
        folder.mkdir()
        (folder / "notes.txt").write_text("mine")
    return folder


def snapshot() -> dict[str, bytes]:
    paths = sorted(Path().rglob("*"))
    return {str(p): p.read_bytes() if p.is_file() else b"" for p in paths}


NO_RESULTS = "not a results folder. Choose a new or empty one."
FOREIGN = "holds {}, which framing did not write. Choose a new or empty folder."


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("file", NO_RESULTS),
        ("link", NO_RESULTS),
        ("folder", FOREIGN.format("notes.txt")),
    ],
)
def test_what_is_no_results_folder_is_refused_and_stays(
    kind: str, message: str
) -> None:
    folder = not_results(kind)
    before = snapshot()
    with pytest.raises(StorageError) as caught:
        write(folder, seed=2)
    assert str(caught.value).endswith(f"results: {message}")
    assert snapshot() == before


def fail(*_: object, **__: object) -> None:
    raise FULL


@pytest.mark.parametrize("call", ["write_bytes", "write_text", "mkdir", "rename"])
@pytest.mark.parametrize("earlier", [True, False])
def test_full_disk_leaves_earlier_results_and_nothing_else(
    call: str, earlier: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if earlier:
        write(Path("results"), seed=1)
    before = snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(Path, call, fail)
        with pytest.raises(StorageError, match=r"not written \(No space left"):
            write(Path("results"), seed=2)
    assert snapshot() == before


def test_earlier_results_come_back_if_the_new_ones_cannot_take_their_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(Path("results"), seed=1)
    before = snapshot()
    rename = Path.rename

    def second_fails(path: Path, target: Path) -> Path:
        if path.name.endswith(".tmp"):
            raise FULL
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", second_fails)
        with pytest.raises(StorageError):
            write(Path("results"), seed=2)
    assert snapshot() == before


def test_interruption_leaves_earlier_results_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    write(Path("results"), seed=1)
    before = snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write(Path("results"), seed=2)
    assert snapshot() == before


@pytest.mark.parametrize("name", ["my-notes.txt", "stance.parquet", "old/mix.csv"])
def test_anything_else_among_earlier_results_is_refused_by_name(name: str) -> None:
    write(Path("results"), seed=1)
    path = Path("results") / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("weeks of work")
    before = snapshot()
    with pytest.raises(StorageError) as caught:
        write(Path("results"), seed=2)
    message = FOREIGN.format(name.split("/")[0])
    assert str(caught.value).endswith(f"results: {message}")
    assert snapshot() == before


def test_file_of_earlier_results_that_is_gone_is_no_hindrance() -> None:
    write(Path("results"), seed=1)
    (Path("results") / "mix.csv").unlink()
    write(Path("results"), seed=2)
    assert names(Path("results")) == ["mix.csv", "run.json", "scores.parquet"]


def test_run_of_something_else_is_no_results_folder() -> None:
    Path("results").mkdir()
    (Path("results") / RUN_FILE).write_text('{"seed": 1}')
    with pytest.raises(InputError):
        read_run(Path("results"))
    with pytest.raises(StorageError, match=r"holds run\.json, which framing did not"):
        write(Path("results"), seed=2)


@pytest.mark.parametrize("files", ["5", "null", "{}", '"mix.csv"'])
def test_run_whose_files_are_no_list_is_no_results_folder(files: str) -> None:
    Path("results").mkdir()
    (Path("results") / RUN_FILE).write_text(f'{{"files": {files}}}')
    with pytest.raises(InputError):
        read_run(Path("results"))
    with pytest.raises(StorageError):
        write(Path("results"), seed=2)


@pytest.mark.parametrize("content", [None, "", "{", "no json", "\x00"])
def test_folder_without_a_run_is_no_results_folder(content: str | None) -> None:
    Path("results").mkdir()
    if content is not None:
        (Path("results") / RUN_FILE).write_text(content)
    with pytest.raises(InputError) as caught:
        read_run(Path("results"))
    assert str(caught.value) == (
        "results: no results of framing there. Run `framing score`."
    )


def test_run_that_is_not_utf_8_is_refused() -> None:
    Path("results").mkdir()
    (Path("results") / RUN_FILE).write_bytes(b'{"a": "\xe9"}')
    with pytest.raises(InputError):
        read_run(Path("results"))


@pytest.mark.parametrize("content", ["5", "[1]", "[]", "null", '"run"', "[" * 200_000])
def test_run_that_is_no_object_is_refused(content: str) -> None:
    Path("results").mkdir()
    (Path("results") / RUN_FILE).write_text(content)
    with pytest.raises(InputError):
        read_run(Path("results"))


def damaged(data: bytes) -> str:
    path = Path("results") / "scores.parquet"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_table(Path("results"), "scores.parquet")
    return str(caught.value)


def test_missing_table_is_refused() -> None:
    write(Path("results"), seed=1)
    with pytest.raises(InputError) as caught:
        read_table(Path("results"), "stance.parquet")
    assert str(caught.value) == (
        "results/stance.parquet: missing or damaged. Run `framing score` again."
    )


def test_table_cut_short_anywhere_is_refused() -> None:
    write(Path("results"), seed=1)
    data = (Path("results") / "scores.parquet").read_bytes()
    for cut in range(0, len(data), 97):
        assert damaged(data[:cut]).startswith("results/scores.parquet: missing or ")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1PAR1", b"a,b\n1,2\n" * 9])
def test_what_is_no_parquet_file_is_refused(content: bytes) -> None:
    write(Path("results"), seed=1)
    assert damaged(content).startswith("results/scores.parquet: missing or damaged.")


def test_byte_flipped_in_a_page_of_the_table_is_refused() -> None:
    table = pd.DataFrame({"x": range(2000)})
    write_results(Path("results"), {"scores.parquet": table}, {})
    data = bytearray((Path("results") / "scores.parquet").read_bytes())
    data[len(data) // 4] ^= 0xFF
    assert damaged(bytes(data)).startswith("results/scores.parquet: missing or ")


def test_table_with_damaged_notes_of_pandas_is_refused() -> None:
    write(Path("results"), seed=1)
    data = (Path("results") / "scores.parquet").read_bytes()
    # The Arrow schema is base64 in the footer: this is `{"index_columns`.
    notes = b"7ImluZGV4X2NvbHVtbnMiOiBb"
    message = damaged(data.replace(notes, notes[::-1]))
    assert message.startswith("results/scores.parquet: missing or damaged.")


def test_notes_of_pandas_are_where_the_test_above_damages_them() -> None:
    write(Path("results"), seed=1)
    data = (Path("results") / "scores.parquet").read_bytes()
    assert data.count(b"7ImluZGV4X2NvbHVtbnMiOiBb") == 1


def test_run_is_readable_and_sorted() -> None:
    write(Path("results"), seed=7, counts={"b": 1, "a": 2})
    text = (Path("results") / RUN_FILE).read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert list(json.loads(text)) == ["counts", "files", "seed"]
