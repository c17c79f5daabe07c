"""Parts of an unfinished run: what is done stays done, whatever ends the program.

Beside the results folder to be, a hidden folder holds a manifest (what the run is made
from) and a folder per part, named by its number and a hash of the manifest and the
articles in it. A part appears whole or not at all. The folder goes when the results
are there.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pandas as pd

from framing.atomic import sync_tree, temporary, write_atomic
from framing.errors import InputError, StorageError, shown
from framing.locking import locked
from framing.records import Article
from framing.tablefile import DamagedTableError, table_bytes

MANIFEST, LOCK, MADE = "manifest.json", "lock", "made"


@dataclass(frozen=True)
class Manifest:
    """What a run is made from: the same manifest gives the same parts.

    `inputs` has the hash of each file by its path; `options` say how they are read.
    """

    program: str
    model: str
    part_size: int
    options: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return it as JSON; the same manifest, the same text."""
        content = {
            "program": self.program,
            "model": self.model,
            "part_size": self.part_size,
            "options": dict(self.options),
            "inputs": dict(self.inputs),
        }
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def differences(self, other: "Manifest") -> list[str]:
        """Return in words in what another manifest differs from this one."""
        found = []
        if self.program != other.program:
            found.append(f"framing {shown(other.program)} instead of {self.program}")
        if self.model != other.model:
            found.append("another model")
        if self.part_size != other.part_size:
            found.append("parts of another size")
        for name in _unlike(self.options, other.options):
            found.append(f"another --{name.replace('_', '-')}")
        for path in _unlike(self.inputs, other.inputs):
            if path not in self.inputs:
                found.append(f"{shown(path)} is new")
            elif path not in other.inputs:
                found.append(f"{shown(path)} is missing now")
            else:
                found.append(f"{shown(path)} has changed")
        return found


def _unlike(one: Mapping[str, str], two: Mapping[str, str]) -> list[str]:
    return sorted(key for key in {*one, *two} if one.get(key) != two.get(key))


@dataclass(frozen=True)
class Parts:
    """The folder of parts of one run; `there` has those of earlier, by number."""

    folder: Path
    manifest: Manifest
    there: Mapping[str, str] = field(default_factory=dict)

    def name(self, number: int, articles: Sequence[Article]) -> str:
        """Return the name of a part, by what it is made from."""
        digest = blake2b(self.manifest.text().encode(), digest_size=8)
        for article in articles:
            digest.update(repr(article).encode("utf-8", "surrogatepass"))
        return f"{number:06d}-{digest.hexdigest()}"

    def is_done(self, name: str) -> bool:
        """Whether a part was there when the folder was opened.

        Raises
        ------
        InputError
            Its place is taken by a part of other articles.
        """
        known = self.there.get(_number(name), name)
        if known != name:
            raise InputError(_refusal(self.folder, ["other articles"]))
        return _number(name) in self.there

    def count(self) -> int:
        """Return how many parts are there."""
        return sum(1 for _ in _names(self.folder))

    def files(self, names: Sequence[str], table: str) -> list[Path]:
        """Return the files of one table, part by part."""
        return [self.folder / name / table for name in names]

    def keep(self, name: str, table: pd.DataFrame) -> Path:
        """Write a table that was made of all parts, and goes with them.

        Raises
        ------
        StorageError
            The disk is full, or the folder may not be written to.
        """
        path = self.folder / MADE / name
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(table_bytes(table))
        except OSError as error:
            raise StorageError(_unwritten(self.folder, error)) from error
        return path

    def remove(self) -> None:
        """Throw the parts away; where that cannot be done they are left."""
        # Under another name first: half a folder of parts must not look like a run.
        old = self.folder.with_name(f"{self.folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        with suppress(OSError):
            self.folder.rename(old)
            shutil.rmtree(old, ignore_errors=True)


def _number(name: str) -> str:
    return name.partition("-")[0]


def _names(folder: Path) -> Iterator[str]:
    """Yield the names of the parts in a folder."""
    return (path.name for path in folder.glob("[0-9]*-*"))


def write_part(
    folder: Path,
    name: str,
    tables: Mapping[str, pd.DataFrame],
    *,
    lasting: bool = True,
) -> None:
    """Write the tables of a part, whole or not at all.

    Parameters
    ----------
    lasting : bool
        They are to outlast a power cut, which costs time.

    Raises
    ------
    StorageError
        The disk is full, or the folder may not be written to.
    """
    try:
        with temporary(folder / name) as part:
            part.mkdir()
            for file, table in tables.items():
                (part / file).write_bytes(table_bytes(table))
            if lasting:
                sync_tree(part)
            _take_name(part, folder / name)
    except OSError as error:
        raise StorageError(_unwritten(folder, error)) from error


def _take_name(part: Path, target: Path) -> None:
    try:
        part.rename(target)
    except OSError:
        # A worker that outlived its killed program may have finished the same part.
        if not target.is_dir():
            raise


@contextmanager
def open_parts(
    results: Path, manifest: Manifest, *, restart: bool = False
) -> Iterator[Parts]:
    """Open the parts of a run, new or broken off, and keep others from them.

    Parameters
    ----------
    results : Path
        The results folder that they are for.
    restart : bool
        Throw away what is there.

    Raises
    ------
    InputError
        The parts there are made from something else, or one of them is damaged.
    StorageError
        Another program is at it, or the folder cannot be written.
    """
    results = Path(os.path.abspath(results))  # noqa: PTH100 - resolve() follows links
    folder = results.with_name(f".{results.name}.parts")
    shutil.rmtree(f"{folder}.old", ignore_errors=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("ab", buffering=0)
    except OSError as error:
        raise StorageError(_unwritten(results, error)) from error
    with file, _held(file, results):
        _prepare(folder, manifest, restart=restart)
        # Read once: asking the disk for each of many parts takes longer than scoring.
        there = {_number(name): name for name in _names(folder)}
        parts = Parts(folder, manifest, there)
        try:
            yield parts
        except DamagedTableError as error:
            raise InputError(_damaged(Path(str(error)))) from error
        finally:
            if folder.is_dir() and not parts.count():
                parts.remove()


@contextmanager
def _held(file: Any, results: Path) -> Iterator[None]:
    try:
        with locked(file, wait=False):
            yield
    except BlockingIOError as error:
        msg = f"{shown(results)}: another framing writes there. Wait until it is done."
        raise StorageError(msg) from error


def _prepare(folder: Path, manifest: Manifest, *, restart: bool) -> None:
    """Make the folder fit for a run, or refuse it."""
    there = _read(folder / MANIFEST)
    if there is not None and not restart:
        if different := there.differences(manifest):
            raise InputError(_refusal(folder, different))
        _clear(folder, ".*.tmp")
        return
    _clear(folder, "*")
    write_atomic(folder / MANIFEST, manifest.text().encode("utf-8", "surrogatepass"))


def _clear(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != LOCK:
            path.unlink(missing_ok=True)


def _read(path: Path) -> Manifest | None:
    """Return the manifest in a file, None if there is none that can be read."""
    try:
        content = json.loads(path.read_bytes())
        return Manifest(**content)
    except (OSError, ValueError, TypeError):
        return None


def _refusal(folder: Path, different: Sequence[str]) -> str:
    more = f" and {len(different) - 3} more" if len(different) > 3 else ""
    return (
        f"{shown(folder)}: parts of an unfinished run, but now with "
        f"{', '.join(different[:3])}{more}. Run it as before to go on, or --restart to "
        "throw them away."
    )


def _damaged(file: Path) -> str:
    return (
        f"{shown(file)}: damaged since it was written. Delete the folder "
        f"{shown(file.parent.name)} there and give the same command: only this part is "
        "scored again."
    )


def _unwritten(folder: Path, error: OSError) -> str:
    return (
        f"{shown(folder)}: not written ({error.strerror or error}). Free space or "
        "rights, then give the same command to go on."
    )
