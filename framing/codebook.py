"""The coding scheme: its codes, its stance values, and its content hash."""

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import CodebookError, shown
from framing.records import ID_COLUMNS, PERIODS

RESERVED = (
    "none",
    "cannot_say",
    "n_words",
    "n_known",
    "weight",
    "cluster",
    "target",
    "period",
    "title",
    "before",
    "sentence",
    "after",
    "probability",
    *PERIODS,
    *ID_COLUMNS,
)
"""Names that a code cannot have: columns of the tables that codes stand in too."""

STANCES = ("favourable", "critical", "neutral")
"""Default stance values; the last one is what "in doubt" means."""


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a codebook.

    `examples` are worked examples: a sentence and the codes it carries.
    """

    name: str
    title: str
    definition: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    seed_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Codebook:
    """A coding scheme as coders read it.

    `coding` is "multiple" (a unit carries any number of codes, or none) or
    "single" (exactly one). `accepts` lists hashes of earlier versions whose
    labels and models still hold.
    """

    name: str
    version: str
    language: str
    unit: str
    coding: str
    codes: tuple[Code, ...]
    stances: tuple[str, ...] = STANCES
    hash: str = ""
    accepts: tuple[str, ...] = ()
    targets: str = ""
    source_weights: tuple[tuple[str, float], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the codes, in the order of the codebook."""
        return tuple(code.name for code in self.codes)

    @property
    def signature(self) -> str:
        """Name, version and hash, as labels and models carry it."""
        return f"{self.name} {self.version} @{self.hash}"

    def accepts_signature(self, signature: str) -> bool:
        """Tell whether labels or a model with this signature can be used."""
        name, _, digest = signature.rpartition(" @")
        same_name = name.split(" ")[0] == self.name
        return same_name and digest in (self.hash, *self.accepts)


def read_codebook(path: Path) -> Codebook:
    """Return the codebook in a TOML file.

    Raises
    ------
    CodebookError
        The file is missing, is no TOML, or lacks what a codebook needs.
    """
    return parse_codebook(read_toml(path), path)


def parse_codebook(table: dict[str, Any], path: Path) -> Codebook:
    """Return the codebook in a table, which `path` holds or will hold."""
    codes = table.get("codes")
    if not isinstance(codes, dict) or not codes:
        msg = f"{shown(path)}: no [codes.NAME] table. Add at least one code."
        raise CodebookError(msg)
    coding = _text(table, "coding", path, default="multiple")
    if coding not in ("multiple", "single"):
        msg = f'{shown(path)}: coding is "{shown(coding)}". Use multiple or single.'
        raise CodebookError(msg)
    stance, training = _table(table, "stance", path), _table(table, "training", path)
    name = _text(table, "name", path)
    if not re.fullmatch(r"[A-Za-z_][\w-]*", name, re.ASCII):
        msg = f"{shown(path)}: name {shown(name)!r} must be letters, digits, _ and -."
        raise CodebookError(msg)
    return Codebook(
        name=name,
        version=_text(table, "version", path),
        language=_text(table, "language", path, default="en"),
        unit=_text(table, "unit", path, default="sentence"),
        coding=coding,
        codes=tuple(_read_code(name, code, path) for name, code in codes.items()),
        stances=_texts(stance, "values", path) or STANCES,
        hash=_hash(table),
        accepts=_texts(table, "accepts", path),
        targets=str(path.parent / _text(table, "targets", path))
        if "targets" in table
        else "",
        source_weights=_read_weights(training.get("source_weights", {}), path),
    )


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file as a dictionary.

    Raises
    ------
    CodebookError
        The file cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        msg = f"{shown(path)}: {error.strerror}. Check the path."
        raise CodebookError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{shown(path)}: not UTF-8 at byte {error.start}. Save it as UTF-8."
        raise CodebookError(msg) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        msg = f"{shown(path)}: not valid TOML: {error}. Mend that line."
        raise CodebookError(msg) from error


_NOT_DECIDING = {"accepts", "examples", "seed_words", "targets", "title", "training"}
"""Keys that can change without making yesterday's decisions wrong."""


def _hash(table: dict[str, Any]) -> str:
    content = _deciding(table)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _deciding(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _deciding(v) for k, v in value.items() if k not in _NOT_DECIDING}
    return value


def _read_code(name: str, code: Any, path: Path) -> Code:
    if not isinstance(code, dict):
        msg = f"{shown(path)}: codes.{shown(name)} is not a table. Write [codes.NAME]."
        raise CodebookError(msg)
    taken = name in RESERVED or name.startswith(("p_", "u_"))
    if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) or taken:
        msg = (
            f'{shown(path)}: "{shown(name)}" cannot name a code. Use letters, '
            f"digits and _ (taken: p_..., u_..., {', '.join(RESERVED)})."
        )
        raise CodebookError(msg)
    return Code(
        name=name,
        title=_text(code, "title", path, default=name),
        definition=_text(code, "definition", path),
        include=_texts(code, "include", path),
        exclude=_texts(code, "exclude", path),
        examples=_texts(code, "examples", path),
        seed_words=_texts(code, "seed_words", path),
    )


def _read_weights(table: Any, path: Path) -> tuple[tuple[str, float], ...]:
    ok = isinstance(table, dict) and all(
        isinstance(w, int | float) and 0 <= w <= 1 for w in table.values()
    )
    if not ok:
        msg = f"{shown(path)}: training.source_weights must be numbers from 0 to 1."
        raise CodebookError(msg)
    return tuple((source, float(weight)) for source, weight in table.items())


def _table(table: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        msg = f"{shown(path)}: {key} must be a table. Write [{key}]."
        raise CodebookError(msg)
    return value


def _text(
    table: dict[str, Any], key: str, path: Path, *, default: str | None = None
) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or not value:
        msg = f"{shown(path)}: {key} is missing or no text. Add it."
        raise CodebookError(msg)
    return value


def _texts(table: dict[str, Any], key: str, path: Path) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        msg = f'{shown(path)}: {key} must be a list of texts, such as ["a", "b"].'
        raise CodebookError(msg)
    return tuple(value)
