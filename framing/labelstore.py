"""Labels on disk: one append-only file of JSON lines per coder.

`labels/<codebook>/<coder>.jsonl` holds one decision a line, keys sorted; the
last decision of a coder on a unit wins. Lines are never rewritten, so that a
file can be kept in version control and two people's additions merge.
"""

import codecs
import difflib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any

from framing.codebook import Codebook
from framing.errors import LabelError, StorageError, shown
from framing.locking import locked
from framing.records import Label

_REQUIRED = {
    "doc_id": str,
    "start": int,
    "end": int,
    "text": str,
    "codes": list,
    "stance": dict,
    "coder": str,
    "time": str,
    "codebook": str,
}
_OPTIONAL = {"source": str, "note": str, "order": str, "probability": float}
_CONFLICT_MARKS = (b"<<<<<<<", b"=======", b">>>>>>>")


@dataclass
class LabelSet:
    """The labels of a codebook: each coder's last decision on each unit.

    `warnings` says what was found on the way: torn last lines, decisions that a
    later one replaced.
    """

    labels: list[Label] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_labels(folder: Path, codebook: Codebook) -> LabelSet:
    """Return the labels of all coders in a codebook's folder.

    Raises
    ------
    LabelError
        The folder has no label file, or a line is broken, names an unknown code
        or stance, or was coded by another version of the codebook, or a coder decided
        a unit in two ways at the same time.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        msg = f"{shown(folder)}: no labels. Try framing label ARTICLES --write-labels."
        raise LabelError(msg)
    found = LabelSet()
    for path in paths:
        _read_file(path, codebook, found, coder=path.stem)
    return found


def read_label_file(path: Path, codebook: Codebook) -> LabelSet:
    """Return the labels in one file, as `read_labels` does for a folder."""
    found = LabelSet()
    _read_file(path, codebook, found)
    return found


def append_labels(path: Path, labels: Iterable[Label]) -> None:
    """Add decisions at the end of a coder's file, all or none of them.

    The file is locked while they are written, so that two programs can label at once,
    and on the disk when this returns.

    Raises
    ------
    StorageError
        The disk is full or the file cannot be written; it is as it was before.
    """
    data = "".join(label_line(label) for label in labels).encode()
    if not data:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+", buffering=0) as file, locked(file):
            before = _mend_end(file)
            try:
                written = file.write(data)
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)
                raise
            if written != len(data):
                file.truncate(before)
                msg = f"{shown(path)}: the disk is full. Free some space; nothing lost."
                raise StorageError(msg)
    except OSError as error:
        msg = f"{shown(path)}: {error.strerror}. The labels there are as before."
        raise StorageError(msg) from error


def _mend_end(file: FileIO) -> int:
    """Make a label file end with a whole line; return its length.

    A last line without its end that is no whole JSON was never acknowledged to
    anybody: it is cut off, so that it does not come to stand in the middle.
    """
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - MAX_LINE))
    _, end, tail = file.read().rpartition(b"\n")
    if not end and length > MAX_LINE:
        file.seek(0)
        tail = file.read().rpartition(b"\n")[2]
    if not tail:
        return length
    try:
        json.loads(tail)
    except (ValueError, RecursionError):
        file.truncate(length - len(tail))
        return length - len(tail)
    file.write(b"\n")
    return length + 1


MAX_LINE = 1 << 20
"""Bytes of a label line; a sentence with its codes takes a thousandth."""


def label_line(label: Label) -> str:
    """Return a label as its line in the file."""
    record = asdict(label)
    record["codes"] = list(label.codes)
    record = {k: v for k, v in record.items() if v or k in _REQUIRED}
    return json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n"


def _read_file(
    path: Path, codebook: Codebook, found: LabelSet, coder: str = ""
) -> None:
    try:
        lines = path.read_bytes().removeprefix(codecs.BOM_UTF8).split(b"\n")
    except OSError as error:
        msg = f"{shown(path)}: {error.strerror}. Check the path."
        raise LabelError(msg) from error
    last: dict[tuple[str, str, int, int], Label] = {}
    seen: dict[tuple[object, ...], Label] = {}
    n_read = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{shown(path)}:{number}"
        torn_is_last = number == len(lines)
        record = _parse(line, where, torn_is_last=torn_is_last, found=found)
        if record is None:
            continue
        label = _check(record, where, codebook)
        if coder and label.coder != coder:
            own = shown(label.coder) or "nobody"
            msg = f"{where}: a label of {own}. Move it to the file of its coder."
            raise LabelError(msg)
        _check_time(label, seen, where)
        last[(label.coder, *label.unit)] = label
        n_read += 1
    if n_read > len(last):
        found.warnings.append(
            f"{shown(path)}: {n_read - len(last)} decisions were replaced by later ones"
        )
    found.labels.extend(last.values())


def _check_time(
    label: Label, seen: dict[tuple[object, ...], Label], where: str
) -> None:
    """Refuse two decisions on a unit of which none is the later one."""
    if not label.time:
        return
    before = seen.setdefault((label.coder, label.unit, label.time), label)
    if (label.codes, label.stance) != (before.codes, before.stance):
        msg = (
            f"{where}: {shown(label.coder, 40)} decided this unit otherwise at the "
            f"same time ({shown(label.time, 40)}). Remove the line that does not hold."
        )
        raise LabelError(msg)


def _parse(
    line: bytes, where: str, *, torn_is_last: bool, found: LabelSet
) -> dict[str, Any] | None:
    """Return the record on a line; a torn last line is skipped with a warning."""
    if line.startswith(_CONFLICT_MARKS):
        msg = f"{where}: unfinished git merge. Settle it, keeping the lines of both."
        raise LabelError(msg)
    try:
        record = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        if isinstance(error, UnicodeDecodeError) and not torn_is_last:
            msg = f"{where}: not UTF-8. Save the file as UTF-8, or restore it."
            raise LabelError(msg) from error
        if torn_is_last:
            found.warnings.append(f"{where}: the last line is torn and was skipped")
            return None
        msg = f"{where}: not a whole JSON line. Restore it from version control."
        raise LabelError(msg) from error
    if not isinstance(record, dict):
        msg = f"{where}: not a label (one JSON object a line). Mend the line."
        raise LabelError(msg)
    return record


def _check(record: dict[str, Any], where: str, codebook: Codebook) -> Label:
    for key, kind in _REQUIRED.items():
        if type(record.get(key)) is not kind:
            msg = f"{where}: {key} is missing or no {kind.__name__}. Mend the line."
            raise LabelError(msg)
    for key, kind in _OPTIONAL.items():
        if key == "probability" and type(record.get(key)) is int:
            record[key] = float(record[key])
        if key in record and type(record[key]) is not kind:
            msg = f"{where}: {key} is no {kind.__name__}. Mend the line."
            raise LabelError(msg)
    if record["start"] < 0 or record["end"] - record["start"] != len(record["text"]):
        msg = f"{where}: start and end do not span the text. Restore the line."
        raise LabelError(msg)
    if not 0 <= record.get("probability", 0.0) <= 1:
        msg = f"{where}: probability is not between 0 and 1. Mend the line."
        raise LabelError(msg)
    unknown = set(record) - set(_REQUIRED) - set(_OPTIONAL)
    if unknown:
        msg = f"{where}: {shown(sorted(unknown)[0])} is no key of a label. Remove it."
        raise LabelError(msg)
    if not codebook.accepts_signature(record["codebook"]):
        msg = (
            f"{where}: coded by {shown(record['codebook'])}, this is "
            f"{codebook.signature}. Recode, or list that hash under accepts."
        )
        raise LabelError(msg)
    _check_codes(record["codes"], where, codebook)
    for target, value in record["stance"].items():
        if value not in codebook.stances:
            values = ", ".join(codebook.stances)
            msg = f"{where}: stance towards {shown(target)} must be one of {values}."
            raise LabelError(msg)
    known = {k: v for k, v in record.items() if k != "codes"}
    return Label(codes=tuple(sorted(set(record["codes"]))), **known)


def _check_codes(codes: list[Any], where: str, codebook: Codebook) -> None:
    for code in codes:
        if code not in codebook.names:
            near = difflib.get_close_matches(str(code), codebook.names, 2, 0.5)
            hint = f"; nearest: {', '.join(near)}" if near else ""
            msg = (
                f"{where}: code {shown(code)!r} is not in {codebook.name} (codes: "
                f"{', '.join(codebook.names)}{hint}). Fix the line or add the code."
            )
            raise LabelError(msg)
    if codebook.coding == "single" and len(set(codes)) != 1:
        msg = f"{where}: {codebook.name} takes exactly one code a unit. Fix the line."
        raise LabelError(msg)
