"""What commands show a person: room, signs, colours, and what to do next."""

import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from framing.cli import common, gloss, mixtable
from framing.trust import DOUBT, Check, Trust
from tests.conftest import Framing, call, json_lines

WIDTH = 80
CHINA = "China and Russia signed a gas deal, and China praised the partnership."
TEXT = f"{CHINA} Border police stopped the workers. Families fled from the war."
HOSTILE = {
    "wide letters": "東京新聞東京新聞東京新聞東京新聞東京新聞東京新聞",
    "wide signs": "🕊" * 30,
    "escapes": "\x1b[31mRed\x1b]0;title\x07 Paper",
    "right to left": "\u202etxet \u202c News",
    "markup": "[bold red]Loud[/] [link=x]y[/link]",
    "zero width": "e\u0301\u200b" * 20,
}
CODED = ("economy", "security", "humanity")


def fits(text: str) -> bool:
    return all(cell_len(line) <= WIDTH for line in text.splitlines())


def harmless(text: str) -> bool:
    return all(c.isprintable() or c == "\n" for c in text)


@pytest.fixture(scope="session")
def many(migration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return results of 30 outlets with ever more articles, some of hostile names."""
    names = [*HOSTILE.values(), *(f"Outlet {n:02d}" for n in range(30 - len(HOSTILE)))]
    articles = [
        {
            "id": f"{n}-{i}",
            "source": name,
            "date": f"202{i % 3}-03-01",
            "text": f"{TEXT} The {n} workers pay {i} taxes.",
        }
        for n, name in enumerate(names)
        for i in range(36 - n)
    ]
    folder = tmp_path_factory.mktemp("many")
    (folder / "a.jsonl").write_text(json_lines(articles), encoding="utf-8")
    options = ("--project", migration, "--quiet", "-o", folder / "results")
    assert call("score", folder / "a.jsonl", *options) == 0
    return folder / "results"


@pytest.fixture
def asked(framing: Framing, migration: Path, many: Path) -> Callable[..., Any]:
    def run(command: str, *options: object) -> Any:
        return framing(command, many, *options, "--project", migration)

    return run


@pytest.mark.parametrize(
    "command",
    [
        "score",
        "score --all",
        "score --by month",
        "compare",
        "compare --all",
        "compare --reference rest --all",
        "compare --by year --all",
        "compare --event 2021-01-01 --all",
    ],
)
def test_names_of_any_letters_fit_and_do_no_harm(
    asked: Callable[..., Any], command: str
) -> None:
    name, *options = command.split()
    ran = asked(name, *options)
    assert ran.code == 0, ran.err
    assert fits(ran.out)
    assert harmless(ran.out)
    assert harmless(ran.err)
    if command in ("score", "score --all", "compare --all"):
        assert "東京" in ran.out


def test_many_outlets_are_the_twenty_with_most_articles(
    asked: Callable[..., Any],
) -> None:
    ran = asked("score")
    table, bars = ran.out.partition("Can I trust this?")[0].split("\nMix of")
    for part in (table, bars):
        # Six hostile names and fourteen others have most articles.
        assert set(re.findall(r"Outlet \d\d", part)) == {
            f"Outlet {n:02d}" for n in range(14)
        }
    assert "Shown are the 20 with most articles of 30" in ran.out
    assert "mean score" not in table
    everything = asked("score", "--all").out
    assert "Outlet 23" in everything
    assert "mean score" in everything


def test_of_many_periods_the_last_are_shown(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    articles = [
        {
            "id": f"{month}-{i}",
            "source": "A",
            "date": f"{2020 + month // 12}-{month % 12 + 1:02d}-01",
            "text": f"{month} workers pay {i} taxes.",
        }
        for month in range(24)
        for i in range(5)
    ]
    (tmp_path / "a.jsonl").write_text(json_lines(articles))
    ran = framing("score", "a.jsonl", "--by", "month", "--project", migration)
    assert "Shown are the 20 last of 24" in ran.out
    assert "2020-04" not in ran.out
    assert "2021-12" in ran.out


@pytest.mark.parametrize(
    ("command", "following"),
    [
        ("score {results}", "framing compare {results}"),
        ("compare {results}", "framing annotate {results} --order sample"),
        (f'explain "{CHINA}"', "framing evaluate"),
        ("evaluate", "framing evaluate --thresholds"),
        ("evaluate --thresholds", "framing score ARTICLES --threshold CODE=0.6"),
    ],
)
def test_the_next_command_is_named_unless_quiet(
    framing: Framing, migration: Path, many: Path, command: str, following: str
) -> None:
    arguments = shlex.split(command.format(results=many))
    ran = framing(*arguments, "--project", migration)
    last = ran.err.splitlines()[-1]
    assert last.startswith(f"Next: {following.format(results=common.argument(many))}")
    assert "\x1b" not in ran.out + ran.err  # nothing coloured off a terminal
    assert framing(*arguments, "--project", migration, "-q").err == ""


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_names_make_room_for_numbers(
    capsys: pytest.CaptureFixture[str], n: int
) -> None:
    row = [*["東京新聞 and a long name"] * n, *["12, 34", "+11.2", "-20.1 to +30.4"]]
    common.print_table([""] * len(row), [row], text_columns=n)
    out = capsys.readouterr().out
    assert fits(out)
    assert "12, 34 +11.2 -20.1 to +30.4" in out


def test_a_folder_of_any_name_can_be_typed(tmp_path: Path) -> None:
    assert common.argument(Path("my results")) == "'my results'"
    assert "\x1b" not in common.argument(Path("a\x1b[31m"))


def test_articles_of_both_sides_are_told(asked: Callable[..., Any]) -> None:
    ran = asked("compare", "--reference", "Outlet 00")
    told = " ".join(ran.out.split())
    assert re.search(r"Articles: .*Outlet 00 30;.*Outlet 01 29[;.]", told)
    rest = " ".join(asked("compare", "--reference", "rest").out.split())
    total = sum(36 - n for n in range(30))
    assert f"Articles, of {total} in all: " in rest


def test_change_at_an_event_stands_beside_both_shares(
    asked: Callable[..., Any],
) -> None:
    ran = asked("compare", "--event", "2021-01-01", "--all")
    found = asked("compare", "--event", "2021-01-01", "--json").json
    share = {
        (r["period"], r["code"]): (f"{100 * r['share']:.0f}", r["n_articles"])
        for r in found["shares"]
        if r["source"] == "Outlet 00"
    }
    for code in CODED:
        (before, n), (after, m) = share["before", code], share["after", code]
        row = rf"^Outlet 00 +{code} +{n}, {m} +{before}, {after} +[+-]\d"
        assert re.search(row, ran.out, re.MULTILINE)
    assert "Differences between two such changes" in ran.out


# Can I trust this?


def shown_trust(capsys: pytest.CaptureFixture[str], *checks: Check) -> list[str]:
    mixtable.print_trust(Trust(list(checks)))
    return capsys.readouterr().out.splitlines()[2:]


def test_warnings_come_first_and_each_check_has_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    unseen = "unseen in training: usually 94 %, at least 89 %"
    fine = Check("words", 0.9, 0.94, False, f"The model knows 90 % ({unseen}).")
    bad = Check(
        *("scores", 0.5, 0.23, True),
        "Sentences score far lower than unseen ones of training (distance 0.50 of 1; "
        f"unseen in training: at most 0.23){DOUBT}",
    )
    names = ", ".join(["A Paper of (some) Length"] * 3)
    new = Check(
        *("sources", 9, float("nan"), False),
        f"9 of 10 sources were not in training: {names}; on the others it errs less.",
    )
    nothing = Check("years", 0.0, float("nan"), False, "All years were in training.")
    assert shown_trust(capsys, fine, nothing, new, bad) == [
        "! Sentences score far lower than unseen ones of training: unlike training.",
        f"- The model knows 90 % ({unseen}).",
        "- 9 of 10 sources were not in training.",
    ]


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=9))
def test_filled_text_fits(word: str) -> None:
    text = " ".join([word, "wörter"] * 20)
    found = common.fill(text, hanging="  ")
    assert fits(found)
    assert "".join(found.split()) == "".join(text.split())


# explain


@pytest.mark.parametrize("study", ["migration", "relations"])
@pytest.mark.parametrize(
    "text",
    [
        "Police at the border stopped workers who pay taxes.",
        CHINA,
        f"{'東京と北京' * 12} China signed a gas deal.",
        "China \x1b[31msigned\x07 a gas deal.",
    ],
)
def test_marks_fit_and_add_up(
    framing: Framing, request: pytest.FixtureRequest, study: str, text: str
) -> None:
    place = request.getfixturevalue(study)
    ran = framing("explain", text, at=place)
    assert fits(ran.out)
    assert harmless(ran.out)
    blocks = re.findall(
        r"log-odds of (\w+)\n\n((?:    .*\n)+)  = (.*(?:\n    .*)*)\n", ran.out
    )
    assert blocks
    codes = framing("explain", text, "--json", at=place).json["codes"]
    given_codes = [code for code, own in codes.items() if own["decided"]]
    assert [code for code, *_ in blocks] == (given_codes or [blocks[0][0]])
    for _, lines, sums in blocks:
        marks = [float(m) for m in re.findall(r"[+-]\d+\.\d\d", lines)]
        *parts, total = [float(m) for m in re.findall(r"[+-]\d+\.\d\d", sums)]
        assert sum(marks) == pytest.approx(parts[0], abs=0.005 * (len(marks) + 1))
        assert sum(parts) == pytest.approx(total, abs=0.03)


def test_words_in_json_add_up_to_the_log_odds(
    framing: Framing, relations: Path
) -> None:
    found = framing("explain", CHINA, "--json", at=relations).json
    for code in found["codes"].values():
        words = sum(word["log_odds"] for word in code["words"])
        total = sum(part["log_odds"] for part in code["moved"])
        assert words + code["no_word"] + code["no_place"] == pytest.approx(total)
    first = found["codes"]["cooperation"]["words"][0]
    assert CHINA[first["start"] : first["end"]] == "China"


WORDS = st.sampled_from(["treaty", "a", "東京", "wide—dash", "pact's", "x" * 90, "🕊"])


@given(
    st.lists(
        st.tuples(WORDS, st.floats(-9, 9, allow_nan=False)), min_size=1, max_size=9
    )
)
def test_pieces_hold_the_text_and_its_weights(words: list[tuple[str, float]]) -> None:
    text, spans = "", []
    for word, _ in words:
        spans.append((len(text), len(text) + len(word)))
        text += f"{word} "
    weights = [weight for _, weight in words]
    pieces = gloss.cut_pieces(text.strip(), spans, weights)
    assert "".join(piece.text for piece in pieces) == text.replace(" ", "")
    assert sum(piece.amount for piece in pieces) == pytest.approx(sum(weights))


def test_name_of_an_actor_is_one_piece() -> None:
    text = "The European Union signed."
    pieces = gloss.cut_pieces(text, [(0, 3), (4, 18), (19, 25)], [0.0, 1.0, -1.0])
    assert [piece.text for piece in pieces] == ["The", "European Union", "signed."]
    assert [piece.mark for piece in pieces] == ["", "+1.00", "-1.00"]


@pytest.mark.parametrize("no_color", [False, True])
def test_marks_are_coloured_on_a_terminal_alone(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    no_color: bool,
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    marked = SimpleNamespace(
        spans=[(0, 6), (7, 13)],
        weights=np.array([[0.5], [-0.5]]),
        base=np.array([0.0]),
        elsewhere=np.array([0.0]),
        log_odds=np.array([0.0]),
    )
    gloss.print_gloss("States signed.", marked, 0)
    out = capsys.readouterr().out
    assert "\x1b[1" in out  # bold
    assert bool(re.search(r"\x1b\[1;3", out)) != no_color
