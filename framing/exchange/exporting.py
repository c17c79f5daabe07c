"""Export: the labels of a study as files of another tool."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from framing.codebook import Codebook
from framing.errors import LabelError, shown
from framing.exchange.tools import ALL, TOOLS
from framing.records import Label


@dataclass(frozen=True, slots=True)
class Export:
    """Files of a tool, and what of the labels is not in them.

    `lost` counts the decisions that say something which the tool cannot carry.
    """

    files: dict[str, str]
    n_labels: int
    n_left_out: int
    lost: dict[str, int]


def make_export(labels: Sequence[Label], tool: str, codebook: Codebook) -> Export:
    """Return the files of a tool that hold these labels, in order of their units.

    Raises
    ------
    LabelError
        There is no label that the tool can hold.
    """
    how = TOOLS[tool]
    chosen = sorted(filter(how.fits, labels), key=lambda x: (*x.unit, x.coder))
    if not chosen:
        msg = f"no label that {tool} can hold. Label something first."
        raise LabelError(msg)
    missing = [name for name in ALL if name not in how.carries]
    counts = {name: sum(bool(getattr(x, name)) for x in chosen) for name in missing}
    return Export(
        how.write(chosen, codebook),
        len(chosen),
        len(labels) - len(chosen),
        {name: n for name, n in counts.items() if n},
    )


def export_bytes(export: Export, output: Path | None) -> bytes:
    """Return an export as one file: several go into a zip, and so does what is asked.

    Raises
    ------
    LabelError
        There are several files, and `output` is no zip.
    """
    wants_zip = output is not None and output.suffix.lower() == ".zip"
    if len(export.files) == 1 and not wants_zip:
        return next(iter(export.files.values())).encode()
    if not wants_zip:
        names = ", ".join(shown(name, 40) for name in export.files)
        msg = f"a file per coder ({names}). Write a zip: -o labels.zip."
        raise LabelError(msg)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in export.files.items():
            # The same labels give the same bytes: no time of today in it.
            info = zipfile.ZipInfo(name or "labels.txt")
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.encode())
    return buffer.getvalue()
