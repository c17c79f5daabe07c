"""Train the Punkt parameters of `framing/segment/data/punkt.json` on the seed articles.

Run as ``python tools/train_punkt.py`` from anywhere; needs NLTK. The same articles
give the same bytes. What is learnt is pruned, then completed by the hand list:

- Only lines of `SHORTEST_LINE` characters or more that end in a mark are read, so
  that headings and web debris teach nothing.
- A learnt abbreviation stays if it is no single letter (Punkt sees to initials by
  themselves), holds no digit, and its full stop was met at least once where no
  sentence can end: before a comma, a small letter or a digit. The corpus is small,
  and Punkt takes rare last words of sentences ("lei", "hut") for abbreviations.
- All abbreviations of `framing/segment/data/abbreviations.toml` are added but for those
  that are ordinary words too; the rules of `framing.segment` see to those.
- The orthographic contexts of numbers and of words met once are dropped.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from pathlib import Path

from nltk.tokenize.punkt import PunktTrainer

ROOT = Path(__file__).parents[1]
ARTICLES = ROOT / "seeds" / "articles"
DATA = ROOT / "framing" / "segment" / "data"
SHORTEST_LINE = 60
WORD = re.compile(r"[^\W\d_]+(?:[-'.][^\W\d_]+)*\.?")
SENTENCE_END = re.compile(r"[.?!][\"')\]\u2019\u201d]*$")


def read_paragraphs() -> list[str]:
    """Return the prose of the seed articles in the order of files and lines."""
    texts = (
        json.loads(line)["text"]
        for path in sorted(ARTICLES.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    lines = (line.strip() for text in texts for line in text.splitlines())
    return [x for x in lines if len(x) >= SHORTEST_LINE and SENTENCE_END.search(x)]


def read_hand_list() -> set[str]:
    """Return the hand-made abbreviations that are not ordinary words, lower case."""
    lists = tomllib.loads((DATA / "abbreviations.toml").read_text(encoding="utf-8"))
    names = ("titles", "before_numbers", "inner", "closing", "open")
    words = {word.lower() for name in names for word in lists[name]}
    return words - set(lists["also_words"])


def is_believed(abbreviation: str, text: str) -> bool:
    """Return whether a learnt abbreviation stays, by the rule above."""
    if len(abbreviation) == 1 or any(char.isdigit() for char in abbreviation):
        return False
    inside = rf"(?<!\w)(?i:{re.escape(abbreviation)})\.(?:,|\s+[a-z0-9])"
    return re.search(inside, text) is not None


def train(paragraphs: list[str]) -> dict[str, object]:
    """Return the parameters as plain data in a fixed order."""
    text = "\n\n".join(paragraphs)
    trainer = PunktTrainer()
    trainer.train(text)
    params = trainer.get_params()
    words = Counter(WORD.findall(text.lower()))
    learnt = {a for a in params.abbrev_types if is_believed(a, text)}
    return {
        "abbreviations": sorted(learnt | read_hand_list()),
        "collocations": sorted(map(list, params.collocations)),
        "ortho": {
            word: bits
            for word, bits in sorted(params.ortho_context.items())
            if words[word] > 1
        },
        "starters": sorted(params.sent_starters),
    }


def write(params: dict[str, object], path: Path) -> None:
    """Write the parameters, one entry a line."""
    content = json.dumps(params, ensure_ascii=False, indent=0, separators=(",", ":"))
    # indent=0 would also break the pairs apart.
    content = re.sub(r'\[\n("[^"\n]*"),\n("[^"\n]*")\n\]', r"[\1,\2]", content)
    path.write_text(content + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(train(read_paragraphs()), DATA / "punkt.json")
