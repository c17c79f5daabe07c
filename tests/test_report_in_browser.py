"""The report in a real browser, offline: looking, sorting, filtering, reading on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from framing.report.content import Report
from framing.report.page import SECTIONS, render
from framing.report.text import visible
from tests.browser import open_browser
from tests.sample_report import OUTLETS, TOO_FEW, emptied, make_report, poisoned
from tests.test_report_page import PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage
    from playwright.sync_api import Page as Tab

SECONDS_TO_OPEN = 2.0
FIRST = ["Norland Tribune", "The Sandhaven Post"]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the reports as files: a usual, a hostile and an empty one."""
    report = make_report()
    reports = {
        "usual": report,
        "hostile": poisoned(report, PAYLOADS),
        "empty": emptied(report),
        "few": with_few(report),
    }
    folder = tmp_path_factory.mktemp("reports")
    paths = {}
    for name, content in reports.items():
        paths[name] = folder / f"{name}.html"
        paths[name].write_text(render(content), encoding="utf-8")
    return paths


def with_few(report: Report) -> Report:
    """Return a report in which most outlets have too little text."""
    mix = report.mix.copy()
    enough = mix["source"].isin(FIRST)
    mix["note"] = mix["note"].mask(~enough, "too few: 3 articles, 5 are needed")
    return replace(report, mix=mix)


@dataclass
class Reader:
    """Who looks at a report; `troubles` are errors, dialogs and requests."""

    tab: "Tab"
    troubles: list[str] = field(default_factory=list)

    def texts(self, place: str) -> list[str]:
        return self.tab.locator(place).all_inner_texts()

    def sources(self) -> list[str]:
        """Return the outlets in the order of the mix."""
        return self.texts("#mix-table tbody th > bdi")

    def shown(self, place: str) -> int:
        return self.tab.locator(f":is({place}):visible").count()

    def sort(self, heading: str) -> None:
        self.tab.locator("#mix-table thead button", has_text=heading).click()


Open = Callable[..., Reader]


@pytest.fixture
def look(browser: "Browser", files: dict[str, Path]) -> Iterator[Open]:
    """Open a report offline; at the end there was no trouble."""
    readers = []

    def open_report(name: str = "usual", **options: Any) -> Reader:
        context = browser.new_context(offline=True, **options)
        tab = context.new_page()
        reader = Reader(tab)
        address = files[name].as_uri()
        tab.on("console", lambda message: note_error(reader, message))
        tab.on("pageerror", lambda error: reader.troubles.append(str(error)))
        tab.on("dialog", lambda dialog: note_dialog(reader, dialog))
        tab.on(
            "request",
            lambda request: (
                None
                if request.url.split("#")[0] in (address, "data:,")
                else reader.troubles.append(request.url)
            ),
        )
        tab.goto(address)
        readers.append(reader)
        return reader

    yield open_report
    for reader in readers:
        reader.tab.context.close()
    assert [reader.troubles for reader in readers] == [[] for _ in readers]


def note_error(reader: Reader, message: "ConsoleMessage") -> None:
    if message.type in ("error", "warning"):
        reader.troubles.append(message.text)


def note_dialog(reader: Reader, dialog: Any) -> None:
    reader.troubles.append(dialog.message)
    dialog.dismiss()


def test_opens_fast_and_whole(look: Open) -> None:
    reader = look()
    assert reader.texts("main h2") == list(SECTIONS.values())
    timing = "performance.getEntriesByType('navigation')[0].loadEventEnd"
    assert reader.tab.evaluate(timing) / 1000 < SECONDS_TO_OPEN
    assert reader.tab.locator("#cards .card").count() > 0


def test_a_heading_sorts_and_turns_round(look: Open) -> None:
    reader = look()
    reader.sort("Rivalry")
    heads = reader.tab.locator("#mix-table thead th")
    assert heads.nth(4).get_attribute("aria-sort") == "descending"
    assert heads.nth(2).get_attribute("aria-sort") == "none"
    falling = reader.sources()
    assert falling[0] == "Free Strait Radio"
    reader.sort("Rivalry")
    rising = reader.sources()
    assert heads.nth(4).get_attribute("aria-sort") == "ascending"
    assert rising[:-1] == falling[-2::-1]
    # Who is too small to judge stays last either way.
    assert falling[-1] == rising[-1] == TOO_FEW
    assert "Rivalry, ascending" in reader.tab.locator("#said").text_content()


def test_the_bars_follow_the_order_of_the_mix(look: Open) -> None:
    reader = look()
    reader.sort("Outlet")
    judged = [name for name in reader.sources() if name != TOO_FEW]
    assert judged == sorted(judged)
    assert reader.texts("#bars tbody th bdi") == judged


def test_many_outlets_with_too_little_text_are_shown_only_if_asked_for(
    look: Open,
) -> None:
    reader = look("few")
    rows, bars = "#mix-table tbody tr", "#bars tbody tr"
    assert reader.shown(rows) == reader.shown(bars) == len(FIRST)
    reader.sort("Outlet")
    assert reader.sources()[: len(FIRST)] == FIRST
    assert reader.shown(rows) == len(FIRST)
    reader.tab.get_by_role("button", name="10 outlets with too little text").click()
    assert reader.shown(rows) == len(OUTLETS)
    assert reader.shown("#few") == 0


def test_sorting_by_keyboard(look: Open) -> None:
    reader = look()
    reader.tab.locator("#mix-table thead button", has_text="Sanctions").focus()
    reader.tab.keyboard.press("Enter")
    assert reader.sources()[0] == "Policy Review of the Middle Sea"
    focused = "document.activeElement.textContent"
    assert reader.tab.evaluate(focused) == "Sanctions"


def test_the_first_tab_leads_past_the_head(look: Open) -> None:
    reader = look()
    reader.tab.keyboard.press("Tab")
    assert reader.tab.evaluate("document.activeElement.className") == "skip"
    reader.tab.keyboard.press("Enter")
    assert reader.tab.evaluate("document.activeElement.id") == "mix"


def test_all_that_can_be_done_can_be_reached_by_tab(look: Open) -> None:
    reader = look()
    wanted = (
        "button:not([hidden]), select, input:not([type=radio]), summary, nav a, .num a"
    )
    unreached = reader.tab.evaluate(
        "(wanted) => [...document.querySelectorAll(wanted)]"
        ".filter((e) => e.checkVisibility() && e.tabIndex < 0).length",
        wanted,
    )
    assert unreached == 0


def test_everything_to_operate_has_a_name(look: Open) -> None:
    snapshot = look().tab.locator("body").aria_snapshot()
    for role in ("button", "combobox", "searchbox", "checkbox", "link", "img"):
        nameless = [
            line
            for line in snapshot.splitlines()
            if line.strip() in (f"- {role}", f"- {role}:")
        ]
        assert nameless == []


def test_filters_of_the_differences(look: Open) -> None:
    reader = look()
    rows = "#differences-table tbody tr"
    assert reader.shown(rows) == 15
    form = reader.tab.locator('form[data-for="differences-table"]')
    form.locator("[name=source]").select_option(label="Island Voice")
    form.locator("[name=code]").select_option(label="Dependence")
    assert reader.shown(rows) == 10
    assert all("Island Voice" in text for text in reader.texts(f"{rows}:visible th"))
    form.locator("[name=standing]").check()
    assert 0 < reader.shown(rows) < 10
    assert reader.shown(f"{rows}.loose") == 0


def test_all_differences_can_be_shown(look: Open) -> None:
    reader = look()
    reader.tab.locator("[data-more=differences-table]").click()
    assert reader.shown("#differences-table tbody tr") == 220
    assert reader.shown("[data-more=differences-table]") == 0
    assert reader.tab.evaluate("document.activeElement.tagName") == "TH"


def test_one_code_at_a_time_over_time(look: Open) -> None:
    reader = look()
    assert reader.shown(".panels") == 1
    reader.tab.locator(".tabs input").first.focus()
    reader.tab.keyboard.press("ArrowRight")
    assert reader.texts(".panels:visible h3") == ["Dependence over time, %"]
    assert reader.shown(".panels figure svg") == 11


def test_sentences_are_found_by_what_is_chosen(look: Open) -> None:
    reader = look()
    reader.tab.locator("#find-source").select_option(label="Ostania Wire")
    reader.tab.locator("#find-code").select_option(label="Rivalry")
    reader.tab.locator("#find-why").select_option(label="most telling")
    assert reader.texts("#found") == [
        "3 of 3 sentences that fit, of 240 in this report."
    ]
    assert set(reader.texts(".card header b >> nth=0")) == {"Ostania Wire"}
    reader.tab.locator("#find-text").fill("ADMIRAL port")
    assert reader.tab.locator(".card").count() == 1
    reader.tab.locator("#find-text").fill("no such word")
    assert reader.texts("#found") == ["No sentence fits. Clear a choice above."]
    reader.tab.locator("#find-all").click()
    assert reader.tab.locator(".card").count() == 12
    reader.tab.locator("#find-target").select_option(label="the League")
    assert reader.tab.locator(".card").count() > 0
    assert all("League" in text for text in reader.texts(".card .text"))


def test_more_sentences_take_the_focus(look: Open) -> None:
    reader = look()
    reader.tab.locator("#cards-more button").click()
    assert reader.tab.locator(".card").count() == 24
    place = "[...document.querySelectorAll('.card')].indexOf(document.activeElement)"
    assert reader.tab.evaluate(place) == 12


def test_a_number_of_the_mix_opens_its_sentences(look: Open) -> None:
    reader = look()
    row = reader.tab.locator("#mix-table tbody tr", has_text="Evening Lantern")
    row.locator(".num a").nth(2).click()
    assert reader.tab.locator("#find-source option:checked").inner_text() == (
        "Evening Lantern"
    )
    assert reader.tab.locator("#find-code option:checked").inner_text() == "Rivalry"
    assert reader.texts("#found")[0].startswith("5 of 5")


def test_the_sum_of_a_sentence_is_shown_and_right(look: Open) -> None:
    reader = look()
    for text in reader.texts(".card .sum")[:5]:
        base, words, other, log_odds, score = (
            float(part.replace("−", "-").lstrip("=→ ").split()[0])
            for part in text.split("\n")
        )
        assert base + words + other == pytest.approx(log_odds, abs=0.011)
        assert 0 <= score <= 1
    marked = reader.tab.locator(".card").first.locator("mark")
    assert marked.first.get_attribute("title").startswith("+")


def test_links_of_sentences_leak_nothing(look: Open) -> None:
    link = look().tab.locator(".card .from a").first
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert link.get_attribute("href").startswith("https://news.example/")


def test_hostile_articles_stay_text(look: Open) -> None:
    reader = look("hostile")
    tab = reader.tab
    while tab.locator("#cards-more").is_visible():
        tab.locator("#cards-more button").click()
    assert (
        tab.locator("img, iframe, body script:not([id]):not(:last-child)").count() == 0
    )
    assert tab.locator(".card a").count() == 0
    assert tab.title() == visible(PAYLOADS[0])
    found = set(tab.locator(".card .text").all_text_contents())
    assert found == {visible(payload) for payload in PAYLOADS}
    assert tab.evaluate("typeof window.evil") == "undefined"
    strange = "[...document.querySelectorAll('*')].filter((e) => "
    strange += "[...e.attributes].some((a) => a.name.startsWith('on'))).length"
    assert tab.evaluate(strange) == 0


def test_hostile_names_sort_and_filter_too(look: Open) -> None:
    reader = look("hostile")
    reader.tab.locator("#mix-table thead button").first.click()
    reader.tab.locator("#find-source").select_option(index=1)
    assert reader.tab.locator(".card").count() > 0


def test_an_empty_report_opens(look: Open) -> None:
    reader = look("empty")
    assert reader.shown(".nothing") == len(SECTIONS)
    assert reader.shown("form") == 0


@pytest.mark.parametrize("name", ["usual", "hostile"])
@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280, 1920])
def test_nothing_sticks_out_at_any_width(look: Open, width: int, name: str) -> None:
    reader = look(name, viewport={"width": width, "height": 800})
    assert reader.tab.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_shows_each_share_with_its_code(look: Open) -> None:
    reader = look(viewport={"width": 390, "height": 844}, has_touch=True)
    cell = reader.tab.locator("#mix-table tbody tr").first.locator("td.code").first
    label = "(cell) => getComputedStyle(cell, '::before').content"
    assert cell.evaluate(label) == '"Cooperation"'
    table = reader.tab.locator("#mix-table").aria_snapshot()
    assert "rowheader" in table
    assert "columnheader" in table


def test_dark_and_light_by_system_and_by_button(look: Open) -> None:
    reader = look(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = reader.tab.evaluate(ground)
    reader.tab.locator("#theme").click()
    light = reader.tab.evaluate(ground)
    assert dark != light
    assert reader.tab.locator("#theme").inner_text() == "Dark colours"
    assert light == look(color_scheme="light").tab.evaluate(ground)


def test_print_has_every_code_over_time_and_no_controls(look: Open) -> None:
    reader = look(color_scheme="dark")
    reader.tab.emulate_media(media="print")
    assert reader.shown(".panels") == 4
    assert reader.shown("nav, .filters, .more, #theme") == 0
    ink = reader.tab.evaluate("getComputedStyle(document.body).color")
    assert ink == "rgb(28, 31, 32)"


def test_without_script_all_numbers_and_figures_are_there(look: Open) -> None:
    reader = look(java_script_enabled=False)
    assert reader.shown(".panels") == 4
    assert reader.shown("#differences-table tbody tr") == 220
    assert reader.shown("form, .tabs") == 0
    assert reader.shown("noscript .nothing") == 1
