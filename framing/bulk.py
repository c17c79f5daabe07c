"""Many sentences as a model sees them: what `framing.views` says one by one.

`Viewer` is the definition, in plain words and for one sentence. Here the same views
are made as arrays for a whole part of a corpus; tests hold the two together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framing.arrays import Bools, Ints, spread, starts_of
from framing.bags import Bag, Bags
from framing.seedwords import STANCE, Hits, SeedWords
from framing.targets import Mentions, Targets
from framing.tokens import Tokens, mask, tokenise
from framing.views import (
    CLAUSE_WORDS,
    FACTS,
    MANY,
    MASK,
    NEAR,
    OTHER,
    TARGET,
    count_facts,
)

# As in `framing.views`; where a dash between blanks begins others may lie inside it.
_CLAUSE_MARK = re.compile(r"[,;:—–\"“”()]|(?= - )")


@dataclass(frozen=True, slots=True)
class Readings:
    """What sentences hold: words, actors and hits of seed words.

    In `tokens` a mention is one word; mention `m` is word `mention_at[m]`.
    """

    n: int
    tokens: Tokens
    rows: Ints
    mentions: Mentions
    mention_at: Ints
    hits: Hits

    def __len__(self) -> int:
        return self.n


class BulkViewer:
    """Reads many sentences with the actors and seed words of one model."""

    def __init__(self, targets: Targets, seeds: SeedWords) -> None:
        self._targets = targets
        self._seeds = seeds
        groups = seeds.groups
        self._judges = np.array([g.role == STANCE for g in groups], dtype=np.bool_)
        self._names = [group.name for group in groups]
        # What a judging group says: its name, and the stance value it speaks for.
        self._said = [*self._names, *dict.fromkeys(group.code for group in groups)]
        codes = self._said[len(groups) :]
        self._code = np.array([codes.index(g.code) for g in groups], dtype=np.int64)
        self._codes = codes
        self._is_tag = np.array([g.role == "tag" for g in groups], dtype=np.bool_)
        self._is_target = np.array(
            [actor in set(targets.names) for actor in targets.actors], dtype=np.bool_
        )
        # Numbers that sort the actors as their names do.
        order = sorted(range(len(targets.actors)), key=targets.actors.__getitem__)
        self._rank = np.argsort(np.array(order, dtype=np.int64))

    def read(self, texts: Sequence[str]) -> Readings:
        """Return what sentences hold; their views all come from this."""
        written = tokenise(texts)
        mentions = self._targets.find_all(written)
        tokens = mask(written, mentions.starts, mentions.ends)
        rows = tokens.rows
        at = np.searchsorted(tokens.starts, mentions.starts)
        hits = self._seeds.find_all(tokens.words, tokens.numbers, tokens.offsets)
        return Readings(len(texts), tokens, rows, mentions, at, hits)

    def view(self, readings: Readings) -> Bags:
        """Return sentences as the frame model sees them."""
        tokens, mentions = readings.tokens, readings.mentions
        kinds = [MASK.format(kind) for kind in self._targets.kinds_of_actors]
        words = tokens.numbers.copy()
        words[readings.mention_at] = len(tokens.words) + mentions.actors
        groups = self._groups(readings)
        parts = {
            "words": Bag([*tokens.words, *kinds], words, readings.rows),
            "groups": groups,
            "codes": self._codes_of(groups, readings),
        }
        return Bags(parts, readings.n)

    def view_targets(
        self, readings: Readings, at: Sequence[int] | None = None
    ) -> tuple[Ints, list[str], Bags]:
        """Return each of some sentences from the side of each target it names.

        Parameters
        ----------
        at : numbers of the sentences, rising; by default all.

        Returns
        -------
        The sentence of each view and its target, by sentence and name, and the views.
        """
        rows, actors = self._named(readings, at)
        scenes = _Scenes(readings, rows, actors)
        parts = {
            "words": Bag(scenes.names, scenes.words, scenes.rows),
            "groups": _pick(self._groups(readings), rows, readings.n),
            "sides": scenes.mark_words(),
            "places": self._mark_hits(readings, scenes),
        }
        names = [self._targets.actors[actor] for actor in actors]
        return rows, names, Bags(parts, len(rows))

    def _named(self, readings: Readings, at: Sequence[int] | None) -> tuple[Ints, Ints]:
        """Return sentences and the targets they name, each pair once."""
        mentions = readings.mentions
        wanted = self._is_target[mentions.actors]
        if at is not None:
            asked = np.zeros(readings.n, dtype=np.bool_)
            asked[np.asarray(at, dtype=np.int64)] = True
            wanted &= asked[mentions.rows]
        size = max(1, len(self._rank))
        rank = self._rank[mentions.actors[wanted]]
        rows, rank = np.divmod(np.unique(mentions.rows[wanted] * size + rank), size)
        return rows, np.argsort(self._rank)[rank]

    def _groups(self, readings: Readings) -> Bag:
        """Return the groups found in each sentence that speak for a code, once each."""
        hits = readings.hits
        own = ~self._judges[hits.groups]
        size = max(1, len(self._names))
        keys = np.unique(hits.rows[own] * size + hits.groups[own])
        rows, groups = np.divmod(keys, size)
        return Bag(self._names, groups, rows)

    def _codes_of(self, groups: Bag, readings: Readings) -> Bag:
        """Return what the groups of each sentence say in sum, and how many actors."""
        n, n_codes = readings.n, len(self._codes)
        cell = groups.rows * n_codes + self._code[groups.numbers]
        tag = self._is_tag[groups.numbers]
        tags = np.bincount(cell[tag], minlength=n * n_codes).reshape(n, n_codes)
        hints = np.bincount(cell[~tag], minlength=n * n_codes).reshape(n, n_codes)
        facts = np.concatenate([*count_facts(tags, hints), self._actors(readings)], 1)
        names = [f"{code} {fact}" for fact in FACTS for code in self._codes]
        rows, numbers = np.nonzero(facts)
        return Bag([*names, *(f"actors {i}" for i in range(MANY + 1))], numbers, rows)

    def _actors(self, readings: Readings) -> Bools:
        """Return how many actors sentences name, as one column for each number."""
        mentions = readings.mentions
        size = max(1, len(self._rank))
        rows = np.unique(mentions.rows * size + mentions.actors) // size
        counts = np.minimum(np.bincount(rows, minlength=readings.n), MANY)
        return np.asarray(counts[:, None] == np.arange(MANY + 1))

    def _mark_hits(self, readings: Readings, scenes: "_Scenes") -> Bag:
        """Return stance values and their groups with their places in each view."""
        hits = readings.hits
        judging = np.flatnonzero(self._judges[hits.groups])
        judging = judging[np.argsort(hits.rows[judging], kind="stable")]
        # The hits of a sentence, once for each of its views.
        starts = np.searchsorted(hits.rows[judging], scenes.sentences)
        stops = np.searchsorted(hits.rows[judging], scenes.sentences, side="right")
        view = np.repeat(np.arange(len(starts)), stops - starts)
        hit = judging[spread(starts, stops - starts)]
        shift = scenes.shift[view]
        word = scenes.nearest(hits.first[hit] + shift, hits.stop[hit] + shift)
        group = hits.groups[hit]
        places = scenes.places(word)
        said = [group, len(self._names) + self._code[group]]
        numbers = [
            (who * len(PLACES) + place)[holds]
            for who in said
            for place, holds in places
        ]
        rows = [view[holds] for _ in said for _, holds in places]
        names = [name + place for name in self._said for place in PLACES]
        return Bag(names, np.concatenate(numbers), np.concatenate(rows))


SIDES = (
    *(side + mark for side in "<>" for mark in ("", "x", "c", "xc")),
    *("<<", ">>"),
)
PLACES = (
    "",
    *(side + mark for mark in ("", "x", "|", "=", "=|") for side in "<>"),
    *("<<", ">>", "="),
)


class _Scenes:
    """The words of sentences around the mentions of one target each."""

    def __init__(self, readings: Readings, sentences: Ints, actors: Ints) -> None:
        tokens, mentions = readings.tokens, readings.mentions
        self.sentences = sentences
        lengths = np.diff(tokens.offsets)[sentences]
        starts = starts_of(lengths)
        at = spread(tokens.offsets[sentences], lengths)
        self.rows = np.repeat(np.arange(len(sentences)), lengths)
        # Word `j` of all sentences is word `j + shift` of a view.
        self.shift = starts[:-1] - tokens.offsets[sentences]
        self.names = [*tokens.words, TARGET, OTHER]
        self.words = tokens.numbers[at]
        actor_at = np.full(len(tokens.numbers), -1, dtype=np.int64)
        actor_at[readings.mention_at] = mentions.actors
        actor = actor_at[at]
        self._is_target = actor == actors[self.rows]
        self._is_other = (actor >= 0) & ~self._is_target
        self.words[self._is_target] = len(tokens.words)
        self.words[self._is_other] = len(tokens.words) + 1
        self._locate(starts, _number_clauses(tokens)[at])

    def _locate(self, starts: Ints, clauses: Ints) -> None:
        """Find where each word stands relative to the nearest mention of the target."""
        n = len(self.words)
        here = np.arange(n)
        first, stop = starts[self.rows], starts[self.rows + 1]
        behind = np.maximum.accumulate(np.where(self._is_target, here, -1))
        beyond = np.where(self._is_target, here, n)[::-1]
        ahead = np.minimum.accumulate(beyond)[::-1]
        to_left = np.where(behind >= first, here - behind, n)
        to_right = np.where(ahead < stop, ahead - here, n)
        # Of two mentions as near the first one counts.
        leftward = to_left <= to_right
        place = np.where(leftward, behind, ahead)
        self._distance = np.minimum(to_left, to_right)
        self._is_before = here < place
        others = starts_of(self._is_other.astype(np.int64))
        low, high = np.minimum(here, place), np.maximum(here, place)
        # The words between; of a target itself there are none.
        between = others[high] - others[np.minimum(low + 1, high)]
        self._crossed = between > 0
        self._same_clause = clauses == clauses[place]

    def mark_words(self) -> Bag:
        """Return each word with its side, and with what parts it from the target."""
        at = np.flatnonzero(~self._is_target)
        marks = self._crossed[at] + 2 * self._same_clause[at]
        side = np.where(self._is_before[at], 0, 4)
        near = self._distance[at] <= NEAR
        word = self.words[at] * len(SIDES)
        numbers = np.concatenate(
            [
                word + side,
                (word + side + marks)[marks > 0],
                (word + 8 + (side > 0))[near],
            ]
        )
        rows = np.concatenate(
            [self.rows[at], self.rows[at[marks > 0]], self.rows[at[near]]]
        )
        met, numbers = np.unique(numbers, return_inverse=True)
        names = [
            SIDES[mark] + self.names[word]
            for word, mark in zip(
                *map(np.ndarray.tolist, np.divmod(met, len(SIDES))), strict=True
            )
        ]
        return Bag(names, numbers, rows)

    def nearest(self, first: Ints, stop: Ints) -> Ints:
        """Return the word of each hit that is nearest to a mention of the target.

        A pattern may hold the target itself: its other words say where it stands.
        """
        lengths = stop - first
        at = spread(first, lengths)
        # The least of these is what is wanted: no target, near, the first of such.
        far = len(self.words) + 1
        keys = (self._is_target[at] * far + self._distance[at]) * far + at
        if not len(keys):
            return at
        return np.minimum.reduceat(keys, starts_of(lengths)[:-1]) % far

    def places(self, word: Ints) -> list[tuple[Ints, Bools]]:
        """Return numbers of `PLACES` for some words, and where each holds."""
        side = 1 - self._is_before[word]
        crossed, same = self._crossed[word], self._same_clause[word]
        always = np.ones(len(word), dtype=np.bool_)
        number = PLACES.index
        return [
            (np.zeros_like(side), always),
            (number("<") + side, always),
            (number("<x") + side, crossed),
            (number("<|") + side, ~crossed),
            (number("<<") + side, self._distance[word] <= NEAR),
            (number("=") + 0 * side, same),
            (number("<=") + side, same),
            (number("<=|") + side, same & ~crossed),
        ]


def _number_clauses(tokens: Tokens) -> Ints:
    """Return the number of the clause that each word stands in."""
    found = _CLAUSE_MARK.finditer(tokens.text)
    marks = np.array([match.start() for match in found], dtype=np.int64)
    before = np.searchsorted(marks, tokens.starts)
    after = np.searchsorted(marks, np.concatenate([[0], tokens.ends[:-1]]))
    opens = np.array([word in CLAUSE_WORDS for word in tokens.words], dtype=np.bool_)
    return np.cumsum((before > after) + opens[tokens.numbers].astype(np.int64))


def _pick(bag: Bag, sentences: Ints, n: int) -> Bag:
    """Return the strings of some sentences, one after another."""
    starts = np.searchsorted(bag.rows, np.arange(n + 1))
    lengths = np.diff(starts)[sentences]
    at = spread(starts[sentences], lengths)
    return Bag(
        bag.names, bag.numbers[at], np.repeat(np.arange(len(sentences)), lengths)
    )
