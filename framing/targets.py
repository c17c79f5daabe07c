"""Actors, their aliases, and where a sentence names them.

A *target* is an actor that a stance can be taken towards; other actors are
known by name only, so that a model can learn the relation and not the country.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from framing.codebook import read_toml
from framing.errors import CodebookError, shown
from framing.records import Mention

DEFAULT_KIND = "state"


@dataclass(frozen=True)
class Targets:
    """The actors of a codebook.

    `aliases` maps each alias to its actor, `kinds` each actor to its kind
    (state, bloc, group ...), `names` lists the actors that are targets.
    """

    names: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _first_words(self) -> dict[str, list[tuple[str, str]]]:
        """Aliases by their first word, longest first: a sentence has few of them."""
        table: dict[str, list[tuple[str, str]]] = {}
        for alias in sorted(self.aliases, key=lambda a: (-len(a), a)):
            word = _WORD.match(alias)
            table.setdefault(word.group() if word else alias, []).append(
                (alias, self.aliases[alias])
            )
        return table

    def find(self, text: str) -> list[Mention]:
        """Return where `text` names actors, in order, the longest alias first.

        An alias matches whole words, case as written.
        """
        found: list[Mention] = []
        end = 0
        for word in _WORD.finditer(text):
            if word.start() < end:
                continue
            for alias, actor in self._first_words.get(word.group(), ()):
                stop = word.start() + len(alias)
                if text.startswith(alias, word.start()) and not _goes_on(text, stop):
                    kind = self.kinds.get(actor, DEFAULT_KIND)
                    found.append(Mention(word.start(), stop, actor, kind))
                    end = stop
                    break
        return found


_WORD = re.compile(r"\w+")


def _goes_on(text: str, stop: int) -> bool:
    """Tell whether a word goes on at `stop`."""
    return stop < len(text) and (text[stop].isalnum() or text[stop] == "_")


def read_targets(path: Path) -> Targets:
    """Return the actors in a TOML file.

    `[targets]` lists actors that a stance can be taken towards, `[actors.KIND]`
    other actors by kind, `[kinds]` the targets whose kind is not "state".

    Raises
    ------
    CodebookError
        The file cannot be read, or an alias names two actors.
    """
    table = read_toml(path)
    aliases: dict[str, str] = {}
    targets = _read_actors(table.get("targets", {}), path)
    _add(aliases, targets, path)
    kinds = {
        actor: kind
        for kind, actors in _read_actors(table.get("kinds", {}), path).items()
        for actor in actors
    }
    unknown = sorted(set(kinds) - set(targets))
    if unknown:
        msg = f"{shown(path)}: [kinds] names {shown(unknown[0])}, which is no target."
        raise CodebookError(msg)
    others = table.get("actors", {})
    if not isinstance(others, dict):
        msg = f"{shown(path)}: actors must be tables. Write [actors.KIND]."
        raise CodebookError(msg)
    for kind, actors in others.items():
        known = _read_actors(actors, path)
        kinds |= {actor: str(kind) for actor in known}
        _add(aliases, known, path)
    return Targets(tuple(targets), aliases, kinds)


def _read_actors(table: Any, path: Path) -> dict[str, list[str]]:
    ok = isinstance(table, dict) and all(
        isinstance(a, list) and all(isinstance(w, str) and w for w in a)
        for a in table.values()
    )
    if not ok:
        msg = f'{shown(path)}: every entry needs a list of names: "X" = ["x", "y"].'
        raise CodebookError(msg)
    return {actor: list(words) for actor, words in table.items()}


def _add(aliases: dict[str, str], actors: dict[str, list[str]], path: Path) -> None:
    for actor, words in actors.items():
        for word in words:
            if not _WORD.match(word):
                msg = f"{shown(path)}: alias {shown(word)!r} must begin with a letter."
                raise CodebookError(msg)
            if aliases.setdefault(word, actor) != actor:
                msg = (
                    f'{shown(path)}: alias "{shown(word)}" names both {aliases[word]} '
                    f"and {actor}. Leave it with one of them."
                )
                raise CodebookError(msg)
