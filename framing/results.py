"""A results folder: the tables of one scoring and the run that made them.

`scores.parquet`, `articles.parquet`, `stance.parquet`, `mix.csv` and `run.json`
appear together or not at all.
"""

import io
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from framing.errors import InputError, StorageError, shown

RUN_FILE = "run.json"
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV that a spreadsheet cannot take for formulas.

    A text cell that begins like a formula gets an apostrophe in front; numbers
    stay numbers.
    """
    safe = table.copy()
    for name in safe.select_dtypes(include=["object", "str"]).columns:
        safe[name] = safe[name].map(_inert)
    return str(safe.to_csv(index=False, lineterminator="\n"))


def _inert(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value


def write_results(
    folder: Path, tables: Mapping[str, pd.DataFrame], run: Mapping[str, Any]
) -> None:
    """Write tables and run as a results folder, whole or not at all.

    Parameters
    ----------
    folder : Path
        The folder to make; an earlier results folder is replaced by the new one.
    tables : mapping of file name (`x.parquet` or `x.csv`) to DataFrame
    run : mapping
        What `run.json` says.

    Raises
    ------
    StorageError
        The folder holds something else, or cannot be written.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() follows links
    if folder.exists() and not _is_replaceable(folder):
        msg = f"{shown(folder)}: not a results folder. Choose a new or empty one."
        raise StorageError(msg)
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        part.mkdir(parents=True)
        for name, table in tables.items():
            (part / name).write_bytes(_file_bytes(name, table))
        text = json.dumps(run, indent=1, ensure_ascii=False, sort_keys=True)
        (part / RUN_FILE).write_text(f"{text}\n", encoding="utf-8")
        _swap(part, folder)
    except OSError as error:
        msg = f"{shown(folder)}: not written ({error.strerror}). Free space or rights."
        raise StorageError(msg) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def read_run(folder: Path) -> dict[str, Any]:
    """Return `run.json` of a results folder.

    Raises
    ------
    InputError
        The folder is none that framing wrote.
    """
    try:
        run = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{shown(folder)}: no results of framing there. Run `framing score`."
        raise InputError(msg) from error
    return dict(run)


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Return a Parquet table of a results folder.

    Raises
    ------
    InputError
        The file is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(folder / name, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        msg = f"{shown(folder / name)}: missing or damaged. Run `framing score` again."
        raise InputError(msg) from error
    return pd.DataFrame(table.to_pandas())


def _is_replaceable(folder: Path) -> bool:
    if not folder.is_dir() or folder.is_symlink():
        return False
    return (folder / RUN_FILE).is_file() or not any(folder.iterdir())


def _file_bytes(name: str, table: pd.DataFrame) -> bytes:
    if name.endswith(".csv"):
        return csv_text(table).encode()
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(
        pa.Table.from_pandas(table, preserve_index=False),
        buffer,
        compression="zstd",
        write_page_checksum=True,
    )
    return buffer.getvalue()


def _swap(part: Path, folder: Path) -> None:
    """Give the finished part its name; an earlier folder goes only after that."""
    if not folder.exists():
        part.rename(folder)
        return
    old = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.old")
    folder.rename(old)
    try:
        part.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
