import re
from pathlib import Path

import pytest

from framing.codebook import RESERVED, STANCES, Codebook, read_codebook
from framing.errors import CodebookError
from framing.project import Project

ROOT = Path(__file__).parents[1]
PLAIN = """\
name = "migration"
version = "2.0"

[codes.security]
definition = "Migration is shown as a danger."

[codes.economy]
definition = "Migration is shown as a matter of work and money."
"""
FULL = """\
name = "migration"
version = "2.0"
language = "de"
unit = "one paragraph"
coding = "single"
targets = "actors.toml"
accepts = ["0123456789ab"]

[codes.security]
title = "Security"
definition = "Migration is shown as a danger."
include = ["border control"]
exclude = ["food security"]
examples = ["Border police were doubled. -> security"]
seed_words = ["border*"]

[codes.economy]
title = "Economy"
definition = "Migration is shown as a matter of work and money."

[stance]
values = ["for", "against", "unclear"]

[training.source_weights]
"The Daily" = 0.5
"The Weekly" = 1
"""


TAKEN = (
    "Use letters, digits and _ (taken: p_..., u_..., none, cannot_say, n_words, "
    "n_known, weight, cluster, target, period, title, before, sentence, after, "
    "probability, day, week, month, quarter, year, doc_id, sent_no, source, date, "
    "start, end, kind, text)."
)


def read(text: str) -> Codebook:
    Path("codebook.toml").write_text(text, encoding="utf-8")
    return read_codebook(Path("codebook.toml"))


def refused(text: str) -> str:
    with pytest.raises(CodebookError) as caught:
        read(text)
    return str(caught.value)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_codebook_holds_what_the_file_says() -> None:
    codebook = read(FULL)
    security, economy = codebook.codes
    assert codebook.names == ("security", "economy")
    assert (codebook.name, codebook.version) == ("migration", "2.0")
    assert (codebook.language, codebook.unit) == ("de", "one paragraph")
    assert (codebook.coding, codebook.accepts) == ("single", ("0123456789ab",))
    assert codebook.stances == ("for", "against", "unclear")
    assert codebook.targets == "actors.toml"
    assert codebook.source_weights == (("The Daily", 0.5), ("The Weekly", 1.0))
    assert security.title == "Security"
    assert security.definition == "Migration is shown as a danger."
    assert security.include == ("border control",)
    assert security.exclude == ("food security",)
    assert security.examples == ("Border police were doubled. -> security",)
    assert security.seed_words == ("border*",)
    assert economy.seed_words == ()


def test_what_a_codebook_leaves_out_has_its_usual_value() -> None:
    codebook = read(PLAIN)
    assert (codebook.language, codebook.unit) == ("en", "sentence")
    assert (codebook.coding, codebook.stances) == ("multiple", STANCES)
    assert (codebook.targets, codebook.accepts) == ("", ())
    assert [code.title for code in codebook.codes] == ["security", "economy"]


def test_codebook_with_a_byte_order_mark_is_read() -> None:
    plain = read(PLAIN)
    Path("codebook.toml").write_bytes(b"\xef\xbb\xbf" + PLAIN.encode())
    assert read_codebook(Path("codebook.toml")) == plain


def test_signature_is_name_version_and_hash() -> None:
    codebook = read(PLAIN)
    assert re.fullmatch(r"migration 2\.0 @[0-9a-f]{12}", codebook.signature)
    assert codebook.accepts_signature(codebook.signature)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "Security"', 'title = "Safety"'),
        ('"border*"', '"border*", "frontier*"'),
        ("Border police were doubled.", "Border police were halved."),
        ("actors.toml", "others.toml"),
        ("0123456789ab", "ba9876543210"),
        ('"The Daily" = 0.5', '"The Daily" = 0.1'),
        ("[codes.security]", "# a remark\n[codes.security]"),
    ],
)
def test_hash_stays_where_yesterdays_decisions_still_hold(old: str, new: str) -> None:
    assert read(FULL.replace(old, new)).hash == read(FULL).hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("shown as a danger", "shown as a chance"),
        ('"border control"', '"border control", "prisons"'),
        ('"food security"', '"food"'),
        ("codes.economy", "codes.work"),
        ('coding = "single"', 'coding = "multiple"'),
        ('"unclear"', '"neutral"'),
        ("one paragraph", "one sentence"),
        ('version = "2.0"', 'version = "2.1"'),
    ],
)
def test_hash_changes_with_what_coders_decide_by(old: str, new: str) -> None:
    assert read(FULL.replace(old, new)).hash != read(FULL).hash


def test_hash_does_not_depend_on_the_order_of_keys() -> None:
    swapped = PLAIN.replace(
        'name = "migration"\nversion = "2.0"', 'version = "2.0"\nname = "migration"'
    )
    assert read(swapped).hash == read(PLAIN).hash


def test_signature_of_an_accepted_earlier_version_holds() -> None:
    codebook = read(FULL)
    assert codebook.accepts_signature("migration 1.0 @0123456789ab")
    assert not codebook.accepts_signature("migration 1.0 @ffffffffffff")
    assert not codebook.accepts_signature("weather 1.0 @0123456789ab")
    assert not codebook.accepts_signature("")
    assert not codebook.accepts_signature("migration")


@pytest.mark.parametrize("name", ["gun-violence", "_old", "EU27"])
def test_codebook_accepts_its_own_labels_whatever_its_name(name: str) -> None:
    codebook = read(PLAIN.replace('"migration"', f'"{name}"'))
    assert codebook.accepts_signature(codebook.signature)


@pytest.mark.parametrize("name", ["migration frames", "2nd", "-m", "../m", "é", "m@"])
def test_name_that_would_not_do_in_a_path_or_a_signature_is_refused(name: str) -> None:
    expected = f"codebook.toml: name {name!r} must be letters, digits, _ and -."
    assert refused(PLAIN.replace('"migration"', f'"{name}"')) == expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "migration"\n', "", "name is missing or no text. Add it."),
        ('version = "2.0"', "version = 2.0", "version is missing or no text. Add it."),
        ('version = "2.0"', 'version = ""', "version is missing or no text. Add it."),
        (
            'coding = "single"',
            'coding = "triple"',
            'coding is "triple". Use multiple or single.',
        ),
        (
            'definition = "Migration is shown as a danger."',
            "",
            "definition is missing or no text. Add it.",
        ),
        (
            '["border control"]',
            '"border control"',
            'include must be a list of texts, such as ["a", "b"].',
        ),
        (
            '["border*"]',
            "[1]",
            'seed_words must be a list of texts, such as ["a", "b"].',
        ),
        (
            "[codes.economy]",
            '[codes."black markets"]',
            f'"black markets" cannot name a code. {TAKEN}',
        ),
        (
            "[codes.economy]",
            "[codes.none]",
            f'"none" cannot name a code. {TAKEN}',
        ),
        ("[codes.economy]", '[codes."é"]', f'"é" cannot name a code. {TAKEN}'),
        ("[codes.economy]", "[codes.2b]", f'"2b" cannot name a code. {TAKEN}'),
        ("[codes.economy]", "[codes._b]", f'"_b" cannot name a code. {TAKEN}'),
        (
            '"The Daily" = 0.5',
            '"The Daily" = 2',
            "training.source_weights must be numbers from 0 to 1.",
        ),
        (
            '"The Daily" = 0.5',
            '"The Daily" = "half"',
            "training.source_weights must be numbers from 0 to 1.",
        ),
    ],
)
def test_malformed_codebook_is_refused_in_one_line(
    old: str, new: str, message: str
) -> None:
    assert old in FULL
    assert refused(FULL.replace(old, new)) == f"codebook.toml: {message}"


@pytest.mark.parametrize("codes", ["", "[codes]", 'codes = "security"'])
def test_codebook_without_codes_is_refused(codes: str) -> None:
    text = f'name = "m"\nversion = "1"\n{codes}\n'
    expected = "codebook.toml: no [codes.NAME] table. Add at least one code."
    assert refused(text) == expected


def test_code_that_is_no_table_is_refused() -> None:
    text = 'name = "m"\nversion = "1"\n[codes]\nsecurity = "danger"\n'
    expected = "codebook.toml: codes.security is not a table. Write [codes.NAME]."
    assert refused(text) == expected


def test_file_that_is_no_toml_is_refused_with_the_line() -> None:
    message = refused('name = "m"\nversion =\n')
    assert message.startswith("codebook.toml: not valid TOML: ")
    assert "line 2" in message


def test_file_that_is_missing_is_refused() -> None:
    with pytest.raises(CodebookError, match="No such file or directory"):
        read_codebook(Path("codebook.toml"))


def test_file_that_is_not_utf_8_is_refused_with_the_byte() -> None:
    Path("codebook.toml").write_bytes('name = "é"'.encode("latin-1"))
    with pytest.raises(CodebookError, match="not UTF-8 at byte 8"):
        read_codebook(Path("codebook.toml"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("stance = 5", "stance must be a table. Write [stance]."),
        ("training = 5", "training must be a table. Write [training]."),
        ("targets = 5", "targets is missing or no text. Add it."),
    ],
)
def test_key_of_the_wrong_kind_is_refused(line: str, message: str) -> None:
    assert refused(f"{line}\n{PLAIN}") == f"codebook.toml: {message}"


def test_deeply_nested_file_is_refused_and_nothing_worse() -> None:
    assert refused("a = " + "[" * 5000).startswith("codebook.toml: not valid TOML")


@pytest.mark.parametrize("name", [*RESERVED, "p_deal", "u_deal"])
def test_code_named_like_a_column_of_a_table_is_refused(name: str) -> None:
    text = PLAIN.replace("codes.economy", f"codes.{name}")
    assert refused(text) == f'codebook.toml: "{name}" cannot name a code. {TAKEN}'


def test_shipped_codebook_is_complete() -> None:
    codebook = Project(ROOT, "relations").read_codebook()
    assert codebook.names == ("cooperation", "dependence", "rivalry", "sanctions")
    assert codebook.stances == STANCES
    for code in codebook.codes:
        assert code.title != code.name
        assert all((code.include, code.exclude, code.examples, code.seed_words))


def test_worked_examples_of_the_shipped_codebook_name_its_codes() -> None:
    codebook = Project(ROOT, "relations").read_codebook()
    for code in codebook.codes:
        for example in code.examples:
            sentence, _, codes = example.rpartition(" -> ")
            assert sentence
            assert set(codes.split(", ")) <= {*codebook.names, "none"}


def test_source_weights_of_the_shipped_codebook_name_outlets_with_labels() -> None:
    project = Project(ROOT, "relations")
    text = "".join(p.read_text("utf-8") for p in project.labels.glob("coder-*.jsonl"))
    outlets = set(re.findall(r'"source": "([^"]*)"', text))
    weights = project.read_codebook().source_weights
    assert {outlet for outlet, _ in weights} <= outlets
