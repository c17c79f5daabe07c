"""Actors, their aliases, and where a sentence names them.

A *target* is an actor that a stance can be taken towards; other actors are
known by name only, so that a model can learn the relation and not the country.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from framing.arrays import Ints
from framing.codebook import read_toml
from framing.errors import CodebookError, shown
from framing.records import Mention
from framing.tokens import WORD, Tokens

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
    def first_words(self) -> dict[str, list[tuple[str, str]]]:
        """Aliases by their first word, longest first: a sentence has few of them."""
        table: dict[str, list[tuple[str, str]]] = {}
        for alias in sorted(self.aliases, key=lambda a: (-len(a), a)):
            word = _WORD.match(alias)
            if word and WORD.search(alias):
                table.setdefault(word.group(), []).append((alias, self.aliases[alias]))
        return table

    @cached_property
    def actors(self) -> list[str]:
        """All actors that have an alias; `Mentions` gives them by number."""
        return list(dict.fromkeys(self.aliases.values()))

    @cached_property
    def kinds_of_actors(self) -> list[str]:
        """The kind of each of `actors`."""
        return [self.kinds.get(actor, DEFAULT_KIND) for actor in self.actors]

    @cached_property
    def _second_words(self) -> dict[str, set[str]]:
        """The words that may follow a first word for an alias to begin there.

        None at all is asked for where one of the aliases is a single word.
        """
        table: dict[str, set[str]] = {}
        for first, aliases in self.first_words.items():
            rests = [WORD.findall(alias)[1:2] for alias, _ in aliases]
            table[first] = set() if [] in rests else {rest[0] for rest in rests}
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
            for alias, actor in self.first_words.get(word.group(), ()):
                stop = word.start() + len(alias)
                if text.startswith(alias, word.start()) and not _goes_on(text, stop):
                    kind = self.kinds.get(actor, DEFAULT_KIND)
                    found.append(Mention(word.start(), stop, actor, kind))
                    end = stop
                    break
        return found

    def find_all(self, tokens: Tokens) -> "Mentions":
        """Return where sentences name actors, as `find` does for each by itself."""
        number_of = {actor: i for i, actor in enumerate(self.actors)}
        bounds = tokens.bounds.tolist()
        found: list[tuple[int, int, int, int]] = []
        end = -1
        candidates = self._candidates(tokens)
        rows = np.searchsorted(tokens.bounds, tokens.starts[candidates], "right") - 1
        for row, start, word in zip(
            rows.tolist(),
            tokens.starts[candidates].tolist(),
            tokens.numbers[candidates].tolist(),
            strict=True,
        ):
            if start < end:
                continue
            for alias, actor in self.first_words[tokens.words[word]]:
                stop = start + len(alias)
                if (
                    tokens.text.startswith(alias, start)
                    and stop < bounds[row + 1]
                    and not _goes_on(tokens.text, stop)
                ):
                    found.append((row, start, stop, number_of[actor]))
                    end = stop
                    break
        found = self._correct_underscores(found, tokens)
        table = np.array(found, dtype=np.int64).reshape(-1, 4)
        return Mentions(*table.T)

    def _candidates(self, tokens: Tokens) -> Ints:
        """Return the words that an alias may begin with, going by the next word too."""
        first = self._second_words
        begins = np.array([word in first for word in tokens.words], dtype=np.bool_)
        at = np.flatnonzero(begins[tokens.numbers])
        numbers = {word: i for i, word in enumerate(tokens.words)}
        alone = np.array([not first.get(w, 1) for w in tokens.words], dtype=np.bool_)
        n = max(1, len(tokens.words))
        pairs = [
            numbers[word] * n + numbers[rest]
            for word, rests in first.items()
            if word in numbers
            for rest in rests
            if rest in numbers
        ]
        following = np.append(tokens.numbers, 0)[at + 1]
        here = tokens.numbers[at]
        keep = alone[here] | np.isin(here * n + following, pairs)
        return np.asarray(at[keep])

    def _correct_underscores(
        self, found: list[tuple[int, int, int, int]], tokens: Tokens
    ) -> list[tuple[int, int, int, int]]:
        """Return the mentions with those of sentences that hold a "_" found anew.

        To an alias an underscore is part of a word, to all else it parts words.
        """
        places = [match.start() for match in re.finditer("_", tokens.text)]
        rows = set((np.searchsorted(tokens.bounds, places, "right") - 1).tolist())
        if not rows:
            return found
        number_of = {actor: i for i, actor in enumerate(self.actors)}
        found = [mention for mention in found if mention[0] not in rows]
        for row in rows:
            start, stop = tokens.bounds[row : row + 2].tolist()
            found += [
                (row, start + m.start, start + m.end, number_of[m.actor])
                for m in self.find(tokens.text[start : stop - 1])
            ]
        return sorted(found)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Where sentences name actors: `rows` are sentences, `actors` their numbers.

    Places are those in the text that the sentences stand in one after another.
    """

    rows: Ints
    starts: Ints
    ends: Ints
    actors: Ints


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
