"""Lines of an export made blocks, fields and paragraphs again."""

import re
from collections.abc import Callable, Sequence

WRAPPED = 100
"""Longest line of a text that was wrapped by the export; its own are 60 to 85."""

NEWLINE = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
ENDED = re.compile(r"[.!?:…][\"'”’»)\]]*$")
SPACES = re.compile(r"[\xa0\u2007\u202f\t]")
INVISIBLE = re.compile(r"[\ufeff\u200b]")


def plain_lines(text: str) -> list[str]:
    """Return the lines with usual spaces, without blanks at their ends."""
    text = SPACES.sub(" ", INVISIBLE.sub("", NEWLINE.sub("\n", text)))
    return [line.rstrip() for line in text.split("\n")]


def blocks_of(lines: Sequence[str]) -> list[list[str]]:
    """Return the runs of lines between blank lines."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def one_line(lines: Sequence[str]) -> str:
    """Return lines that belong together as one."""
    return " ".join(" ".join(lines).split())


def paragraphs(lines: Sequence[str]) -> str:
    """Return the running text of lines, its paragraphs parted by a blank line.

    Lines that the export wrapped are joined again; an indented line, and each line
    of a text that was not wrapped, is a paragraph of its own.
    """
    blocks = blocks_of(lines)
    wrapped = _is_wrapped(blocks)
    found: list[str] = []
    for block in blocks:
        pieces = _unwrapped(block) if wrapped else [[line] for line in block]
        found.extend(one_line(piece) for piece in pieces)
    return "\n\n".join(found)


def _is_wrapped(blocks: Sequence[Sequence[str]]) -> bool:
    """Whether short lines go on in the next one, mid-sentence, more often than not."""
    going_on = [line for block in blocks for line in block[:-1]]
    short = all(len(line) <= WRAPPED for block in blocks for line in block)
    return short and 2 * sum(not ENDED.search(line) for line in going_on) >= max(
        len(going_on), 1
    )


def _unwrapped(block: list[str]) -> list[list[str]]:
    """Return the paragraphs of a block: an indented line begins one."""
    pieces = [[block[0]]]
    usual = min(_indent(line) for line in block)
    for line in block[1:]:
        if _indent(line) > usual + 1:
            pieces.append([line])
        else:
            pieces[-1].append(line)
    return pieces


def _indent(line: str) -> int:
    """Return the number of spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


def tail_start(
    blocks: Sequence[Sequence[str]],
    *,
    is_field: Callable[[str], bool],
    known: Callable[[str], str],
) -> int:
    """Return where the fields after an article's text begin.

    From the end backwards, as long as each block looks like a field and no name
    comes again; then forward to the first of them that `known` names, so that a last
    paragraph such as "Note: …" stays in the text.
    """
    start = len(blocks)
    names: set[str] = set()
    for number in range(len(blocks) - 1, -1, -1):
        first = blocks[number][0]
        if name := known(first):
            if name in names:
                break
            names.add(name)
            start = number
        elif not is_field(first):
            break
    return start
