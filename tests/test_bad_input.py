"""Bad input: one clear line, the right exit code, nothing half-written.

`CASES` is the table. Each row makes its files in an empty folder beside a good
article and a copy of a small study, and says how the command must end.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import Framing
from tests.hostile import CASES as HOSTILE

GOOD = b"Police closed the border on Monday."
CODEBOOK = "study/labels/migration/codebook.toml"
LABELS = "study/labels/migration/ana.jsonl"
MODEL = "study/models/migration/model.joblib"
CARD = "study/models/migration/card.json"
SEEDS = "study/seeds/migration.toml"
HEADER = b"id,source,text\n"
GOOD_ROW = b"1,Post,Police closed the border.\n"

Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Bad:
    """A case: what is there, what is run, how it must end.

    `files` are made new; `changes` alter files of the study, None removes one.
    `n_good` articles are scored all the same.
    """

    label: str
    arguments: str
    code: int
    message: str
    files: dict[str, bytes] = field(default_factory=dict)
    changes: dict[str, Change | None] = field(default_factory=dict)
    n_good: int | None = None


def score(
    label: str, code: int, message: str, n_good: int | None = None, **files: bytes
) -> Bad:
    """Return the case of a folder `in` with such files and a good one."""
    placed = {f"in/{name.replace('__', '.')}": data for name, data in files.items()}
    return Bad(
        label,
        "score in --json",
        code,
        message,
        {"in/good.txt": GOOD, **placed},
        n_good=n_good,
    )


def swap(old: str, new: str, count: int = -1) -> Change:
    """Return a change of some text into another; it must be there."""

    def change(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), count)

    return change


def whole(new: bytes) -> Change:
    """Return a change of everything."""
    return lambda data: new


def forged(path: Path) -> bytes:
    """Return a model that is well formed but has other content."""
    content = joblib.load(path)
    content["frames"]["intercept"] = np.zeros(3)
    joblib.dump(content, path, compress=("gzip", 3))
    return path.read_bytes()


def other_decision(labels: bytes) -> bytes:
    """Return the first label with other codes, decided at the same time."""
    record = json.loads(labels.split(b"\n")[0])
    codes = [] if record["codes"] else ["economy"]
    return json.dumps(record | {"codes": codes}).encode() + b"\n"


PARQUET = pa.BufferOutputStream()
pq.write_table(pa.table({"text": ["Police."], "source": ["Post"]}), PARQUET)
TABLE = PARQUET.getvalue().to_pybytes()

INPUT = [
    Bad("missing file", "score no.csv", 3, r"no\.csv: no such file or folder\. Check"),
    Bad("missing among good", "score good.txt no.csv", 3, r"no\.csv: no such file"),
    Bad("empty file alone", "score a.txt", 3, r"a\.txt: empty", {"a.txt": b""}),
    score("empty file", 1, r"in/a\.txt: empty", 1, a__txt=b""),
    score("blank file", 1, r"in/a\.txt: no text", 1, a__txt=b" \n\t\n"),
    Bad("empty folder", "score empty", 3, "empty: no readable article files", {}),
    Bad(
        "folder of other files",
        "score in",
        3,
        r"in: no readable article files \(.*\.csv.*\.txt .*\)",
        {"in/a.exe": b"MZ"},
    ),
    Bad("unknown suffix", "score a.exe", 3, "no readable", {"a.exe": b"MZ"}),
    score("another suffix", 1, r"a\.doc: \.doc files are not read", 1, a__doc=b"P"),
    score(
        "wrong encoding",
        1,
        r"a\.txt: not UTF-8 at byte 3; cp1252 would read it: use --encoding cp1252",
        1,
        a__txt="Café closed.".encode("cp1252"),
    ),
    score(
        "wrong encoding of a row",
        1,
        r"a\.csv:2: not UTF-8 \(byte 0xe9\)",
        2,
        a__csv=HEADER + b"0,Caf\xe9,Rain.\n" + GOOD_ROW,
    ),
    Bad(
        "no such encoding",
        "score good.txt --encoding klingon",
        3,
        "klingon: no such text encoding",
    ),
    score(
        "UTF-16 without mark",
        1,
        "looks like UTF-16 without BOM, use --encoding utf-16-le",
        1,
        a__txt=GOOD.decode().encode("utf-16-le"),
    ),
    score("picture", 1, r"a\.txt: not text \(JPEG\)", 1, a__txt=b"\xff\xd8\xff\xe0"),
    score("zero bytes", 1, "binary data at byte 5", 1, a__txt=b"Rain,\0" + GOOD),
    score(
        "no text column",
        3,
        r"a\.csv: no text column \(columns: id, wer\)\. Name it with --text-column",
        a__csv=b"id,wer\n1,Post\n",
    ),
    Bad(
        "no column of that name",
        "score a.csv --text-column story",
        3,
        r"no column 'story' \(columns: id, source, text\)",
        {"a.csv": HEADER + GOOD_ROW},
    ),
    score("two columns of a name", 3, "given twice: id", a__csv=b"id,id,text\n1,2,x\n"),
    score(
        "ragged row",
        1,
        r"a\.csv:2: row has 2 fields, header has 3",
        2,
        a__csv=HEADER + b"0,Post\n" + GOOD_ROW,
    ),
    score(
        "quote not closed",
        3,
        r"a\.csv:2: the quote that opens here is not closed",
        a__csv=HEADER + b'1,Post,"Rain.\n2,Post,Sun.\n',
    ),
    Bad("header only", "score a.csv", 3, "no article to score", {"a.csv": HEADER}),
    score(
        "empty cell", 1, r"a\.csv:2: no text", 2, a__csv=HEADER + b"0,,\n" + GOOD_ROW
    ),
    score(
        "same id, other text",
        3,
        r"a\.csv:3: id '1' already belongs to another text at in/a\.csv:2",
        a__csv=HEADER + GOOD_ROW + b"1,Post,Rain.\n",
    ),
    score(
        "same article twice",
        1,
        r"a\.csv:3: same article again",
        2,
        a__csv=HEADER + GOOD_ROW * 2,
    ),
    score(
        "broken JSON line",
        1,
        r"a\.jsonl:2: not valid JSON at column 10",
        3,
        a__jsonl=b'{"text": "Rain."}\n{"text": S\n{"text": "Sun."}\n',
    ),
    score(
        "JSON array", 3, "one object per line is needed", a__jsonl=b'[{"text": "x"}]'
    ),
    score(
        "text is a number",
        1,
        "text is a number",
        2,
        a__jsonl=b'{"text": 1}\n{"text": "Rain."}\n',
    ),
    score(
        "NaN",
        1,
        "NaN is not valid JSON",
        2,
        a__jsonl=b'{"text": "a", "n": NaN}\n{"text": "Rain."}\n',
    ),
    score("half a Parquet file", 3, r"a\.parquet: .*Parquet", a__parquet=TABLE[:-20]),
    score(
        "terminal escapes",
        1,
        r"\\x1b\[31mred\.txt: empty",
        1,
        **{"\x1b[31mred__txt": b""},
    ),
]

LABELLED = [
    Bad(
        "no labels",
        "train",
        5,
        r"labels/migration: no labels\. .*--write-labels\.",
        {},
        {LABELS: None},
    ),
    Bad(
        "unknown code",
        "train",
        5,
        r"ana\.jsonl:1: code 'econmy' is not in migration \(.*nearest: economy\)",
        {},
        {LABELS: swap('["economy"]', '["econmy"]', 1)},
    ),
    Bad(
        "labels of another version",
        "train",
        5,
        r"ana\.jsonl:1: coded by migration 1\.0 @[0-9a-f]{12}, this is migration 2\.0 "
        r"@[0-9a-f]{12}\. Recode, or list that hash under accepts",
        {},
        {CODEBOOK: swap('version = "1.0"', 'version = "2.0"')},
    ),
    Bad(
        "too few labels",
        "train",
        5,
        r"code economy: \d+ of 30 labelled units carry it; training needs at least 20",
        {},
        {LABELS: lambda data: b"".join(data.splitlines(keepends=True)[:30])},
    ),
    Bad(
        "torn in the middle",
        "train",
        5,
        r"ana\.jsonl:1: not a whole JSON line",
        {},
        {LABELS: lambda data: data[:40] + data[data.index(b"\n") :]},
    ),
    Bad(
        "unfinished merge",
        "train",
        5,
        r"ana\.jsonl:1: unfinished git merge",
        {},
        {LABELS: lambda data: b"<<<<<<< HEAD\n" + data},
    ),
    Bad(
        "two decisions at one time",
        "train",
        5,
        r"ana\.jsonl:145: ana decided this unit otherwise at the same time "
        r"\(2026-03-02T00:00:00Z\)\. Remove the line",
        {},
        {LABELS: lambda data: data + other_decision(data)},
    ),
    Bad(
        "two decisions at one time, page",
        "annotate good.txt --coder ana --order sample",
        5,
        r"ana\.jsonl:145: ana decided this unit otherwise at the same time",
        {},
        {LABELS: lambda data: data + other_decision(data)},
    ),
    Bad(
        "a code that nobody gives",
        "train --quiet",
        5,
        r"code economy: 0 of 144 labelled units carry it; training needs at least 20",
        {},
        {LABELS: swap('"economy"', '"security"')},
    ),
    Bad(
        "a code that all units carry",
        "train --quiet",
        5,
        r"code economy: 144 of 144 labelled units carry it; training needs at least 20",
        {},
        {
            LABELS: lambda data: re.sub(
                rb'"codes": \[.*?\]', b'"codes": ["economy"]', data
            )
        },
    ),
    Bad(
        "not UTF-8",
        "train",
        5,
        r"ana\.jsonl:1: not UTF-8\. ",
        {},
        {LABELS: lambda data: b"\xff" + data},
    ),
    Bad(
        "no key",
        "train",
        5,
        r"ana\.jsonl:1: coder is missing",
        {},
        {LABELS: swap('"coder": "ana", ', "", 1)},
    ),
    Bad("check without labels", "label --check", 5, "no labels", {}, {LABELS: None}),
    Bad("gold is missing", "evaluate --gold no.csv", 5, r"no\.csv: No such file"),
    Bad(
        "gold without codes",
        "evaluate --gold a.csv",
        5,
        r"a\.csv:2: no label column \(columns: text\)",
        {"a.csv": b"text\nRain.\n"},
    ),
    Bad(
        "gold with an unknown code",
        "evaluate --gold a.csv",
        5,
        r"a\.csv:2: code 'war' is none of economy, security, humanity",
        {"a.csv": b"text,codes\nRain.,war\n"},
    ),
    Bad(
        "gold not UTF-8",
        "evaluate --gold a.csv",
        5,
        "not UTF-8 at byte 11",
        {"a.csv": b"text,codes\n\xff,war\n"},
    ),
    Bad(
        "gold with a broken line",
        "evaluate --gold a.jsonl",
        5,
        r"a\.jsonl:1: not valid JSON",
        {"a.jsonl": b"{\n"},
    ),
]

SCORE = "score good.txt -o results"
STUDY = [
    Bad(
        "no model",
        SCORE,
        4,
        r"model\.joblib: no model there\. Label sentences, then `framing train`\.",
        {},
        {MODEL: None},
    ),
    Bad("other folder", f"{SCORE} --model no", 4, r"no/model\.joblib: no model there"),
    Bad("no bytes", SCORE, 4, r"model\.joblib: ", {}, {MODEL: whole(b"")}),
    Bad(
        "half a model",
        SCORE,
        4,
        r"model\.joblib: ",
        {},
        {MODEL: lambda data: data[: len(data) // 2]},
    ),
    Bad(
        "one byte off",
        SCORE,
        4,
        r"model\.joblib: ",
        {},
        {MODEL: lambda d: d[:5000] + bytes([d[5000] ^ 1]) + d[5001:]},
    ),
    Bad(
        "a page of the web",
        SCORE,
        4,
        r"model\.joblib: ",
        {},
        {MODEL: whole(b"<html><body>404</body></html>")},
    ),
    Bad(
        "model of another codebook",
        SCORE,
        4,
        r"trained with migration 1\.0 @[0-9a-f]{12}, this is migration 2\.0 "
        r"@[0-9a-f]{12}\. Run `framing train`",
        {},
        {CODEBOOK: swap('version = "1.0"', 'version = "2.0"')},
    ),
    Bad(
        "broken card", "models show", 4, r"card\.json: damaged", {}, {CARD: whole(b"{")}
    ),
    Bad(
        "no study",
        "score good.txt --project empty",
        4,
        r"empty: no study there \(labels/NAME/codebook\.toml\)\.",
    ),
    Bad(
        "folder in a study",
        "score good.txt --project study/labels",
        4,
        r"study/labels: no study there",
    ),
    Bad(
        "no codebook",
        "score good.txt --codebook x",
        4,
        r"labels: no codebook 'x' \(there: migration\)\. Name it by --codebook\.",
    ),
    Bad(
        "codebook is no TOML",
        SCORE,
        4,
        r"codebook\.toml: not valid TOML: .*line \d",
        {},
        {CODEBOOK: swap('name = "migration"', 'name = "migration')},
    ),
    Bad(
        "codebook without codes",
        SCORE,
        4,
        r"codebook\.toml: no \[codes\.NAME\] table",
        {},
        {CODEBOOK: lambda data: data[: data.index(b"[codes")]},
    ),
    Bad(
        "codebook without definition",
        SCORE,
        4,
        "definition is missing",
        {},
        {CODEBOOK: swap("definition", "meaning", 1)},
    ),
    Bad(
        "codebook of odd coding",
        SCORE,
        4,
        'coding is "many"',
        {},
        {CODEBOOK: swap('"multiple"', '"many"')},
    ),
    Bad(
        "targets file is missing",
        "label good.txt",
        4,
        r"no\.toml: No such file",
        {},
        {CODEBOOK: swap("coding", 'targets = "no.toml"\ncoding', 1)},
    ),
    Bad(
        "seed file is no TOML",
        "label good.txt",
        4,
        r"migration\.toml: not valid TOML",
        {SEEDS: b"[[group]\n"},
    ),
    Bad(
        "seed group of unknown code",
        "label good.txt",
        4,
        r"group walls: code safety is not in migration \(known: economy, ",
        {SEEDS: b'[[group]]\nname = "walls"\ncode = "safety"\nwords = ["wall"]\n'},
    ),
    Bad(
        "seed group of unknown key",
        "label good.txt",
        4,
        "group walls: word is not known",
        {SEEDS: b'[[group]]\nname = "walls"\ncode = "security"\nword = ["wall"]\n'},
    ),
    Bad(
        "seed words of no list",
        "label good.txt",
        4,
        "words must be a list",
        {SEEDS: b'[[group]]\nname = "walls"\ncode = "security"\nwords = "wall"\n'},
    ),
    Bad(
        "seed group without name",
        "label good.txt",
        4,
        r"group \?",
        {SEEDS: b'[[group]]\ncode = "security"\nwords = ["wall"]\n'},
    ),
    Bad(
        "seed groups of one name",
        "label good.txt",
        4,
        "walls is there twice",
        {
            SEEDS: b'[[group]]\nname = "walls"\ncode = "security"\nwords = ["wall"]\n'
            * 2
        },
    ),
]

OUTPUT = [
    Bad(
        "not a results folder",
        "score good.txt -o mine",
        6,
        r"mine: holds thesis\.doc, which .* Choose a new or empty folder",
        {"mine/thesis.doc": b"years of work"},
    ),
    Bad("output is a file", "score good.txt -o good.txt", 6, "not a results folder"),
    Bad(
        "output below a file",
        "score good.txt -o good.txt/out",
        6,
        r"good\.txt/out: not written \(Not a directory\)",
    ),
    Bad(
        "table below a file",
        "label good.txt -o good.txt/tags.csv",
        6,
        r"good\.txt/tags\.csv: not written",
    ),
    Bad("study below a file", "init good.txt/study", 6, "not written"),
    Bad(
        "another folder before no input",
        "score no.txt -o mine",
        6,
        r"mine: holds thesis\.doc",
        {"mine/thesis.doc": b"years of work"},
    ),
    Bad("no targets", "score good.txt --target Chna", 2, "codebook has no targets"),
    Bad("level of 2", "score good.txt --level 2", 2, "--level"),
    Bad("level of 0", "score good.txt --level 0", 2, "--level"),
]

CASES = [*INPUT, *LABELLED, *STUDY, *OUTPUT]


def listed(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder with their content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def refusal(err: str) -> Iterator[str]:
    """Return the lines that say what was wrong."""
    return (e for e in err.splitlines() if e.startswith(("framing: ", "skipped ")))


@pytest.mark.parametrize("case", [pytest.param(c, id=c.label) for c in CASES])
def test_bad_input_is_refused_in_one_line(
    framing: Framing, own_migration: Path, tmp_path: Path, case: Bad
) -> None:
    (tmp_path / "empty").mkdir()
    for name, content in {"good.txt": GOOD, **case.files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for name, change in case.changes.items():
        if change is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(change((tmp_path / name).read_bytes()))
    before = listed(tmp_path)
    own = [] if "--project" in case.arguments else ["--project", "study"]
    if case.arguments.startswith("init"):
        own = []

    ran = framing(*case.arguments.split(), *own)

    assert ran.code == case.code, ran.err
    assert "Traceback" not in ran.err
    assert all(c.isprintable() for line in ran.err.splitlines() for c in line)
    assert listed(tmp_path) == before
    assert re.search(case.message, ran.err), ran.err
    if case.code == 1:
        assert len(list(refusal(ran.err))) == 1
        assert ran.json["counts"]["articles_read"] == case.n_good
    elif case.code != 2:
        assert ran.out == ""
        [line] = refusal(ran.err)
        assert re.search(case.message, line)
        assert line.endswith((".", "?"))


@pytest.mark.parametrize(
    "name", ["system", "eval", "old_z_file", "numpy_load", "estimator"]
)
def test_hostile_model_runs_nothing(
    framing: Framing, own_migration: Path, tmp_path: Path, name: str
) -> None:
    canary = tmp_path / "canary"
    (tmp_path / "good.txt").write_bytes(GOOD)
    (tmp_path / MODEL).write_bytes(HOSTILE[name](str(canary)))
    for command in ("score good.txt", "explain x", "evaluate", "models list"):
        ran = framing(*command.split(), "--project", own_migration)
        assert (ran.code, ran.out) == (4, ""), command
        assert len(ran.err.splitlines()) == 1
        assert "model.joblib" in ran.err
    assert not canary.exists()


def test_forged_model_is_refused(
    framing: Framing, own_migration: Path, tmp_path: Path
) -> None:
    forged(tmp_path / MODEL)
    ran = framing("explain", "x", "--project", own_migration)
    assert ran.code == 4
    assert re.search(r"damaged \(its checksum does not match\)", ran.err)


def test_model_of_a_newer_framing_asks_for_an_update(
    framing: Framing, own_migration: Path, tmp_path: Path
) -> None:
    content = joblib.load(tmp_path / MODEL)
    content["version"] = 99
    joblib.dump(content, tmp_path / MODEL, compress=("gzip", 3))
    ran = framing("explain", "x", "--project", own_migration)
    assert ran.code == 4
    assert "Update framing" in ran.err


def test_model_of_another_study_is_refused(
    framing: Framing, migration: Path, relations: Path
) -> None:
    place = relations / "models" / "relations"
    ran = framing("explain", "x", "--project", migration, "--model", place)
    assert ran.code == 4
    assert re.search("trained with relations .*, this is migration", ran.err)


def test_a_failed_run_leaves_earlier_results_alone(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_bytes(GOOD)
    arguments = ("-o", "results", "--project", migration)
    assert framing("score", "good.txt", *arguments).code == 0
    before = listed(tmp_path)
    assert framing("score", "no.txt", *arguments).code == 3
    (tmp_path / "good.txt").write_bytes(b"")
    assert framing("score", "good.txt", *arguments).code == 3
    (tmp_path / "good.txt").write_bytes(GOOD)
    assert listed(tmp_path) == before


def test_training_that_fails_leaves_the_model_alone(
    framing: Framing, own_migration: Path, tmp_path: Path
) -> None:
    path = tmp_path / LABELS
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:30]))
    before = listed(tmp_path)
    assert framing("train", "--project", own_migration).code == 5
    assert listed(tmp_path) == before


def test_results_folder_that_is_a_link_is_left_alone(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_bytes(GOOD)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    ran = framing("score", "good.txt", "-o", "link", "--project", migration)
    assert ran.code == 6
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_torn_last_label_is_skipped_with_a_warning(
    framing: Framing, own_migration: Path, tmp_path: Path
) -> None:
    path = tmp_path / LABELS
    path.write_text(path.read_text() + '{"codebook": "migr')
    ran = framing("train", "--no-left-out", "--project", own_migration)
    assert ran.code == 0
    assert re.search(r"ana\.jsonl:\d+: the last line is torn and was skipped", ran.err)


def test_later_decision_on_a_unit_wins_and_is_reported(
    framing: Framing, own_migration: Path, tmp_path: Path
) -> None:
    path = tmp_path / LABELS
    first = path.read_text().splitlines()[0]
    changed = {"codes": ["security"], "time": "2026-03-03T00:00:00Z"}
    later = json.dumps(json.loads(first) | changed) + "\n"
    path.write_text(path.read_text() + later)
    ran = framing("train", "--no-left-out", "--project", own_migration)
    assert ran.code == 0
    assert "ana.jsonl: 1 decisions were replaced by later ones" in ran.err
    found = framing("label", "--check", "--json", "--project", own_migration)
    assert found.code == 0
    given = sum('"security"' in line for line in path.read_text().splitlines()[1:])
    n = {row["code"]: row["n"] for row in found.json["codes"]}
    assert n["security"] == given


def test_contradictory_labels_of_two_coders_count_for_agreement(
    framing: Framing, own_migration: Path, tmp_path: Path
) -> None:
    path = tmp_path / LABELS
    lines = path.read_text().replace('"ana"', '"ben"').splitlines()[:40]
    # Ben gives security to all.
    ben = [json.loads(line) | {"codes": ["security"]} for line in lines]
    text = "".join(json.dumps(record) + "\n" for record in ben)
    path.with_name("ben.jsonl").write_text(text)
    agreed = framing("agree", "--disagreements", "d.csv", "--project", own_migration)
    assert agreed.code == 0
    assert "security" in agreed.out
    differ = sum(
        '"codes": ["security"]' not in line
        for line in path.read_text().splitlines()[:40]
    )
    assert f"{differ} units in d.csv" in agreed.err
    # The rule that makes gold of them is stated.
    trained = framing("train", "--no-left-out", "--project", own_migration)
    assert trained.code == 0
    card = framing("models", "show", "--project", own_migration)
    assert "majority" in " ".join((trained.out + trained.err + card.out).split())


def test_label_whose_article_has_changed_is_listed_and_trains_with_its_own_text(
    framing: Framing, own_migration: Path, tmp_path: Path
) -> None:
    path = tmp_path / LABELS
    drawn = path.read_text().replace('"source"', '"order": "sample", "source"')
    path.write_text(drawn)
    articles = own_migration / "seeds" / "articles" / "articles.jsonl"
    first, *rest = articles.read_text().splitlines(keepends=True)
    record = json.loads(first)
    text = record["text"]
    record["text"] = f"Overnight it rained. {text}".replace("the", "a")
    (tmp_path / "now.jsonl").write_text("".join([json.dumps(record) + "\n", *rest]))
    ran = framing("score", "now.jsonl", "--project", own_migration)
    assert ran.code == 0
    assert re.search(r"\d labels (whose text differs|of no sentence here)", ran.out)
    # The labels are as they were, and so is what is trained on them.
    before = framing("train", "--no-left-out", "--json", "--project", own_migration)
    (tmp_path / "now.jsonl").replace(articles)
    after = framing("train", "--no-left-out", "--json", "--project", own_migration)
    assert (before.code, after.code) == (0, 0)
    assert after.json["model_sha256"] == before.json["model_sha256"]
    assert path.read_text() == drawn


@pytest.mark.parametrize(
    ("name", "command"),
    [
        (LABELS, "train"),
        (CODEBOOK, "train"),
        (MODEL, "explain x"),
        (CARD, "models show"),
        (SEEDS, "label --check"),
    ],
)
def test_message_names_a_file_in_a_long_folder(
    framing: Framing, own_migration: Path, tmp_path: Path, name: str, command: str
) -> None:
    study = tmp_path / "Documents and other things" / ("dissertation " * 4).strip()
    study.parent.mkdir()
    own_migration.rename(study)
    place = study / Path(name).relative_to("study")
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"[broken\n")
    ran = framing(*command.split(), "--project", study)
    assert ran.code in (4, 5)
    assert place.name in ran.err


def test_project_folder_that_does_not_exist_is_refused(
    framing: Framing, own_migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_bytes(GOOD)
    typo = own_migration / "studdy"
    ran = framing("label", tmp_path / "good.txt", "--project", typo)
    assert (ran.code, ran.out) == (4, "")
    assert "studdy: no study there" in ran.err


def test_seed_group_whose_name_is_no_text_is_refused(
    framing: Framing, own_migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_bytes(GOOD)
    (tmp_path / SEEDS).write_text('[[group]]\nname = ["w"]\ncode = "economy"\n')
    ran = framing("label", "good.txt", "--project", own_migration)
    assert ran.code == 4
    assert "migration.toml: group ?" in ran.err


def test_gold_with_an_unclosed_quote_is_refused(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "gold.csv").write_text('text,codes\n"Police,security\nRain.,\n')
    ran = framing("evaluate", "--gold", "gold.csv", "--project", migration)
    assert ran.code == 5
    assert "gold.csv:2" in ran.err
