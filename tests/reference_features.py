"""The features as they were first written, view by view: a yardstick for the tests."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from framing.model import Block, BlockSettings, Ints, Rows
from framing.views import View


def cut_features(view: View, settings: BlockSettings) -> list[str]:
    """Return the features of one block in a view, repeats included."""
    if settings.kind == "words":
        return _word_grams(view.words, settings.low, settings.high)
    if settings.kind == "chars":
        return [
            gram
            for word in view.words
            for gram in _char_grams(word, settings.low, settings.high)
        ]
    parts: tuple[str, ...] = getattr(view, settings.kind)
    return list(parts)


def _word_grams(words: Sequence[str], low: int, high: int) -> list[str]:
    return [
        " ".join(words[i : i + n])
        for n in range(low, high + 1)
        for i in range(len(words) - n + 1)
    ]


def _char_grams(word: str, low: int, high: int) -> list[str]:
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
        self._lookups = [_make_lookup(block) for block in blocks]
        self._words = {
            word
            for block in blocks
            if block.settings.kind == "words"
            for word in block.vocabulary
            if " " not in word and not word.startswith("<")
        }
        sizes = [len(block.vocabulary) for block in blocks]
        self._offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    @property
    def names(self) -> list[str]:
        """Names of all columns: kind of block, then the feature."""
        return [
            f"{b.settings.kind}:{name}" for b in self.blocks for name in b.vocabulary
        ]

    def knows(self, word: str) -> bool:
        """Tell whether training met this word."""
        return word in self._words

    def transform(self, views: Sequence[View]) -> Rows:
        """Return the feature rows of views, shape (n_views, n_features)."""
        parts = [
            _scale(lookup(views), block, len(views), int(offset))
            for lookup, block, offset in zip(
                self._lookups, self.blocks, self._offsets[:-1], strict=True
            )
        ]
        rows, columns, values = (
            np.concatenate(column) for column in zip(*parts, strict=True)
        )
        order = np.argsort(rows, kind="stable")
        known = np.fromiter(
            (any(word in self._words for word in view.words) for view in views),
            dtype=np.bool_,
            count=len(views),
        )
        shape = (len(views), int(self._offsets[-1]))
        return Rows(rows[order], columns[order], values[order], shape, known)


_Ids = list[list[int]]


def _make_lookup(block: Block) -> Callable[[Sequence[View]], _Ids]:
    """Return a function from views to their feature numbers in this block."""
    number = {name: i for i, name in enumerate(block.vocabulary)}
    settings = block.settings
    if settings.kind != "chars":
        return lambda views: [
            [number[f] for f in cut_features(view, settings) if f in number]
            for view in views
        ]
    memo: dict[str, list[int]] = {}

    def numbers_of(word: str) -> list[int]:
        found = memo.get(word)
        if found is None:
            grams = _char_grams(word, settings.low, settings.high)
            found = [number[gram] for gram in grams if gram in number]
            if len(memo) >= _MEMO_LIMIT:
                memo.clear()
            memo[word] = found
        return found

    return lambda views: [
        [n for word in view.words for n in numbers_of(word)] for view in views
    ]


_MEMO_LIMIT = 200_000
"""Distinct words whose n-grams are remembered; keeps memory flat."""


def _scale(
    ids: _Ids, block: Block, n_views: int, offset: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows, columns and values of one block from its feature numbers."""
    lengths = np.fromiter((len(found) for found in ids), dtype=np.int64, count=n_views)
    flat = np.fromiter(
        (n for found in ids for n in found), dtype=np.int64, count=int(lengths.sum())
    )
    size = max(1, len(block.vocabulary))
    keys = np.sort(np.repeat(np.arange(n_views), lengths) * size + flat)
    keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    rows, columns = np.divmod(keys, size)
    if not block.settings.scaled:
        values = np.full(len(keys), block.settings.weight)
        return rows, columns + offset, values
    values = block.idf[columns]
    norms = np.sqrt(np.bincount(rows, values**2, minlength=n_views))
    return rows, columns + offset, values * (block.settings.weight / norms[rows])
