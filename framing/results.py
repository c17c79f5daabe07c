"""A results folder: the tables of one scoring and the run that made them.

Its tables, `mix.csv` and `run.json` appear together or not at all.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from glob import escape
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from framing.atomic import refuse_address, sync_folder, sync_tree, temporary
from framing.errors import InputError, StorageError, shown
from framing.inert import inert
from framing.tablefile import (
    DamagedTableError,
    Documents,
    column_names,
    join_files,
    read_blocks,
    read_rows,
    read_tables,
    table_bytes,
)

Table: TypeAlias = pd.DataFrame | Sequence[Path]
"""A table in memory, or in Parquet files one after the other."""

RUN_FILE = "run.json"
SCORES, ARTICLES, STANCE = "scores.parquet", "articles.parquet", "stance.parquet"
COUNTS, TARGETS, HIGHEST = "counts.parquet", "targets.parquet", "highest.parquet"
IGNORED = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers leave in any folder they show."""


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
    """Return a cell that is no formula, if it is a text."""
    return inert(value) if isinstance(value, str) else value


def list_skipped(run: Mapping[str, Any]) -> pd.DataFrame:
    """Return what a run did not score, as a table of `place` and `reason`."""
    rows = [(item["where"], item["reason"]) for item in run["skipped"]]
    return pd.DataFrame(rows, columns=["place", "reason"])


def check_folder(folder: Path) -> None:
    """Refuse a folder that results cannot be written to, before any work is done.

    Raises
    ------
    StorageError
        It is no folder, or holds what framing did not write.
    """
    refuse_address(folder)
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
    folder: Path, tables: Mapping[str, Table], run: Mapping[str, Any]
) -> None:
    """Write tables and run as a results folder, whole or not at all.

    Parameters
    ----------
    folder : Path
        The folder to make; an earlier results folder is replaced by the new one.
    tables : mapping of file name (`x.parquet` or `x.csv`) to table
        Files are joined without holding them in memory.
    run : mapping
        What `run.json` says.

    Raises
    ------
    StorageError
        The folder holds something else, or cannot be written.
    DamagedTableError
        A file to join is missing or damaged.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() follows links
    check_folder(folder)
    try:
        with temporary(folder) as part:
            part.mkdir(parents=True)
            for name, table in tables.items():
                _write_table(part / name, table)
            run = {**run, "files": sorted(tables)}
            text = json.dumps(run, indent=1, ensure_ascii=False, sort_keys=True)
            (part / RUN_FILE).write_text(f"{text}\n", encoding="utf-8")
            sync_tree(part)
            _swap(part, folder)
            sync_folder(folder.parent)
    except OSError as error:
        # Arrow has its own words for it, and more of them.
        reason = os.strerror(error.errno) if error.errno else error
        msg = f"{shown(folder)}: not written ({reason}). Free space or rights."
        raise StorageError(msg) from error


def _write_table(path: Path, table: Table) -> None:
    if not isinstance(table, pd.DataFrame):
        join_files(table, path)
    elif path.suffix == ".csv":
        path.write_bytes(csv_text(table).encode())
    else:
        path.write_bytes(table_bytes(table))


def clear_leavings(folder: Path) -> None:
    """Remove what a killed program left beside a results folder.

    Killed between two renames it may have left the earlier results under another name:
    they come back.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() follows links
    ours = re.compile(rf"\.{re.escape(folder.name)}\.[0-9a-f]{{8}}\.(tmp|old)")
    for path in sorted(folder.parent.glob(f".{escape(folder.name)}.*")):
        if not ours.fullmatch(path.name):
            continue
        if path.suffix == ".old" and not folder.exists():
            path.rename(folder)
        else:
            shutil.rmtree(path, ignore_errors=True)


def holds_results(folder: Path) -> bool:
    """Whether a folder looks like one of ours; what has no possible name does not."""
    try:
        return (folder / RUN_FILE).is_file()
    except OSError:
        return False


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


def read_table(
    folder: Path, name: str, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return a Parquet table of a results folder, or those of its columns it has.

    Raises
    ------
    InputError
        The file is missing or damaged.
    """
    try:
        return read_tables([folder / name], columns)
    except DamagedTableError as error:
        raise InputError(_damaged(folder / name)) from error


def read_by_blocks(
    folder: Path, name: str, columns: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """Yield a table of a results folder block by block, never all of it at once.

    Raises
    ------
    InputError
        The file is missing or damaged.
    """
    try:
        yield from read_blocks([folder / name], columns)
    except DamagedTableError as error:
        raise InputError(_damaged(folder / name)) from error


def read_documents(
    folder: Path, name: str, documents: Documents | None
) -> pd.DataFrame:
    """Return the rows of some documents from a table of a results folder.

    Raises
    ------
    InputError
        The file is missing or damaged.
    """
    try:
        return read_rows([folder / name], documents)
    except DamagedTableError as error:
        raise InputError(_damaged(folder / name)) from error


def read_columns(folder: Path, name: str) -> list[str]:
    """Return the names of the columns of a table of a results folder.

    Raises
    ------
    InputError
        The file is missing or damaged.
    """
    try:
        return column_names(folder / name)
    except DamagedTableError as error:
        raise InputError(_damaged(folder / name)) from error


def _damaged(path: Path) -> str:
    """Return the message about a table that cannot be read."""
    return f"{shown(path)}: missing or damaged. Run `framing score` again."


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
