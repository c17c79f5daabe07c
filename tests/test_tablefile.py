"""Long tables in parts: joined they are the whole, damaged they are noticed."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framing.tablefile import (
    DamagedTableError,
    column_names,
    join_files,
    join_tables,
    read_blocks,
    read_rows,
    read_tables,
    table_bytes,
)

FLIPS = 200
NOTICED = 0.99
"""Part of the flipped bits that must be noticed; without checksums it was a fifth."""

names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
tables = st.lists(
    st.tuples(names, st.integers(-5, 5), st.floats(allow_nan=False), st.booleans()),
    min_size=1,
    max_size=30,
).map(lambda rows: pd.DataFrame(rows, columns=["doc_id", "n", "p", "b"]))
in_one_folder = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def cut(table: pd.DataFrame, cuts: list[int]) -> list[pd.DataFrame]:
    bounds = [0, *sorted(c % (len(table) + 1) for c in cuts), len(table)]
    return [table.iloc[a:b] for a, b in pairwise(bounds)]


def write_parts(folder: Path, parts: list[pd.DataFrame]) -> list[Path]:
    paths = [folder / f"{number}.parquet" for number in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(table_bytes(part.reset_index(drop=True)))
    return paths


@in_one_folder
@given(tables, st.lists(st.integers(0, 30), max_size=6))
def test_parts_of_any_cut_joined_are_the_whole(
    tmp_path: Path, table: pd.DataFrame, cuts: list[int]
) -> None:
    paths = write_parts(tmp_path, cut(table, cuts))
    join_files(paths, tmp_path / "whole")
    pd.testing.assert_frame_equal(read_tables([tmp_path / "whole"]), table)
    pd.testing.assert_frame_equal(read_tables(paths), table)
    blocks = [block for block in read_blocks(paths) if len(block)]
    assert sum(map(len, blocks)) == len(table)
    first = (tmp_path / "whole").read_bytes()
    join_files(paths, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == first


@in_one_folder
@given(tables, st.lists(st.integers(0, 30), max_size=6), st.data())
def test_rows_of_some_documents_are_those_of_the_whole(
    tmp_path: Path, table: pd.DataFrame, cuts: list[int], data: st.DataObject
) -> None:
    paths = write_parts(tmp_path, cut(table, cuts))
    wanted = data.draw(st.sets(st.sampled_from([*table["doc_id"], "no such"])))
    expected = table[table["doc_id"].isin(wanted)].reset_index(drop=True)
    found = read_rows(paths, frozenset(wanted)).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=len(expected) > 0)
    pd.testing.assert_frame_equal(read_rows(paths, None), table)


def test_a_part_is_one_block_of_the_whole(tmp_path: Path) -> None:
    parts = [pd.DataFrame({"n": range(n)}) for n in (3, 1, 2)]
    join_files(write_parts(tmp_path, parts), tmp_path / "whole")
    found = [len(block) for block in read_blocks([tmp_path / "whole"])]
    assert found == [3, 1, 2]


def test_column_that_only_some_parts_have_is_empty_in_the_others(
    tmp_path: Path,
) -> None:
    parts = [pd.DataFrame({"n": [1]}), pd.DataFrame({"n": [2], "x": ["a"]})]
    join_files(write_parts(tmp_path, parts), tmp_path / "whole")
    found = read_tables([tmp_path / "whole"])
    assert column_names(tmp_path / "whole") == ["n", "x"]
    assert found["x"].isna().tolist() == [True, False]
    assert read_tables([tmp_path / "whole"], ["x", "none"]).columns.tolist() == ["x"]


def test_empty_part_does_not_change_the_types_of_the_others() -> None:
    full = pd.DataFrame({"n": [1], "p": [0.5]})
    empty = pd.DataFrame({"n": [], "p": []}, dtype=object)
    for order in ([full, empty], [empty, full]):
        pd.testing.assert_frame_equal(join_tables(order), full)
    pd.testing.assert_frame_equal(join_tables([empty, empty]), empty)


def test_same_table_is_the_same_bytes() -> None:
    table = pd.DataFrame({"n": range(100), "t": ["a"] * 100})
    assert table_bytes(table) == table_bytes(table.copy())


def test_no_document_wanted_reads_no_block(tmp_path: Path) -> None:
    (path,) = write_parts(tmp_path, [pd.DataFrame({"doc_id": ["a"], "n": [1]})])
    found = read_rows([path], frozenset())
    assert (len(found), found.columns.tolist()) == (0, ["doc_id", "n"])


# Damage


def whole(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "doc_id": [f"article-{k}" for k in range(300)],
            "p": rng.random(300),
            "b": rng.random(300) < 0.3,
        }
    )
    (path,) = write_parts(tmp_path, [table])
    return path, table


def test_flipped_bits_are_noticed_or_change_nothing(tmp_path: Path) -> None:
    path, table = whole(tmp_path)
    data = path.read_bytes()
    rng = np.random.default_rng(2)
    silent = 0
    for _ in range(FLIPS):
        damaged = bytearray(data)
        damaged[rng.integers(len(data))] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            found = read_tables([path])
        except DamagedTableError:
            continue
        silent += not found.equals(table)
    assert silent <= (1 - NOTICED) * FLIPS


def test_file_cut_short_anywhere_is_damaged(tmp_path: Path) -> None:
    path, _ = whole(tmp_path)
    data = path.read_bytes()
    for size in range(0, len(data), 397):
        path.write_bytes(data[:size])
        for read in (
            lambda: read_tables([path]),
            lambda: list(read_blocks([path])),
            lambda: join_files([path], tmp_path / "joined"),
            lambda: column_names(path),
        ):
            with pytest.raises(DamagedTableError):
                read()


def test_missing_file_is_damaged_and_named(tmp_path: Path) -> None:
    with pytest.raises(DamagedTableError) as caught:
        read_tables([tmp_path / "none"])
    assert str(caught.value) == str(tmp_path / "none")


def test_every_page_has_a_checksum(tmp_path: Path) -> None:
    """A flipped byte in a page, without which the reader would be none the wiser."""
    path, _ = whole(tmp_path)
    join_files([path], tmp_path / "joined")
    for file in (path, tmp_path / "joined"):
        column = pq.ParquetFile(file).metadata.row_group(0).column(1)
        data = bytearray(file.read_bytes())
        start = column.dictionary_page_offset or column.data_page_offset
        data[start + column.total_compressed_size - 1] ^= 1
        file.write_bytes(data)
        with pytest.raises(DamagedTableError):
            read_tables([file])
