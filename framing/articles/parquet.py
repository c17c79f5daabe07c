"""Reader of Parquet files, a few hundred rows at a time."""

import json
import math
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, BinaryIO

from framing.articles.columns import Columns, check_columns
from framing.articles.formats import Format
from framing.articles.inputs import InputFile
from framing.articles.options import ReadLog, ReadOptions
from framing.articles.rows import Row, Rows
from framing.articles.stream import opened
from framing.errors import InputError, shown
from framing.records import Article

if TYPE_CHECKING:
    from pyarrow import DataType, RecordBatch
    from pyarrow.parquet import ParquetFile

BATCH = 256
"""Rows held at once: articles are long."""


def read(file: InputFile, options: ReadOptions, log: ReadLog) -> Iterator[Article]:
    """Yield the articles of a Parquet file.

    The day of a timestamp with a time zone is that of UTC, which is what the file
    stores. Binary columns are left out.

    Raises
    ------
    InputError
        The file is damaged, or its columns cannot be used.
    """
    with opened(file, log) as data:
        before = log.n_bytes
        data.drain()
        size, log.n_bytes = log.n_bytes - before, before
        data.stream.seek(0)
        table = _open(data.stream, file.where)
        schema = table.schema_arrow
        columns = check_columns(schema.names, options, file.where)
        _check_text(columns.text, schema.field(columns.text).type, file.where)
        rows = Rows(file, log)
        yield from rows.articles(_placed(table, columns, file, log, size))
    rows.finish(columns)


def _open(stream: BinaryIO, where: str) -> "ParquetFile":
    """Return the opened file, or raise InputError if it is damaged."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        return ParquetFile(stream, pre_buffer=False, page_checksum_verification=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(where, error) from error


def _rows(table: "ParquetFile", where: str) -> Iterator[dict[str, str]]:
    """Yield each row as strings."""
    import pyarrow as pa

    schema = table.schema_arrow
    names = [n for n in schema.names if not _is_binary(schema.field(n).type)]
    try:
        # Arrow's threads and a later fork can lock each other up.
        for batch in table.iter_batches(BATCH, columns=names, use_threads=False):
            # Without this check, bytes that are no UTF-8 come through as text.
            batch.validate(full=True)
            for row in _with_plain_times(batch).to_pylist():
                yield {name: _as_text(value) for name, value in row.items()}
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(where, error) from error


def _with_plain_times(batch: "RecordBatch") -> "RecordBatch":
    """Return the batch with timestamps as UTC in microseconds.

    Others would need pandas (nanoseconds) or a time zone database to be shown.
    """
    import pyarrow as pa

    columns = [
        column.cast(pa.timestamp("us"), safe=False)
        if pa.types.is_timestamp(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _check_text(name: str, kind: "DataType", where: str) -> None:
    """Raise InputError unless the text column holds strings."""
    from pyarrow import types

    value = kind.value_type if types.is_dictionary(kind) else kind
    string_types = (types.is_string, types.is_large_string, types.is_string_view)
    if not any(is_type(value) for is_type in string_types):
        message = (
            f"{where}: text column {shown(name, 40)!r} is {shown(kind, 40)}, "
            "not string. Name another with --text-column."
        )
        raise InputError(message)


def _is_binary(kind: "DataType") -> bool:
    """Whether a column holds bytes, such as pictures."""
    from pyarrow import types

    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    )


def _as_text(value: object) -> str:
    """Return any value as text; null and NaN are empty, nested values JSON."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _damaged(where: str, error: BaseException) -> InputError:
    """Return the error about a file that Arrow cannot read."""
    reason = shown(str(error).partition("\n")[0].rstrip("."), 100)
    return InputError(
        f"{where}: not a complete Parquet file ({reason}). Copy or export it again."
    )


FORMAT = Format(
    name="parquet",
    suffixes=(".parquet",),
    read=read,
    keeps="all columns, as text",
    loses="columns of bytes; of nested values all but their JSON",
)


def _placed(
    table: "ParquetFile", columns: Columns, file: InputFile, log: ReadLog, size: int
) -> Iterator[Row]:
    """Yield the rows with their places; tell how far we are.

    `size` bytes were read for the hash alone, before the first row.
    """
    before, n_rows = log.n_bytes, table.metadata.num_rows
    for number, row in enumerate(_rows(table, file.where), 1):
        log.n_bytes = before + size * number // n_rows
        yield Row(number, f"{file.where}:row {number}", row, columns)
