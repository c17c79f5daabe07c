"""The page in a real browser: labelling by keyboard, as a coder does it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from framing.coding.session import Suggestion
from tests.browser import (
    SENTENCES,
    Page,
    make_session,
    make_units,
    migration,
    open_browser,
    served,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Request
    from playwright.sync_api import Page as Tab

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)//",
    "a\u202eb &amp; \u200bc",
    "<svg/onload=alert(1)>",
    "{{7*7}}",
    "\x00\x1b[31m",
)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with open_browser() as browser:
        yield browser


@dataclass
class Desk:
    """A coder at the page; `troubles` are errors of the page and requests abroad."""

    tab: "Tab"
    troubles: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)

    def see(self, place: str, text: str) -> None:
        """Wait until there is a text at a place."""
        self.tab.locator(place, has_text=text).wait_for(timeout=10_000)

    def at(self, number: int) -> None:
        """Wait until a sentence is shown."""
        self.see("#where", f"Sentence {number} of")

    def text(self, place: str) -> str:
        return self.tab.locator(place).inner_text()

    def chosen(self) -> list[str]:
        """Return the titles of the codes that are chosen."""
        return self.tab.locator(".code:has(:checked) .title").all_inner_texts()


Sit = Callable[[Page], Desk]


@pytest.fixture
def sit(browser: "Browser") -> Iterator[Sit]:
    """Open the page as a new browser would; at the end there was no trouble."""
    desks = []

    def open_page(page: Page, **options: Any) -> Desk:
        tab = browser.new_context(**options).new_page()
        desk = Desk(tab)
        tab.on("console", lambda message: note_error(desk, message))
        tab.on("pageerror", lambda error: desk.troubles.append(str(error)))
        tab.on("dialog", lambda dialog: dialog.accept())
        tab.on("request", lambda request: note_abroad(desk, request, page))
        tab.goto(page.address)
        desks.append(desk)
        return desk

    yield open_page
    for desk in desks:
        desk.tab.context.close()
    assert [desk.troubles for desk in desks] == [[] for _ in desks]


def note_error(desk: Desk, message: "ConsoleMessage") -> None:
    if message.type in ("error", "warning"):
        desk.troubles.append(message.text)


def note_abroad(desk: Desk, request: "Request", page: Page) -> None:
    if not request.url.startswith(f"http://127.0.0.1:{page.port}/"):
        desk.troubles.append(request.url)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ana.jsonl"


@pytest.fixture
def page(path: Path) -> Iterator[Page]:
    with served(make_session(path)) as page:
        yield page


def lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_ten_sentences_by_keyboard(sit: Sit, page: Page, path: Path) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press("1", "2", "Enter")
    desk.at(2)
    desk.press("0", "Enter")
    desk.at(3)
    desk.press("2", "w", "q", "q", "Enter")  # one target only: w does nothing
    for keys in (["3", "q", "q"], ["4"], ["n"], ["1", "1", "1"]):
        desk.press(*keys, "Enter")
    desk.at(8)
    desk.see("#done", "7 of 10 labelled")
    desk.see("#left", "left")

    desk.tab.reload()
    desk.at(8)  # it picks up where it stopped
    desk.press("Backspace", "Backspace", "Backspace")
    desk.at(5)
    assert desk.chosen() == ["Sanctions"]
    desk.press("4", "3", "Enter")
    desk.at(6)
    desk.press("Enter", "Enter")  # as they are
    desk.at(8)
    for keys in (["3"], ["2"], ["0"]):
        desk.press(*keys, "Enter")
    desk.see("#notice", "All 10 sentences are labelled and saved.")

    found = [(line["text"], line["codes"], line["stance"]) for line in lines(path)]
    critical = {"Sudmark": "critical"}
    assert found == [
        (SENTENCES[0], ["cooperation", "dependence"], {}),
        (SENTENCES[1], [], {}),
        (SENTENCES[2], ["dependence"], {"Norland": "critical"}),
        (SENTENCES[3], ["rivalry"], critical),
        (SENTENCES[4], ["sanctions"], {}),
        (SENTENCES[5], [], {}),
        (SENTENCES[6], ["cooperation"], {}),
        (SENTENCES[4], ["rivalry"], {}),
        (SENTENCES[7], ["rivalry"], {}),
        (SENTENCES[8], ["dependence"], {}),
        (SENTENCES[9], [], {}),
    ]
    assert all(line["order"] == "sample" for line in lines(path))
    again = make_session(path)
    assert (again.n_done, again.first_open()) == (10, None)


def test_a_fast_hand_does_not_outrun_the_page(sit: Sit, page: Page, path: Path) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press(*(key for i in range(10) for key in (str(i % 4 + 1), "Enter")))
    desk.see("#notice", "All 10 sentences")
    codes = ["cooperation", "dependence", "rivalry", "sanctions"]
    assert [line["codes"] for line in lines(path)] == [
        [codes[i % 4]] for i in range(10)
    ]


def test_nothing_is_saved_before_enter_and_nothing_lost_on_the_way_back(
    sit: Sit, page: Page, path: Path
) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press("1", "Enter")
    desk.at(2)
    desk.press("3", "4")
    desk.see("#state", "not saved yet")
    desk.press("Backspace")
    desk.at(1)
    desk.see("#status", "Your choice on sentence 2 is kept, but not saved.")
    assert len(lines(path)) == 1
    desk.press("s")
    desk.at(2)
    assert desk.chosen() == ["Rivalry", "Sanctions"]
    desk.press("Enter")
    desk.at(3)
    assert lines(path)[1]["codes"] == ["rivalry", "sanctions"]


def test_leaving_the_page_with_a_choice_unsaved_asks_first(
    sit: Sit, page: Page
) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press("1", "Enter")
    desk.at(2)
    asked: list[str] = []
    desk.tab.on("dialog", lambda dialog: asked.append(dialog.type))
    desk.tab.reload()
    desk.at(2)
    assert asked == []
    desk.press("3")
    desk.see("#state", "not saved yet")
    desk.tab.reload()
    desk.at(2)
    assert asked == ["beforeunload"]


def test_enter_with_nothing_chosen_says_so(sit: Sit, page: Page, path: Path) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press("Enter")
    desk.see("#status", "Choose a code, or 0 for none of them.")
    desk.press("1", "1", "Enter")  # chosen and unchosen
    desk.see("#status", "Choose a code")
    assert desk.text("#where") == "Sentence 1 of 10"
    assert lines(path) == []


def test_none_and_codes_exclude_each_other(sit: Sit, page: Page) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press("1", "3")
    assert desk.chosen() == ["Cooperation", "Rivalry"]
    desk.press("0")
    assert desk.chosen() == ["None of these"]
    desk.press("2")
    assert desk.chosen() == ["Dependence"]


def test_skipped_sentences_come_again(sit: Sit, page: Page, path: Path) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press("s")
    desk.at(2)
    for number in range(3, 11):
        desk.press("0", "Enter")
        desk.at(number)
    desk.press("0", "Enter")
    desk.at(1)
    desk.press("s")
    desk.see("#status", "This is the only sentence left.")
    desk.press("1", "Enter")
    desk.see("#notice", "All 10 sentences")
    desk.press("Backspace")
    desk.at(10)
    assert desk.chosen() == ["None of these"]


def test_keys_are_letters_in_the_note(sit: Sit, page: Page, path: Path) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press("m")
    desk.tab.keyboard.type("n0 s1 unsure? ")
    desk.press("Enter")
    desk.tab.keyboard.type("second line")
    assert desk.text("#where") == "Sentence 1 of 10"
    desk.press("Escape", "2", "Enter")
    desk.at(2)
    assert desk.tab.locator("#note").input_value() == ""
    [line] = lines(path)
    assert line["note"] == "n0 s1 unsure? \nsecond line"
    assert line["codes"] == ["dependence"]


def test_keys_with_ctrl_alt_or_an_input_method_are_left_alone(
    sit: Sit, page: Page
) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press("Control+1", "Alt+2", "Meta+3")
    desk.tab.evaluate(
        """() => {
          const options = { key: "1", bubbles: true };
          document.body.dispatchEvent(
            new KeyboardEvent("keydown", { ...options, isComposing: true }));
          document.body.dispatchEvent(
            new KeyboardEvent("keydown", { ...options, keyCode: 229 }));
          document.body.dispatchEvent(
            new KeyboardEvent("keydown", { ...options, repeat: true }));
        }"""
    )
    desk.press("4")
    desk.see("#state", "not saved yet")
    assert desk.chosen() == ["Sanctions"]


def test_it_works_by_tab_and_space_without_letter_keys(
    sit: Sit, page: Page, path: Path
) -> None:
    desk = sit(page)
    desk.at(1)
    desk.press("?")
    desk.tab.locator("#letters").uncheck()
    desk.press("1")
    desk.tab.locator("#letters").focus()
    focused = "document.activeElement.value || document.activeElement.id"
    desk.press("Tab")
    assert desk.tab.evaluate(focused) == "cooperation"
    desk.press("Space", "Tab", "Tab", "Space", "Tab", "Tab", "Tab")
    desk.press("ArrowRight", "ArrowRight", "Tab", "Tab", "Tab")
    assert desk.tab.evaluate(focused) == "skip"  # no way back from the first
    desk.press("Tab", "Enter")
    desk.at(2)
    [line] = lines(path)
    assert line["codes"] == ["cooperation", "rivalry"]
    assert line["stance"] == {"Norland": "critical"}


def test_help_shows_the_keys_and_the_entries_of_the_codebook(
    sit: Sit, page: Page
) -> None:
    desk = sit(page)
    desk.at(1)
    assert not desk.tab.locator("#keys").is_visible()
    assert "Actors act together" in desk.text("#codes")
    desk.press("?")
    desk.see("#keys", "one sentence back")
    assert "joint statements" in desk.text("#codes")
    assert desk.tab.locator("#help").get_attribute("aria-expanded") == "true"
    desk.press("?")
    desk.tab.locator("#keys").wait_for(state="hidden")


def test_what_a_screen_reader_is_told(sit: Sit, page: Page) -> None:
    desk = sit(page)
    desk.at(1)
    tab = desk.tab
    assert tab.evaluate("document.activeElement.id") == "text"
    box = tab.get_by_role("checkbox", name="Cooperation", exact=True)
    assert box.get_attribute("aria-keyshortcuts") == "1"
    name = "Which codes does the sentence carry?"
    assert tab.get_by_role("group", name=name).count() == 1
    assert tab.get_by_role("radiogroup", name="Norland").count() == 1
    assert tab.get_by_role("textbox", name="Note").count() == 1
    assert tab.get_by_role("progressbar", name="Sentences labelled").count() == 1
    assert tab.get_by_role("article", name="Sentence 1 of 10").count() == 1
    desk.press("q")
    desk.see("[role=status]", "Norland: favourable")
    desk.press("1", "Enter")
    desk.see("[role=status]", "Saved. Sentence 2 of 10.")
    assert tab.evaluate("document.activeElement.id") == "text"


def test_markup_in_texts_stays_text(sit: Sit, path: Path) -> None:
    units = [
        replace(
            unit,
            title=text,
            source=text,
            date=text,
            before=text,
            after=text,
            targets=(text,),
        )
        for unit, text in zip(make_units(PAYLOADS), PAYLOADS, strict=True)
    ]
    with served(make_session(path, units)) as page:
        desk = sit(page)
        for number, text in enumerate(PAYLOADS, 1):
            desk.at(number)
            for place in ("#text", "#before", "#after", ".title >> nth=0", ".source"):
                assert desk.tab.locator(place).text_content() == text
            assert desk.tab.locator("main :is(script, img, svg, iframe)").count() == 0
            assert desk.tab.locator(".name bdi").text_content() == text
            desk.press("q", "0", "Enter")
        desk.see("#notice", "All 7 sentences")
    assert [line["text"] for line in lines(path)] == list(PAYLOADS)


def test_blind_shows_no_title_source_or_date(sit: Sit, path: Path) -> None:
    with served(make_session(path), blind=True) as page:
        desk = sit(page)
        desk.at(1)
        assert "Invented" not in desk.text("body")
        assert "2026" not in desk.text("body")


def test_a_suggestion_is_marked_and_taken_only_by_its_key(sit: Sit, path: Path) -> None:
    found = Suggestion(("cooperation",), {"Norland": "favourable"})
    units = [replace(unit, suggestion=found) for unit in make_units()]
    with served(make_session(path, units), suggest=True) as page:
        desk = sit(page)
        desk.at(1)
        assert desk.chosen() == []
        assert desk.tab.locator(".badge:visible").count() == 1
        desk.press("a", "Enter")
        desk.at(2)
    [line] = lines(path)
    assert line["codes"] == ["cooperation"]
    assert line["stance"] == {"Norland": "favourable"}


def test_single_coding_takes_one_code_and_no_none(sit: Sit, path: Path) -> None:
    with served(make_session(path, codebook=migration(single=True))) as page:
        desk = sit(page)
        desk.at(1)
        desk.press("0")
        desk.see("#status", "Every sentence takes exactly one code.")
        desk.press("Enter")
        desk.see("#status", "Choose a code.")
        desk.press("1", "2")
        assert desk.chosen() == ["Security"]
        desk.press("Enter")
        desk.at(2)
    assert [line["codes"] for line in lines(path)] == [["security"]]


def test_two_tabs_lose_nothing(sit: Sit, page: Page, path: Path) -> None:
    one, two = sit(page), sit(page)
    for desk in (one, two):
        desk.at(1)
    one.press("1", "Enter")
    one.at(2)
    two.press("3", "Enter")
    two.at(2)
    one.press("2", "Enter")
    one.at(3)
    two.press("Backspace")
    two.at(1)
    assert two.chosen() == ["Rivalry"]
    two.press("Enter")
    two.at(2)
    assert two.chosen() == ["Dependence"]
    codes = [(line["start"], line["codes"]) for line in lines(path)]
    second = len(SENTENCES[0]) + 1
    assert codes == [(0, ["cooperation"]), (0, ["rivalry"]), (second, ["dependence"])]


def test_when_the_program_has_gone_the_choice_is_kept(sit: Sit, path: Path) -> None:
    with served(make_session(path)) as page:
        desk = sit(page)
        desk.at(1)
        desk.press("1")
    desk.press("Enter")
    desk.see("#alert", "Not saved, but kept. The program does not answer.")
    assert desk.chosen() == ["Cooperation"]
    with served(page.session, port=page.port):
        desk.press("Enter")
        desk.at(2)
        assert desk.text("#alert") == ""
    assert len(lines(path)) == 1
    desk.troubles = [text for text in desk.troubles if "REFUSED" not in text]


def test_without_its_token_the_page_asks_for_the_address(sit: Sit, page: Page) -> None:
    desk = sit(page)
    desk.at(1)
    desk.tab.goto("about:blank")
    desk.tab.goto(f"http://127.0.0.1:{page.port}/")
    desk.see("#notice", "Open the whole address that the terminal shows")


def test_nothing_to_label_is_said(sit: Sit, path: Path) -> None:
    with served(make_session(path, [])) as page:
        sit(page).see("#notice", "There is no sentence to label.")


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_nothing_sticks_out(sit: Sit, path: Path, width: int) -> None:
    long = replace(make_units(["x" * 400])[0], title="y" * 300, targets=("z" * 60,))
    with served(make_session(path, [long])) as page:
        desk = sit(page)
        desk.at(1)
        desk.press("?")
        desk.tab.set_viewport_size({"width": width, "height": 700})
        needed = desk.tab.evaluate("document.documentElement.scrollWidth")
        assert needed <= width


def contrast(tab: "Tab", place: str) -> float:
    """Return the contrast of a text to what is behind it, as WCAG 2.2 counts it."""
    return float(tab.evaluate(CONTRAST, place))


CONTRAST = """(place) => {
  const node = document.querySelector(place);
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255);
    const [r, g, b] = parts.map(
      (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let behind = node;
  const isClear = (n) => getComputedStyle(n).backgroundColor === "rgba(0, 0, 0, 0)";
  while (isClear(behind)) behind = behind.parentElement;
  const pair = [getComputedStyle(node).color, getComputedStyle(behind).backgroundColor];
  const [low, high] = pair.map(light).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_in_light_and_dark(sit: Sit, path: Path, scheme: str) -> None:
    found = Suggestion(("cooperation",), {})
    units = [replace(unit, suggestion=found) for unit in make_units()]
    with served(make_session(path, units), suggest=True) as page:
        desk = sit(page, color_scheme=scheme)  # type: ignore[call-arg]
        desk.at(1)
        desk.press("1")
        desk.see("#state", "not saved yet")
        for place in (
            *("#text", "#after", "#article", "#done", "#state", "#next", "#back"),
            *(".definition", ".badge", "kbd", "#next kbd", "#who", ".values label"),
        ):
            assert contrast(desk.tab, place) >= 4.5, place
