import csv
import io
import json
import math
import re
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from framing import __version__
from framing.articles import ReadLog, ReadOptions, read_articles
from framing.codebook import read_codebook
from framing.modelstore import load_model
from tests.conftest import Framing, Ran, json_lines, migration_labels, train

CODES = ["economy", "security", "humanity"]
COMMANDS = [
    "init",
    "score",
    "compare",
    "annotate",
    "explain",
    "label",
    "train",
    "evaluate",
    "models list",
    "models show",
    "models diff",
]
RESULTS = {
    "scores.parquet",
    "articles.parquet",
    "stance.parquet",
    "counts.parquet",
    "targets.parquet",
    "highest.parquet",
    "mix.csv",
    "run.json",
    "skipped.csv",
}
CHINA = "China and Russia signed a gas deal, and China praised the partnership."
WIDTH = 80


def lines(text: str) -> list[str]:
    return text.splitlines()


def corpus(study: Path) -> Path:
    return study / "seeds" / "articles"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def news(source: str, n: int, text: str) -> str:
    return json_lines(
        {"id": f"{source}-{i}", "source": source, "text": text} for i in range(n)
    )


# Help, version, usage


@pytest.mark.parametrize("command", ["", *COMMANDS, "models"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(framing: Framing, command: str, option: str) -> None:
    ran = framing(*command.split(), option)
    assert (ran.code, ran.err) == (0, "")
    assert re.match(rf"Usage: .*{command} \[OPTIONS\]", ran.out)
    assert all(len(line) <= WIDTH for line in lines(ran.out))
    if command in COMMANDS:
        assert re.search(rf"Examples?:\s+framing {command}", ran.out)


def test_help_names_every_command_and_exit_code(framing: Framing) -> None:
    shown = framing("--help").out
    for command in COMMANDS:
        assert command.split()[0] in shown
    for code in (0, 1, 2, 3, 4, 5, 6, 130):
        assert re.search(rf"\b{code} [a-z]", shown)


def test_version_is_that_of_the_package(framing: Framing) -> None:
    assert framing("--version") == Ran(0, f"framing {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ("nonsense", "nonsense"),
        ("--nonsense", "--nonsense"),
        ("models nonsense", "nonsense"),
        ("init", "folder"),
        ("score", "INPUT"),
        ("score x.csv --level 2", "--level"),
        ("score x.csv --level 0", "--level"),
        ("score x.csv --level half", "--level"),
        ("score x.csv --seed one", "--seed"),
        ("score x.csv --nonsense", "--nonsense"),
        ("explain", "sentence"),
        ("label", "INPUT"),
        ("label --check x.csv", "INPUT"),
        ("train --rule loudest", "--rule"),
        ("train --seed-weight 2", "--seed-weight"),
        ("train labels.jsonl", "labels.jsonl"),
        ("evaluate --gold", "--gold"),
    ],
)
def test_wrong_usage_ends_with_2(framing: Framing, arguments: str, hint: str) -> None:
    ran = framing(*arguments.split())
    assert (ran.code, ran.out) == (2, "")
    assert hint.lower() in ran.err.lower()
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("sentence", ["", "  \n"])
def test_an_empty_sentence_is_wrong_usage(
    framing: Framing, migration: Path, sentence: str
) -> None:
    assert framing("explain", sentence, "--project", migration).code == 2
    assert framing("explain", "-", at=migration, stdin=sentence).code == 2


# init


def test_init_makes_a_codebook_that_reads(framing: Framing, tmp_path: Path) -> None:
    ran = framing("init", "study", "--codes", "war, peace", "--name", "conflict")
    assert (ran.code, ran.out) == (0, "")
    assert "study/labels/conflict/codebook.toml" in ran.err
    assert "framing label" in ran.err
    codebook = read_codebook(tmp_path / "study/labels/conflict/codebook.toml")
    assert codebook.names == ("war", "peace")
    assert codebook.coding == "multiple"


def test_init_takes_the_name_of_the_folder(framing: Framing, tmp_path: Path) -> None:
    assert framing("init", "guns", "--single", "-q") == Ran(0, "", "")
    codebook = read_codebook(tmp_path / "guns/labels/guns/codebook.toml")
    assert (codebook.name, codebook.coding) == ("guns", "single")


def test_init_leaves_a_codebook_alone(framing: Framing, tmp_path: Path) -> None:
    framing("init", "study", "--codes", "war,peace")
    path = tmp_path / "study/labels/study/codebook.toml"
    before = path.read_bytes()
    ran = framing("init", "study", "--codes", "a,b")
    assert ran.code == 4
    assert re.search("codebook already.*Choose another name", ran.err)
    assert path.read_bytes() == before


@pytest.mark.parametrize("codes", ["", ",", "two words", "1st", "none", "a;b", "../x"])
def test_init_refuses_names_that_cannot_be(
    framing: Framing, tmp_path: Path, codes: str
) -> None:
    ran = framing("init", "study", "--codes", codes)
    assert ran.code == 4
    assert len(lines(ran.err)) == 1


def test_a_study_just_made_can_label(framing: Framing, tmp_path: Path) -> None:
    framing("init", "study", "--codes", "war,peace")
    ran = framing("label", "-", at=tmp_path / "study", stdin="The war goes on.\n")
    assert ran.code == 0
    assert "war: war (4-7)" in ran.out


# score


def test_score_shows_every_source_with_intervals(
    framing: Framing, migration: Path
) -> None:
    ran = framing("score", "seeds/articles", at=migration)
    assert ran.code == 0
    shown = lines(ran.out)
    assert shown[0].startswith("Sentences that carry each code, %")
    assert re.fullmatch(
        r"source +art\. +sent\. +economy +security +humanity +none +\? *", shown[2]
    )
    sources = ["Harbour Post", "Inland Courier", "Northern Bulletin"]
    for line, source in zip(shown[3:9:2], sources, strict=True):
        share = r" +\d+ \d+-\d+"
        assert re.fullmatch(rf"{source} +12 +\d+{share * 3} +\d+ +\d+ *", line)
    for line in shown[4:9:2]:
        assert re.fullmatch(r"  mean score( +\d+){3} *", line)
    assert sum(line.startswith(f"  {s}") for s in sources for line in shown) == 3


def test_score_says_what_it_read_on_standard_error(
    framing: Framing, migration: Path
) -> None:
    ran = framing("score", "seeds/articles", at=migration)
    assert "text=text, source=source, date=date, doc_id=id; 36 articles" in ran.err
    assert "36 articles, " in ran.err
    assert "Keep all scores with -o results/" in ran.err
    assert re.match(
        r"migration 1\.0 @[0-9a-f]{12}, model [0-9a-f]{12} in models/migration\n",
        ran.err,
    )
    assert "read " not in ran.out


def test_long_names_of_codes_are_shortened_over_numbers(
    framing: Framing, relations: Path
) -> None:
    ran = framing("score", "-", "-q", at=relations, stdin=CHINA)
    head = next(line for line in lines(ran.out) if line.startswith("source"))
    model, _ = load_model(relations / "models" / "relations")
    short = [c if len(c) <= 9 else f"{c[:8]}." for c in model.frames.classes]
    assert "cooperat." in short
    assert head.split() == ["source", "art.", "sent.", *short, "none", "?"]
    assert "cooperation" in ran.out.partition("Mix of")[2]


@pytest.mark.parametrize("other", [["--json"], ["--target", "China"]])
def test_csv_is_the_mix_and_nothing_else(
    framing: Framing, relations: Path, other: list[str]
) -> None:
    ran = framing("score", "-", "--csv", *other, at=relations, stdin=CHINA)
    assert (ran.code, ran.out) == (2, "")
    assert "leave out --json and --target" in ran.err


@pytest.mark.parametrize("study", ["migration", "relations"])
def test_tables_fit_80_columns(
    framing: Framing, request: pytest.FixtureRequest, tmp_path: Path, study: str
) -> None:
    place = request.getfixturevalue(study)
    text = f"{CHINA} Border police stopped the workers. Families fled from the war."
    long_name = "The Extraordinarily Long Name of a Newspaper in 東京 and Elsewhere"
    (tmp_path / "a.jsonl").write_text(
        news(long_name, 6, text) + news("Short", 1234, text) + news("x", 1, text)
    )
    ran = framing("score", "a.jsonl", "--project", place, "--all", "-q")
    assert ran.code == 0
    assert all(len(line) <= WIDTH for line in lines(ran.out))
    model, _ = load_model(place / "models" / study)
    for code in model.frames.classes:
        assert code in ran.out
    assert "The Extraordinarily" in ran.out
    assert "No interval: too few, fewer than 5 articles;" in ran.out


@pytest.mark.parametrize("study", ["migration", "relations"])
def test_no_number_of_a_table_is_cut(
    framing: Framing, request: pytest.FixtureRequest, tmp_path: Path, study: str
) -> None:
    place = request.getfixturevalue(study)
    (tmp_path / "a.jsonl").write_text(news("A Source of Some Name", 1234, CHINA))
    ran = framing("score", "a.jsonl", "--project", place, "-q")
    table = ran.out.partition("\nMix of")[0]
    assert table.count("1,234") == 2  # articles, and a sentence in each
    assert "…" not in table.replace("A Source of Some Na…", "")
    assert re.search(r"none +\? *$", table, re.MULTILINE)


def test_many_small_sources_are_counted_unless_all_are_wanted(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    big = "".join(
        json_lines(
            [{"id": f"b{n}", "source": "Big", "text": f"{n} workers pay taxes."}]
        )
        for n in range(2, 7)
    )
    small = "".join(news(f"Small {i}", 1, "Police at the border.") for i in range(30))
    (tmp_path / "a.jsonl").write_text(big + small)
    some = framing("score", "a.jsonl", "--project", migration)
    assert "30 more have fewer than 5 articles" in some.out
    assert "--all" in some.out
    assert "Small 3" not in some.out.partition("Can I trust this?")[0]
    assert "Small 3" in framing("score", "a.jsonl", "--project", migration, "--all").out


def test_score_in_json_and_csv_is_the_same_mix(
    framing: Framing, migration: Path
) -> None:
    ran = framing("score", "seeds/articles", "--json", at=migration)
    found = ran.json
    assert found["schema_version"] == 1
    assert found["codebook"].startswith("migration 1.0 @")
    assert found["counts"]["articles_read"] == 36
    assert found["skipped"] == []
    as_csv = framing("score", "seeds/articles", "--csv", at=migration)
    table = rows(as_csv.out)
    assert list(table[0]) == list(found["mix"][0])
    assert [(r["source"], r["code"]) for r in table[:5]] == [
        ("Harbour Post", code) for code in [*CODES, "none", "cannot say"]
    ]
    for row, record in zip(table, found["mix"], strict=True):
        assert float(row["share"]) == pytest.approx(record["share"], abs=1e-6)
        assert int(row["n"]) == record["n"]
        assert record["low"] <= record["share"] <= record["high"]


def test_mix_of_a_source_sums_to_one(framing: Framing, migration: Path) -> None:
    mix = framing("score", "seeds/articles", "--json", at=migration).json["mix"]
    for source in {row["source"] for row in mix}:
        own = [row["mix"] for row in mix if row["source"] == source]
        assert sum(share for share in own if share is not None) == pytest.approx(
            1, abs=1e-5
        )


def test_model_of_a_second_codebook_finds_its_codes(
    framing: Framing, migration: Path
) -> None:
    ran = framing("score", "-", "--json", at=migration, stdin="Police at the border.")
    share = {row["code"]: row["share"] for row in ran.json["mix"]}
    assert (share["security"], share["humanity"], share["none"]) == (1, 0, 0)


def test_level_widens_the_intervals(framing: Framing, migration: Path) -> None:
    narrow, wide = (
        framing("score", "seeds/articles", "--json", "--level", level, at=migration)
        for level in (0.5, 0.99)
    )
    for one, other in zip(narrow.json["mix"], wide.json["mix"], strict=True):
        assert other["low"] <= one["low"] <= one["high"] <= other["high"]
    shown = framing("score", "seeds/articles", "--level", 0.9, at=migration)
    assert "90% interval" in shown.out


def test_target_shows_the_stance_per_source(
    framing: Framing, relations: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text(news("Post", 2, CHINA) + news("Wire", 1, "Rain."))
    ran = framing("score", "a.jsonl", "--project", relations, "--target", "China")
    assert ran.code == 0
    part = ran.out[ran.out.index("Stance of sentences that name China") :]
    assert re.search(r"source +art\. +sent\. +favourable +critical +neutral", part)
    assert re.search(r"Post +2 +2( +\d+){3}", part)
    found = framing(
        "score", "a.jsonl", "--project", relations, "--target", "China", "--json"
    ).json["stance"]
    assert [row["source"] for row in found] == ["Post"]
    assert found[0]["favourable"] + found[0]["critical"] + found[0]["neutral"] == 1


def test_unknown_target_is_wrong_usage_with_a_hint(
    framing: Framing, relations: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(CHINA)
    ran = framing("score", "a.txt", "--project", relations, "--target", "Chna")
    assert (ran.code, ran.out) == (2, "")
    assert "Chna is no target; perhaps China" in ran.err


@pytest.mark.parametrize("name", ["china", "CHINA", "Beijing", "beijing"])
def test_target_may_be_named_by_an_alias_in_any_case(
    framing: Framing, relations: Path, name: str
) -> None:
    ran = framing("score", "-", "-q", "--target", name, at=relations, stdin=CHINA)
    assert ran.code == 0
    assert "Stance of sentences that name China, %" in ran.out


def test_a_model_without_targets_says_so(framing: Framing, migration: Path) -> None:
    ran = framing("score", "-", "--target", "China", at=migration, stdin="Rain.")
    assert (ran.code, ran.out) == (2, "")
    assert "--target: the codebook has no targets, or no" in ran.err


def test_results_folder_holds_the_files_of_the_design(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    ran = framing("score", corpus(migration), "--project", migration, "-o", "results")
    assert ran.code == 0
    assert "Written to results/" in ran.err
    results = tmp_path / "results"
    assert {path.name for path in results.iterdir()} == RESULTS
    assert {path.name for path in tmp_path.iterdir()} == {"results"}
    scores = pd.read_parquet(results / "scores.parquet")
    ids = ["doc_id", "sent_no", "source", "date", "start", "end", "kind", "text"]
    assert list(scores.columns) == [
        *ids,
        *(f"p_{code}" for code in CODES),
        *CODES,
        "cannot_say",
        "n_words",
        "n_known",
    ]
    for code in CODES:
        assert scores[f"p_{code}"].between(0, 1).all()
    texts = {a.doc_id: a.text for a in _articles(corpus(migration))}
    for row in scores.itertuples():
        assert texts[row.doc_id][row.start : row.end] == row.text


def _articles(folder: Path) -> list[object]:
    return list(read_articles([str(folder)], ReadOptions(), ReadLog()))


def test_run_says_what_went_in_and_came_out(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    good = corpus(migration) / "articles.jsonl"
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text(good.read_text() + "{broken\n" + '{"text": ""}\n')
    ran = framing("score", "mixed.jsonl", "--project", migration, "-o", "out")
    assert ran.code == 1
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    counts = run["counts"]
    scores = pd.read_parquet(tmp_path / "out" / "scores.parquet")
    articles = pd.read_parquet(tmp_path / "out" / "articles.parquet")
    assert counts["articles_read"] == len(articles) == 36
    assert counts["items_skipped"] == len(run["skipped"]) == 2
    n_lines = len(lines(mixed.read_text()))
    assert counts["articles_read"] + counts["items_skipped"] == n_lines
    units = {k: n for k, n in counts.items() if k.startswith("units_")}
    assert sum(units.values()) == len(scores)
    assert counts["units_sentence"] == int(articles["n_sentences"].sum())
    mix = pd.read_csv(tmp_path / "out" / "mix.csv")
    assert counts["units_sentence"] == mix.groupby("source")["n_sentences"].max().sum()
    assert counts["cannot_say"] == mix.loc[mix["code"] == "cannot say", "n"].sum()
    [given] = run["inputs"]
    assert given == {
        "path": "mixed.jsonl",
        "sha256": sha256(mixed.read_bytes()).hexdigest(),
    }
    _, digest = load_model(migration / "models" / "migration")
    assert run["model"]["sha256"] == digest
    assert (run["framing"], run["seed"]) == (__version__, 0)


def test_mix_can_be_rebuilt_from_the_scores(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    framing("score", corpus(migration), "--project", migration, "-o", "out")
    scores = pd.read_parquet(tmp_path / "out" / "scores.parquet")
    said = scores[(scores["kind"] == "sentence") & ~scores["cannot_say"]]
    mix = pd.read_csv(tmp_path / "out" / "mix.csv").set_index(["source", "code"])
    for source, own in said.groupby("source"):
        for code in CODES:
            assert mix.loc[(source, code), "share"] == pytest.approx(own[code].mean())


def test_same_seed_gives_the_same_bytes(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    place = corpus(migration)
    for name in ("one", "two"):
        framing("score", place, "--project", migration, "-o", name, "--seed", 7)
    for name in RESULTS - {"run.json"}:
        one, two = (tmp_path / folder / name for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), name


def test_results_of_an_earlier_run_are_replaced(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    for text in ("Police at the border.", "Workers pay taxes."):
        ran = framing(
            "score", "-", "-o", "out", "--project", migration, stdin=text, at=tmp_path
        )
        assert ran.code == 0
    scores = pd.read_parquet(tmp_path / "out" / "scores.parquet")
    assert list(scores["text"]) == ["Workers pay taxes."]
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


@pytest.mark.parametrize(
    "stdin",
    [
        "Police at the border.\n",
        '{"id": "a", "text": "Police at the border."}\n',
    ],
)
def test_standard_input_is_scored(
    framing: Framing, migration: Path, stdin: str
) -> None:
    ran = framing("score", "-", "--json", "-q", at=migration, stdin=stdin)
    assert ran.code == 0
    assert ran.json["counts"]["articles_read"] == 1


def test_columns_of_any_name_can_be_named(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(
        "nr;wer;wann;kopf;was\n7;Post;2026-01-02;Wall;Police at the border.\n"
    )
    named = {"id": "nr", "source": "wer", "date": "wann", "title": "kopf"}
    options = [f"--{k}-column={v}" for k, v in {**named, "text": "was"}.items()]
    ran = framing("score", "a.csv", *options, "--project", migration, "-o", "out")
    assert ran.code == 0
    articles = pd.read_parquet(tmp_path / "out" / "articles.parquet")
    found = articles[["doc_id", "source", "date", "title"]].to_numpy().tolist()
    assert found == [["7", "Post", "2026-01-02", "Wall"]]


def test_source_of_a_plain_file_is_its_folder(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    for outlet in ("post", "wire"):
        (tmp_path / "in" / outlet).mkdir(parents=True)
        (tmp_path / "in" / outlet / "a.txt").write_text("Police at the border.")
    ran = framing("score", "in", "--json", "--project", migration)
    assert {row["source"] for row in ran.json["mix"]} == {"post", "wire"}


def test_skipped_items_end_with_1_and_the_rest_is_scored(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.txt").write_text("Police at the border.")
    (tmp_path / "in" / "empty.txt").touch()
    ran = framing("score", "in", "--project", migration, "--json", "--quiet")
    assert ran.code == 1
    assert ran.err == "skipped in/empty.txt: empty\n"
    assert ran.json["skipped"] == ["in/empty.txt: empty"]
    assert ran.json["counts"]["articles_read"] == 1


def test_quiet_says_nothing_but_the_result(framing: Framing, migration: Path) -> None:
    ran = framing("score", "seeds/articles", "--quiet", at=migration)
    assert (ran.code, ran.err) == (0, "")
    assert "Harbour Post" in ran.out


# explain


@pytest.mark.parametrize("study", ["migration", "relations"])
def test_explanation_adds_up_to_the_score(
    framing: Framing, request: pytest.FixtureRequest, study: str
) -> None:
    place = request.getfixturevalue(study)
    found = framing("explain", CHINA, "--json", at=place).json
    assert found["schema_version"] == 1
    assert found["text"] == CHINA
    for code in found["codes"].values():
        total = sum(part["log_odds"] for part in code["moved"])
        assert 1 / (1 + math.exp(-total)) == pytest.approx(code["score"])
        assert code["decided"] == (code["score"] >= code["threshold"])


def test_shown_words_add_up_to_the_log_odds(framing: Framing, migration: Path) -> None:
    ran = framing("explain", "Police at the border stopped workers.", at=migration)
    assert ran.code == 0
    blocks = re.findall(
        r"^(\w+): (?:yes|no), .*\n((?: {4}.*\n)+)", ran.out, re.MULTILINE
    )
    assert sorted(code for code, _ in blocks) == sorted(CODES)
    for _, block in blocks:
        words, _, total = " ".join(block.split()).partition("; log-odds ")
        amounts = [float(a) for a in re.findall(r"[+-]\d+\.\d\d", words)]
        assert sum(amounts) == pytest.approx(float(total), abs=0.005 * len(amounts))


@pytest.mark.parametrize("study", ["migration", "relations"])
def test_explanation_fits_80_columns_and_ends_with_a_legend(
    framing: Framing, request: pytest.FixtureRequest, study: str
) -> None:
    place = request.getfixturevalue(study)
    ran = framing("explain", f"{CHINA[:-1]} that both drew up.", at=place)
    assert ran.code == 0
    shown, _, legend = ran.out.rpartition("\n\n")
    assert all(len(line) <= WIDTH for line in lines(shown))
    assert legend.startswith("<state> and the like stand for actors,")
    assert legend.split()[-3:] == ["of", "seed", "words."]


def test_legend_fits_80_columns(framing: Framing, migration: Path) -> None:
    ran = framing("explain", CHINA, at=migration)
    assert all(len(line) <= WIDTH for line in lines(ran.out))


def test_explain_agrees_with_score(framing: Framing, migration: Path) -> None:
    text = "Soldiers guard the wall while families wait for soup."
    explained = framing("explain", text, "--json", at=migration).json["codes"]
    mix = framing("score", "-", "--json", at=migration, stdin=text).json["mix"]
    share = {row["code"]: row["share"] for row in mix}
    assert {k: float(v["decided"]) for k, v in explained.items()} == {
        code: share[code] for code in CODES
    }


def test_explain_shows_the_stance(framing: Framing, relations: Path) -> None:
    ran = framing("explain", CHINA, at=relations)
    pattern = r"stance towards China: (favourable|critical|neutral) \(0\.\d\d\)"
    assert re.search(pattern, ran.out)
    found = framing("explain", CHINA, "--json", at=relations).json["stance"]
    assert set(found) == {"China", "Russia"}


def test_explain_reads_standard_input(framing: Framing, migration: Path) -> None:
    ran = framing("explain", "-", at=migration, stdin="Police at\nthe border.\n")
    assert ran.out.startswith("Police at the border.\n")


def test_a_sentence_of_unknown_words_cannot_be_judged(
    framing: Framing, migration: Path
) -> None:
    ran = framing("explain", "Ŧŧ ŋŋ.", at=migration)
    assert ran.code == 0
    assert "cannot say" in ran.out
    assert framing("explain", "Ŧŧ ŋŋ.", "--json", at=migration).json["cannot_say"]
    mix = framing("score", "-", "--json", at=migration, stdin="Ŧŧ ŋŋ.").json["mix"]
    assert {row["code"]: row["n"] for row in mix}["cannot say"] == 1


# label


def test_label_shows_codes_and_the_words_that_gave_them(
    framing: Framing, migration: Path
) -> None:
    text = "Police closed the border. Rain fell. Workers fled with their children."
    ran = framing("label", "-", at=migration, stdin=text)
    assert ran.code == 0
    assert ran.out == (
        "stdin: Police closed the border.\n"
        "    security: Police (0-6), border (18-24)\n"
        "stdin: Workers fled with their children.\n"
        "    economy: Workers (0-7)\n"
        "    humanity: fled (8-12), children (24-32)\n"
        "\n2 of 3 sentences carry a code.\n"
    )


def test_label_offsets_slice_back(framing: Framing, migration: Path) -> None:
    found = framing("label", "seeds/articles", "--json", at=migration).json
    assert found["schema_version"] == 1
    texts = {a.doc_id: a.text for a in _articles(corpus(migration))}
    for sentence in found["sentences"]:
        place = slice(sentence["start"], sentence["end"])
        assert texts[sentence["doc_id"]][place] == sentence["text"]
        assert sentence["codes"] == sorted({hit["code"] for hit in sentence["hits"]})
        for hit in sentence["hits"]:
            assert sentence["text"][hit["start"] : hit["end"]].strip()


def test_label_writes_a_table(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    place = corpus(migration)
    ran = framing("label", place, "-o", "tags.csv", "--project", migration)
    assert (ran.code, ran.out) == (0, "")
    text = (tmp_path / "tags.csv").read_text(encoding="utf-8")
    table = rows(text)
    assert list(table[0]) == [
        *("doc_id", "source", "date", "start", "end", "text", "codes", "words")
    ]
    assert f"{len(table)} sentences in tags.csv" in ran.err
    piped = framing("label", place, "-o", "-", "-q", "--project", migration)
    assert piped == Ran(0, text, "")


def test_check_measures_codes_and_words(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    ran = framing("label", "--check", "--project", migration)
    assert ran.code == 0
    assert all(len(line) <= WIDTH for line in lines(ran.out))
    for code in [*CODES, "macro"]:
        assert re.search(rf"^{code} +\d+( +[01]\.\d\d){{3}}", ran.out, re.MULTILINE)
    assert re.search(r"^security +police +\d+ +[01]\.\d\d", ran.out, re.MULTILINE)
    found = framing("label", "--check", "--json", "--project", migration).json
    assert [row["code"] for row in found["codes"]] == [*CODES, "macro"]
    assert all(0 <= row["precision"] <= 1 for row in found["words"] if row["n"])
    framing("label", "--check", "-o", "words.csv", "--project", migration)
    table = rows((tmp_path / "words.csv").read_text(encoding="utf-8"))
    assert len(table) == len(found["words"])


def test_check_shows_the_numbers_beside_long_patterns(
    framing: Framing, relations: Path
) -> None:
    ran = framing("label", "--check", "--project", relations)
    assert re.search(r"^code +word +sent\. +prec\. +coverage", ran.out, re.MULTILINE)
    assert re.search(r"^rivalry .* \d+ +[01]\.\d\d +0\.\d{3} *$", ran.out, re.MULTILINE)


def test_seed_words_alone_train_a_model(framing: Framing, own_migration: Path) -> None:
    study = own_migration
    labels = study / "labels" / "migration"
    (labels / "ana.jsonl").unlink()
    ran = framing("label", "seeds/articles", "--write-labels", "-q", at=study)
    assert ran.code == 0
    assert (labels / "seed-words.jsonl").is_file()
    ran = framing("train", "--json", "-q", at=study)
    assert (ran.code, ran.err) == (0, "")
    assert list(ran.json["labels"]) == ["seed-words"]
    ran = framing("score", "-", "--json", at=study, stdin="Police at the border.")
    share = {row["code"]: row["share"] for row in ran.json["mix"]}
    assert share["security"] == 1


def test_labels_of_the_seed_words_are_no_gold_for_them(
    framing: Framing, own_migration: Path
) -> None:
    before = framing("label", "--check", "--json", at=own_migration)
    framing("label", "seeds/articles", "--write-labels", "-q", at=own_migration)
    assert framing("label", "--check", "--json", at=own_migration) == before


# train, evaluate, models


def test_training_again_gives_the_same_bytes(
    framing: Framing, migration: Path, own_migration: Path
) -> None:
    names = ("model.joblib", "card.json", "card.md")
    place = own_migration / "models" / "migration"
    for name in names:
        (place / name).unlink()
    train(own_migration)
    for name in names:
        made = migration / "models" / "migration" / name
        assert (place / name).read_bytes() == made.read_bytes(), name


def test_train_shows_the_card_and_the_next_step(
    framing: Framing, own_migration: Path
) -> None:
    ran = framing("train", "--no-left-out", "--seed", 3, at=own_migration)
    assert ran.code == 0
    assert "frames, unseen" in ran.out
    assert "frames, seed words alone" in ran.out
    assert "unseen outlets" not in ran.out
    assert "framing score" in ran.err
    assert all(len(line) <= WIDTH for line in lines(ran.out))


def test_evaluate_shows_the_figures_of_the_card(
    framing: Framing, migration: Path
) -> None:
    ran = framing("evaluate", at=migration)
    assert ran.code == 0
    assert "unseen outlets (each left out in turn)" in ran.out
    found = framing("evaluate", "--json", at=migration).json
    assert found["schema_version"] == 1
    tables = [t for t in found["frames"].values() if isinstance(t, list) and t]
    codes = [[row.get("code") for row in t] for t in tables if isinstance(t[0], dict)]
    assert [*CODES, "macro"] in codes


def test_evaluate_on_gold_compares_with_the_seed_words(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "gold.csv").write_text(
        "text,codes\nPolice at the border.,security\nRain fell.,\n"
        "Workers pay taxes.,economy\nWorkers fled from police.,economy|security\n"
    )
    ran = framing("evaluate", "--gold", "gold.csv", "--project", migration)
    assert ran.code == 0
    assert "model on 4 sentences of gold.csv" in ran.out
    assert "seed words on 4 sentences of gold.csv" in ran.out
    assert all(len(line) <= WIDTH for line in lines(ran.out))
    found = framing(
        "evaluate", "--gold", "gold.csv", "--json", "--project", migration
    ).json
    security = found["seed words"][CODES.index("security")]
    assert (security["n"], security["f1"]) == (2, 1)


def test_models_are_listed(framing: Framing, migration: Path) -> None:
    ran = framing("models", "list", at=migration)
    assert ran.code == 0
    assert re.search(r"models/migration +migration 1\.0 @[0-9a-f]{12}", ran.out)
    found = framing("models", "list", "--json", at=migration).json["models"]
    assert found[0]["codes"] == CODES
    assert found[0]["stance"] is False


def test_a_model_shows_its_card_and_its_words(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    ran = framing("models", "show", at=migration)
    assert ran.code == 0
    assert "Words that most raise each of the frames" in ran.out
    found = framing("models", "show", "--json", at=migration).json
    assert found["schema_version"] == 1
    tops = found["frames"]["top_features"]
    assert sorted(tops) == sorted(CODES)
    for code, top in tops.items():
        words = [word for word, _ in top[:15]]
        assert f"\n  {code}: {', '.join(words)}\n" in ran.out
        assert top[0][1] > 0
    place = migration / "models" / "migration"
    assert framing("models", "show", place, at=tmp_path).out == ran.out


def test_a_model_works_on_other_words_of_the_same_codebook(
    framing: Framing, own_migration: Path
) -> None:
    path = own_migration / "labels" / "migration" / "codebook.toml"
    text = path.read_text(encoding="utf-8").replace('"Economy"', '"Work and money"')
    path.write_text(text, encoding="utf-8")
    assert framing("explain", CHINA, at=own_migration).code == 0


def test_label_files_of_several_coders_are_joined(
    framing: Framing, own_migration: Path
) -> None:
    labels = own_migration / "labels" / "migration"
    signature = read_codebook(labels / "codebook.toml").signature
    (labels / "ben.jsonl").write_text(migration_labels(signature, "ben"))
    ran = framing("train", "--json", "-q", "--no-left-out", at=own_migration)
    assert set(ran.json["labels"]) == {"ana", "ben"}


def test_train_says_what_it_is_given_and_what_is_left_out(
    framing: Framing, own_migration: Path
) -> None:
    labels = own_migration / "labels" / "migration"
    signature = read_codebook(labels / "codebook.toml").signature
    other = json.loads(migration_labels(signature, "ben").splitlines()[0])
    other["codes"] = [] if other["codes"] else ["security"]
    (labels / "ben.jsonl").write_text(json_lines([other]))
    framing("label", "seeds/articles", "--write-labels", "-q", at=own_migration)
    ran = framing("train", "--no-left-out", at=own_migration)
    header = r"^coder +labels +economy +security +humanity +none *$"
    assert re.search(header, ran.out, re.MULTILINE)
    assert re.search(r"^ana +144 +43 +42 +41 +30 *$", ran.out, re.MULTILINE)
    assert re.search(r"^gold +143 ", ran.out, re.MULTILINE)
    said = " ".join(ran.out.split())
    assert "Left out: 1 units whose coders differ (--rule majority)" in said
    assert "Left out: 144 labels of seed-words: people labelled too" in said
    assert ran.out.index("Left out") < ran.out.index("frames, unseen units")
    assert all(len(line) <= WIDTH for line in lines(ran.out))


def test_train_lists_labels_whose_text_is_no_longer_the_article_s(
    framing: Framing, own_migration: Path
) -> None:
    path = own_migration / "seeds" / "articles" / "articles.jsonl"
    path.write_text(path.read_text().replace("Coast guards", "Shore guards"))
    ran = framing("train", "--no-left-out", at=own_migration)
    said = " ".join(ran.out.split())
    assert "1 labels have another text than their article has now (harbour-3:0" in said
    found = framing("train", "--no-left-out", "--json", "-q", at=own_migration).json
    assert found["given"]["changed_texts"] == ["harbour-3:0 (ana)"]
    assert found["given"]["coders"]["ana"]["labels"] == 144


def test_train_compares_with_the_model_before(
    framing: Framing, own_migration: Path
) -> None:
    ran = framing("train", "--no-left-out", at=own_migration)
    assert re.search(r"^unseen units +0\.\d\d \(.*\) +0\.\d\d \(", ran.out, re.M)
    found = framing("train", "--no-left-out", "--json", "-q", at=own_migration).json
    assert found["before"]["unseen"]["code"] == "macro"
    card = own_migration / "models" / "migration" / "card.json"
    card.write_text("{")
    ran = framing("train", "--no-left-out", at=own_migration)
    assert ran.code == 0
    assert "no comparison with the model before" in ran.err
    card.unlink()
    assert (
        "model before"
        not in framing("train", "--no-left-out", "-q", at=own_migration).out
    )


def test_a_learning_curve_says_whether_more_labels_are_worth_it(
    framing: Framing, own_migration: Path
) -> None:
    framing("train", "--no-left-out", "-q", at=own_migration)
    model = own_migration / "models" / "migration" / "model.joblib"
    before = model.read_bytes()
    ran = framing("train", "--no-left-out", "--curve", at=own_migration)
    assert model.read_bytes() == before
    assert re.search(r"^code +10% +20% +40% +60% +80% +100% *$", ran.out, re.M)
    for code in [*CODES, "macro"]:
        assert re.search(rf"^{code}: .*(label)", ran.out, re.M)
    assert all(len(line) <= WIDTH for line in lines(ran.out))
    shown = framing("models", "show", at=own_migration).out
    assert "Learning curve: F1" in shown
    card = (model.parent / "card.md").read_text()
    assert "### Learning curve" in card
    assert "| 100% (" in card


def test_seed_words_help_only_where_they_have_labels(
    framing: Framing, own_migration: Path
) -> None:
    ran = framing("train", "--seed-weight", 0.2, at=own_migration)
    assert ran.code == 5
    assert "no labels of seed-words to weigh" in ran.err
    path = own_migration / "labels" / "migration" / "ana.jsonl"
    kept = [line for line in path.read_text().splitlines() if '"inland-' not in line]
    path.write_text("\n".join(kept) + "\n")
    framing("label", "seeds/articles", "--write-labels", "-q", at=own_migration)
    ran = framing("train", "--seed-weight", 0.2, "--no-left-out", at=own_migration)
    assert (ran.code, len(kept)) == (0, 96)
    assert "Seed words help with 48 units that nobody labelled." in ran.out
    card = own_migration / "models" / "migration" / "card.json"
    found = json.loads(card.read_text())
    assert (found["seed_weight"], found["helpers"]) == (0.2, 48)
    assert (found["frames"]["n_units"], found["labels"]["seed-words"]) == (96, 48)


def test_thresholds_are_shown_with_what_they_give(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    ran = framing("evaluate", "--thresholds", at=migration)
    assert ran.code == 0
    assert "144 units, by fits that did not see their outlet" in ran.out
    assert ran.out.count("<- the model's") == len(CODES)
    found = framing("evaluate", "--thresholds", "--json", at=migration).json
    assert {row["code"] for row in found["thresholds"]} == set(CODES)
    (tmp_path / "gold.csv").write_text("text,codes\nPolice came.,security\nRain.,\n")
    gold = ("--gold", "gold.csv", "--project", migration)
    found = framing("evaluate", "--thresholds", "--json", *gold).json
    assert found["on"] == "2 sentences of gold.csv"
    assert all(row["n"] == (row["code"] == "security") for row in found["thresholds"])


def test_a_model_without_unseen_scores_shows_no_thresholds(
    framing: Framing, own_migration: Path
) -> None:
    (own_migration / "models" / "migration" / "out_of_fold.parquet").unlink()
    ran = framing("evaluate", "--thresholds", at=own_migration)
    assert (ran.code, len(lines(ran.err))) == (4, 1)
    assert "Give --gold FILE" in ran.err


def test_a_threshold_of_one_s_own_decides_and_is_kept(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    ran = framing(
        *("score", migration / "seeds" / "articles", "--project", migration),
        *("--threshold", "economy=0.9", "--threshold", "security=0", "-o", "results"),
    )
    assert ran.code == 0
    assert "economy is given from a score of 0.9 on" in ran.err
    scores = pd.read_parquet(tmp_path / "results" / "scores.parquet")
    assert (scores["economy"] == (scores["p_economy"] >= 0.9)).all()
    assert scores["security"].all()
    run = json.loads((tmp_path / "results" / "run.json").read_text())
    assert run["thresholds"] == {"economy": 0.9, "security": 0.0}
    assert "off by" in ran.out
    assert "economy" not in ran.out.partition("off by")[2].partition(")")[0]
    again = framing("score", "results", "--threshold", "economy=0.9")
    assert again.code == 2
    assert "scored already" in again.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("econ=0.5", "is no code (codes: economy, security, humanity)"),
        ("economy", "give a number between 0 and 1"),
        ("economy=1.5", "give a number between 0 and 1"),
        ("economy=nan", "give a number between 0 and 1"),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(
    framing: Framing, migration: Path, given: str, said: str
) -> None:
    ran = framing("score", "-", "--threshold", given, at=migration, stdin=CHINA)
    assert ran.code == 2
    assert said in " ".join(ran.err.split())


def test_a_damaged_threshold_of_a_run_is_told(
    framing: Framing, migration: Path, tmp_path: Path
) -> None:
    framing(
        "score", migration / "seeds" / "articles", "-o", "r", "--project", migration
    )
    path = tmp_path / "r" / "run.json"
    run = json.loads(path.read_text())
    path.write_text(json.dumps({**run, "thresholds": {"economy": "high"}}))
    ran = framing("score", "r", "--project", migration)
    assert (ran.code, len(lines(ran.err))) == (3, 1)
    assert "damaged" in ran.err


# models diff


@pytest.fixture
def two_models(own_migration: Path) -> Path:
    """Return a study whose model of before has fewer labels."""
    models = own_migration / "models"
    (models / "migration").rename(models / "whole")
    path = own_migration / "labels" / "migration" / "ana.jsonl"
    whole = path.read_text()
    kept = [line for line in whole.splitlines() if '"northern-' not in line]
    path.write_text("\n".join(kept) + "\n")
    train(own_migration)
    (models / "migration").rename(models / "before")
    path.write_text(whole)
    return own_migration


def test_two_models_are_compared_on_the_articles_of_the_study(
    framing: Framing, two_models: Path, tmp_path: Path
) -> None:
    ran = framing("models", "diff", "before", "whole", "-o", "flips.csv", at=two_models)
    assert ran.code == 0
    assert re.search(r"^frames: n_units +96 +144 *$", ran.out, re.M)
    assert "of 9 shares moved out of the interval of the old one" in ran.out
    assert "Sentences that flipped, of 144" in ran.out
    assert "log-odds in sum" in ran.out
    assert all(len(line) <= WIDTH for line in lines(ran.out))
    table = rows((two_models / "flips.csv").read_text(encoding="utf-8"))
    found = framing("models", "diff", "before", "whole", "--json", at=two_models).json
    assert len(table) == len(found["sentences"]) > 0
    assert len(table) == sum(row["gained"] + row["lost"] for row in found["flips"])
    shown = framing("models", "diff", "before", "whole", "--csv", at=two_models).out
    assert rows(shown) == table


def test_models_are_compared_on_articles_and_on_results_alike(
    framing: Framing, two_models: Path
) -> None:
    both = ("models", "diff", two_models / "models" / "before", "whole")
    framing(
        *("score", "seeds/articles", "-o", "results", "--model", "models/whole"),
        at=two_models,
    )
    found = [
        framing(*both, *more, "--json", at=two_models).json
        for more in ((), ("seeds/articles",), ("results",))
    ]
    assert found[0] == found[1] == found[2]


def test_a_model_differs_in_nothing_from_itself(
    framing: Framing, migration: Path
) -> None:
    ran = framing("models", "diff", "migration", "migration", at=migration)
    assert "The cards say the same" in ran.out
    assert "0 of 9 shares moved" in ran.out
    found = framing("models", "diff", "migration", "migration", "--json", at=migration)
    assert found.json["sentences"] == found.json["words"] == []


def test_models_that_share_no_code_are_not_compared(
    framing: Framing, migration: Path, relations: Path
) -> None:
    other = relations / "models" / "relations"
    ran = framing("models", "diff", "migration", other, at=migration)
    assert ran.code == 4
    assert "have no code in common" in ran.err


def test_a_model_that_is_not_there_is_told(framing: Framing, migration: Path) -> None:
    ran = framing("models", "diff", "nowhere", "migration", at=migration)
    assert ran.code == 4
    assert "nowhere" in ran.err


def test_a_study_without_articles_asks_for_some(
    framing: Framing, own_migration: Path
) -> None:
    (own_migration / "seeds" / "articles" / "articles.jsonl").unlink()
    ran = framing("models", "diff", "migration", "migration", at=own_migration)
    assert ran.code == 3
    assert "INPUT" in ran.err
