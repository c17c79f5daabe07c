"""Sentences as a model sees them.

A *view* is a sentence in lower-case words with its actors masked by kind, so that
a model learns the relation and not the country, beside the seed-word groups found
in it. For stance it is seen from one target: other actors are all alike, and words
and seed-word groups are marked by their place relative to the target.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from framing.records import Hit, Mention
from framing.seedwords import STANCE, SeedWords, Token, cut_words
from framing.targets import Targets
from framing.tokens import ACTOR

MANY = 3
"""Actors in a sentence beyond which it does not matter how many there are."""

MASK = "<{}>"
TARGET, OTHER = "<target>", "<other>"

NEAR = 4
"""Words on either side of a target that count as near."""

CLAUSE_WORDS = frozenset(
    {"after", "although", "and", "as", "because", "before", "but", "if", "or"}
    | {"since", "that", "though", "when", "where", "whereas", "which", "while"}
    | {"who", "whose"}
)
"""Words that begin a clause; so does the punctuation of `_CLAUSE_MARK`."""

_CLAUSE_MARK = re.compile(r"[,;:—–\"“”()]| - ")


FACTS = ("tagged", "tagged twice", "hinted", "tagged and hinted", "three groups")
"""What the groups of seed words that are found can say in sum for a code."""


def count_facts(tags: Any, hints: Any) -> tuple[Any, ...]:
    """Return which of `FACTS` hold, by the number of groups that tag and that hint."""
    both = (tags >= 1) & (hints >= 1)
    return tags >= 1, tags >= 2, hints >= 1, both, tags + hints >= 3


@dataclass(frozen=True, slots=True)
class View:
    """A sentence as a model sees it.

    `words` in order, in lower case, actors masked; `groups` of seed words found;
    `codes` what these groups say in sum, and how many actors there are. For stance
    only: `sides` the words and `places` the groups by place relative to the target.
    """

    words: tuple[str, ...]
    groups: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence holds: its words, the actors named and the seed words found."""

    text: str
    tokens: Sequence[Token]
    mentions: Sequence[Mention]
    hits: Sequence[Hit]


class Viewer:
    """Reads sentences with the actors and seed words of one model, and views them.

    Seed words that speak for a stance value are kept for the views of targets.
    """

    def __init__(self, targets: Targets, seeds: SeedWords) -> None:
        self.targets = targets
        self.seeds = seeds
        self._speaks = {group.name: (group.code, group.role) for group in seeds.groups}

    def read(self, text: str) -> Reading:
        """Return what a sentence holds; its views all come from this."""
        mentions = self.targets.find(text)
        tokens = cut_words(text, mentions)
        return Reading(text, tokens, mentions, self.seeds.find(tokens))

    def view(self, reading: Reading) -> View:
        """Return a sentence as the frame model sees it."""
        mentions = reading.mentions
        kinds = {m.start: MASK.format(m.kind) for m in mentions}
        words = tuple(
            kinds[token.start] if token.text == ACTOR else token.text
            for token in reading.tokens
        )
        groups = self._groups(reading.hits)
        n_actors = min(len({m.actor for m in mentions}), MANY)
        return View(words, groups, (*self._sum_up(groups), f"actors {n_actors}"))

    def view_target(self, reading: Reading, target: str) -> View:
        """Return a sentence from the point of view of one target it names."""
        scene = _Scene(reading, target)
        judging = [h for h in reading.hits if self._speaks[h.group][1] == STANCE]
        return View(
            scene.words,
            self._groups(reading.hits),
            sides=tuple(scene.mark_words()),
            places=tuple(sorted(scene.mark_hits(judging))),
        )

    def name_targets(self, reading: Reading) -> list[str]:
        """Return the actors named that a stance can be taken towards, sorted."""
        named = {mention.actor for mention in reading.mentions}
        return sorted(named.intersection(self.targets.names))

    def _groups(self, hits: Iterable[Hit]) -> tuple[str, ...]:
        found = {hit.group for hit in hits}
        return tuple(sorted(g for g in found if self._speaks[g][1] != STANCE))

    def _sum_up(self, groups: Sequence[str]) -> Iterator[str]:
        """Yield what the groups found say in sum for each code.

        One group errs easily; that several agree says more than which they are.
        """
        roles = Counter(self._speaks[group] for group in groups)
        for code in dict.fromkeys(code for code, _ in roles):
            tags, hints = roles[code, "tag"], roles[code, "hint"]
            facts = zip(FACTS, count_facts(tags, hints), strict=True)
            yield from (f"{code} {fact}" for fact, holds in facts if holds)


class _Scene:
    """The words of a sentence around the mentions of one target."""

    def __init__(self, reading: Reading, target: str) -> None:
        own = {m.start for m in reading.mentions if m.actor == target}
        self.tokens = reading.tokens
        self.words = tuple(
            t.text if t.text != ACTOR else (OTHER, TARGET)[t.start in own]
            for t in reading.tokens
        )
        self._clauses = _number_clauses(reading.text, reading.tokens)
        self._targets = [i for i, word in enumerate(self.words) if word == TARGET]

    def mark_words(self) -> Iterator[str]:
        """Yield every word with its side, and with what parts it from the target."""
        if not self._targets:
            return
        for i, word in enumerate(self.words):
            if word == TARGET:
                continue
            side, crossed, same, distance = self._locate(i)
            yield side + word
            if crossed or same:
                yield f"{side}{'x' * crossed}{'c' * same}{word}"
            if distance <= NEAR:
                yield side * 2 + word

    def mark_hits(self, hits: Iterable[Hit]) -> set[str]:
        """Return the stance values and groups of hits with their places."""
        found: set[str] = set()
        if not self._targets:
            return found
        for hit in hits:
            side, crossed, same, distance = self._locate(self._nearest_word(hit))
            for name in (hit.group, hit.code):
                found |= {name, name + side, f"{name}{side}{'x' if crossed else '|'}"}
                if distance <= NEAR:
                    found.add(name + side * 2)
                if same:
                    found |= {f"{name}=", f"{name}{side}="}
                if same and not crossed:
                    found.add(f"{name}{side}=|")
        return found

    def _locate(self, i: int) -> tuple[str, bool, bool, int]:
        """Return where word `i` stands relative to the nearest mention.

        Its side (< before, > after), whether another actor stands between, whether
        both are in one clause, and the distance in words.
        """
        place = min(self._targets, key=lambda p: abs(i - p))
        low, high = sorted((i, place))
        crossed = OTHER in self.words[low + 1 : high]
        same = self._clauses[i] == self._clauses[place]
        return "<" if i < place else ">", crossed, same, abs(i - place)

    def _nearest_word(self, hit: Hit) -> int:
        inside = [
            i
            for i, token in enumerate(self.tokens)
            if token.start < hit.end and hit.start < token.end
        ]
        # A pattern may hold the target itself: its other words say where it stands.
        inside = [i for i in inside if self.words[i] != TARGET] or inside
        return min(inside, key=lambda i: min(abs(i - p) for p in self._targets))


def _number_clauses(text: str, tokens: Sequence[Token]) -> list[int]:
    """Return the number of the clause that each word stands in."""
    numbers, number, end = [], 0, 0
    for token in tokens:
        parted = _CLAUSE_MARK.search(text, end, token.start) is not None
        number += parted + (token.text in CLAUSE_WORDS)
        numbers.append(number)
        end = token.end
    return numbers
