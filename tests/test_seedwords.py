import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing import seedwords
from framing.codebook import Code, Codebook
from framing.errors import CodebookError
from framing.labelling import make_tagger
from framing.project import Project, read_codebook_targets
from framing.records import Hit
from framing.seedwords import (
    Patterns,
    SeedGroup,
    SeedWords,
    are_patterns,
    cut_words,
    is_pattern,
    read_seed_words,
)
from framing.tagger import Tagger
from framing.targets import Targets

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "cases"
CASES = json.loads((FOLDER / "seedwords.json").read_text(encoding="utf-8"))
PATTERNS = json.loads((FOLDER / "patterns.json").read_text(encoding="utf-8"))
ACTORS = {"Russia": "Russia", "South Korea": "South Korea", "U.S.": "United States"}
TARGETS = Targets(tuple(ACTORS.values()), ACTORS)
CODEBOOK = Codebook(
    name="m",
    version="1",
    language="en",
    unit="one sentence",
    coding="multiple",
    codes=(Code("deal", "Deal", "A deal."), Code("row", "Row", "A row.")),
    hash="abc",
)
PIECES = [
    *"  .,-'’*_|~<>ßİéa1",
    *("deal", "deals", "Deal", "great", "row", "Russia", "South Korea", "U.S."),
    *("in principle", "no", "banned", "Rus"),
]


def group(*words: str, **more: Any) -> SeedGroup:
    return SeedGroup(
        more.pop("name", "g"), "deal", more.pop("role", "tag"), words, **more
    )


def found(groups: list[SeedGroup], text: str) -> list[Hit]:
    return SeedWords(groups).find(cut_words(text, TARGETS.find(text)))


def read(tmp_path: Path, text: str, codebook: Codebook = CODEBOOK) -> SeedWords:
    path = tmp_path / "seeds.toml"
    path.write_text(text, encoding="utf-8")
    return read_seed_words(codebook, path)


@pytest.fixture(scope="module")
def shipped() -> SeedWords:
    project = Project(ROOT, "relations")
    return project.read_seed_words(project.read_codebook())


@pytest.fixture(scope="module")
def tagger(shipped: SeedWords) -> Tagger:
    codebook = Project(ROOT, "relations").read_codebook()
    return make_tagger(codebook, shipped, read_codebook_targets(codebook))


def marked(case: dict[str, Any]) -> Any:
    known = pytest.mark.xfail(strict=True, reason=case.get("comment", ""))
    marks = [known] if case.get("known_failure") else []
    return pytest.param(case, id=case["label"], marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_shipped_seed_words_give_the_codes_of_case(
    case: dict[str, Any], tagger: Tagger
) -> None:
    assert sorted({h.code for h in tagger.find(case["text"])}) == case["expect"]


def test_cases_are_many_and_have_their_fields() -> None:
    labels = [case["label"] for case in CASES]
    assert len(set(labels)) == len(labels) >= 40
    fields = {"label", "comment", "text", "expect"}
    assert all(fields <= set(case) <= fields | {"known_failure"} for case in CASES)


def test_every_shipped_code_has_plain_cases_that_pass() -> None:
    names = Project(ROOT, "relations").read_codebook().names
    plain = [c["expect"] for c in CASES if not c.get("known_failure")]
    assert all(plain.count([name]) >= 5 for name in names)


@pytest.mark.parametrize("case", [marked(case) for case in PATTERNS])
def test_pattern_matches_as_the_case_says(case: dict[str, Any]) -> None:
    hits = found([group(case["pattern"])], case["text"])
    assert bool(hits) is case["matches"]


def test_patterns_of_the_cases_are_accepted_in_a_file(tmp_path: Path) -> None:
    words = json.dumps([case["pattern"] for case in PATTERNS], ensure_ascii=False)
    seeds = read(tmp_path, f'[[group]]\nname = "g"\ncode = "row"\nwords = {words}')
    assert len(seeds.groups[0].words) == len(PATTERNS)


def test_hit_says_where_it_is_and_which_word_of_which_group_gave_it() -> None:
    text = "No “deal” with South Korea, no row."
    groups = [group("deal <1> <actor>"), SeedGroup("h", "row", "hint", ("ro*",))]
    assert found(groups, text) == [
        Hit(4, 26, "deal", "g", "deal <1> <actor>"),
        Hit(31, 34, "row", "h", "ro*"),
    ]


def test_hits_come_by_place_whatever_the_order_of_the_groups() -> None:
    first, second = group("deal"), SeedGroup("h", "row", "tag", ("row",))
    text = "deal row deal"
    assert found([first, second], text) == found([second, first], text)
    assert [h.start for h in found([first, second], text)] == [0, 5, 9]


def test_hit_that_overlaps_a_guard_does_not_count_and_others_do() -> None:
    guarded = group("deal", unless=("a great deal",))
    hits = found([guarded], "A great deal of talk about a deal.")
    assert [h.start for h in hits] == [29]


def test_guard_of_one_group_leaves_another_alone() -> None:
    guarded = group("deal", unless=("great deal",))
    open_group = SeedGroup("h", "deal", "tag", ("deal",))
    assert [h.group for h in found([guarded, open_group], "A great deal.")] == ["h"]


def test_group_is_silent_where_a_word_of_not_with_is_found() -> None:
    guarded = group("deal", not_with=("merger*",))
    assert found([guarded], "The deal is off.")
    assert not found([guarded], "The deal is off, and the mergers are too.")


def test_group_speaks_only_where_a_word_of_only_with_is_found() -> None:
    guarded = group("deal", only_with=("<actor>",))
    assert found([guarded], "Russia likes the deal.")
    assert not found([guarded], "He likes the deal.")


def test_word_that_guards_itself_never_counts() -> None:
    assert not found([group("deal", unless=("deal",))], "A deal.")


def test_an_actor_is_one_word_with_the_place_of_its_mention() -> None:
    text = "The U.S.-South Korea pact"
    words = [
        (w.text, text[w.start : w.end]) for w in cut_words(text, TARGETS.find(text))
    ]
    assert words == [
        ("the", "The"),
        ("<actor>", "U.S."),
        ("<actor>", "South Korea"),
        ("pact", "pact"),
    ]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text(max_size=60))
def test_hits_lie_in_the_text_and_begin_and_end_with_words_of_it(text: str) -> None:
    groups = [
        group("deal~", "*e*", "ss", unless=("great deal*",), not_with=("no",)),
        SeedGroup("h", "row", "hint", ("<actor> <2> deal", "row|a|1 <3> <actor>")),
    ]
    words = cut_words(text, TARGETS.find(text))
    for hit in found(groups, text):
        assert 0 <= hit.start < hit.end <= len(text)
        assert hit.start in {w.start for w in words}
        assert hit.end in {w.end for w in words}
        assert hit.word in [w for g in groups for w in g.words]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text(max_size=60))
def test_words_and_actors_never_overlap_and_slice_back(text: str) -> None:
    end = 0
    for word in cut_words(text, TARGETS.find(text)):
        assert end <= word.start < word.end <= len(text)
        part = text[word.start : word.end]
        assert (
            part in ACTORS if word.text == "<actor>" else part.casefold() == word.text
        )
        end = word.end


def test_seed_words_of_the_codebook_are_groups_that_tag() -> None:
    codes = (Code("deal", "Deal", "A deal.", seed_words=("pact*",)),)
    codebook = Codebook("m", "1", "en", "s", "multiple", codes)
    seeds = read_seed_words(codebook, None)
    assert seeds.groups == (SeedGroup("deal_words", "deal", "tag", ("pact*",)),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[group]]\nname = "g"\ncode = "peace"\nwords = ["a"]',
            "group g: code peace is not in m ",
        ),
        (
            '[[group]]\nname = "g"\ncode = "row"\nrole = "loud"\nwords = ["a"]',
            "group g: role must be ",
        ),
        ('[[group]]\nname = "g"\ncode = "row"\nword = ["a"]', "group g: word is not"),
        ('[[group]]\ncode = "row"\nwords = ["a"]', "group ?: "),
        ('[[group]]\nname = "g"\ncode = "row"\nwords = "a"', "group g: words must be"),
        ('[[group]]\nname = "g"\ncode = "row"\nwords = [1]', "group g: words must be"),
        (
            '[[group]]\nname = "g"\ncode = "row"\nwords = ["a"]\nunless = [""]',
            "group g: unless must be a list of patterns",
        ),
        (
            '[[group]]\nname = "g"\ncode = "row"\nwords = ["a"]\n' * 2,
            "group g is there twice. Rename one.",
        ),
        ("[group", "not valid TOML"),
    ],
)
def test_malformed_seed_file_is_refused_with_its_place(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("seeds.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError, match=re.escape(message)) as caught:
        read_seed_words(CODEBOOK, Path("seeds.toml"))
    assert str(caught.value).startswith("seeds.toml: ")


@pytest.mark.parametrize(
    "word",
    [
        "",
        " ",
        "!?",
        "<3> deal",
        "deal <3>",
        "<3>",
        "a (b)",
        "deal, pact",
        "<actors>",
        "<12>x",
        "a <12> b",
        "x" * 301,
        "*",
        "ties * markets",
        "a <1> b <1> c <1> d <1> e <1> f",
        "a <0> b",
        "a_b",
        "ba~n",
        "sanction*~",
        "sanction**",
        "|",
        "a|",
        "u.s.|eu",
    ],
)
def test_what_is_no_pattern_is_refused(word: str, tmp_path: Path) -> None:
    text = f'[[group]]\nname = "g"\ncode = "row"\nwords = ["deal", "{word}"]'
    with pytest.raises(CodebookError, match="words must be a list of patterns"):
        read(tmp_path, text)


@pytest.mark.parametrize("word", ["x" * 300, "a <1> b <1> c <1> d <1> e", "*a*b*|c~"])
def test_pattern_may_be_long(word: str, tmp_path: Path) -> None:
    text = f'[[group]]\nname = "g"\ncode = "row"\nwords = ["{word}"]'
    assert read(tmp_path, text).groups[0].words == (word,)


@pytest.mark.parametrize("word", ["a" * 60 + "_", "*" + "a*" * 60 + ")"])
def test_what_is_no_pattern_is_refused_in_no_time(word: str, tmp_path: Path) -> None:
    text = f'[[group]]\nname = "g"\ncode = "row"\nwords = ["{word}"]'
    with pytest.raises(CodebookError, match="words must be a list of patterns"):
        read(tmp_path, text)


@pytest.mark.parametrize("word", ["", "!?", "<3> deal", "deal <3>"])
def test_what_is_no_pattern_is_refused_in_a_codebook_too(word: str) -> None:
    codes = (Code("deal", "Deal", "A deal.", seed_words=(word,)),)
    codebook = Codebook("m", "1", "en", "s", "multiple", codes)
    with pytest.raises(CodebookError) as caught:
        read_seed_words(codebook, None)
    assert str(caught.value) == (
        f"seed word {word!r} of code deal is no pattern. "
        "Begin and end with a word: docs/formats.md."
    )


@pytest.mark.parametrize("value", ["5", '"a"', "{name = 1}"])
def test_groups_that_are_no_list_are_refused(value: str, tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="group must be a list of tables"):
        read(tmp_path, f"group = {value}")


def test_word_given_twice_in_a_group_hits_once() -> None:
    assert len(found([group("deal", "deal")], "A deal.")) == 1


def test_every_shipped_pattern_finds_the_words_it_is_made_of(
    shipped: SeedWords,
) -> None:
    patterns = {
        word
        for g in shipped.groups
        for words in (g.words, g.unless, g.not_with, g.only_with)
        for word in words
    }
    for pattern in sorted(patterns):
        parts = [part.split("|")[0] for part in pattern.split()]
        text = " ".join(p.strip("*~") for p in parts if not re.fullmatch(r"<\d>", p))
        text = text.replace("<actor>", "Russia").replace("*", "")
        words = cut_words(text, TARGETS.find(text))
        assert Patterns([pattern]).find(words), pattern


_PIECES = ("a", "b1", "ban~", "x*", "|", " ", "<2>", "<actor>", "*", "-", "\n", "é")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(_PIECES)).map("".join), max_size=4))
def test_many_patterns_are_judged_as_each_alone(texts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seedwords, "_PLAIN", re.compile("(?!)"))  # nothing is easy
        alone = [is_pattern(text) for text in texts]
    assert are_patterns(texts) == all(alone)
    assert [is_pattern(text) for text in texts] == alone
