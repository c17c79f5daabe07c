"""Blocks of features counted in views of sentences.

Word n-grams, character n-grams inside words, seed-word groups and what they say in
sum; for stance the words and groups by their place relative to the target.

TF-IDF is that of scikit-learn's `TfidfVectorizer` with `binary=True` (its user
guide, "Tf-idf term weighting"): ln((1 + n) / (1 + df)) + 1 for each feature that a
sentence holds, rows scaled to length 1, block by block. Counting repeats inside a
sentence changed nothing that could be measured.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat

import numpy as np

from framing.arrays import Bools, Ints, Lists, Pairs, starts_of
from framing.bags import Bag, Bags, pack
from framing.model import Block, BlockSettings, Rows
from framing.views import View


def cut_features(view: View, settings: BlockSettings) -> list[str]:
    """Return the features of one block in a view, repeats included."""
    if settings.kind == "words":
        return _word_grams(view.words, settings.low, settings.high)
    if settings.kind == "chars":
        return [
            gram
            for word in view.words
            for gram in char_grams(word, settings.low, settings.high)
        ]
    parts: tuple[str, ...] = getattr(view, settings.kind)
    return list(parts)


def _word_grams(words: Sequence[str], low: int, high: int) -> list[str]:
    return [
        " ".join(words[i : i + n])
        for n in range(low, high + 1)
        for i in range(len(words) - n + 1)
    ]


def char_grams(word: str, low: int, high: int) -> list[str]:
    """Return the n-grams of a word between blanks; a masked actor has none."""
    if word.startswith("<"):
        return []
    padded = f" {word} "
    return [
        padded[i : i + n]
        for n in range(low, high + 1)
        for i in range(len(padded) - n + 1)
    ]


def fit_blocks(
    views: Sequence[View], settings: Sequence[BlockSettings]
) -> tuple[Block, ...]:
    """Return the blocks with the vocabulary and idf of these views."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    blocks = []
    for block in settings:
        vectorizer = TfidfVectorizer(
            analyzer=lambda view, block=block: cut_features(view, block),
            min_df=min(block.min_df, max(1, len(views) // 2)),
            # A fact that holds of every sentence would be a second intercept.
            max_df=1.0 if block.scaled else max(1, len(views) - 1),
        )
        try:
            vectorizer.fit(views)
        except ValueError:  # no feature is frequent enough: an empty block
            blocks.append(Block(block, (), np.empty(0)))
            continue
        idf = vectorizer.idf_ if block.scaled else np.ones(len(vectorizer.idf_))
        names = tuple(map(str, vectorizer.get_feature_names_out()))
        blocks.append(Block(block, names, np.asarray(idf, dtype=np.float64)))
    return tuple(blocks)


def count_left_out(
    views: Sequence[View], groups: Sequence[str], min_df: int
) -> tuple[Ints, Ints]:
    """Return how many words views have, and how many are known without their group.

    A word is known that at least `min_df` views of the other groups hold: what a
    `FeatureSpace` fitted on them knows. Masked actors do not count.

    Returns
    -------
    n_words, n_known : ndarray of shape (n_views,)
    """
    held: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for view, group in zip(views, groups, strict=True):
        held[group].update(set(view.words))
    everywhere = sum(held.values(), Counter[str]())
    counts = np.zeros((2, len(views)), dtype=np.int64)
    for i, (view, group) in enumerate(zip(views, groups, strict=True)):
        own = held[group]
        words = [word for word in view.words if not word.startswith("<")]
        known = [word for word in words if everywhere[word] - own[word] >= min_df]
        counts[:, i] = len(words), len(known)
    return counts[0], counts[1]


class FeatureSpace:
    """Turns views into feature rows, with the fitted blocks of one head."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)
        self._finders = [_make_finder(block) for block in blocks]
        self._words = {
            word
            for block in blocks
            if block.settings.kind == "words"
            for word in block.vocabulary
            if " " not in word and not word.startswith("<")
        }
        sizes = [len(block.vocabulary) for block in blocks]
        self._offsets = starts_of(np.array(sizes, dtype=np.int64))

    @property
    def names(self) -> list[str]:
        """Names of all columns: kind of block, then the feature."""
        return [
            f"{b.settings.kind}:{name}" for b in self.blocks for name in b.vocabulary
        ]

    def knows(self, word: str) -> bool:
        """Tell whether training met this word."""
        return word in self._words

    def count_known(self, words: Bag, n: int) -> Ints:
        """Return how many words of each of `n` sentences training met."""
        known = np.fromiter(
            map(self._words.__contains__, words.names),
            dtype=np.bool_,
            count=len(words.names),
        )
        return np.bincount(words.rows[known[words.numbers]], minlength=n)

    def parts(self, views: Bags) -> Iterator[tuple[slice, Rows]]:
        """Yield the feature rows of each block, and which columns these are."""
        known = self.count_known(views.of("words"), views.n) > 0
        for block, find, start, stop in zip(
            self.blocks, self._finders, self._offsets, self._offsets[1:], strict=False
        ):
            found = find(views.of(block.settings.kind))
            rows, columns = _once(*found, len(block.vocabulary))
            own = slice(int(start), int(stop))
            yield own, _scale(rows, columns, block, known)

    def transform(self, views: Sequence[View] | Bags) -> Rows:
        """Return the feature rows of views, shape (n_views, n_features)."""
        bags = views if isinstance(views, Bags) else pack(views)
        parts = list(self.parts(bags))
        rows = np.concatenate([own.rows for _, own in parts])
        columns = np.concatenate([own.columns + at.start for at, own in parts])
        values = np.concatenate([own.values for _, own in parts])
        order = np.argsort(rows, kind="stable")
        shape = (bags.n, int(self._offsets[-1]))
        known = parts[0][1].known
        return Rows(rows[order], columns[order], values[order], shape, known)


_Found = tuple[Ints, Ints]
"""Sentences and features, side by side, repeats included."""


def _make_finder(block: Block) -> Callable[[Bag], _Found]:
    """Return a function from strings to the features of this block in them."""
    if block.settings.kind == "words":
        return _WordGrams(block).find
    if block.settings.kind == "chars":
        return _CharGrams(block).find
    return _Names(block).find


class _Names:
    """Features that are the strings themselves."""

    def __init__(self, block: Block) -> None:
        self._columns = {name: i for i, name in enumerate(block.vocabulary)}

    def find(self, bag: Bag) -> _Found:
        columns = look_up(self._columns, bag.names)[bag.numbers]
        known = columns >= 0
        return bag.rows[known], columns[known]


class _WordGrams:
    """Word n-grams, each found as the one that is a word shorter and its last word."""

    def __init__(self, block: Block) -> None:
        self._low = block.settings.low
        grams = [
            _WORD_OF_GRAM.findall(name) if "<" in name else name.split(" ")
            for name in block.vocabulary
        ]
        words = list(dict.fromkeys(chain.from_iterable(grams)))
        self._numbers = {word: i for i, word in enumerate(words)}
        lists = Lists.of_lists([[self._numbers[w] for w in gram] for gram in grams])
        lengths = np.diff(lists.starts)
        # An n-gram is known by its place among those of its length.
        node = lists.flat[lists.starts[:-1]] if len(grams) else lengths
        longer: Pairs | None = None
        size = len(words)
        self._steps: list[tuple[Pairs | None, Ints]] = []
        for n in range(1, block.settings.high + 1):
            here = np.flatnonzero(lengths >= n)
            if n > 1:
                last = lists.flat[lists.starts[here] + n - 1]
                keys, place = np.unique(last * size + node[here], return_inverse=True)
                longer = Pairs(keys % size, keys // size, size) if size else None
                node[here], size = place, len(keys)
            columns = np.full(size, -1, dtype=np.int64)
            whole = np.flatnonzero(lengths == n)
            columns[node[whole]] = whole
            self._steps.append((longer, columns))

    def find(self, bag: Bag) -> _Found:
        words = look_up(self._numbers, bag.names)[bag.numbers]
        at = np.flatnonzero(words >= 0)
        node = words[at]
        rows, columns = [], []
        for n, (longer, column_of) in enumerate(self._steps, 1):
            if longer is not None:
                # On to the next word, if it is a known one of the same sentence.
                inside = at + 1 < len(words)
                at, node = at[inside] + 1, node[inside]
                inside = (words[at] >= 0) & (bag.rows[at] == bag.rows[at - 1])
                at, node = at[inside], node[inside]
                known, node = longer.find(node, words[at])
                at = at[known]
            if n >= self._low:
                own = column_of[node]
                rows.append(bag.rows[at[own >= 0]])
                columns.append(own[own >= 0])
        return np.concatenate(rows), np.concatenate(columns)


_WORD_OF_GRAM = re.compile("<[^>]*>|[^ ]+")
"""A word of an n-gram; the mask of an actor is one word, blanks and all."""


class _CharGrams:
    """Character n-grams inside words, remembered for each word."""

    def __init__(self, block: Block) -> None:
        self._low, self._high = block.settings.low, block.settings.high
        self._columns = {name: i for i, name in enumerate(block.vocabulary)}
        self._memo: dict[str, list[int]] = {}

    def find(self, bag: Bag) -> _Found:
        if len(self._memo) > _MEMO_LIMIT:
            self._memo.clear()
        memo = self._memo
        for word in bag.names:
            if word not in memo:
                memo[word] = self._find_in(word)
        lists = Lists.of_lists([memo[word] for word in bag.names])
        which, columns = lists.of(bag.numbers)
        return bag.rows[which], columns

    def _find_in(self, word: str) -> list[int]:
        grams = dict.fromkeys(char_grams(word, self._low, self._high))
        return [self._columns[gram] for gram in grams if gram in self._columns]


_MEMO_LIMIT = 200_000
"""Distinct words whose n-grams are remembered; keeps memory flat."""


def look_up(table: Mapping[str, int], names: Sequence[str]) -> Ints:
    """Return the number of each name, -1 where it is not in the table."""
    found = map(table.get, names, repeat(-1))
    return np.fromiter(found, dtype=np.int64, count=len(names))


def _once(rows: Ints, columns: Ints, n_columns: int) -> _Found:
    """Return the features that sentences hold, each once and in order."""
    size = max(1, n_columns)
    keys = np.sort(rows * size + columns)
    keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    rows, columns = np.divmod(keys, size)
    return rows, columns


def _scale(rows: Ints, columns: Ints, block: Block, known: Bools) -> Rows:
    """Return the rows of one block with their values."""
    shape = (len(known), len(block.vocabulary))
    if not block.settings.scaled:
        values = np.full(len(rows), block.settings.weight)
        return Rows(rows, columns, values, shape, known)
    values = block.idf[columns]
    norms = np.sqrt(np.bincount(rows, values**2, minlength=len(known)))
    values *= block.settings.weight / norms[rows]
    return Rows(rows, columns, values, shape, known)
