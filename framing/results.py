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
IGNORED = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers leave in any folder they show."""

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV that a spreadsheet cannot take for formulas.

    A text cell that begins like a formula gets an apostrophe in front; numbers
    stay numbers.
    """
    safe = table.copy()
    for name in safe.select_dtypes(include=["object", "str", "category"]).columns:
        safe[name] = safe[name].astype(object).map(_inert)
    safe.columns = [_inert(str(name)) for name in safe.columns]
    return str(safe.to_csv(index=False, lineterminator="\n"))


def _inert(value: Any) -> Any:
    """Return a cell that is no formula; a lone carriage return would end a row."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if value.startswith(_FORMULA_SIGNS) else text


def check_folder(folder: Path) -> None:
    """Refuse a folder that results cannot be written to, before any work is done.

    Raises
    ------
    StorageError
        It is no folder, or holds what framing did not write.
    """
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir() or folder.is_symlink():
        msg = f"{shown(folder)}: not a results folder. Choose a new or empty one."
        raise StorageError(msg)
    try:
        ours = {RUN_FILE, *IGNORED, *read_run(folder)["files"]}
    except InputError:
        ours = set(IGNORED)
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in ours)
    if foreign:
        msg = (
            f"{shown(folder)}: holds {shown(foreign[0])}, which framing did not write. "
            "Choose a new or empty folder."
        )
        raise StorageError(msg)


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
    check_folder(folder)
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        part.mkdir(parents=True)
        for name, table in tables.items():
            (part / name).write_bytes(_file_bytes(name, table))
        run = {**run, "files": sorted(tables)}
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
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(_no_results(folder)) from error
    if not isinstance(run, dict) or not _lists_files(run):
        raise InputError(_no_results(folder))
    return run


def _lists_files(run: dict[str, Any]) -> bool:
    files = run.get("files")
    return isinstance(files, list) and all(isinstance(name, str) for name in files)


def _no_results(folder: Path) -> str:
    return f"{shown(folder)}: no results of framing there. Run `framing score`."


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
        return pd.DataFrame(table.to_pandas())
    # A damaged footer comes out as any of these, from Arrow or from pandas.
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
        msg = f"{shown(folder / name)}: missing or damaged. Run `framing score` again."
        raise InputError(msg) from error


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
