"""The compiled kernel gives the numbers of the arrays, to the last bit."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing import fused, native
from framing.features import fit_blocks
from framing.fused import Batch
from framing.model import BlockSettings, Head, Model
from framing.native import build
from framing.scorer import Scorer
from framing.seedwords import SeedGroup
from framing.targets import Targets
from framing.views import Viewer
from tests.test_bulk import SEEDS, TARGETS, TEXT, TEXTS, seed_sentences, shipped

ROOT = Path(__file__).parents[1]
needs_kernel = pytest.mark.skipif(
    native.open_kernel() is None, reason="no C compiler, or the kernel is turned off"
)
FRAMES = [
    BlockSettings("words", 1, 3),
    BlockSettings("words", 2, 2, weight=0.5),
    BlockSettings("chars", 3, 5),
    BlockSettings("chars", 1, 2, scaled=False),
    BlockSettings("codes", weight=0.6, scaled=False),
    BlockSettings("groups", weight=0.3, scaled=False),
    BlockSettings("sides"),
    BlockSettings("groups"),
]
STANCE = [
    BlockSettings("words", 1, 2),
    BlockSettings("sides"),
    BlockSettings("chars", 2, 4),
    BlockSettings("places", weight=0.3, scaled=False),
    BlockSettings("groups"),
    BlockSettings("codes", scaled=False),
]
TRAINING = [
    "Iran accused the U.S. of piracy, and the West Bank praised a pact.",
    "the West signs no pact with İran - who shelled a gunboat in the war",
    "South Korea talks; the rows of guns 汉字 ½ ß ﬁ e\u0301 \U0001d518 walk on",
    "Tehran shelled U.S. guns. A treaty of M_23 and Foo (Bar), 😀 x_y अक़",
    "a pact, a treaty, a war: Iran accused the U.S. of talks and praised Iran",
]


@contextmanager
def arrays_only() -> Iterator[None]:
    before = os.environ.get(native.OFF)
    os.environ[native.OFF] = "1"
    try:
        yield
    finally:
        del os.environ[native.OFF]
        if before is not None:
            os.environ[native.OFF] = before


def both(model: Model) -> tuple[Scorer, Scorer]:
    """Return the model with the kernel and with arrays."""
    with arrays_only():
        slow = Scorer(model)
    fast = Scorer(model)
    assert isinstance(fast.read(["A word."]), Batch)
    assert not isinstance(slow.read(["A word."]), Batch)
    return fast, slow


@cache
def shipped_both() -> tuple[Scorer, Scorer]:
    return both(shipped()[0])


def make_head(settings: list[BlockSettings], n: int, *, single: bool) -> Head:
    viewer = Viewer(TARGETS, SEEDS)
    readings = [viewer.read(text) for text in TRAINING]
    views = [viewer.view(reading) for reading in readings]
    if single:
        views = [
            viewer.view_target(reading, target)
            for reading in readings
            for target in viewer.name_targets(reading)
        ]
    blocks = fit_blocks(views, settings)
    rng = np.random.default_rng(n)
    coef = rng.normal(size=(n, sum(len(block.vocabulary) for block in blocks)))
    calibration = np.tile([1.3, -0.2], (n, 1))
    classes = tuple(f"class {k}" for k in range(n))
    thresholds = np.full(n, 0.5)
    return Head(
        classes, single, blocks, coef, rng.normal(size=n), calibration, thresholds
    )


@cache
def odd_both(n: int) -> tuple[Scorer, Scorer]:
    """A model with every kind of block, more than once, and `n` classes."""
    frames = make_head(FRAMES, n, single=False)
    stance = make_head(STANCE, n + 1, single=True)
    return both(Model("odd", "en", frames, stance, TARGETS, SEEDS.groups))


def check_same(scorers: tuple[Scorer, Scorer], texts: list[str]) -> None:
    """All that a scorer says is the same by either way."""
    fast, slow = scorers
    readings = fast.read(texts), slow.read(texts)
    said, expected = fast.score(readings[0]), slow.score(readings[1])
    for own, other in zip(said, expected, strict=True):
        np.testing.assert_array_equal(own, other)
    said, expected = fast.count_words(readings[0]), slow.count_words(readings[1])
    np.testing.assert_array_equal(said, expected)
    for at in (None, range(0, len(texts), 2)):
        found = fast.score_stance(readings[0], at)
        asked = slow.score_stance(readings[1], at)
        assert [(i, t, v) for i, t, _, v in found] == [
            (i, t, v) for i, t, _, v in asked
        ]
        for (_, _, own, _), (_, _, other, _) in zip(found, asked, strict=True):
            np.testing.assert_array_equal(own, other)


@needs_kernel
def test_kernel_says_of_seed_sentences_what_arrays_say() -> None:
    check_same(shipped_both(), seed_sentences(4))


@needs_kernel
@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_kernel_says_of_odd_texts_what_arrays_say(texts: list[str]) -> None:
    check_same(shipped_both(), [*texts, "Iran accused the U.S. of sanctions."])


@needs_kernel
@settings(max_examples=250, deadline=None)
@given(st.sampled_from([1, 2, 3, 4, 5, 9]), TEXTS)
def test_kernel_takes_every_block_and_any_number_of_codes(
    n: int, texts: list[str]
) -> None:
    check_same(odd_both(n), [*texts, *TRAINING])


ANY_CHARACTER = st.text(st.characters(exclude_categories=[]), max_size=60)


@needs_kernel
@settings(max_examples=200, deadline=None)
@given(st.lists(ANY_CHARACTER, max_size=4))
def test_kernel_takes_any_character_even_half_a_pair(texts: list[str]) -> None:
    check_same(odd_both(3), texts)


@needs_kernel
def test_kernel_folds_and_cuts_every_character_as_python_does() -> None:
    every = [chr(code) for code in range(0x110000)]
    texts = ["x".join(every[i : i + 97]) for i in range(0, len(every), 97)]
    check_same(odd_both(2), texts)


@needs_kernel
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "\0",
        "a" * 100_000,
        "É" * 50_000,
        "pact " * 50_000,
        "a the " * 20_000,
        "Iran " * 3_000,
        "_" * 1_000,
        "M_23_ _x U.S._ Iran_ _Iran M_23",
        "sign a b c pact sign pact pact a a b war war",
        "x" * 63 + " " + "y" * 64 + " " + "z" * 55 + " " + "w" * 56,
    ],
    ids=lambda text: text[:12],
)
def test_kernel_takes_long_and_strange_sentences(text: str) -> None:
    check_same(odd_both(4), [text, "Iran accused the U.S. of piracy", text])


@needs_kernel
def test_no_sentences_are_no_numbers() -> None:
    check_same(odd_both(4), [])


@needs_kernel
@settings(max_examples=8, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(TEXT, min_size=1, max_size=4))
def test_a_forgetful_memo_changes_nothing(first: list[str], then: list[str]) -> None:
    """Batches read with an old memo keep it; new ones begin anew."""
    fast, slow = odd_both(4)
    limit = fused._MEMO_LIMIT
    fused._MEMO_LIMIT = 0
    try:
        batches = [fast.read(texts) for texts in (first, then, first)]
        gc.collect()
        for batch, texts in zip(batches, (first, then, first), strict=True):
            proba = slow.score(slow.read(texts))[0]
            np.testing.assert_array_equal(fast.score(batch)[0], proba)
    finally:
        fused._MEMO_LIMIT = limit


@needs_kernel
def test_too_long_a_batch_goes_to_the_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    fast, slow = odd_both(4)
    monkeypatch.setattr(fused, "MOST_BYTES", 20)
    text = "Iran accused the U.S. of piracy"
    readings = fast.read([text])
    assert not isinstance(readings, Batch)
    proba = slow.score(slow.read([text]))[0]
    np.testing.assert_array_equal(fast.score(readings)[0], proba)


@needs_kernel
def test_a_name_of_two_lines_goes_to_the_arrays() -> None:
    frames = make_head([BlockSettings("words")], 2, single=False)
    targets = Targets(("A",), {"two\nlines": "A"})
    model = Model("odd", "en", frames, None, targets, ())
    assert not isinstance(Scorer(model).read(["a"]), Batch)


@needs_kernel
def test_model_without_actors_seed_words_and_known_words() -> None:
    blocks = fit_blocks([], [BlockSettings("words"), BlockSettings("chars", 3, 5)])
    head = Head(
        ("a",),
        False,
        blocks,
        np.empty((1, 0)),
        np.zeros(1),
        np.ones((1, 2)),
        np.ones(1),
    )
    model = Model("bare", "en", head, None, Targets(), ())
    check_same(both(model), ["A word.", "", "Iran"])


@needs_kernel
def test_groups_that_share_a_name_are_one_feature() -> None:
    groups = (*SEEDS.groups, SeedGroup("guns", "deal", "tag", ("treaty",)))
    frames = make_head(FRAMES, 3, single=False)
    model = Model("odd", "en", frames, None, TARGETS, groups)
    check_same(both(model), TRAINING)


@needs_kernel
def test_several_threads_may_use_one_scorer() -> None:
    fast, slow = shipped_both()
    parts = [seed_sentences(step) for step in (50, 60, 70, 80)]
    found: dict[int, np.ndarray] = {}

    def work(i: int) -> None:
        found[i] = fast.score(fast.read(parts[i]))[0]

    threads = [Thread(target=work, args=(i,)) for i in range(len(parts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, texts in enumerate(parts):
        np.testing.assert_array_equal(found[i], slow.score(slow.read(texts))[0])


@pytest.mark.skipif(build.find_compiler() is None, reason="no C compiler")
def test_kernel_is_built_where_there_is_a_compiler(tmp_path: Path) -> None:
    library = tmp_path / "kernel.so"
    with_warnings = ["-Wall", "-Wextra", "-Werror"]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(native.OFF, raising=False)
        assert build.build_kernel(library, options=with_warnings)
    assert [path.name for path in tmp_path.iterdir()] == ["kernel.so"]


@pytest.mark.parametrize("compiler", ["", "false", "no-such-compiler-anywhere"])
def test_without_a_compiler_nothing_is_built(
    compiler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(native.OFF, raising=False)
    monkeypatch.setenv("CC", compiler)
    monkeypatch.setattr(build.sysconfig, "get_config_var", lambda name: None)
    monkeypatch.setattr(
        build.shutil, "which", lambda name: name if name == "false" else None
    )
    assert not build.build_kernel(tmp_path / "kernel.so")
    assert not list(tmp_path.iterdir())


def test_kernel_can_be_turned_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(native.OFF, "1")
    assert native.open_kernel() is None
    assert not build.build_kernel(tmp_path / "kernel.so")


@pytest.mark.parametrize("content", [b"", b"no library"])
def test_a_library_that_is_none_is_passed_over(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "kernel.so").write_bytes(content)
    code = (
        "from pathlib import Path; from framing import native; "
        f"native.LIBRARY = Path({str(tmp_path / 'kernel.so')!r}); "
        "assert native.open_kernel() is None"
    )
    env = {k: v for k, v in os.environ.items() if k != native.OFF}
    env["PYTHONPATH"] = str(ROOT)
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
