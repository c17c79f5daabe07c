"""Labelled lines and articles with web debris, and how well they are recognised.

`python -m tests.debris` prints the figures; the cases are in tests/cases/debris.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framing.intervals import wilson
from framing.segment import split_sentences

FOLDER = Path(__file__).parent / "cases" / "debris"
PARTS = ("developed", "held out")
Z95 = 1.96

# What a line stands between; these must stay sentences.
BEFORE = (
    "The ministers met on Monday in the old town hall and talked for seven hours about "
    "the price of gas, said an official."
)
AFTER = (
    "A second meeting is planned for the autumn, officials said, though no date has "
    "been agreed upon so far."
)


@dataclass(frozen=True)
class Line:
    """A labelled line; `is_alone` if it does not stand within a paragraph."""

    text: str
    kind: str
    sort: str
    is_alone: bool


def read_lines(part: str) -> list[Line]:
    """Return the labelled lines of a part."""
    path = FOLDER / f"{part.replace(' ', '_')}.toml"
    groups = tomllib.loads(path.read_text(encoding="utf-8"))["group"]
    return [
        Line(text, group["kind"], group["sort"], group["place"] == "line")
        for group in groups
        for text in group["lines"].strip().splitlines()
    ]


def found_kinds(line: Line) -> tuple[str, ...]:
    """Return the kinds of what lies in the line, and of neighbours that are lost."""
    glue = "\n\n" if line.is_alone else " "
    text = f"{BEFORE}{glue}{line.text}\n\n{AFTER}"
    start = len(BEFORE) + len(glue)
    end = start + len(line.text)
    spans = split_sentences(text)
    own = {span.kind for span in spans if start <= span.start < end}
    # A pattern that takes the paragraph takes an honest sentence with it.
    outside = {s.kind for s in spans if not start <= s.start < end} - {"sentence"}
    return tuple(sorted(own | outside))


def read_articles(part: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the title of each article of a part and its lines with their kinds."""
    data = tomllib.loads((FOLDER / "articles.toml").read_text(encoding="utf-8"))
    for article in data["article"]:
        if article["part"] == part:
            lines = [line.split(": ", 1) for line in article["lines"].splitlines()]
            pairs = [(line[0], line[1]) for line in lines if len(line) == 2]
            yield article["title"], pairs


def found_in_article(title: str, lines: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return the kinds of what lies in each line of an article."""
    spans = split_sentences("\n\n".join(text for _, text in lines), title=title)
    found = []
    start = 0
    for _, text in lines:
        end = start + len(text)
        own = {span.kind for span in spans if start <= span.start < end}
        found.append(tuple(sorted(own)))
        start = end + 2
    return found


def confusions(part: str) -> Counter[tuple[str, str]]:
    """Return how often each kind was taken for each, over lines and articles.

    What is in part a sentence and in part not is "mixed".
    """
    pairs = [(line.kind, found_kinds(line)) for line in read_lines(part)]
    for title, lines in read_articles(part):
        kinds = [kind for kind, _ in lines]
        pairs += zip(kinds, found_in_article(title, lines), strict=True)
    return Counter(
        (kind, found[0] if len(found) == 1 else "mixed") for kind, found in pairs
    )


def precision(counts: Counter[tuple[str, str]], kind: str) -> tuple[int, int]:
    """Return of how many lines taken for a kind how many are of it; see `recall`."""
    taken = [
        (own, n)
        for (own, found), n in counts.items()
        if found == kind or (not kind and found != "sentence")
    ]
    right = sum(
        n for own, n in taken if own == kind or (not kind and own != "sentence")
    )
    return right, sum(n for _, n in taken)


def recall(counts: Counter[tuple[str, str]], kind: str) -> tuple[int, int]:
    """Return how many lines of a kind were found; "" is all but sentences."""
    own = [
        (found, n)
        for (kind_, found), n in counts.items()
        if kind_ == kind or (not kind and kind_ != "sentence")
    ]
    hit = sum(
        n
        for found, n in own
        if found == kind or (not kind and found not in ("sentence", "mixed"))
    )
    return hit, sum(n for _, n in own)


def main() -> None:
    """Print precision and recall of each kind, with 95% intervals (Wilson)."""
    for part in PARTS:
        counts = confusions(part)
        for kind in ("", "debris", "caption", "heading", "repeat", "sentence"):
            cells = []
            for right, of in (precision(counts, kind), recall(counts, kind)):
                low, high = wilson(np.array([right / of]), np.array([of]), Z95)
                cells.append(
                    f"{right}/{of} {right / of:.3f} [{low[0]:.3f}, {high[0]:.3f}]"
                )
            name = kind or "no sentence"
            print(f"{part:10} {name:12} {'   '.join(cells)}")  # noqa: T201


if __name__ == "__main__":
    main()
