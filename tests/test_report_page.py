"""The report as one HTML file: whole, the same each time, and safe to open."""

import hashlib
import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.report.content import Marked, Report
from framing.report.figures import draw_figures
from framing.report.page import EMPTY, SECTIONS, render
from framing.report.rounding import percent, points, probability, weight
from framing.report.scale import Scale
from framing.report.sections.evidence import as_json, cut
from framing.report.tables import report_tables
from framing.report.text import visible, web_address
from tests.sample_report import MONTHS, OUTLETS, emptied, make_report, poisoned

ROOT = Path(__file__).parents[1]
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</script><!--<script>alert(1)//",
    "</style></title><svg/onload=alert(1)>",
    "{{7*7}}{% raw %}${7*7}",
    "a\u202eb &amp; \u200bc\u2028d",
    "\x00\x1b[31m\ud800",
    "[x](javascript:alert(1)) ![y](http://evil.example/p.png)",
    "]]><iframe src=//evil.example>",
)
"""What a hostile article would call itself, or say."""


@dataclass
class Seen(HTMLParser):
    """What a parser of HTML finds in a page."""

    shapes: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shapes.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.names.append(tag)
        for name, value in attrs:
            if name in ("href", "src", "action", "xlink:href"):
                self.addresses.add(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def look_at(page: str) -> Seen:
    seen = Seen()
    seen.feed(page)
    seen.close()
    return seen


@pytest.fixture(scope="module")
def report() -> Report:
    return make_report()


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return render(report)


@pytest.fixture(scope="module")
def hostile(report: Report) -> str:
    return render(poisoned(report, PAYLOADS))


@pytest.fixture(scope="module")
def bare(report: Report) -> str:
    return render(emptied(report))


def block(page: str, start: str, end: str) -> str:
    """Return what lies between two marks that occur once each in this order."""
    return page.split(start, 1)[1].split(end, 1)[0]


def test_sections_stand_in_their_order(page: str) -> None:
    found = re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
    assert found == list(SECTIONS.values())


def test_an_empty_report_says_why_in_every_section(bare: str) -> None:
    seen = look_at(bare)
    assert [name for name in seen.ids if name in SECTIONS] == list(SECTIONS)
    for reason in EMPTY.values():
        assert reason in seen.text


def test_a_note_is_the_reason_of_an_empty_section(report: Report) -> None:
    reason = "The articles bear no dates."
    page = render(replace(emptied(report), notes={"time": reason}))
    assert reason in page
    assert EMPTY["time"] not in page


def test_every_number_of_the_mix_is_in_the_page(report: Report, page: str) -> None:
    text = look_at(page).text
    for row in report.mix.itertuples():
        assert percent(float(row.counted), 1) in text
        assert str(row.note) in text
    for name in OUTLETS:
        assert name in text


def test_every_period_and_a_partial_one_are_in_the_numbers(page: str) -> None:
    numbers = block(page, "<caption>Shares in per cent with intervals", "</table>")
    assert all(f">{month}<" in numbers for month in MONTHS)
    assert re.search(r"\d\*<span", numbers)


def test_partial_periods_are_told_in_every_panel(page: str) -> None:
    drawn = re.findall(r'class="f-ground s-k\d"><title>([^<]*)</title>', page)
    assert len(drawn) == 11 * 4  # the outlets over time, once a code
    assert all(text.endswith("not a whole period") for text in drawn)


def test_a_page_of_counted_shares_shows_no_second_dot(report: Report) -> None:
    mix = report.mix.assign(share=report.mix["counted"])
    page = render(replace(report, mix=mix))
    assert 'class="counted"' not in page
    assert "counted, as the model decided" not in page


def test_same_report_same_bytes(report: Report, page: str) -> None:
    assert render(make_report()) == page
    assert draw_figures(report) == draw_figures(make_report())


def test_same_bytes_in_another_process(page: str) -> None:
    code = (
        "import hashlib; from framing.report.page import render; "
        "from tests.sample_report import make_report; "
        "print(hashlib.sha256(render(make_report()).encode()).hexdigest())"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == hashlib.sha256(page.encode()).hexdigest()


def test_policy_allows_the_own_style_and_script_only(page: str) -> None:
    policy = block(page, 'Content-Security-Policy" content="', '"').replace(
        "&#39;", "'"
    )
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["default-src"] == "'none'"
    for kind, tag in (("style", "<style>"), ("script", "<script>")):
        content = block(page, tag, f"</{kind}>")
        digest = b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert allowed[f"{kind}-src"] == f"'sha256-{digest}'"
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["page", "hostile", "bare"])
def test_page_asks_for_nothing_and_runs_nothing_else(
    name: str, request: pytest.FixtureRequest
) -> None:
    page = request.getfixturevalue(name)
    seen = look_at(page)
    assert seen.names.count("script") == (1 if name == "bare" else 2)
    assert seen.names.count("style") == 1
    assert not {"img", "iframe", "object", "embed", "base"} & set(seen.names)
    for _, attributes in seen.shapes:
        assert not [a for a in attributes if a == "style" or a.startswith("on")]
    assert all(a.startswith("#") or a == "data:," for a in seen.addresses)
    assert len(seen.ids) == len(set(seen.ids))


def test_hostile_texts_bring_no_element_and_no_attribute(
    page: str, hostile: str
) -> None:
    known = look_at(page).shapes
    # What the sample has no case for: a note, emphasis in a model card, and the bar of
    # an outlet with too little text.
    known |= {("p", ("class",)), ("em", ())}
    known |= {("tr", ("class", "data-source", "role"))}
    assert look_at(hostile).shapes <= known


def test_hostile_texts_are_there_to_read(hostile: str) -> None:
    text = look_at(hostile).text
    for payload in PAYLOADS:
        assert visible(payload) in text


def test_hostile_sentences_are_json_without_a_tag(hostile: str) -> None:
    data = block(hostile, 'id="evidence-data">', "</script>")
    assert not set("<>&\u2028") & set(data)
    cards = json.loads(data)["cards"]
    texts = {
        "".join(p if isinstance(p, str) else p[0] for p in card[7]) for card in cards
    }
    assert texts == {visible(payload) for payload in PAYLOADS}
    assert {card[6] for card in cards} == {""}  # no javascript: address is left
    hostile.encode("utf-8")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://news.example/a?b=1#c", True),
        ("http://news.example", True),
        ("HTTPS://news.example", True),
        (" https://news.example ", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)//https://news.example", False),
        ("java\tscript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
        ("//evil.example", False),
        ("https:", False),
        ("https://[news.example", False),
        ("https://news.example/\u202e", False),
        ('https://news.example/"onclick=', False),
        ("", False),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str, kept: bool) -> None:
    assert web_address(url) == (url.strip() if kept else "")


@given(st.text())
def test_visible_keeps_the_length_and_can_be_written(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert visible(shown) == shown
    shown.encode("utf-8")


@given(st.text())
def test_json_in_the_page_says_the_same(text: str) -> None:
    assert json.loads(as_json([text])) == [visible(text)]
    assert "<" not in as_json({text: text})


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Marked]]:
    text = draw(st.text(min_size=1, max_size=40))
    places = st.integers(-2, len(text) + 2)
    spans = draw(st.lists(st.tuples(places, places, st.floats(-3, 3)), max_size=5))
    return text, [Marked(min(a, b), max(a, b), w) for a, b, w in spans]


@given(marked_texts())
def test_a_cut_text_is_the_text(marked: tuple[str, list[Marked]]) -> None:
    text, marks = marked
    pieces = cut(text, marks)
    assert "".join(p if isinstance(p, str) else p[0] for p in pieces) == text
    assert all(isinstance(p, str) or 1 <= abs(p[1]) <= 4 for p in pieces)


def test_marks_that_overlap_add_up() -> None:
    marks = [Marked(0, 9, 0.5), Marked(4, 9, -1.0)]
    assert cut("gas talks now", marks) == [
        ["gas ", 2, "+0.50"],
        ["talks", -2, "−0.50"],
        " now",
    ]


@given(st.lists(st.floats(0, 1), min_size=1))
def test_a_scale_holds_its_values(shares: list[float]) -> None:
    for scale in (Scale.of_shares(shares), Scale.of_differences(shares)):
        assert scale.high >= max(shares) - 1e-9
        places = [scale.at(share) for share in sorted(shares)]
        assert places == sorted(places)
        assert all(0 <= place <= 100 for place in places)
        assert len(scale.marks()) <= 7


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (percent(0.234), "23"),
        (percent(0.2345, 1), "23.4"),
        (percent(float("nan")), "–"),
        (points(-0.0412), "−4.1"),
        (points(0.0412), "+4.1"),
        (points(-0.0001), "0.0"),
        (weight(-0.004), "0.00"),
        (probability(0.00012), "< 0.001"),
        (probability(0.04321), "0.043"),
        (probability(0.0498), "< 0.05"),
        (probability(0.0502), "0.050"),
        (probability(1.0), "1.00"),
    ],
)
def test_numbers_are_rounded_as_papers_do(said: str, wanted: str) -> None:
    assert said == wanted


def test_figures_have_the_width_of_a_column(report: Report) -> None:
    figures = draw_figures(report)
    assert list(figures) == [
        *("mix", "normalised", "differences", "time", "stance", "calibration")
    ]
    for name, drawn in figures.items():
        width = 90 if name == "calibration" else 190
        svg = drawn["svg"].decode()
        assert f'width="{width}mm"' in svg
        assert "bold" not in svg  # a second font gives a PDF in another order
        assert drawn["png"].startswith(b"\x89PNG")
        assert drawn["pdf"].startswith(b"%PDF")
        across = int.from_bytes(drawn["png"][16:20], "big")
        assert across == pytest.approx(width / 25.4 * 300, abs=2)


def test_figures_take_hostile_names_and_nothing(report: Report) -> None:
    assert draw_figures(emptied(report)) == {}
    for drawn in draw_figures(poisoned(report, PAYLOADS)).values():
        assert not {"script", "img", "iframe"} & set(
            look_at(drawn["svg"].decode()).names
        )


def test_tables_are_those_of_the_report_and_join(report: Report) -> None:
    tables = report_tables(report)
    assert len(tables["mix"]) == len(OUTLETS) * len(report.codes)
    assert tables["over_time"] is report.periods
    evidence, words = tables["evidence"], tables["evidence_words"]
    summed = evidence["base"] + evidence["other"]
    moved = words.groupby("number")["weight"].sum()
    summed += evidence["number"].map(moved).fillna(0.0)
    assert summed.to_numpy() == pytest.approx(evidence["log_odds"].to_numpy())
    assert all(list(t.columns) for t in report_tables(emptied(report)).values())


def test_a_large_report_stays_under_three_megabytes(report: Report) -> None:
    page = render(grown(report, 40))
    assert len(page.encode()) < 3_000_000
    assert "335 of 1,100 stand" in look_at(page).text
    assert "The page has the 400 largest" in page


def grown(report: Report, n_sources: int) -> Report:
    """Return the report as if it had more outlets, with ten sentences a code."""
    names = [f"Outlet number {i} of the Middle Sea" for i in range(n_sources)]
    like = dict(zip(names, cycle(list(OUTLETS)[:10]), strict=False))

    def more(table: pd.DataFrame) -> pd.DataFrame:
        parts = [
            table[table["source"] == old].assign(source=name)
            for name, old in like.items()
        ]
        return pd.concat(parts, ignore_index=True)

    tables = ("mix", "periods", "changes", "stance", "source_words", "copies")
    pieces = [
        replace(piece, source=name, text=f"{piece.text} And {name} said so.")
        for name, old in like.items()
        for piece in report.evidence
        if piece.source == old
        for _ in range(2)
    ]
    return replace(
        report,
        **{name: more(getattr(report, name)) for name in tables},
        differences=pd.concat([report.differences] * 5, ignore_index=True),
        evidence=pieces,
    )
