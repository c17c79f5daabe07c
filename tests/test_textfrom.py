"""`--text-from`: the list of Media Cloud and the texts that belong to it."""

import json
from pathlib import Path

import pytest

from tests.conftest import Framing
from tests.test_articles import write

LIST = b"""id,indexed_date,language,media_name,media_url,publish_date,title,url
id1,2026-01-02,en,post.com,post.com,2019-07-01,Talks,https://www.post.com/1/
id2,2026-01-02,en,sun.com,sun.com,2019-07-02,Trade,https://www.sun.com/2
id3,2026-01-02,en,sun.com,sun.com,2019-07-03,Rain,https://www.sun.com/3
"""
SECOND = LIST.splitlines(keepends=True)[0] + (
    b"id4,2026-01-02,en,sky.com,sky.com,2019-07-04,Snow,https://sky.com/4\n"
)
FOLDER = {
    "texts/id1.txt": b"They met.",
    "texts/more/id2.txt": b"They parted.",
    "texts/id9.txt": b"Nobody asked.",
}
TABLE = {
    "texts.csv": b"link,body\n"
    b"http://post.com/1?utm_source=x,They met.\nhttp://sun.com/2,They parted.\n"
    b"http://sun.com/9,Nobody asked.\n"
}


@pytest.mark.parametrize(
    ("files", "texts", "stray"),
    [(FOLDER, "texts", "texts/id9.txt"), (TABLE, "texts.csv", "texts.csv:4")],
)
def test_texts_come_from_a_folder_or_a_table(
    framing: Framing, tmp_path: Path, files: dict[str, bytes], texts: str, stray: str
) -> None:
    write(tmp_path, {"mc.csv": LIST, **files})
    ran = framing("read", "mc.csv", "--text-from", texts, "-o", "-", "--quiet")
    assert ran.code == 1
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert [(a["doc_id"], a["source"], a["date"], a["text"]) for a in found] == [
        ("id1", "post.com", "2019-07-01", "They met."),
        ("id2", "sun.com", "2019-07-02", "They parted."),
    ]
    assert found[0]["title"] == "Talks"
    assert found[0]["url"] == "https://www.post.com/1/"
    told = framing("read", "mc.csv", "--text-from", texts, "--json").json
    assert [s["where"] for s in told["skipped"]] == [stray, "mc.csv:4"]
    assert (
        told["skipped"][0]["reason"] == "its url and id are not in the Media Cloud file"
    )
    assert told["skipped"][1]["reason"] == "no text with its url or id"
    of_list, of_texts = told["files"]
    assert (of_list["announced"], of_list["found"]) == (3, 0)
    assert (of_texts["found"], of_texts["read"], of_texts["skipped"]) == (4, 2, 2)


def test_texts_of_several_lists_lie_in_one_folder(
    framing: Framing, tmp_path: Path
) -> None:
    files = {**FOLDER, "texts/id3.md": b"Rain fell.", "texts/id4.txt": b"Snow fell."}
    del files["texts/id9.txt"]
    write(tmp_path, {"in/mc1.csv": LIST, "in/mc2.csv": SECOND, **files})
    ran = framing("read", "in", "--text-from", "texts", "--json")
    assert ran.code == 0
    assert (ran.json["n_articles"], ran.json["n_skipped"]) == (4, 0)


def test_texts_in_the_folder_of_the_list_are_read_once(
    framing: Framing, tmp_path: Path
) -> None:
    write(tmp_path, {f"in/{n}": c for n, c in {"mc.csv": LIST, **FOLDER}.items()})
    ran = framing("read", "in", "--text-from", "in/texts", "--json")
    assert ran.json["n_articles"] == 2
    ran = framing("read", "in/mc.csv", "--text-from", "in", "--json")
    assert ran.json["n_articles"] == 2


def test_the_mix_is_that_of_the_joined_articles(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    write(tmp_path, {"mc.csv": LIST, **FOLDER})
    arguments = ("mc.csv", "--text-from", "texts", "--json", "--project", migration)
    ran = framing("score", *arguments, "-o", "results", "--any-language")
    assert ran.code == 1
    assert ran.json["counts"]["articles_read"] == 2
    run = json.loads((tmp_path / "results" / "run.json").read_text())
    assert {Path(i["path"]).name for i in run["inputs"]} == {
        "mc.csv",
        "id1.txt",
        "id2.txt",
        "id9.txt",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("mc.csv", r"framing: mc.csv: a Media Cloud list, which has no article text. "),
        ("id1.txt --text-from texts", "framing: texts: texts for --text-from, but no "),
        ("mc.csv --text-from no", "framing: no: no such file or folder. Check the"),
    ],
)
def test_what_cannot_be_joined_is_said_in_one_line(
    framing: Framing, tmp_path: Path, arguments: str, message: str
) -> None:
    write(tmp_path, {"mc.csv": LIST, "id1.txt": b"They met.", **FOLDER})
    ran = framing("read", *arguments.split())
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(message)
    assert ran.err.count("\n") == 1


def test_a_list_whose_texts_were_added_is_a_table(
    framing: Framing, tmp_path: Path
) -> None:
    head, *rows = LIST.decode().splitlines()
    lines = [f"{head},story", *(f"{row},They met." for row in rows)]
    write(tmp_path, {"mc.csv": "\n".join(lines).encode()})
    ran = framing("read", "mc.csv", "--text-column", "story", "--json")
    assert ran.json["n_articles"] == 3
