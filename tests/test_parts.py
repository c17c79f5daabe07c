"""An unfinished run: what is told of it, what goes on, what stays whole."""

import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from framing.errors import InputError, StorageError
from framing.parts import Manifest, Parts, open_parts, write_part
from framing.records import Article
from framing.scoring import run, workers
from tests.conftest import Framing, Ran, json_lines

SMALL = 3
"""Articles in a part, so that a small corpus has many."""

WAYS_TO_FAIL = (errno.ENOSPC, errno.EIO)

TEXTS = (
    "Police stopped a crowded boat at the border. Jobs for migrants pay taxes.",
    "Families sleep in the cold camp. Volunteers bring soup and blankets.",
    "The minister wants more guards. Wages in the harvest have fallen again.",
)


def write_articles(path: Path, n: int) -> None:
    lines = [
        {"id": f"a{k}", "source": f"Outlet {k % 2}", "text": f"Day {k}. {TEXTS[k % 3]}"}
        for k in range(n)
    ]
    path.write_text(json_lines(lines))


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def parts_of(folder: Path) -> list[Path]:
    return sorted(folder.glob(".out.parts/[0-9]*"))


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PART", SMALL)


@pytest.fixture
def score(framing: Framing, migration: Path) -> Callable[..., Ran]:
    """Score `a.jsonl`, or other articles, into `out`."""

    def score(*more: object, of: str = "a.jsonl") -> Ran:
        study = () if "--project" in more else ("--project", migration)
        return framing("score", of, *study, "-q", "-o", "out", "--jobs", 1, *more)

    return score


@contextmanager
def interrupted(monkeypatch: pytest.MonkeyPatch, stop: Callable[[], Any]) -> Iterator:
    """Call `stop` before the fifth part is scored."""
    name, told = run.Parts.name, 0

    def count(self: Parts, number: int, articles: list) -> str:
        nonlocal told
        told += 1
        if told == 5:
            stop()
        return name(self, number, articles)

    with monkeypatch.context() as patch:
        patch.setattr(run.Parts, "name", count)
        yield


def ctrl_c() -> None:
    raise KeyboardInterrupt


@pytest.fixture
def stopped(
    score: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Ran]:
    """Score sixteen articles, stopped with four of six parts done."""

    def stop(*more: object, by: Callable[[], Any] = ctrl_c) -> Ran:
        write_articles(tmp_path / "a.jsonl", 16)
        with interrupted(monkeypatch, by):
            return score(*more)

    return stop


# Stopped by hand or by the system


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (lambda: signal.raise_signal(signal.SIGINT), 130),
        (lambda: signal.raise_signal(signal.SIGTERM), 143),
    ],
    ids=["SIGINT", "SIGTERM"],
)
def test_stopped_run_says_what_is_done_and_how_to_go_on(
    stopped: Callable[..., Ran],
    score: Callable[..., Ran],
    tmp_path: Path,
    by: Callable[[], Any],
    code: int,
) -> None:
    ran = stopped(by=by)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err == (
        f"framing: stopped, about {4 * SMALL} articles are done and kept in "
        ".out.parts. Give the same command to go on.\n"
    )
    before = {part.name: part.stat().st_mtime_ns for part in parts_of(tmp_path)}
    assert len(before) == 4
    with_parts = []
    write = workers.score_tasks

    def note(tasks: Any, *rest: Any) -> Any:
        return write((with_parts.append(t.name) or t for t in tasks), *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "score_tasks", note)
        assert score().code == 0
    assert len(with_parts) == 2  # the others were not scored again
    assert not before.keys() & set(with_parts)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "out"]


def test_sigterm_from_outside_ends_a_run_of_several_processes_in_one_line(
    migration: Path, tmp_path: Path
) -> None:
    write_articles(tmp_path / "a.jsonl", 10_000)
    command = ("score", "a.jsonl", "--project", migration, "-q", "-o", "out", "-j", "2")
    code = "import sys; from framing.cli import main; main(sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, command)],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        while not parts_of(tmp_path) and child.poll() is None:
            try:
                child.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        child.terminate()
        _, said = child.communicate(timeout=60)
    assert child.returncode == 143
    assert said.count("\n") == 1
    assert said.startswith("framing: stopped, about ")
    assert parts_of(tmp_path)
    assert not (tmp_path / "out").exists()


def test_without_a_folder_nothing_is_kept_and_it_is_said(
    framing: Framing, migration: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_articles(tmp_path / "a.jsonl", 3)
    monkeypatch.setattr(run, "_cut", lambda articles: ctrl_c())
    ran = framing("score", "a.jsonl", "--project", migration, "-q")
    assert (ran.code, ran.err) == (
        130,
        "framing: stopped, nothing is kept. With -o RESULTS you could go on.\n",
    )


# Changed in between


def edit(folder: Path, study: Path, patch: pytest.MonkeyPatch) -> None:
    with (folder / "a.jsonl").open("a") as file:
        file.write('{"id": "new", "text": "Police at the border."}\n')


def release(folder: Path, study: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run, "__version__", "99.0")


def resize(folder: Path, study: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run, "PART", SMALL + 1)


def retrain(folder: Path, study: Path, patch: pytest.MonkeyPatch) -> None:
    from framing.modelstore import read_card

    place = next(study.glob("models/*/card.json")).parent
    digest = read_card(place)["model_sha256"]
    path = folder / ".out.parts" / "manifest.json"
    path.write_text(path.read_text().replace(digest, "0" * 64))


def nothing(folder: Path, study: Path, patch: pytest.MonkeyPatch) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (edit, (), "a.jsonl has changed"),
        (retrain, (), "another model"),
        (release, (), "framing 99.0 instead of "),
        (resize, (), "parts of another size"),
        (nothing, ("--text-column", "text"), "another --text-column"),
        (nothing, ("--source-column", "id"), "another --source-column"),
        (nothing, ("--encoding", "utf-8"), "another --encoding"),
        (nothing, ("--threshold", "security=0.7"), "another --threshold"),
        (
            edit,
            ("--threshold", "security=0.7"),
            "another --threshold, a.jsonl has changed",
        ),
        (nothing, ("b.jsonl",), "b.jsonl is new"),
    ],
)
def test_changed_run_is_refused_and_the_difference_is_named(
    stopped: Callable[..., Ran],
    score: Callable[..., Ran],
    migration: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    change: Callable[..., None],
    options: tuple[str, ...],
    said: str,
) -> None:
    (tmp_path / "b.jsonl").write_text('{"id": "b", "text": "One more boat."}\n')
    stopped()
    change(tmp_path, migration, monkeypatch)
    before = parts_of(tmp_path)
    ran = score(*options)
    assert ran.code == 3
    assert f"parts of an unfinished run, but now with {said}" in ran.err
    assert "Run it as before to go on, or --restart to throw them away." in ran.err
    assert parts_of(tmp_path) == before
    assert score(*options, "--restart").code == 0


def test_input_that_is_gone_is_named(
    stopped: Callable[..., Ran], score: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "b.jsonl").write_text('{"id": "b", "text": "One more boat."}\n')
    stopped("b.jsonl")
    ran = score()
    assert ran.code == 3
    assert "but now with b.jsonl is missing now. Run" in ran.err


def test_manifest_says_what_was_added_and_what_is_gone() -> None:
    one = Manifest("1", "m", 1, {}, {f"{k}.csv": "x" for k in range(5)})
    two = Manifest("1", "m", 1)
    assert one.differences(two) == [f"{k}.csv is missing now" for k in range(5)]
    assert two.differences(one) == [f"{k}.csv is new" for k in range(5)]


def test_articles_that_come_otherwise_are_refused(tmp_path: Path) -> None:
    """Say from a pipe, which has no hash before it is read."""
    articles = [Article("1", "s", "", "", "One."), Article("2", "s", "", "", "Two.")]
    table = pd.DataFrame({"n": [1]})
    with open_parts(tmp_path / "out", Manifest("1", "m", 1)) as parts:
        write_part(parts.folder, parts.name(0, articles[:1]), {"n.parquet": table})
    with (
        open_parts(tmp_path / "out", Manifest("1", "m", 1)) as parts,
        pytest.raises(InputError, match="but now with other articles"),
    ):
        parts.is_done(parts.name(0, articles[1:]))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"program": 1}', "\x00"])
def test_manifest_that_cannot_be_read_begins_a_new_run(
    stopped: Callable[..., Ran], score: Callable[..., Ran], tmp_path: Path, text: str
) -> None:
    stopped()
    (tmp_path / ".out.parts" / "manifest.json").write_text(text)
    assert score().code == 0


# Others at it


def test_results_that_another_program_writes_are_left_alone(
    score: Callable[..., Ran], tmp_path: Path
) -> None:
    write_articles(tmp_path / "a.jsonl", 4)
    with open_parts(tmp_path / "out", Manifest("0", "m", 1)) as parts:
        name = parts.name(0, [])
        write_part(parts.folder, name, {"n.parquet": pd.DataFrame({"n": [1]})})
        before = parts_of(tmp_path)
        for more in ((), ("--restart",)):
            ran = score(*more)
            assert (ran.code, ran.err) == (
                6,
                f"framing: {tmp_path / 'out'}: another framing writes there. Wait "
                "until it is done.\n",
            )
        assert parts_of(tmp_path) == before


# Damaged on the disk


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("how", "name"),
    [
        ("flipped", "scores"),
        ("flipped", "articles"),
        ("flipped", "counts"),
        ("cut", "scores"),
        ("missing", "stance"),
    ],
)
def test_damaged_part_is_noticed_and_only_it_is_scored_again(
    stopped: Callable[..., Ran],
    score: Callable[..., Ran],
    tmp_path: Path,
    name: str,
    how: str,
) -> None:
    stopped()
    part = parts_of(tmp_path)[1]
    path = part / f"{name}.parquet"
    if how == "flipped":
        flip(path, 40)  # within the first page
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-30])
    else:
        path.unlink()
    ran = score()
    assert ran.code == 3
    assert ran.err.count("\n") == 1
    assert f"{name}.parquet: damaged since it was written. Delete the folder" in ran.err
    assert part.name in ran.err
    assert not (tmp_path / "out").exists()
    for file in part.iterdir():
        file.unlink()
    part.rmdir()
    assert score().code == 0
    found = tables(tmp_path / "out")
    score("--restart")
    again = tables(tmp_path / "out")
    again["run.json"] = found["run.json"]  # it names the command
    assert again == found


# Disk full


def test_full_disk_leaves_nothing_half_and_the_run_goes_on(
    score: Callable[..., Ran], tmp_path: Path
) -> None:
    write_articles(tmp_path / "a.jsonl", 16)
    assert score().code == 0
    whole = tables(tmp_path / "out")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    codes = []
    for limit in (100, 5_000, 9_000, 11_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            ran = score("--by", "source")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        codes.append(ran.code)
        # What was there before is there as it was, or as it is made anew.
        found = tables(tmp_path / "out")
        found["run.json"] = whole["run.json"]
        assert found == whole
        left = [path.name for path in tmp_path.iterdir()]
        assert set(left) <= {"a.jsonl", "out", ".out.parts"}
        if ran.code:
            assert ran.err.count("\n") == 1
            assert "not written (File too large)" in ran.err
    assert codes[:2] == [6, 6]
    assert score().code == 0
    assert tables(tmp_path / "out") == whole


# A fault at the n-th call, whichever that is


CALLS = (
    *((os, name) for name in ("fsync", "replace", "rename", "mkdir")),
    (Path, "write_bytes"),
    (Path, "write_text"),
)


class FaultAt:
    """Lets one of the calls that change the disk fail, the n-th of them all."""

    def __init__(self, n: int, number: int) -> None:
        self.left, self.number, self.calls = n, number, 0

    def wrap(self, own: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            self.left -= 1
            if self.left == 0:
                if own in (Path.write_bytes, Path.write_text):
                    half = arguments[1][: len(arguments[1]) // 2]
                    own(arguments[0], half, **named)
                raise OSError(self.number, os.strerror(self.number))
            return own(*arguments, **named)

        return call

    @contextmanager
    def planted(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for owner, name in CALLS:
                patch.setattr(owner, name, self.wrap(getattr(owner, name)))
            yield


@pytest.fixture
def check_faults(
    score: Callable[..., Ran], tmp_path: Path
) -> Callable[[int, int, int], None]:
    """Let every call of a run fail in its turn, from the first in steps."""

    def check(first: int, step: int, number: int) -> None:
        out = tmp_path / "out"
        write_articles(tmp_path / "a.jsonl", 2 * SMALL)
        watched = FaultAt(0, number)
        with watched.planted():
            assert score().code == 0
        whole = tables(out)
        assert watched.calls > 30
        # Results of an earlier run stay in their place until there are others.
        write_articles(tmp_path / "b.jsonl", SMALL)
        score(of="b.jsonl")
        old = tables(out)
        for n in range(first, watched.calls + 1, step):
            shutil.rmtree(out)
            if n % 2:
                out.mkdir()
                for name, data in old.items():
                    (out / name).write_bytes(data)
            with FaultAt(n, number).planted():
                ran = score()
            assert ran.code in (0, 6), (n, ran.err)
            assert ran.err.count("\n") == (ran.code == 6), (n, ran.err)
            found = tables(out) if out.exists() else None
            # At the last calls of all, the results are there though it failed.
            assert found in ((whole,) if ran.code == 0 else (None, old, whole)), n
            assert score().code == 0, n
            assert tables(out) == whole, n
            left = {path.name for path in tmp_path.iterdir()}
            assert left == {"a.jsonl", "b.jsonl", "out"}, n

    return check


STEP = 7
"""So many of the calls are left out of the short run; the long one tries them all."""


@pytest.mark.parametrize("number", WAYS_TO_FAIL, ids=["ENOSPC", "EIO"])
def test_fault_at_a_call_leaves_whole_results_or_none(
    check_faults: Callable[[int, int, int], None], number: int
) -> None:
    check_faults(1 + WAYS_TO_FAIL.index(number) * STEP // 2, STEP, number)


@pytest.mark.slow
@pytest.mark.parametrize("number", WAYS_TO_FAIL, ids=["ENOSPC", "EIO"])
def test_fault_at_every_call_leaves_whole_results_or_none(
    check_faults: Callable[[int, int, int], None], number: int
) -> None:
    check_faults(1, 1, number)


def test_part_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError) as caught:
        write_part(tmp_path / "file", "000000-x", {})
    assert str(caught.value) == (
        f"{tmp_path / 'file'}: not written (Not a directory). Free space or rights, "
        "then give the same command to go on."
    )


def test_manifest_text_says_all_and_is_always_the_same() -> None:
    one = Manifest("1", "m", 2, {"b": "x", "a": ""}, {"f": "0"})
    two = Manifest("1", "m", 2, {"a": "", "b": "x"}, {"f": "0"})
    assert one.text() == two.text()
    assert Manifest(**json.loads(one.text())) == one
