"""A table of articles in memory, as a file to read."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow.parquet import write_table

from framing.articles import InputFile
from framing.errors import InputError, shown

NAME = "dataframe.parquet"
"""What it is called in messages, in ids and in `run.json`."""


def as_file(table: pd.DataFrame) -> InputFile:
    """Return a table as the Parquet file it would be; an index with a name is a column.

    Raises
    ------
    InputError
        It cannot be had as text.
    """
    table = _with_index(table)
    columns = [_column(str(name), values) for name, values in table.items()]
    stream = BytesIO()
    content = pa.table(columns, names=[str(name) for name in table.columns])
    write_table(content, stream, compression="zstd")
    data = stream.getvalue()
    return InputFile(Path(NAME), Path(NAME).stem, opener=lambda: BytesIO(data))


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose named index is a column, where it is none already."""
    there = set(map(str, table.columns))
    again = [k for k, name in enumerate(table.index.names) if str(name) in there]
    if again:
        table = table.reset_index(level=again, drop=True)
    if all(name is None for name in table.index.names):
        return table
    return table.reset_index(allow_duplicates=True)  # columns given twice are told


def _column(name: str, values: pd.Series) -> Any:
    """Return a column as Arrow has it; what Arrow has no kind for becomes text."""
    try:
        column = pa.array(values, from_pandas=True)
        if not isinstance(column.type, pa.BaseExtensionType):
            return column
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        pass  # such as numbers and words in one column, as spreadsheets have them
    texts = [
        str(value) if is_there else None
        for value, is_there in zip(values, values.notna(), strict=True)
    ]
    try:
        return pa.array(texts, pa.string())
    except ValueError as error:  # half a character
        msg = f"{NAME}: column {shown(name, 40)!r}: {shown(error)}. Repair the text."
        raise InputError(msg) from error
