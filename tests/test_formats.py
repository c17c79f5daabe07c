import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from framing.articles import ReadLog, ReadOptions, load_formats, read_articles
from framing.articles.exports import PARSERS, ExportItem
from framing.articles.formats import GROUP, OWN
from framing.errors import InputError
from framing.records import Article
from tests.test_articles import GOOD, write

ROOT = Path(__file__).parents[1]
LINES = """
from framing.articles import Format
from framing.records import Article

def read(file, options, log):
    with file.open() as stream:
        text = stream.read().decode()
    for n, line in enumerate(text.splitlines(), 1):
        yield Article(f"{file.stem}:{n}", "wire", "", "", line, f"{file.where}:{n}")

FORMAT = Format(name="lines", suffixes=(".lines",), read=read)
ASKING = Format("asking", (".txt",), read, recognises=lambda head: head[:2] == b"%%")
TEXT = Format(name="other text", suffixes=(".txt",), read=read)
NO_FORMAT = 7

def fail(file, options, log):
    yield Article("a", "wire", "", "", "One.", file.where)
    raise RuntimeError("lost\\x1b[2J my way")

FAILING = Format(name="failing", suffixes=(".lines",), read=fail)

def doubt(head):
    raise KeyError("head")

DOUBTING = Format("doubting", (".txt",), read, recognises=doubt)
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder that Python finds packages in."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name in ("lines_reader", "parted", "broken_reader"):
        sys.modules.pop(name, None)


def install(folder: Path, value: str, module: str = LINES, name: str = "lines") -> None:
    """Install a package with one reader, as its wheel would be."""
    (folder / f"{value.partition(':')[0]}.py").write_text(module)
    about = folder / "strange-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: strange\nVersion: 1\n"
    )
    (about / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {value}\n")


def read(*inputs: Path) -> tuple[list[Article], ReadLog]:
    log = ReadLog()
    articles = read_articles([str(path) for path in inputs], ReadOptions(), log)
    return list(articles), log


def test_our_formats_are_declared_as_others_declare_theirs() -> None:
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert about["project"]["entry-points"][GROUP] == OWN


def test_every_format_says_what_it_keeps_and_loses() -> None:
    log = ReadLog()
    formats = load_formats(log)
    own = [f for f in formats.all if f.name in OWN]
    assert [f.name for f in own] == list(OWN)
    assert all(f.keeps and f.loses and f.suffixes for f in own)


def test_a_reader_of_another_package_is_found(packages: Path, tmp_path: Path) -> None:
    install(packages, "lines_reader:FORMAT")
    write(tmp_path / "in", {"x.lines": b"One.\n \nTwo.\n"} | GOOD)
    articles, log = read(tmp_path / "in")
    assert [a.text for a in articles] == ["Ministers met.", "One.", "Two."]
    assert [str(s) for s in log.skipped] == [f"{tmp_path}/in/x.lines:2: no text"]
    assert not [w for w in log.warnings if w.startswith("reader")]


def test_the_reader_in_the_docs_works(packages: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "inputs.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.S)[1]
    declared = re.search(r"```toml\n(.*?)```", page, re.S)[1]
    point = tomllib.loads(declared)["project"]["entry-points"][GROUP]
    assert len(code.strip().splitlines()) <= 20
    install(packages, point["parted"], code, "parted")
    write(tmp_path / "in", {"post/x.parted": b"Talks\nThey met.\n%%\nOnly a title"})
    articles, log = read(tmp_path / "in")
    assert [(a.doc_id, a.source, a.title, a.text) for a in articles] == [
        ("post/x:1", "post", "Talks", "They met.")
    ]
    assert [s.reason for s in log.skipped] == ["no text"]


def test_formats_that_share_a_suffix_are_told_apart(
    packages: Path, tmp_path: Path
) -> None:
    install(packages, "lines_reader:ASKING")
    write(tmp_path / "in", {"a.txt": b"%%\nOne.", "b.txt": b"Two.\nThree."})
    articles, _ = read(tmp_path / "in")
    assert [a.text for a in articles] == ["%%", "One.", "Two.\nThree."]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("nowhere:FORMAT", "it cannot be loaded (ModuleNotFoundError: No module named"),
        ("lines_reader:NOTHING", "it cannot be loaded (AttributeError: module"),
        ("lines_reader:NO_FORMAT", "lines_reader:NO_FORMAT is no Format with suffixes"),
        ("lines_reader:TEXT", ".txt files have a reader; it needs `recognises`."),
        ("broken_reader:FORMAT", "it cannot be loaded (RuntimeError: what ?"),
    ],
)
def test_a_broken_reader_is_one_line_and_the_rest_is_read(
    packages: Path, tmp_path: Path, value: str, message: str
) -> None:
    module = "raise RuntimeError('what ?\\n\\n')" if "broken" in value else LINES
    install(packages, value, module)
    if value.startswith("nowhere"):
        (packages / "nowhere.py").unlink()
    articles, log = read(write(tmp_path / "in", GOOD))
    assert len(articles) == 1
    (warning,) = (w for w in log.warnings if w.startswith("reader"))
    assert warning.startswith("reader 'lines' of package strange is not used: ")
    assert message in warning
    assert "\n" not in warning


@pytest.mark.parametrize(
    ("point", "name", "what"),
    [
        ("FAILING", "x.lines", r"RuntimeError: lost\\x1b\[2J my way"),
        ("DOUBTING", "x.txt", "KeyError: 'head'"),
    ],
)
def test_a_reader_that_fails_ends_in_one_line(
    packages: Path, tmp_path: Path, point: str, name: str, what: str
) -> None:
    install(packages, f"lines_reader:{point}")
    write(tmp_path / "in", {name: b"One."})
    with pytest.raises(InputError, match=rf"of package strange failed \({what}\)\. Re"):
        read(tmp_path / "in")


def test_help_loads_no_reader(packages: Path, tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'loaded')!r}, 'w')"
    install(packages, "lines_reader:FORMAT", code)
    script = textwrap.dedent(
        """
        from framing.cli import main
        try:
            main(["read", "--help"])
        finally:
            import sys
            assert "framing.articles" not in sys.modules
        """
    )
    env = {**os.environ, "PYTHONPATH": f"{packages}:{ROOT}"}
    subprocess.run([sys.executable, "-c", script], env=env, check=True)
    assert not (tmp_path / "loaded").exists()


def parse(text: str) -> Iterator[ExportItem]:
    """Take `title|source|date|text` lines apart, the first of which counts them."""
    _, *lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        place = f"article {number} of {len(lines)}"
        cells = line.split("|")
        if len(cells) == 4:
            title, source, date, body = cells
            extra = {"section": "", "byline": "A. Moe"}
            if "/" in date:
                date, extra["date_written"] = "", date
            yield ExportItem(place, title, source, date, body, extra=extra)
        else:
            yield ExportItem(place, reason="no body")


def announced(text: str) -> int:
    return int(text.splitlines()[0].removeprefix("WIRE "))


def recognises(head: str) -> bool:
    return head.startswith("WIRE ")


WIRE = SimpleNamespace(recognises=recognises, parse=parse, announced=announced)
WIRE_TEXT = "WIRE 4\nTalks|Post|2026-03-01|They met.\nbroken\nTrade|Sun|03/04/2026|No."


def test_an_export_gives_its_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PARSERS, "Wire", WIRE)
    monkeypatch.chdir(write(tmp_path, {"wire.txt": WIRE_TEXT.encode()}))
    articles, log = read(Path("wire.txt"))
    assert articles == [
        Article(
            *("wire:1", "Post", "2026-03-01", "Talks", "They met."),
            where="wire.txt:article 1 of 3",
            extra={"byline": "A. Moe"},
        ),
        Article(
            *("wire:3", "Sun", "", "Trade", "No."),
            where="wire.txt:article 3 of 3",
            extra={"byline": "A. Moe", "date_written": "03/04/2026"},
        ),
    ]
    assert [str(s) for s in log.skipped] == ["wire.txt:article 2 of 3: no body"]
    assert log.understood == ["wire.txt: Wire export of 3 articles, 2 of them read"]
    assert log.warnings[0].endswith("not understood: 1 (such as 03/04/2026)")
    assert log.warnings[1].startswith("wire.txt: says it holds 4 articles, found 3; ")
    (seen,) = log.reads
    assert (seen.format, seen.n_found, seen.n_articles) == ("text, Wire", 3, 2)
    assert (seen.n_skipped, seen.announced, log.n_undated) == (1, 4, 1)


def test_an_export_may_be_longer_than_an_article(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PARSERS, "Wire", WIRE)
    lines = [f"T|Post|2026-03-01|{n} {'a' * 1_000_000}" for n in range(10)]
    text = "\n".join(["WIRE 10", *lines])
    articles, log = read(write(tmp_path, {"wire.txt": text.encode()}))
    assert len(articles) == 10
    assert log.skipped == log.warnings == []
