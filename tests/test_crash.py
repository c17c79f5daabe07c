"""Label files under kill -9, two writers at once, and on a full disk."""

import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from framing.codebook import Codebook, read_codebook
from framing.errors import StorageError
from framing.labelstore import append_labels, label_line, read_label_file
from framing.records import Label

ROOT = Path(__file__).parents[1]
CODEBOOK = read_codebook(ROOT / "labels" / "relations" / "codebook.toml")
WRITERS = 2
KILLS = 40
MANY_KILLS = 200
LEAST = 10
"""Labels a kill that must have been answered on average: else nothing was tried."""

WRITER = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from framing.labelstore import append_labels
from framing.records import Label
path, signature, k = Path(sys.argv[1]), sys.argv[2], 0
os.write(1, b"ready\\n")
while True:
    name = f"{os.getpid()}-{k}"
    label = Label(name, 0, len(name), name, (), {}, "anna", "t", signature)
    append_labels(path, [label])
    os.write(1, f"{name}\\n".encode())
    k += 1
"""


def make_label(name: str, codebook: Codebook = CODEBOOK) -> Label:
    return Label(name, 0, len(name), name, (), {}, "anna", "t", codebook.signature)


def start_writer(path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, path, CODEBOOK.signature, ROOT]
    return subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE)


def kill_writers(path: Path, wait: float) -> set[str]:
    """Let two writers label for a moment, kill both; return what they answered."""
    writers = [start_writer(path) for _ in range(WRITERS)]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == b"ready\n"
    time.sleep(wait)
    answered = set()
    for writer in writers:
        writer.kill()
        out, _ = writer.communicate()
        # An answer cut off by the kill was given to nobody.
        answered |= {line.decode() for line in out.split(b"\n")[:-1]}
    return answered


def check_kills(path: Path, n: int) -> None:
    chance = random.Random(3)
    answered: set[str] = set()
    for _ in range(n // WRITERS):
        answered |= kill_writers(path, 0.02 + 0.1 * chance.random())
    assert len(answered) >= LEAST * n
    kept = [label.doc_id for label in read_label_file(path, CODEBOOK).labels]
    assert set(kept) >= answered, "a label that was answered is lost"
    assert len(kept) == len(set(kept)), "a label is doubled"
    whole = path.read_bytes().split(b"\n")
    assert all(json.loads(line) for line in whole[:-1]), "a line is torn in the middle"


def test_killed_writers_lose_no_label(tmp_path: Path) -> None:
    check_kills(tmp_path / "anna.jsonl", KILLS)


@pytest.mark.slow
def test_many_killed_writers_lose_no_label(tmp_path: Path) -> None:
    check_kills(tmp_path / "anna.jsonl", MANY_KILLS)


def test_torn_line_is_cut_off_wherever_it_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "anna.jsonl"
    lines = [label_line(make_label(name)).encode() for name in ("one", "two")]
    for cut in range(len(lines[1])):
        path.write_bytes(lines[0] + lines[1][:cut])
        append_labels(path, [make_label("three")])
        kept = [label.doc_id for label in read_label_file(path, CODEBOOK).labels]
        whole = ["two"] if cut == len(lines[1]) - 1 else []
        assert kept == ["one", *whole, "three"]


def test_full_disk_keeps_every_answered_label(tmp_path: Path) -> None:
    path = tmp_path / "anna.jsonl"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    answered = []

    def fill() -> None:
        for k in range(1_000):
            append_labels(path, [make_label(f"unit-{k}")])
            answered.append(f"unit-{k}")

    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, before[1]))
    try:
        with pytest.raises(StorageError, match=r"(full|large).*"):
            fill()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(answered) > 5
    append_labels(path, [make_label("after")])
    kept = [label.doc_id for label in read_label_file(path, CODEBOOK).labels]
    assert kept == [*answered, "after"]
