"""Stance in one cell of text: `China = critical | Russia = neutral`."""

import json
from collections.abc import Mapping
from typing import Any

from framing.exchange.decision import Refused


def stance_text(stance: Mapping[str, str]) -> str:
    """Return a stance for a cell; as JSON where a target's name forbids more.

    >>> stance_text({"China": "critical", "Russia": "neutral"})
    'China = critical | Russia = neutral'
    """
    text = " | ".join(_parts(stance))
    return text if _read(text) == stance else json.dumps(stance, ensure_ascii=False)


def stance_parts(stance: Mapping[str, str]) -> list[str]:
    """Return each target with its value, or all as JSON where a name forbids that."""
    parts = _parts(stance)
    if _join(parts) == stance and not any(map(_is_json, parts)):
        return parts
    return [json.dumps(stance, ensure_ascii=False)]


def _parts(stance: Mapping[str, str]) -> list[str]:
    return [f"{target} = {value}" for target, value in stance.items()]


def read_stance(value: Any) -> dict[str, str]:
    """Return the stance in a mapping, a cell, or a list of its parts.

    Raises
    ------
    Refused
        It is none of these.
    """
    if isinstance(value, str):
        value = _read(value)
    elif isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = _read(value[0]) if value and _is_json(value[0]) else _join(value)
    ok = isinstance(value, dict) and all(
        isinstance(part, str) for item in value.items() for part in item
    )
    if not ok:
        msg = "stance is not of the form target = value; mend it or rename it"
        raise Refused(msg)
    return dict(value)


def _read(text: str) -> Any:
    if _is_json(text):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    return _join(text.split("|")) if text.strip() else {}


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


def _join(parts: list[str]) -> dict[str, str] | None:
    pairs = [part.rpartition("=") for part in parts]
    if not all(sign for _, sign, _ in pairs):
        return None
    found = {target.strip(): value.strip() for target, _, value in pairs}
    return found if len(found) == len(pairs) else None
