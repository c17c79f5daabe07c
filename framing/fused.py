"""Sentences scored by the compiled kernel: what arrays do elsewhere, in one go.

The kernel (`framing/native`) takes the sentences as UTF-8 and makes no Python object
for a word. Its numbers are those of `framing.bulk`, `framing.features` and
`framing.classifier`, to the last bit; the tests hold them together.
"""

import ctypes
from collections.abc import Sequence
from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_int32, c_int64, c_void_p
from functools import cache
from itertools import chain
from threading import Lock
from typing import Any
from weakref import finalize

import numpy as np

from framing.bulk import PLACES
from framing.model import BLOCK_KINDS, Floats, Head, Ints, Model
from framing.native import open_kernel
from framing.native.layout import LAYOUT, BlockPlan, HeadPlan, Holder, Plan
from framing.native.strings import SPARE, UnfitError, encode
from framing.seedwords import STANCE, SeedWords
from framing.targets import Targets
from framing.tokens import ACTOR
from framing.views import CLAUSE_WORDS, FACTS, MANY, MASK, NEAR, OTHER, TARGET

LONGEST = 100_000
"""Bytes of a sentence; in longer ones, which are none, every seed word would be
compared with every other."""

_MEMO_LIMIT = 200_000
"""Distinct words remembered; keeps memory flat on any corpus."""

MOST_BYTES = 1 << 30
"""Longer batches are for arrays: the kernel counts in numbers of 32 bits."""

_NO_MEMORY = -2


class Fused:
    """A model as tables of the kernel."""

    def __init__(self, model: Model, seeds: SeedWords, library: CDLL) -> None:
        self.library = library
        self._seeds = seeds
        self.targets = sorted(model.targets.actors)
        self.n_classes = len(model.frames.classes)
        self.n_stances = len(model.stance.classes) if model.stance else 0
        self._holder = Holder()
        self._plan = _plan(self._holder, model, seeds, self.targets)
        # The tables have room for one sentence at a time.
        self.lock = Lock()
        # They go by the plan to the last.
        self._tables = _Handle(
            library.framing_tables(byref(self._plan)),
            library.framing_tables_free,
            self._holder,
            self._plan,
        )
        self._memo: _Handle | None = None

    def read(self, texts: Sequence[str]) -> "Batch | None":
        """Return sentences read, None if they are too long for the kernel."""
        lines = [encode(text) for text in texts]
        bounds = np.zeros(len(lines) + 1, dtype=np.int64)
        lengths = np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))
        np.cumsum(lengths + 1, out=bounds[1:])
        if bounds[-1] >= MOST_BYTES or lengths.max(initial=0) > LONGEST:
            return None
        text = b"\n".join([*lines, SPARE])
        library = self.library
        with self.lock:
            memo = self._memo_for_more()
            address = library.framing_batch(
                memo.address, text, bounds.ctypes.data, len(lines)
            )
            batch = _Handle(address, library.framing_batch_free, memo)
            while (page := library.framing_cut(batch.address)) >= 0:
                classes = _classes(page)
                library.framing_set_page(self._tables.address, page, classes)
            _check(page)
            self._fold(memo)
            _check(library.framing_find(batch.address))
        return Batch(self, batch, len(lines))

    def _memo_for_more(self) -> "_Handle":
        """Return the memo of words, a new one when it has grown too large.

        Batches that were read before keep the memo that they were read with.
        """
        library, memo = self.library, self._memo
        if memo and library.framing_memo_size(memo.address) <= _MEMO_LIMIT:
            return memo
        edges = self._edges_of(ACTOR)
        handle = library.framing_memo(self._tables.address, *edges)
        self._memo = _Handle(handle, library.framing_memo_free, self._tables)
        return self._memo

    def _fold(self, memo: "_Handle") -> None:
        """Fold the words that the kernel leaves to Python: those beyond ASCII."""
        length = c_int32()
        pending = self.library.framing_pending
        while address := pending(memo.address, byref(length)):
            written = ctypes.string_at(address, length.value)
            word = written.decode("utf-8", "surrogatepass").casefold()
            folded = encode(word)
            edges = self._edges_of(word)
            fold = self.library.framing_fold
            _check(fold(memo.address, folded + SPARE, len(folded), *edges))

    def _edges_of(self, word: str) -> tuple[Any, int]:
        """Return the edges of the tree of patterns that a word may follow."""
        edges = self._seeds.tree.patterns.edges_of(word).astype(np.int32)
        numbers = edges.ravel().tolist()
        return (c_int32 * max(1, len(numbers)))(*numbers), len(edges)


def make_fused(model: Model, seeds: SeedWords) -> Fused | None:
    """Return a model as tables of the kernel; None without a kernel that takes it."""
    library = open_kernel()
    if library is None or not _is_ours(library):
        return None
    try:
        return Fused(model, seeds, library)
    except UnfitError:
        return None


class _Handle:
    """Something made by the kernel; freed with the last reference to it."""

    def __init__(self, address: int | None, free: Any, *needs: object) -> None:
        if not address:
            raise MemoryError
        self.address = c_void_p(address)
        # What it is made from must not be freed before it.
        self._needs = needs
        finalize(self, _free, free, self.address, needs)


def _free(free: Any, address: c_void_p, needs: tuple[object, ...]) -> None:
    free(address)
    del needs


class Batch:
    """Sentences that the kernel has read, and what a model says of them."""

    def __init__(self, model: Fused, handle: _Handle, n: int) -> None:
        self._model = model
        self._handle = handle
        self.n = n

    def __len__(self) -> int:
        return self.n

    def count_words(self) -> tuple[Ints, Ints]:
        """Return how many words sentences have, and how many of them are known."""
        counts = np.zeros((2, self.n), dtype=np.int64)
        self._model.library.framing_count(
            self._handle.address, counts[0].ctypes.data, counts[1].ctypes.data
        )
        return counts[0], counts[1]

    def decide(self) -> Floats:
        """Return the decision values of the frame model."""
        model = self._model
        z = np.empty((self.n, model.n_classes))
        with model.lock:
            status = model.library.framing_frames(self._handle.address, z.ctypes.data)
        _check(status)
        return z

    def decide_stance(self, at: Sequence[int] | None) -> tuple[Ints, list[str], Floats]:
        """Return sentences, targets they name, and the decision values of each."""
        model, library, address = self._model, self._model.library, self._handle.address
        asked = np.full(max(1, self.n), at is None, dtype=np.uint8)
        if at is not None:
            asked[np.asarray(at, dtype=np.int64)] = True
        n = library.framing_count_targets(address, asked.ctypes.data)
        rows, targets = np.empty((2, n), dtype=np.int64)
        z = np.empty((n, model.n_stances))
        arrays = [array.ctypes.data for array in (asked, rows, targets, z)]
        with model.lock:
            status = library.framing_stance(address, *arrays)
        _check(status)
        return rows, [model.targets[target] for target in targets.tolist()], z


def _check(status: int) -> None:
    if status == _NO_MEMORY:
        raise MemoryError


@cache
def _classes(page: int) -> bytes:
    """Return what each of 256 characters is: 1 in a word, 2 an underscore, 3 else."""
    return bytes(
        1 if chr(code).isalnum() else 2 if code == 95 else 3
        for code in range(256 * page, 256 * page + 256)
    )


_ADDRESS = c_void_p
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "framing_tables": (_ADDRESS, (POINTER(Plan),)),
    "framing_tables_free": (None, (_ADDRESS,)),
    "framing_set_page": (None, (_ADDRESS, c_int32, c_char_p)),
    "framing_memo": (_ADDRESS, (_ADDRESS, POINTER(c_int32), c_int32)),
    "framing_memo_free": (None, (_ADDRESS,)),
    "framing_memo_size": (c_int64, (_ADDRESS,)),
    "framing_pending": (_ADDRESS, (_ADDRESS, POINTER(c_int32))),
    "framing_fold": (c_int, (_ADDRESS, c_char_p, c_int32, POINTER(c_int32), c_int32)),
    "framing_batch": (_ADDRESS, (_ADDRESS, c_char_p, _ADDRESS, c_int32)),
    "framing_batch_free": (None, (_ADDRESS,)),
    "framing_cut": (c_int, (_ADDRESS,)),
    "framing_find": (c_int, (_ADDRESS,)),
    "framing_count": (None, (_ADDRESS, _ADDRESS, _ADDRESS)),
    "framing_frames": (c_int, (_ADDRESS, _ADDRESS)),
    "framing_count_targets": (c_int64, (_ADDRESS, _ADDRESS)),
    "framing_stance": (c_int, (_ADDRESS, *4 * (_ADDRESS,))),
}


def _is_ours(library: CDLL) -> bool:
    """Tell whether a library was built from these sources; declare its functions."""
    try:
        library.framing_layout.restype = c_int64
        if library.framing_layout() != LAYOUT:
            return False
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except AttributeError:
        return False
    return True


def _plan(
    holder: Holder, model: Model, seeds: SeedWords, actors: Sequence[str]
) -> Plan:
    """Return a model as the kernel takes it; actors are numbered as given."""
    groups = seeds.groups
    codes = list(dict.fromkeys(group.code for group in groups))
    said = [*(group.name for group in groups), *codes]
    facts = [f"{code} {fact}" for fact in FACTS for code in codes]
    strings = {
        "groups": [group.name for group in groups],
        "codes": [*facts, *(f"actors {i}" for i in range(MANY + 1))],
        "places": [name + place for name in said for place in PLACES],
    }
    plan = Plan(n_groups=len(groups), n_codes=len(codes), many=MANY, near=NEAR)
    plan.frames = _head(holder, model.frames, strings)
    if model.stance:
        plan.stance = _head(holder, model.stance, strings)
    plan.waits = holder.flags([bool(group.only_with) for group in groups])
    plan.judges = holder.flags([group.role == STANCE for group in groups])
    plan.tags = holder.flags([group.role == "tag" for group in groups])
    plan.code_of = holder.numbers([codes.index(group.code) for group in groups])
    plan.clause_words = holder.strings(sorted(CLAUSE_WORDS))
    _plan_patterns(plan, holder, seeds)
    _plan_actors(plan, holder, model.targets, actors)
    return plan


def _head(holder: Holder, head: Head, strings: dict[str, list[str]]) -> HeadPlan:
    blocks = []
    coef, coef_size = holder.keep(np.asarray(head.coef, dtype=np.float64)), 8
    start = 0
    for block in head.blocks:
        settings, stop = block.settings, start + len(block.vocabulary)
        plan = BlockPlan(
            kind=BLOCK_KINDS.index(settings.kind),
            low=settings.low,
            high=settings.high,
            scaled=settings.scaled,
            weight=settings.weight,
            names=holder.strings(block.vocabulary),
        )
        plan.idf = holder.keep(np.asarray(block.idf, dtype=np.float64))
        plan.coef = coef + coef_size * start
        plan.width = head.coef.shape[1]
        if settings.kind in strings:
            columns = {name: i for i, name in enumerate(block.vocabulary)}
            names = strings[settings.kind]
            plan.map = holder.numbers([columns.get(name, -1) for name in names])
        blocks.append(plan)
        start = stop
    intercept = holder.keep(np.asarray(head.intercept, dtype=np.float64))
    return HeadPlan(len(head.classes), len(blocks), intercept, holder.blocks(blocks))


def _plan_patterns(plan: Plan, holder: Holder, seeds: SeedWords) -> None:
    """Tell the kernel the tree of patterns, and what they are to the groups."""
    tree = seeds.tree
    patterns = tree.patterns
    elements = patterns.elements
    plan.exact = holder.strings(list(elements.by_word))
    plan.exact_of = holder.lists(elements.by_word.values())
    plan.beginnings = holder.strings(list(elements.by_beginning))
    stems = list(chain.from_iterable(elements.by_beginning.values()))
    numbers = iter(range(len(stems)))
    plan.stems_of = holder.lists(
        [next(numbers) for _ in own] for own in elements.by_beginning.values()
    )
    plan.stems = holder.strings([stem for stem, _ in stems])
    plan.element_of_stem = holder.numbers([number for _, number in stems])
    plan.edges = holder.lists(
        list(chain.from_iterable(patterns.edges.get(element, ())))
        for element in range(len(elements))
    )
    steps = np.column_stack([patterns.gap_sizes, patterns.gap_children])
    which = patterns.gaps
    plan.gaps.starts = holder.numbers(2 * which.starts)
    plan.gaps.flat = holder.numbers(steps[which.flat].ravel())
    plan.ends = holder.flags(patterns.ends)
    plan.n_nodes = patterns.size
    for name in ("words", "unless", "not_with", "only_with"):
        lists, own = getattr(tree, name), getattr(plan, name)
        own.starts, own.flat = holder.numbers(lists.starts), holder.numbers(lists.flat)


def _plan_actors(
    plan: Plan, holder: Holder, targets: Targets, actors: Sequence[str]
) -> None:
    """Tell the kernel the actors and their aliases."""
    number = {actor: i for i, actor in enumerate(actors)}
    kind_of = dict(zip(targets.actors, targets.kinds_of_actors, strict=True))
    kinds = sorted(set(kind_of.values()))
    plan.n_actors = len(actors)
    plan.kind_of_actor = holder.numbers([kinds.index(kind_of[a]) for a in actors])
    plan.is_target = holder.flags([actor in set(targets.names) for actor in actors])
    plan.masks = holder.strings([TARGET, OTHER, *map(MASK.format, kinds)])
    firsts = targets.first_words
    aliases = list(chain.from_iterable(firsts.values()))
    numbers = iter(range(len(aliases)))
    plan.firsts = holder.strings(list(firsts))
    plan.aliases_of = holder.lists([next(numbers) for _ in x] for x in firsts.values())
    plan.aliases = holder.strings([alias for alias, _ in aliases])
    plan.actor_of_alias = holder.numbers([number[actor] for _, actor in aliases])
