"""Fill in a coding sheet from labels that are there already, to try the tutorial.

``python tools/fill_sheet.py sheet.csv tests/data/demo-gold.jsonl`` writes 1 under the
codes that the labels give each sentence, as a coder would by hand. A sentence that
they do not have stays uncoded. Your own corpus needs your own coding.
"""

import csv
import json
import sys
from pathlib import Path


def fill(sheet: str, labels: str) -> None:
    """Write the codes of the labels into the sheet."""
    lines = Path(labels).read_text(encoding="utf-8").splitlines()
    given = {
        (row["doc_id"], row["start"]): row["codes"] for row in map(json.loads, lines)
    }
    with Path(sheet).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = list(reader.fieldnames or ())
        rows = list(reader)
    for row in rows:
        codes = given.get((row["doc_id"], int(row["start"])))
        if codes is not None:
            row |= dict.fromkeys(codes or ["none"], "1")
    with Path(sheet).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    fill(*sys.argv[1:])
