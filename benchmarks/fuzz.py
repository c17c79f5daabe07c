"""Readers and patterns on damaged and made-up input: what breaks, what takes long.

``python -m benchmarks.fuzz --seconds 60`` gives every reader so long. Its items are
the example inputs of docs/examples and the exports of tests/cases, changed: bytes and
pieces replaced, cut, doubled, repeated a thousandfold, moved from one file to another;
of archives (docx, xlsx, zip) also what lies in them. An item is good if the reader
ends within 10 seconds with articles, skipped items or a `FramingError`, and the
splitter takes what it read. `debris` makes lines out of the patterns for debris
themselves, with their pieces repeated: a line may take a tenth of a second, where usual
ones take ten microseconds. `dates` and `sentences` are fuzzed too.

Every finding is printed once, with the file that shows it in ``--keep DIR``; the exit
code is 1 if there was one. Each target runs in a process of its own, which is killed
if it hangs.
"""

import argparse
import io
import multiprocessing
import re
import resource
import signal
import sys
import tempfile
import time
import tomllib
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from random import Random
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

from framing.articles import ReadLog, ReadOptions, read_articles
from framing.articles.dates import normalise_date
from framing.articles.formats import load_formats
from framing.errors import FramingError
from framing.segment import debris, split_sentences

ROOT = Path(__file__).parents[1]
SECONDS, LINE_SECONDS = 10, 0.1
MEMORY = 4 << 30
WORDS = (
    b'"', b"'", b",", b"\n", b"\r", b"\0", b"\t", b"{", b"}", b"[", b"]", b"\\", b"<",
    b">", b"&", b"&#", b"<!--", b"-->", b"<![CDATA[", b"<script", b"</", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"NaN", b"-1", b"1e999", b"\\'",
    b"{\\", b"\\u-1?", b"\\bin9 ", b"\\par", b"\\uc9", b"PK\x03\x04", b"%PDF",
    b"endstream", b"<<", b"<!DOCTYPE", b"<!ENTITY", b"&a;", b"End of Document",
    b"Body", b"1 of 9 DOCUMENTS", b"LENGTH: 9 words", b"_" * 60, b"HD", b"AN",
    b"Document ABC0000020190701ef71", b"LP", b"Full text:", b"\f", b"\xc2\xa0",
    b"\xe2\x80\xa8", b"2019-99-99", b"9999999999", b"text", b"\xc2\x85", b"\x1b[2J",
    b" " * 100, b"\n" * 50, b"(" * 50, b"." * 50,
)  # fmt: skip
ARCHIVES = {".docx", ".xlsx", ".zip"}
EXPORTS = ("nexis", "factiva", "proquest")

Target = Callable[[Random, Path], Iterator[tuple[bytes, str]]]


def mutated(content: bytes, others: list[bytes], random: Random) -> bytes:
    """Return content with some changes."""
    data = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + random.choice((1, 2, 8, 40, 300, 5000)))
        word = random.choice(WORDS)
        kind = random.randrange(9)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[at:end] = b""
        elif kind == 2:
            data[at:at] = word
        elif kind == 3:
            data[at:end] = word
        elif kind == 4:
            data[at:at] = word * random.choice((10, 1000, 20_000))
        elif kind == 5:
            data[at:at] = data[at:end] * random.choice((2, 50, 2000 // (end - at or 1)))
        elif kind == 6:
            other = random.choice(others)
            start = random.randrange(len(other) + 1)
            data[at:at] = other[start : start + random.choice((10, 300, 5000))]
        elif kind == 7:
            data[at:] = b""
        else:
            data[at:end] = random.randbytes(end - at)
    return bytes(data[: 8 << 20])


def mutated_archive(content: bytes, others: list[bytes], random: Random) -> bytes:
    """Return an archive with something in one of its members changed."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        infos = old.infolist()
        chosen = random.choice(infos)
        for info in infos:
            member = old.read(info)
            if info is chosen:
                member = mutated(member, others, random)
            new.writestr(info.filename, member)
    return buffer.getvalue()


def reader(suffix: str, seeds: list[bytes]) -> Target:
    """Return the target that reads changed files with a suffix."""

    def run(random: Random, folder: Path) -> Iterator[tuple[bytes, str]]:
        path = folder / f"x{suffix}"
        while True:
            seed = random.choice(seeds)
            is_archive = seed.startswith(b"PK") and random.random() < 0.7
            change = mutated_archive if is_archive else mutated
            content = change(seed, seeds, random)
            path.write_bytes(content)
            yield content, judged(lambda: read(path), SECONDS)

    return run


def read(path: Path) -> None:
    """Read a file as `score` does, as far as the sentences."""
    log = ReadLog()
    with suppress(FramingError):
        for article in read_articles([str(path)], ReadOptions(), log):
            article.text.encode("utf-8")
            text = article.text[:20_000]
            spans = split_sentences(text, title=article.title)
            held = "".join("".join(text[s.start : s.end].split()) for s in spans)
            if held != "".join(text.split()):
                message = "characters lost by the splitter"
                raise AssertionError(message)
    for skipped in log.skipped:
        if not str(skipped).isprintable():
            message = f"control characters in {skipped!r}"
            raise AssertionError(message)


def judged(action: Callable[[], object], limit: float) -> str:
    """Return what is wrong with an action, or ""."""
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        action()
    except TimeoutError as error:
        return f"more than {limit:g} s {raised_at(error)}"
    except Exception as error:  # noqa: BLE001 - what comes out is the question
        return f"{type(error).__name__} {raised_at(error)}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took = time.process_time() - begun
    return f"more than {limit:g} s" if took > limit else ""


def raised_at(error: BaseException) -> str:
    """Return the last lines of ours and of all on the way of an error."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "framing" in f.filename]
    return " < ".join(
        f"{Path(f.filename).name}:{f.name}" for f in (frames[-1], own[-1])
    )


def debris_lines(random: Random, folder: Path) -> Iterator[tuple[bytes, str]]:
    """Yield lines made of the patterns for debris, with pieces repeated."""
    trees = [sre_parser.parse(p, re.IGNORECASE) for p in debris_patterns()]
    while True:
        line = "".join(grown(random.choice(trees), random))
        for _ in range(random.randrange(3)):
            at = random.randrange(len(line) + 1)
            end = at + random.choice((1, 2, 5, 12))
            piece = line[at:end] or random.choice((" ", "a", "A ", "/", "(", "."))
            line = line[:at] + piece * random.choice((3, 30, 300)) + line[at:]
        line = line[: random.choice((297, 200, 60))] + random.choice(
            ("", "!q", ".", "~")
        )
        line = line.strip()
        yield line.encode(), judged(lambda line=line: kinds(line), LINE_SECONDS)


def debris_patterns() -> list[str]:
    """Return all patterns for debris."""
    source = files("framing.segment") / "data" / "debris.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    words = {name: text.split() for name, text in data.pop("words").items()}
    return sorted({entry[3] for entry in debris._entries(data, words)})


def kinds(line: str) -> None:
    """Ask all that is asked about a line."""
    debris.debris_kind(line, is_line=True)
    debris.debris_kind(line, is_line=False)
    debris.is_closing(line)
    debris.looks_like_heading(line)


def grown(tree: Any, random: Random) -> Iterator[str]:
    """Yield the parts of a text that a pattern fits, more or less."""
    for kind, value in tree:
        if kind is sre.LITERAL:
            yield chr(value)
        elif kind is sre.NOT_LITERAL or kind is sre.ANY:
            yield random.choice("aZ 1.-")
        elif kind is sre.IN:
            yield from grown([random.choice(value)], random)
        elif kind is sre.RANGE:
            yield chr(random.randint(*value))
        elif kind is sre.CATEGORY:
            yield random.choice(
                {"SPACE": " ", "DIGIT": "7"}.get(str(value)[9:], "aB9 ")
            )
        elif kind is sre.NEGATE:
            yield random.choice("aZ 1")
        elif kind is sre.BRANCH:
            yield from grown(random.choice(value[1]), random)
        elif kind is sre.SUBPATTERN:
            yield from grown(value[3], random)
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, inner = value
            for _ in range(random.randint(least, min(most, least + 8))):
                yield from grown(inner, random)


def dates(random: Random, folder: Path) -> Iterator[tuple[bytes, str]]:
    """Yield dates made of pieces of dates."""
    pieces = (
        "1",
        "12",
        "2019",
        "99",
        "/",
        ".",
        "-",
        " ",
        ", ",
        "march",
        "den",
        "o",
        "de",
    )
    pieces += ("\u0301", "T", "Z", "+", ":", "1er", "\u0661", "a.", "x" * 14, "\n")
    while True:
        written = "".join(random.choices(pieces, k=random.choice((3, 6, 30))))
        yield (
            written.encode(),
            judged(lambda w=written: normalise_date(w), LINE_SECONDS),
        )


def sentences(random: Random, folder: Path) -> Iterator[tuple[bytes, str]]:
    """Yield articles made of pieces of sentences."""
    pieces = (
        "U.S.",
        "Mr. ",
        '"',
        "“",
        "”",
        "(",
        ")",
        "A.",
        "a",
        " ",
        "\n",
        ". ",
        "... ",
    )
    pieces += (
        "1.",
        "e.g.",
        "?",
        "!",
        "—",
        "* ",
        "Photo: ",
        "\u2028",
        "\x85",
        "I ",
        ":",
    )
    while True:
        chosen = random.choices(pieces, k=random.choice((2, 4, 12)))
        text = "".join(random.choices(chosen, k=random.choice((30, 300, 20_000))))
        yield text.encode(), judged(lambda t=text: split_sentences(t, title=t[:99]), 5)


def targets() -> dict[str, Target]:
    """Return all targets by their names."""
    examples = sorted(p for p in (ROOT / "docs/examples").rglob("*") if p.is_file())
    exports = sorted((ROOT / "tests/cases/exports").iterdir())
    found: dict[str, Target] = {}
    for suffix in sorted(load_formats(ReadLog()).suffixes):
        alike = {".htm": ".html", ".xhtml": ".html", ".ndjson": ".jsonl", ".md": ".txt"}
        alike[".tsv"] = ".csv"
        own = [
            p.read_bytes() for p in examples if p.suffix == alike.get(suffix, suffix)
        ]
        found[suffix] = reader(suffix, own)
    for name in EXPORTS:
        own = [p.read_bytes() for p in exports if p.name.startswith(name)]
        own = [content for content in own if not content.lstrip().startswith(b"{")]
        found[name] = reader(".txt", own)
    pages = [p.read_bytes() for p in exports if p.suffix == ".html"]
    found["factiva page"] = reader(".html", pages)
    return {**found, "debris": debris_lines, "dates": dates, "sentences": sentences}


def fuzz(name: str, seconds: float, seed: int, keep: Path, found: Any) -> None:
    """Run one target; put what was found and the number of items into a queue."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, stop)
    random, known, n = Random(f"{seed} {name}"), set[str](), 0
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for content, wrong in targets()[name](random, Path(folder)):
            n += 1
            if wrong and wrong not in known:
                known.add(wrong)
                place = keep / f"{name.strip('.').replace(' ', '-')}-{len(known)}"
                place.write_bytes(content)
                found.put((name, wrong, place.name))
            if time.monotonic() - begun > seconds:
                break
    found.put((name, "", n))


def stop(number: int, frame: object) -> None:
    """End what takes too long."""
    raise TimeoutError


def main() -> int:
    """Fuzz all targets one after the other; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", help="by default all")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzzed"))
    options = parser.parse_args()
    options.keep.mkdir(exist_ok=True)
    n_wrong = 0
    for name in options.targets or targets():
        queue: Any = multiprocessing.SimpleQueue()
        arguments = (name, options.seconds, options.seed, options.keep, queue)
        process = multiprocessing.Process(target=fuzz, args=arguments)
        process.start()
        process.join(options.seconds + 6 * SECONDS)
        if process.is_alive() or process.exitcode:
            process.kill()
            print(f"{name:14} hangs or dies ({process.exitcode})", flush=True)
            n_wrong += 1
        while not queue.empty():
            _, wrong, what = queue.get()
            n_wrong += bool(wrong)
            told = f"{wrong} ({what})" if wrong else f"{what:,} items"
            print(f"{name:14} {told}", flush=True)
    return bool(n_wrong)


if __name__ == "__main__":
    sys.exit(main())
