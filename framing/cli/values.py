"""Values of options that need no conversion, kept from typer's.

typer has pydantic convert every value, defaults too: to load it and to build its
converters takes longer than all else a command does before it begins. Most values are
what they shall be already; typer still converts the others, and tells what is wrong.
"""

import os
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

_TEXTS = (list[str], list[str] | None)
_PATHS = (Path, Path | None)


def spare_conversion(command: Any) -> None:
    """Have typer convert only those values of a command that need it."""
    hints = get_type_hints(command.callback) if command.callback else {}
    # Some options, such as --help, are made only when they are asked for.
    command.get_params = partial(_spared_options, command.get_params, hints)


def _spared_options(make: Any, hints: dict[str, Any], context: Any) -> Any:
    """Return the options of a command, with our way to their values."""
    options = make(context)
    for option in options:
        if "process_value" not in vars(option):
            process = partial(_process, option, hints.get(option.name))
            option.process_value = partial(process, option.process_value)
    return options


def _process(option: Any, hint: Any, typers: Any, context: Any, value: Any) -> Any:
    """Return the value of an option, by typer's own way where it is not ready."""
    ready = None if option.required and not value else _ready(hint, value)
    if ready is None and (value is not None or option.required):
        return typers(context, value)
    return option.callback(context, option, ready) if option.callback else ready


def _ready(hint: Any, value: Any) -> Any:
    """Return a value if it is one of that type, None if there is more to do."""
    if hint in _TEXTS:
        return _texts(value)
    if hint in _PATHS:
        return Path(value) if _is_path(value) else None
    if hint is str:
        return value if _is_text(value) else None
    return value if hint in (bool, int, float) and type(value) is hint else None


def _texts(values: Any) -> Any:
    if values is None:
        return ()
    return list(values) if all(map(_is_text, values)) else None


def _is_text(value: object) -> bool:
    """Return whether a value is text without bytes that were none."""
    try:
        return type(value) is str and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _is_path(value: object) -> bool:
    """Return whether a value is a path at which nothing hinders us."""
    if not isinstance(value, Path) and not _is_text(value):
        return False
    path = Path(str(value))
    return not path.exists() or os.access(path, os.R_OK)
