import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.codebook import Codebook
from framing.errors import CodebookError
from framing.project import Project, read_codebook_targets
from framing.records import Mention
from framing.seedwords import SeedWords
from framing.targets import Targets, read_targets
from framing.views import Viewer

ROOT = Path(__file__).parents[1]
ACTORS = """\
[targets]
"the West" = ["the West", "Western", "West"]
"Palestinians" = ["the West Bank", "West Bank"]
"United States" = ["US", "U.S.", "White House"]
"EU" = ["EU", "Brussels"]

[kinds]
bloc = ["the West", "EU"]

[actors.state]
"Peru" = ["Peru", "Lima"]

[actors.group]
"rebels" = ["M23"]
"""
NO_LIST = 'every entry needs a list of names: "X" = ["x", "y"].'
PIECES = ["the", "West", "Bank", "US", "U.S.", "White", "House", "EU", "M23", "U"]
PIECES += [*"  .,-'_", "n", "s", "Ü"]


@pytest.fixture
def targets(tmp_path: Path) -> Targets:
    return read(tmp_path, ACTORS)


def read(folder: Path, text: str) -> Targets:
    path = folder / "targets.toml"
    path.write_text(text, encoding="utf-8")
    return read_targets(path)


def named(targets: Targets, text: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.actor) for m in targets.find(text)]


def test_file_gives_targets_aliases_and_kinds(targets: Targets) -> None:
    assert targets.names == ("the West", "Palestinians", "United States", "EU")
    assert targets.aliases["Lima"] == "Peru"
    assert targets.kinds["EU"] == "bloc"
    assert targets.kinds["rebels"] == "group"
    assert targets.kinds["Peru"] == "state"


def test_mention_has_place_actor_and_kind(targets: Targets) -> None:
    assert targets.find("In Lima the EU met M23.") == [
        Mention(3, 7, "Peru", "state"),
        Mention(12, 14, "EU", "bloc"),
        Mention(19, 22, "rebels", "group"),
    ]


def test_actor_of_no_stated_kind_is_a_state(targets: Targets) -> None:
    assert targets.find("US") == [Mention(0, 2, "United States", "state")]


def test_longest_alias_wins(targets: Targets) -> None:
    assert named(targets, "the West Bank and the West, West Bank, Western") == [
        ("the West Bank", "Palestinians"),
        ("the West", "the West"),
        ("West Bank", "Palestinians"),
        ("Western", "the West"),
    ]


def test_alias_with_full_stops_is_found_also_at_the_end(targets: Targets) -> None:
    text = "U.S. troops, U.S.-led, the U.S.: he left the U.S."
    assert named(targets, text) == [("U.S.", "United States")] * 4


@pytest.mark.parametrize(
    "text",
    ["USA", "us", "BUS", "Peruvian", "M234", "whiteWest", "EU_budget", "U.S.A", "lima"],
)
def test_alias_matches_whole_words_and_case_only(targets: Targets, text: str) -> None:
    assert not targets.find(text)


@pytest.mark.parametrize("text", ["EU's", "EU’s", "non-EU", "(EU)", "“EU”", "EU/US"])
def test_alias_is_found_beside_punctuation(targets: Targets, text: str) -> None:
    assert ("EU", "EU") in named(targets, text)


def test_only_targets_are_found_as_targets(targets: Targets) -> None:
    viewer = Viewer(targets, SeedWords(()))
    reading = viewer.read("Peru and M23 wrote to Brussels.")
    assert len(reading.mentions) > 1
    assert viewer.name_targets(reading) == ["EU"]


def test_no_actors_find_nothing() -> None:
    assert Targets().find("Peru") == []


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text(max_size=60))
def test_mentions_are_aliases_in_order_that_do_not_overlap(text: str) -> None:
    aliases = {
        "the West": "W",
        "West Bank": "P",
        "West": "W",
        "US": "A",
        "U.S.": "A",
        "EU": "E",
        "White House": "A",
        "M23": "M",
    }
    end = 0
    for mention in Targets(("A",), aliases).find(text):
        assert end <= mention.start < mention.end <= len(text)
        assert aliases[text[mention.start : mention.end]] == mention.actor
        assert not re.match(r"\w", text[mention.start - 1 : mention.start])
        assert not re.match(r"\w", text[mention.end : mention.end + 1])
        end = mention.end


def test_alias_of_two_actors_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CodebookError) as caught:
        read(Path(), ACTORS.replace('"Lima"', '"Lima", "EU"'))
    assert str(caught.value) == (
        'targets.toml: alias "EU" names both EU and Peru. Leave it with one of them.'
    )


@pytest.mark.parametrize(
    "text",
    [
        '[targets]\nPeru = "Peru"',
        "[targets]\nPeru = [1]",
        '[targets]\nPeru = [""]',
        "targets = 5",
        "[actors.state]\nPeru = 5",
    ],
)
def test_actor_without_a_list_of_aliases_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=re.escape(NO_LIST)):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kinds = 5", NO_LIST),
        ("actors = 5", "actors must be tables. Write [actors.KIND]."),
        ("[actors]\nstate = 5", NO_LIST),
        ("[kinds]\nbloc = 5", NO_LIST),
        ('[kinds]\nbloc = "EU"', NO_LIST),
        ('[kinds]\nbloc = ["nobody"]', "[kinds] names nobody, which is no target."),
    ],
)
def test_malformed_kinds_are_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=rf"\.toml: {re.escape(message)}$"):
        read(tmp_path, text)


@pytest.mark.parametrize("alias", ["(the) junta", " Junta", "’Junta"])
def test_alias_that_begins_with_no_letter_is_refused(
    alias: str, tmp_path: Path
) -> None:
    expected = rf"alias '{re.escape(alias)}' must begin with a letter\.$"
    with pytest.raises(CodebookError, match=expected):
        read(tmp_path, f'[targets]\nJunta = ["{alias}"]')


def test_codebook_that_names_no_targets_has_none() -> None:
    codebook = Codebook("m", "1", "en", "one sentence", "multiple", ())
    assert read_codebook_targets(codebook) == Targets()


def test_shipped_targets_find_every_alias_of_theirs() -> None:
    targets = read_targets(ROOT / "labels/relations/targets.toml")
    assert len(targets.names) > 50
    assert set(targets.names) <= set(targets.aliases.values())
    for alias, actor in targets.aliases.items():
        mentions = targets.find(f"That is {alias}, he said.")
        assert [m[:3] for m in mentions] == [(8, 8 + len(alias), actor)], alias


def test_shipped_kinds_are_of_actors_with_an_alias() -> None:
    targets = read_codebook_targets(Project(ROOT, "relations").read_codebook())
    assert set(targets.kinds) <= set(targets.aliases.values())
