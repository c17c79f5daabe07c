"""Tables in Parquet files, every page with its checksum.

Long tables are made of parts, one after the other: no more than one part of a table
is in memory. Arrow's threads are left alone, which a fork would lock up.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

if TYPE_CHECKING:
    from pyarrow import Schema

COMPRESSION = "zstd"

Documents: TypeAlias = AbstractSet[str]
"""Ids of documents whose rows are wanted."""


class DamagedTableError(Exception):
    """A file is missing, or is no whole Parquet file."""


def table_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as the bytes of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(arrow, buffer, compression=COMPRESSION, write_page_checksum=True)
    return buffer.getvalue()


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of a table.

    Raises
    ------
    DamagedTableError
        The file is missing or damaged.
    """
    return list(_open(path).schema_arrow.names)


def read_blocks(
    paths: Sequence[Path], columns: Sequence[str] | None = None
) -> Iterator[pd.DataFrame]:
    """Yield the tables of several files block by block, as they were written.

    Columns that a file does not have are left out.

    Raises
    ------
    DamagedTableError
        A file is missing or damaged.
    """
    for path in paths:
        for table in _blocks(path, columns):
            yield pd.DataFrame(_to_pandas(table, path))


def read_tables(
    paths: Sequence[Path], columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the tables of several files as one; see `read_blocks`."""
    return join_tables(_read_whole(path, columns) for path in paths)


def read_rows(paths: Sequence[Path], documents: Documents | None) -> pd.DataFrame:
    """Return the rows of some documents, by default of all; see `read_blocks`."""
    if documents is None:
        return join_tables(read_blocks(paths))
    # Blocks that hold none of them are not read, for they are nearly all.
    some = (
        rows_of(pd.DataFrame(_to_pandas(table, path)), documents)
        for path in paths
        for table in _blocks(path, None, documents)
    )
    empty = next(read_blocks(paths)).head(0)
    return join_tables(chain([empty], some))


def rows_of(table: pd.DataFrame, documents: Documents | None) -> pd.DataFrame:
    """Return the rows of a table that are of some documents, by default all."""
    return table if documents is None else table[table["doc_id"].isin(documents)]


def join_tables(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return tables, at least one, as one."""
    first, filled = None, []
    for table in tables:
        first = table if first is None else first
        # An empty table may not know the types of its columns.
        if len(table):
            filled.append(table)
    assert first is not None
    if not filled:
        return first
    return filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)


def _read_whole(path: Path, columns: Sequence[str] | None) -> pd.DataFrame:
    import pyarrow as pa

    # Not `read_table`, which imports the reader of many files for this one.
    with _open(path) as file:
        names = file.schema_arrow.names
        wanted = None if columns is None else [n for n in columns if n in names]
        try:
            _check_notes(file.schema_arrow)
            table = file.read(columns=wanted, use_threads=False)
            # As they were asked for, and not those of which one is the beginning.
            table = table if wanted is None else table.select(wanted)
            return pd.DataFrame(table.to_pandas(use_threads=False))
        # A damaged footer comes out as any of these, from Arrow or from pandas.
        except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
            raise DamagedTableError(path) from error


def _check_notes(schema: "Schema") -> None:
    """Refuse damaged notes of pandas: the table that is read brings others."""
    if not isinstance(schema.pandas_metadata, dict | None):
        raise TypeError


def join_files(paths: Sequence[Path], target: Path) -> None:
    """Write the tables of several files as one file, block by block.

    A column that only some of them have is empty in the others. The same tables give
    the same bytes.

    Raises
    ------
    DamagedTableError
        A file is missing or damaged.
    """
    import pyarrow.parquet as pq

    schema = _common_schema(paths)
    with pq.ParquetWriter(
        target, schema, compression=COMPRESSION, write_page_checksum=True
    ) as writer:
        for path in paths:
            for table in _blocks(path, None):
                # One block, one row group: whoever reads it holds no more than that.
                writer.write_table(_fit(table, schema), row_group_size=1 << 30)


def _common_schema(paths: Sequence[Path]) -> "Schema":
    import pyarrow as pa

    schemas = [_open(path).schema_arrow.remove_metadata() for path in paths]
    return pa.unify_schemas(schemas)


def _fit(table: Any, schema: "Schema") -> Any:
    import pyarrow as pa

    there = set(table.column_names)
    columns = [
        table[field.name].cast(field.type)
        if field.name in there
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _open(path: Path) -> Any:
    """Return an opened Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False)
    # A damaged footer comes out as any of these.
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise DamagedTableError(path) from error


def _blocks(
    path: Path,
    columns: Sequence[str] | None,
    documents: Documents | None = None,
) -> Iterator[Any]:
    """Yield the blocks of a file, or only those that hold some of the documents."""
    import pyarrow as pa

    if documents is not None and not documents:
        return
    with _open(path) as file:
        names = file.schema_arrow.names
        wanted = None if columns is None else [n for n in columns if n in names]
        try:
            if file.num_row_groups == 0:
                yield file.read(columns=wanted, use_threads=False)
            for number in range(file.num_row_groups):
                if documents is None or _holds(file, number, documents):
                    yield file.read_row_group(number, columns=wanted, use_threads=False)
        except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
            raise DamagedTableError(path) from error


def _holds(file: Any, number: int, documents: Documents) -> bool:
    ids = file.read_row_group(number, columns=["doc_id"], use_threads=False)
    return not documents.isdisjoint(ids["doc_id"].unique().to_pylist())


def _to_pandas(table: Any, path: Path) -> pd.DataFrame:
    try:
        return pd.DataFrame(table.to_pandas(use_threads=False))
    except (ValueError, KeyError, TypeError) as error:  # damaged notes of pandas
        raise DamagedTableError(path) from error
