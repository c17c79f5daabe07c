import json
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.articles.exports import PARSERS, ExportItem, mediacloud, parser_of
from framing.articles.exports.item import length_note, stated_words
from framing.errors import FramingError, InputError
from framing.records import Article

CASES = Path(__file__).parent / "cases/exports"
"""Each export, `name.txt` or `name.html`, has beside it `name.json` with what it must
give: fields that are empty are left out."""

EXPORTS = sorted(path for path in CASES.iterdir() if path.suffix != ".json")


def filled(item: ExportItem) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if value}


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_export_gives_what_stands_beside_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    parser = PARSERS[wanted["export"]]
    assert [filled(item) for item in parser.parse(text)] == wanted["articles"]
    assert parser.announced(text) == wanted["announced"]


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_export_is_recognised_by_its_parser_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert [n for n, p in PARSERS.items() if p.recognises(text)] == [wanted["export"]]


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_line_ends_and_no_break_spaces_change_nothing(path: Path, ending: str) -> None:
    text = path.read_text(encoding="utf-8")
    odd = text.replace("\n", ending).replace(": ", ":\xa0")
    parser = PARSERS[parser_of(text)]
    assert list(parser.parse(odd)) == list(parser.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Talks began.\n\nThe text says End of Document and goes on.\n",
        "Body\n\nA poem about the body.\n",
        "It was document 1 of 7 in the file.\nBYLINE: me\n",
        "IN the morning\nRE elections\nBY noon\nAN apple\n",
        "A list\n" + "_" * 60 + "\nTitle: of something\n",
        "<html><body><article>The ministers met.</article></body></html>",
        "355 words\nare not many\n",
        "1 July 2019\nDocument reading went on.\n",
    ],
)
def test_other_texts_are_no_exports(text: str) -> None:
    assert parser_of(text) == ""


NAMED = ["Body", "End of Document", "Length: 3 words", "July 1, 2019", "Documents (9)"]
NAMED += ["3 of 9 DOCUMENTS", "9 of 9 DOCUMENTS", "LENGTH: 3 words", "BODY:", "HD"]
NAMED += ["LOAD-DATE: x", "Copyright 2019", "WC 3", "PD|1/2/2019|", "SN", "LP", "AN"]
NAMED += ["Document ABC0000020190701ef71", "3 words", "_" * 60, "Full text: x", "\f"]
NAMED += ["ProQuest document ID: 7", "Publication title: x", "Classification", "TD"]
NAMED += ['<div class="article enArticle">', "<tr><td>HD</td><td>", "</div>", "<!--"]
NAMED += ["Table of contents", "1. x", "Client/Matter: x", "Search Terms: x", ""]
lines = st.one_of(st.sampled_from(NAMED), st.text(max_size=8))
jumbles = st.lists(lines, max_size=30).map("\n".join)


@given(st.one_of(st.text(), jumbles), st.sampled_from(sorted(PARSERS)))
@settings(max_examples=300)
def test_any_text_gives_items_or_an_error_of_ours(text: str, name: str) -> None:
    parser = PARSERS[name]
    parser.recognises(text)
    parser.announced(text)
    try:
        items = list(parser.parse(text))
    except FramingError:
        return
    for item in items:
        assert item.place
        assert item.reason or item.text.strip()


def nexis_uni(number: int, of: int, article: dict[str, str]) -> str:
    cover = f"Documents ({of})\nSearch Terms: x\n" if number == 1 else ""
    text = article["text"].replace("\n\n", "\n")
    return (
        f"{cover}{article['title']}\n{article['source']}\n{article['date']}\n"
        f"Copyright 2019\nLength:\xa0{len(text.split())} words\nBody\n\n{text}\n"
        "Classification\nLanguage: ENGLISH\n\nEnd of Document\n"
    )


def nexis_classic(number: int, of: int, article: dict[str, str]) -> str:
    return (
        f"      {number} of {of} DOCUMENTS\n\n\n    {article['source']}\n\n"
        f"    {article['date']}\n\n{article['title']}\n\nLENGTH: 9 words\n\n"
        f"{article['text']}\n\nLANGUAGE: ENGLISH\n\n    Copyright 2019\n\n"
    )


def factiva(number: int, of: int, article: dict[str, str]) -> str:
    first, _, rest = article["text"].partition("\n\n")
    return (
        f"HD\n{article['title']}\nWC\n9 words\nPD\n{article['date']}\nSN\n"
        f"{article['source']}\nLP\n{first}\nTD\n{rest}\nNS\ng : Politics\n"
        f"AN\nDocument ABC00000201907{number:02}ef71\n\n"
    )


def proquest(number: int, of: int, article: dict[str, str]) -> str:
    return (
        f"{'_' * 60}\n\nDocument {number} of {of}\n\n{article['title']}\n\n"
        f"Full text: {article['text']}\n\nPublication title: {article['source']}\n\n"
        f"Publication date: {article['date']}\n\nProQuest document ID: {number}\n\n"
        + (f"{'_' * 60}\n\nContact us at: x\n" if number == of else "")
    )


words = st.text(st.sampled_from("abcdefgäéß"), min_size=2, max_size=9)
sentences = st.lists(words, min_size=1, max_size=12).map(
    lambda found: " ".join(found).capitalize() + "."
)
articles = st.fixed_dictionaries(
    {
        "title": sentences,
        "source": words.map(lambda word: f"The Daily {word}"),
        "date": st.sampled_from(["July 1, 2019", "12 March 2018", "2020-02-29"]),
        "text": st.lists(sentences, min_size=1, max_size=4).map("\n\n".join),
    }
)
ISO = {"July 1, 2019": "2019-07-01", "12 March 2018": "2018-03-12"}


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("Nexis", nexis_uni),
        ("Nexis", nexis_classic),
        ("Factiva", factiva),
        ("ProQuest", proquest),
    ],
)
@given(made=st.lists(articles, min_size=1, max_size=6))
@settings(max_examples=60)
def test_an_export_gives_back_the_articles_it_was_made_of(
    made: list[dict[str, str]], name: str, write: Callable[..., str]
) -> None:
    text = "".join(write(n, len(made), a) for n, a in enumerate(made, 1))
    assert parser_of(text) == name
    read = [
        {"title": i.title, "source": i.source, "date": i.date, "text": i.text}
        for i in PARSERS[name].parse(text)
        if not i.reason
    ]
    assert read == [a | {"date": ISO.get(a["date"], a["date"])} for a in made]
    assert PARSERS[name].announced(text) in (len(made), None)


def test_gaps_in_the_count_are_named_and_a_second_export_begins_anew() -> None:
    text = "".join(
        f"{n} of {of} DOCUMENTS\n\nPaper\n\nJuly 1, 2019\n\nLENGTH: 1 words\n\nSo.\n\n"
        for n, of in [(1, 9), (5, 9), (6, 9), (8, 9), (9, 9), (1, 2), (2, 2)]
    )
    missing = [i.place for i in PARSERS["Nexis"].parse(text) if i.reason]
    assert missing == ["articles 2 to 4 of 9", "article 7 of 9"]
    assert PARSERS["Nexis"].announced(text) == 11


@pytest.mark.parametrize(
    ("stated", "n"),
    [
        ("355 words", 355),
        ("1,355 words", 1355),
        ("1.355 Wörter", 1355),
        ("1 355 mots", 1355),
        ("355", 355),
        ("1 word", 1),
        ("3 pages", None),
        ("about 300 words", None),
        ("", None),
    ],
)
def test_stated_length(stated: str, n: int | None) -> None:
    assert stated_words(stated) == n


def test_length_is_noted_where_it_is_far_off() -> None:
    assert length_note("word " * 71, "100 words") == ""
    assert length_note("word " * 69, "100 words") == (
        "the export says 100 words, 69 were read"
    )
    assert length_note("word " * 131, "100 words")
    assert length_note("word", "20 words") == ""
    assert length_note("会谈于周日晚间结束。" * 30, "300 words") == ""


HEADER = "id,indexed_date,language,media_name,media_url,publish_date,title,url\n"


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (HEADER + "a1,2026-01-02,en,paper.com,paper.com,2019-07-01,T,u\n", True),
        ("\ufeff" + HEADER.replace("\n", "\r\n"), True),
        (HEADER.replace("title", "text,title"), False),
        ("id,title,text\n", False),
        ("", False),
        ('"', False),
    ],
)
def test_media_cloud_is_known_by_its_header(head: str, is_one: bool) -> None:
    assert mediacloud.recognises(head) is is_one


def cloud_row(number: int, url: str = "") -> dict[str, str]:
    return {
        "id": f"id{number}",
        "indexed_date": "2026-01-02 03:04:05",
        "language": "en",
        "media_name": "paper.com",
        "media_url": "paper.com",
        "publish_date": "2019-07-01",
        "title": f"Title {number}",
        "url": url or f"https://www.paper.com/{number}/",
    }


def placed(rows: Iterable[dict[str, str]]) -> list[tuple[str, dict[str, str]]]:
    return [(f"row {number}", row) for number, row in enumerate(rows, 1)]


def text_of(doc_id: str, text: str = "Talks began.", **extra: str) -> Article:
    return Article(doc_id, "(none)", "", "", text, where=f"{doc_id}.txt", extra=extra)


def test_media_cloud_rows_get_their_texts_by_url_or_id() -> None:
    texts = [
        text_of("x", url="http://paper.com/1?utm_source=mail#top"),
        text_of("texts/id2"),
        text_of("id3", Link="https://other.com/3"),
    ]
    items = list(mediacloud.join_texts(placed(map(cloud_row, (1, 2, 3))), texts))
    assert [i.doc_id for i in items] == ["id1", "id2", "id3"]
    assert filled(items[0]) == {
        "place": "row 1",
        "title": "Title 1",
        "source": "paper.com",
        "date": "2019-07-01",
        "text": "Talks began.",
        "doc_id": "id1",
        "extra": {
            "indexed_date": "2026-01-02 03:04:05",
            "language": "en",
            "media_url": "paper.com",
            "url": "https://www.paper.com/1/",
        },
    }


def test_what_media_cloud_and_the_texts_do_not_share_is_named() -> None:
    rows = [cloud_row(1), cloud_row(2), cloud_row(3, "http://paper.com/1")]
    texts = [
        text_of("id1"),
        text_of("b/id1"),
        text_of("c/id1", "Other."),
        text_of("id9"),
    ]
    items = list(mediacloud.join_texts(placed(rows), texts))
    assert [(i.place, i.reason) for i in items if i.reason] == [
        ("b/id1.txt", "same text again for row 1"),
        ("c/id1.txt", "a second text for row 1"),
        ("id9.txt", "its url and id are not in the Media Cloud file"),
        ("row 2", "no text with its url or id"),
        ("row 3", "same url as row 1"),
    ]


@given(st.text(), st.text())
def test_any_header_and_any_url_can_be_asked_about(head: str, url: str) -> None:
    mediacloud.recognises(head)
    plain = mediacloud.plain_url(f"http://a.b/{url}")
    assert plain


@pytest.mark.parametrize(
    "cover",
    [
        "Documents (2)\n1. Talks began\nClient/Matter: x\nSearch Terms: y\n"
        "2. Rain fell\nClient/Matter: x\nSearch Terms: y\n",
        "Documents (2)\nClient/Matter: x\nSearch Terms: y\n1. Talks began\n"
        "2. Rain fell\n",
    ],
)
def test_the_cover_of_nexis_goes_before_or_behind_its_list(cover: str) -> None:
    head = "{}\nPaper\nJuly 1, 2019\nLength: 3 words\nBody\n\n{}\nEnd of Document\n"
    articles = head.format("Talks began", "3. They met.") + head.format(
        "Rain fell", "So."
    )
    items = list(PARSERS["Nexis"].parse(cover + articles))
    assert [(i.title, i.source, i.text) for i in items] == [
        ("Talks began", "Paper", "3. They met."),
        ("Rain fell", "Paper", "So."),
    ]


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("nexis_uni", "End of Document\n" * 200_000),
        ("nexis_uni", "Graphic\n" + "".join(f"Subject: {n}\n" for n in range(50_000))),
        ("nexis_classic", "1 of 9 DOCUMENTS\n" * 200_000),
        ("factiva_coded", "HD\nx\n" * 200_000),
        ("factiva_coded", "".join(f"NS\nx{n}\n" for n in range(50_000))),
        ("factiva_plain", "355 words\n" * 200_000),
        ("proquest", ("_" * 60 + "\n") * 50_000),
        ("proquest", "".join(f"Links: a{n}\n" for n in range(50_000))),
    ],
)
def test_no_export_takes_long(name: str, rest: str) -> None:
    text = (CASES / f"{name}.txt").read_text(encoding="utf-8") + rest
    begun = time.process_time()
    with suppress(InputError):
        list(PARSERS[parser_of(text)].parse(text))
    assert time.process_time() - begun < 5
