import json
import re
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.project import Project, read_codebook_targets
from framing.seedwords import SeedGroup, SeedWords, cut_words
from framing.targets import Targets
from framing.views import MANY, NEAR, OTHER, TARGET, View, Viewer

ROOT = Path(__file__).parents[1]
ALIASES = {
    "Iran": "Iran",
    "Tehran": "Iran",
    "Israel": "Israel",
    "South Korea": "South Korea",
    "U.S.": "United States",
    "NATO": "NATO",
    "M23": "M23",
}
TARGETS = Targets(
    ("Iran", "Israel", "South Korea", "United States", "NATO"),
    ALIASES,
    {"NATO": "bloc", "M23": "group"},
)
SEEDS = SeedWords(
    [
        SeedGroup("pacts", "deal", "tag", ("pact~", "treaty")),
        SeedGroup("signing", "deal", "tag", ("sign~",)),
        SeedGroup("talks", "deal", "hint", ("talk~",)),
        SeedGroup("shots", "row", "tag", ("shell~",)),
        SeedGroup("blame", "critical", "stance", ("accus*",)),
        SeedGroup("praise", "favourable", "stance", ("prais*",)),
    ]
)
ACCUSED = "Iran accused Israel of piracy at sea on Monday night."
PIECES = [
    *"  .,-:;'’()“”–—|<>_ßİﬁa1²",
    *("Iran", "Israel", "U.S.", "South Korea", "NATO", "Tehran", "M23"),
    *("accused", "praised", "pact", "shelled", "talks", "who", "and", " - "),
]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join) | st.text(max_size=60)


VIEWER = Viewer(TARGETS, SEEDS)


def see(text: str) -> View:
    return VIEWER.view(VIEWER.read(text))


def see_from(target: str, text: str) -> View:
    return VIEWER.view_target(VIEWER.read(text), target)


def words_of(view: View) -> str:
    return " ".join(view.words)


def test_view_is_lower_case_words_with_actors_masked_by_kind() -> None:
    text = "NATO and the U.S.-South Korea pact: M23 rebels “LEFT” Tehran."
    assert words_of(see(text)) == (
        "<bloc> and the <state> <state> pact <group> rebels left <state>"
    )


def test_view_of_a_relation_is_the_same_whoever_it_is_between() -> None:
    one = see("Iran shelled Israel.")
    assert one == see("South Korea shelled the U.S.".replace("the ", ""))
    assert one != see("Iran shelled NATO.")


def test_name_of_no_known_actor_stays_a_word() -> None:
    assert words_of(see("Peru shelled Iranian ships")) == ("peru shelled iranian ships")


def test_view_has_the_groups_found_once_each_and_sorted() -> None:
    view = see("They sign a pact, a treaty and more pacts in talks.")
    assert view.groups == ("pacts", "signing", "talks")
    assert view.sides == view.places == ()


def test_stance_words_stay_out_of_frame_groups_and_codes() -> None:
    view = see("Iran praised the pact and accused Israel.")
    assert view.groups == ("pacts",)
    assert view.codes == ("deal tagged", "actors 2")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Nothing here.", []),
        ("A pact.", ["deal tagged"]),
        ("A pact, a treaty.", ["deal tagged"]),
        ("They sign a pact.", ["deal tagged", "deal tagged twice"]),
        ("Talks.", ["deal hinted"]),
        (
            "Talks on a pact.",
            ["deal tagged", "deal hinted", "deal tagged and hinted"],
        ),
        (
            "They sign a pact in talks.",
            [
                *("deal tagged", "deal tagged twice", "deal hinted"),
                *("deal tagged and hinted", "deal three groups"),
            ],
        ),
        ("They shell a pact.", ["deal tagged", "row tagged"]),
    ],
)
def test_codes_say_what_the_groups_say_in_sum(text: str, codes: list[str]) -> None:
    assert list(see(text).codes) == [*codes, "actors 0"]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("Rain.", 0),
        ("Iran, Iran and Tehran.", 1),
        ("Iran and Israel.", 2),
        ("Iran, Israel, NATO.", 3),
        ("Iran, Israel, NATO, M23, U.S. allies.", MANY),
    ],
)
def test_actors_are_counted_once_each_up_to_many(text: str, n: int) -> None:
    assert see(text).codes[-1] == f"actors {n}"


def test_each_of_two_targets_is_seen_as_target_and_the_other_as_other() -> None:
    rest = "of piracy at sea on monday night"
    iran, israel = see_from("Iran", ACCUSED), see_from("Israel", ACCUSED)
    assert words_of(iran) == f"{TARGET} accused {OTHER} {rest}"
    assert words_of(israel) == f"{OTHER} accused {TARGET} {rest}"


def test_all_names_of_a_target_are_masked_as_target() -> None:
    view = see_from("Iran", "Tehran said Iran and NATO talk.")
    assert words_of(view) == f"{TARGET} said {TARGET} and {OTHER} talk"


def test_sides_of_the_accuser() -> None:
    view = see_from("Iran", "Iran accused Israel of piracy at sea.")
    assert view.sides == (
        *(">accused", ">caccused", ">>accused"),
        *(f">{OTHER}", f">c{OTHER}", f">>{OTHER}"),
        *(">of", ">xcof", ">>of"),
        *(">piracy", ">xcpiracy", ">>piracy"),
        *(">at", ">xcat"),
        *(">sea", ">xcsea"),
    )


def test_sides_of_the_accused() -> None:
    view = see_from("Israel", "Iran accused Israel of piracy.")
    assert view.sides == (
        *(f"<{OTHER}", f"<c{OTHER}", f"<<{OTHER}"),
        *("<accused", "<caccused", "<<accused"),
        *(">of", ">cof", ">>of"),
        *(">piracy", ">cpiracy", ">>piracy"),
    )


def test_words_beyond_near_and_in_another_clause_have_their_side_only() -> None:
    view = see_from("Iran", "Iran left town at night, nobody cheered.")
    assert NEAR == 4
    assert {word for word in view.sides if word.endswith("night")} == {
        *(">night", ">cnight", ">>night"),
    }
    assert view.sides[-2:] == (">nobody", ">cheered")


@pytest.mark.parametrize(
    "mark", [",", ";", ":", " –", " —", " -", " (", ")", " “", '"', " who", " because"]
)
def test_clause_ends_at_a_mark_or_at_a_clause_word(mark: str) -> None:
    view = see_from("Iran", f"Iran slept{mark} ships burned.")
    assert ">cslept" in view.sides
    assert ">ships" in view.sides
    assert ">cships" not in view.sides


@pytest.mark.parametrize("text", ["Iran slept. ships", "Iran slept sea-ships"])
def test_clause_goes_on_over_a_stop_or_a_hyphen(text: str) -> None:
    assert ">cships" in see_from("Iran", text).sides


def test_side_is_that_of_the_nearest_mention() -> None:
    view = see_from("Iran", "Iran waits now that all call Tehran mad.")
    sides = {word for word in view.sides if not word.startswith((">>", "<<"))}
    assert {">waits", ">now", "<all", "<call", ">mad"} <= sides


def test_places_of_a_judging_word_differ_for_accuser_and_accused() -> None:
    def expected(side: str) -> list[str]:
        ends = ["", side, f"{side}|", side * 2, "=", f"{side}=", f"{side}=|"]
        return sorted(name + end for name in ("blame", "critical") for end in ends)

    assert list(see_from("Iran", ACCUSED).places) == expected(">")
    assert list(see_from("Israel", ACCUSED).places) == expected("<")


def test_place_behind_another_actor_or_clause_says_so() -> None:
    places = see_from("Iran", "Iran told NATO, which accused Israel.").places
    assert "blame>x" in places
    assert not {"blame>|", "blame=", "blame>=", "blame>=|"} & set(places)
    places = see_from("Iran", "Iran saw NATO accused of lies.").places
    assert {"blame>x", "blame=", "blame>="} <= set(places)
    assert "blame>=|" not in places


def test_places_hold_only_words_that_speak_for_a_stance() -> None:
    view = see_from("Israel", "Iran shelled Israel and praised the pact.")
    assert view.groups == ("pacts", "shots")
    assert {name.rstrip("<>|=x") for name in view.places} == {"praise", "favourable"}


def test_pattern_that_ends_in_the_target_stands_before_it() -> None:
    group = SeedGroup("blame", "critical", "stance", ("accus* <actor>",))
    viewer = Viewer(TARGETS, SeedWords([group]))
    reading = viewer.read("Iran accused Israel.")
    before = set(viewer.view_target(reading, "Israel").places)
    behind = set(viewer.view_target(reading, "Iran").places)
    assert {"blame<", "blame<<", "blame<=|"} <= before
    assert {"blame>", "blame>>", "blame>=|"} <= behind
    assert not any(">" in place for place in before)
    assert not any("<" in place for place in behind)


def test_frame_words_have_no_place_and_stance_view_no_codes() -> None:
    view = see_from("Iran", "Iran signed a pact with Israel.")
    assert view.groups == ("pacts", "signing")
    assert view.places == view.codes == ()


def test_target_that_is_not_named_has_no_sides_and_no_places() -> None:
    view = see_from("NATO", ACCUSED)
    assert view.sides == view.places == ()
    assert TARGET not in view.words


def test_view_without_actors_and_seed_words_is_its_words() -> None:
    plain = Viewer(Targets(), SeedWords(()))
    view = plain.view(plain.read("Iran accused Israel."))
    assert view == View(("iran", "accused", "israel"), (), ("actors 0",))
    assert plain.view(plain.read("")) == View((), (), ("actors 0",))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(TEXTS)
def test_view_has_one_word_a_token_and_no_mask_but_those_of_actors(text: str) -> None:
    view = see(text)
    tokens = cut_words(text, TARGETS.find(text))
    assert len(view.words) == len(tokens)
    for word, token in zip(view.words, tokens, strict=True):
        if token.text == "<actor>":
            kind = TARGETS.kinds.get(ALIASES[text[token.start : token.end]], "state")
            assert word == f"<{kind}>"
        else:
            assert word == token.text


@settings(max_examples=40, deadline=None, derandomize=True)
@given(TEXTS)
def test_every_word_but_the_target_has_one_side(text: str) -> None:
    view = see_from("Iran", text)
    masked = {"<actor>": OTHER}
    words = [masked.get(w, w) for w in view.words if w != TARGET]
    named = any(m.actor == "Iran" for m in TARGETS.find(text))
    sided = [s for s in view.sides if re.match(r"[<>](?![<>xc])|[<>]<other>", s)]
    assert (TARGET in view.words) is named
    if named:
        assert {s[1:] for s in view.sides} >= set(words)
    else:
        assert not view.sides
    assert len(sided) <= len(words)


def test_shipped_seed_words_of_stance_reach_no_frame_feature() -> None:
    project = Project(ROOT, "relations")
    codebook = project.read_codebook()
    seeds = project.read_seed_words(codebook)
    viewer = Viewer(read_codebook_targets(codebook), seeds)
    judging = {group.name for group in seeds.groups if group.role == "stance"}
    path = project.labels / "coder-c.jsonl"
    with path.open(encoding="utf-8") as lines:
        readings = [
            viewer.read(json.loads(line)["text"]) for line in islice(lines, 400)
        ]
    found = {hit.group for reading in readings for hit in reading.hits}
    views = [viewer.view(reading) for reading in readings]
    assert judging & found
    assert not judging & {group for view in views for group in view.groups}
    codes = {code for view in views for code in view.codes}
    assert not {code for code in codes if code.startswith(codebook.stances)}
