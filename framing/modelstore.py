"""Models on disk: `model.joblib` (plain data) and its card, in one folder.

The file holds numbers, texts, lists and arrays only and is read by
`framing.plainfile`, which can build nothing else. What it says is then checked
here, field by field, before anything is scored with it. Beside them lies what
folds said of the units that the model was trained on.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.atomic import write_atomic
from framing.codebook import Codebook
from framing.errors import ModelError, StorageError, shown
from framing.model import BLOCK_KINDS, Block, BlockSettings, Head, Model
from framing.plaincache import read_through
from framing.plainfile import content_hash, parse_plain, plain_bytes, write_plain
from framing.seedwords import ROLES, SeedGroup, are_patterns
from framing.targets import Targets

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "framing-model"
VERSION = 1
"""Format of the file. To change it: raise the number, keep reading the old one
here, and add a file of the old format to the tests."""

MODEL_FILE = "model.joblib"
CARD_FILE = "card.json"
OUT_OF_FOLD_FILE = "out_of_fold.parquet"

UNIT_COLUMNS = {
    "doc_id": "str",
    "start": "int64",
    "end": "int64",
    "source": "str",
    "weight": "float64",
}
"""First columns of the out-of-fold table; three for each code follow."""


def save_model(
    folder: Path,
    model: Model,
    card: Mapping[str, Any],
    text: str,
    out_of_fold: "pd.DataFrame | None" = None,
) -> str:
    """Write a model with its card (as JSON and as text); return its hash.

    With it goes its out-of-fold table (see `framing.training.out_of_fold`), if there
    is one; that of an earlier model never stays.
    """
    # First, so that at no moment it stands beside a model that it is not of.
    _remove(folder / OUT_OF_FOLD_FILE)
    content = _signed(model)
    write_plain(folder / MODEL_FILE, content)
    card = {**card, "model_sha256": content["sha256"]}
    lines = json.dumps(card, indent=1, ensure_ascii=False, sort_keys=True)
    write_atomic(folder / CARD_FILE, f"{lines}\n".encode())
    write_atomic(folder / "card.md", text.encode())
    if out_of_fold is not None:
        write_atomic(folder / OUT_OF_FOLD_FILE, _parquet_bytes(out_of_fold))
    return str(content["sha256"])


def load_model(folder: Path, codebook: Codebook | None = None) -> tuple[Model, str]:
    """Return a model and its hash.

    Raises
    ------
    ModelError
        The file is missing, damaged, hostile, of a newer format, or belongs to
        another version of `codebook`.
    """
    path = folder / MODEL_FILE
    if not path.exists():
        msg = f"{shown(path)}: no model there. Label sentences, then `framing train`."
        raise ModelError(msg)
    where = shown(path)
    content = read_through(path, partial(_check_content, where=where))
    model, digest = _read_content(content, where)
    if codebook and not codebook.accepts_signature(model.codebook):
        msg = (
            f"{where}: trained with {shown(model.codebook)}, this is "
            f"{codebook.signature}. Run `framing train`."
        )
        raise ModelError(msg)
    return model, digest


def model_bytes(model: Model) -> tuple[bytes, str]:
    """Return a model as the bytes of its file, and its hash."""
    content = _signed(model)
    return plain_bytes(content), content["sha256"]


def parse_model(data: bytes, where: str) -> tuple[Model, str]:
    """Return a model and its hash from the bytes of its file.

    Raises
    ------
    ModelError
        They are damaged, hostile or of a newer format.
    """
    content = parse_plain(data, where)
    _check_content(content, where=where)
    return _read_content(content, where)


def _signed(model: Model) -> dict[str, Any]:
    content = _to_plain(model)
    content["sha256"] = content_hash(content)
    return content


def _read_content(content: dict[str, Any], where: str) -> tuple[Model, str]:
    _check_format(content, where)
    try:
        model = _from_plain(content)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{where}: damaged ({shown(error)}). Restore it or train again."
        raise ModelError(msg) from error
    return model, content["sha256"]


def read_card(folder: Path) -> dict[str, Any]:
    """Return the card of a model, empty if it has none.

    Raises
    ------
    ModelError
        The card is no JSON object.
    """
    path = folder / CARD_FILE
    if not path.is_file():
        return {}
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(_damaged(path)) from error
    if not isinstance(card, dict):
        raise ModelError(_damaged(path))
    return card


def _damaged(path: Path) -> str:
    return f"{shown(path)}: damaged. Restore it or train again."


def read_out_of_fold(folder: Path) -> "pd.DataFrame":
    """Return what unseen-unit scores say of the units a model was trained on.

    Returns
    -------
    DataFrame, one row per unit: `doc_id start end source weight`, then for each
    code `<code>` (gold), `p_<code>` (probability by a fit without the unit's
    article) and `u_<code>` (without its source; NaN if no source was left out).
    Empty, without codes, if the model came without.

    Raises
    ------
    ModelError
        The file is damaged.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / OUT_OF_FOLD_FILE
    if not path.is_file():
        return pd.DataFrame({k: pd.Series(dtype=t) for k, t in UNIT_COLUMNS.items()})
    try:
        # Not `read_table`, which imports the reader of many files for this one.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = pd.DataFrame(file.read().to_pandas())
        _check_out_of_fold(table)
    # A damaged footer comes out as any of these, from Arrow or from pandas.
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise ModelError(_damaged(path)) from error
    return table


def _check_out_of_fold(table: "pd.DataFrame") -> None:
    codes = [str(name) for name in table.columns[len(UNIT_COLUMNS) :: 3]]
    kinds = dict(UNIT_COLUMNS)
    for code in codes:
        kinds |= {code: "bool", f"p_{code}": "float32", f"u_{code}": "float32"}
    found = [(name, str(kind)) for name, kind in table.dtypes.items()]
    if found != list(kinds.items()):
        msg = "columns"
        raise ValueError(msg)
    known = table.drop(columns=[f"u_{code}" for code in codes])
    proba = table.select_dtypes("float32")
    if known.isna().any(axis=None) or ((proba < 0) | (proba > 1)).any(axis=None):
        msg = "no probability"
        raise ValueError(msg)


def _parquet_bytes(table: "pd.DataFrame") -> bytes:
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


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        msg = f"{shown(path)}: not removed ({error.strerror}). Remove it yourself."
        raise StorageError(msg) from error


def list_models(root: Path) -> list[Path]:
    """Return the folders of the models of a study."""
    return sorted(path.parent for path in root.glob(f"models/*/{MODEL_FILE}"))


def _check_content(content: Mapping[str, Any], where: str) -> None:
    """Refuse what is no model of this format, or damaged."""
    _check_format(content, where)
    if content["sha256"] != content_hash(dict(content)):
        msg = f"{where}: damaged (its checksum does not match). Restore or retrain it."
        raise ModelError(msg)


def _check_format(content: Mapping[str, Any], where: str) -> None:
    version = content.get("version")
    known = type(content.get("format")) is str and content["format"] == FORMAT
    if not known or type(version) is not int or version < 1:
        msg = f"{where}: not a model of framing. Train one by `framing train`."
        raise ModelError(msg)
    if version > VERSION:
        msg = (
            f"{where}: model format {version}; this framing reads up to {VERSION}. "
            "Update framing."
        )
        raise ModelError(msg)
    if not isinstance(content.get("sha256"), str):
        msg = f"{where}: damaged (no checksum). Restore it or train again."
        raise ModelError(msg)


def _to_plain(model: Model) -> dict[str, Any]:
    targets = model.targets
    return {
        "format": FORMAT,
        "version": VERSION,
        "codebook": model.codebook,
        "language": model.language,
        "frames": _head_to_plain(model.frames),
        "stance": _head_to_plain(model.stance) if model.stance else None,
        "targets": {
            "names": list(targets.names),
            "aliases": dict(targets.aliases),
            "kinds": dict(targets.kinds),
        },
        "seeds": [_listed(asdict(group)) for group in model.seeds],
    }


def _listed(record: dict[str, Any]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in record.items()}


def _head_to_plain(head: Head) -> dict[str, Any]:
    return {
        "classes": list(head.classes),
        "single": head.single,
        "blocks": [
            {
                "settings": asdict(block.settings),
                "vocabulary": list(block.vocabulary),
                "idf": block.idf,
            }
            for block in head.blocks
        ],
        "coef": head.coef,
        "intercept": head.intercept,
        "calibration": head.calibration,
        "thresholds": head.thresholds,
    }


def _from_plain(content: Mapping[str, Any]) -> Model:
    keys = {f.name for f in fields(Model)} | {"format", "version", "sha256"}
    _exact(content, keys, "model")
    targets = content["targets"]
    _exact(targets, {"names", "aliases", "kinds"}, "targets")
    stance = content["stance"]
    return Model(
        codebook=_text(content["codebook"]),
        language=_text(content["language"]),
        frames=_head(content["frames"]),
        stance=None if stance is None else _head(stance),
        targets=Targets(
            _texts(targets["names"]),
            _mapping(targets["aliases"]),
            _mapping(targets["kinds"]),
        ),
        seeds=tuple(_seed_group(group) for group in _list(content["seeds"])),
    )


def _head(content: Mapping[str, Any]) -> Head:
    _exact(content, {f.name for f in fields(Head)}, "head")
    blocks = tuple(_block(block) for block in _list(content["blocks"]))
    classes = _texts(content["classes"])
    k, n = len(classes), sum(len(block.vocabulary) for block in blocks)
    if type(content["single"]) is not bool or len(set(classes)) < k or not (k and n):
        msg = "classes"
        raise ValueError(msg)
    thresholds = _array(content["thresholds"], (k,))
    if not ((thresholds > 0) & (thresholds < 1)).all():
        msg = "thresholds"
        raise ValueError(msg)
    return Head(
        classes=classes,
        single=content["single"],
        blocks=blocks,
        coef=_array(content["coef"], (k, n)),
        intercept=_array(content["intercept"], (k,)),
        calibration=_array(content["calibration"], (k, 2)),
        thresholds=thresholds,
    )


def _block(content: Mapping[str, Any]) -> Block:
    _exact(content, {"settings", "vocabulary", "idf"}, "block")
    vocabulary = _texts(content["vocabulary"])
    if len(set(vocabulary)) != len(vocabulary):
        msg = "a feature is there twice"
        raise ValueError(msg)
    idf = _array(content["idf"], (len(vocabulary),))
    if not (idf > 0).all():
        msg = "idf"
        raise ValueError(msg)
    return Block(_settings(content["settings"]), vocabulary, idf)


def _settings(content: Mapping[str, Any]) -> BlockSettings:
    _exact(content, {f.name for f in fields(BlockSettings)}, "settings")
    settings = BlockSettings(**content)
    numbers = (settings.low, settings.high, settings.min_df)
    whole = all(type(n) is int for n in numbers) and type(settings.scaled) is bool
    if (
        settings.kind not in BLOCK_KINDS
        or not whole
        or not 1 <= settings.low <= settings.high <= 6
        or type(settings.weight) is not float
        or not 0 < settings.weight <= 100
    ):
        msg = "settings of a block"
        raise ValueError(msg)
    return settings


def _seed_group(content: Mapping[str, Any]) -> SeedGroup:
    _exact(content, {f.name for f in fields(SeedGroup)}, "seed words")
    lists = [_texts(content[k]) for k in ("words", "unless", "not_with", "only_with")]
    if content["role"] not in ROLES or not all(map(are_patterns, lists)):
        msg = "seed words"
        raise ValueError(msg)
    return SeedGroup(
        _text(content["name"]), _text(content["code"]), content["role"], *lists
    )


def _exact(content: Any, keys: set[str], what: str) -> None:
    if type(content) is not dict or set(content) != keys:
        msg = f"fields of the {what}"
        raise ValueError(msg)


def _text(value: Any) -> str:
    if type(value) is not str:
        msg = "a text is none"
        raise ValueError(msg)
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        msg = "a list is none"
        raise ValueError(msg)
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not set(map(type, _list(value))) <= {str}:
        msg = "a text is none"
        raise ValueError(msg)
    return tuple(value)


def _mapping(value: Any) -> dict[str, str]:
    if type(value) is not dict:
        msg = "a table is none"
        raise ValueError(msg)
    return {key: _text(item) for key, item in value.items()}


def _array(value: Any, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    ok = isinstance(value, np.ndarray) and value.dtype == np.float64
    if not ok or value.shape != shape or not np.isfinite(value).all():
        msg = "weights do not fit the features"
        raise ValueError(msg)
    return np.asarray(value)
