"""Failures that a person can mend: what happened, where, what to do.

Every error that framing raises on purpose is a `FramingError`; the command
line shows it in one line and ends with its `exit_code`.
"""

from pathlib import Path, PurePath


class FramingError(Exception):
    """Something a person can mend; its text says what, where and what to do."""

    exit_code = 3


class InputError(FramingError):
    """The articles cannot be used as they are."""


class ModelError(FramingError):
    """A model file was refused."""

    exit_code = 4


class CodebookError(FramingError):
    """A codebook, its targets or its seed words were refused."""

    exit_code = 4


class LabelError(FramingError):
    """Labels were refused, or there are too few of them."""

    exit_code = 5


class StorageError(FramingError):
    """The disk or its permissions stopped us."""

    exit_code = 6


class ClusterError(FramingError):
    """The machines that were to score could not, or not in the same way."""

    exit_code = 6


class Interrupted(FramingError):  # noqa: N818 - nothing went wrong
    """The person stopped us."""

    exit_code = 130


class Terminated(Interrupted):
    """The system stopped us, or another program."""

    exit_code = 143


def shown(value: object, limit: int = 80) -> str:
    """Return `value` as text that is safe on a terminal.

    Control characters (a hostile file name can carry terminal escapes) come out
    escaped, and the text is cut at `limit` characters; a path keeps its end, which
    names the file.
    """
    text = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in str(value)
    )
    if len(text) <= limit:
        return text
    if isinstance(value, PurePath):
        return "…" + text[1 - limit :]
    return text[: limit - 1] + "…"


def place(path: Path) -> str:
    """Return a path as it is shown: from here if it lies below."""
    here = Path.cwd()
    return shown(path.relative_to(here) if path.is_relative_to(here) else path)


def shown_end(address: str, limit: int = 80) -> str:
    """Return an address as `shown` returns a path: what names the file stays."""
    text = shown(address, 10 * len(address) + 1)  # an escape has ten characters
    return text if len(text) <= limit else "…" + text[1 - limit :]
