"""Start-up is lean: nothing heavy is loaded before it is needed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = (
    *("sklearn", "scipy", "pandas", "nltk", "pyarrow", "joblib", "trafilatura"),
    *("starlette", "uvicorn", "rich", "numpy", "dask", "distributed"),
    *("lxml", "docx", "openpyxl", "pypdf", "striprtf", "py3langid"),
    *("jinja2", "altair", "vl_convert"),
)
NEEDED_TO_SCORE = {"numpy"}
OWN_FILES = sorted(Path(ROOT, "framing", "cli").glob("[!_]*.py"))
OURS = tuple(f"framing.cli.{path.stem}" for path in OWN_FILES)
REPORT = """
import json, sys
try:
    {code}
finally:
    heavy = sorted(name for name in {heavy} if name in sys.modules)
    print(json.dumps(heavy), file=open("heavy.json", "w"))
"""


def heavy_after(code: str, folder: Path, heavy: tuple[str, ...] = HEAVY) -> list[str]:
    """Return which heavy packages are loaded after some code in a fresh Python."""
    script = REPORT.format(code=code, heavy=heavy)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script]
    subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)
    return list(json.loads((folder / "heavy.json").read_text()))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        [],
        ["read", "--help"],
        ["read"],
        ["score", "--help"],
        ["models", "--help"],
        ["annotate", "--help"],
        ["annotate", "x.csv"],
        ["annotate", "x.csv", "--coder", "../ana"],
        ["agree", "--help"],
        ["labels", "--help"],
        ["labels", "import", "--help"],
        ["labels", "import", "x.csv", "--from", "paper"],
        ["labels", "export", "--help"],
        ["labels", "audit", "--help"],
        ["labels", "need", "--help"],
        ["nonsense"],
        ["score"],
        ["score", "x.csv", "--level", "2"],
        ["score", "x.csv", "--nonsense"],
        ["label", "--check", "x.csv"],
        ["explain"],
        ["train", "extra"],
    ],
    ids=" ".join,
)
def test_help_and_usage_errors_load_nothing_heavy(
    tmp_path: Path, arguments: list[str]
) -> None:
    code = f"from framing.cli import main; main({arguments!r})"
    assert heavy_after(code, tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--help"], set()),
        (["--version"], set()),
        ([], set()),
        (["scor"], set()),
        (["score", "--nonsense"], {"score"}),
        (["init"], {"init"}),
        (["labels", "--help"], {"labels", "audit", "need"}),
    ],
    ids=lambda value: " ".join(sorted(value)),
)
def test_only_the_command_that_is_named_is_imported(
    tmp_path: Path, arguments: list[str], named: set[str]
) -> None:
    code = f"from framing.cli import main; main({arguments!r})"
    found = heavy_after(code, tmp_path, OURS)
    shared = {"app", "stopping", "common", "mixtable", "opening", "progress", "values"}
    assert {name.removeprefix("framing.cli.") for name in found} - shared == named


def test_commands_are_listed_by_their_own_first_sentence() -> None:
    from framing.cli.app import COMMANDS, make_command

    for name, about in COMMANDS.items():
        first = make_command(name).help.split("\n\n")[0]
        assert " ".join(first.split()) == about


def test_every_command_is_listed() -> None:
    from framing.cli.app import COMMANDS

    def is_command(path: Path) -> bool:
        text = path.read_text(encoding="utf-8")
        return "\ndef run(" in text or "\napp = typer.Typer(" in text

    inner = {"app", "audit", "need", "modeldiff"}
    found = {path.stem for path in OWN_FILES if is_command(path)} - inner
    assert found == set(COMMANDS)


def test_readers_load_nothing_heavy(tmp_path: Path) -> None:
    assert heavy_after("import framing.articles", tmp_path) == []


@pytest.mark.parametrize("room", ["scorer", "segment", "modelstore"])
def test_what_scores_loads_nothing_heavy(room: str, tmp_path: Path) -> None:
    found = heavy_after(f"import framing.{room}", tmp_path)
    assert not set(found) - NEEDED_TO_SCORE


def test_a_wrong_rule_loads_no_scikit_learn(tmp_path: Path) -> None:
    code = "from framing.cli import main; main(['train', '--rule', 'loudest'])"
    assert "sklearn" not in heavy_after(code, tmp_path)


def test_scoring_an_article_needs_pandas_and_arrow_alone(
    relations: Path, tmp_path: Path
) -> None:
    text = "China and Russia signed a gas deal. Nobody said what it would cost them. "
    (tmp_path / "a.txt").write_text(text + "Their ministers did not come before May.")
    arguments = ["score", "a.txt", "-o", "results", "--project", str(relations)]
    code = f"from framing.cli import main; main({arguments!r})"
    found = heavy_after(code, tmp_path, (*HEAVY, "pydantic", "pyarrow.dataset"))
    assert (tmp_path / "results" / "run.json").is_file()
    assert set(found) == {"numpy", "pandas", "pyarrow", "rich"}


def test_explaining_needs_numpy_alone(relations: Path, tmp_path: Path) -> None:
    arguments = ["explain", "China and Russia agreed.", "--project", str(relations)]
    code = f"from framing.cli import main; main({arguments!r})"
    found = heavy_after(code, tmp_path, (*HEAVY, "pydantic"))
    assert set(found) == NEEDED_TO_SCORE


def test_scoring_a_text_by_the_library_needs_numpy_alone(
    relations: Path, tmp_path: Path
) -> None:
    script = tmp_path / "score_text.py"
    script.write_text(
        "from pathlib import Path\n"
        "from framing.modelstore import load_model\n"
        "from framing.scorer import Scorer\n"
        "from framing.segment import split_sentences\n"
        "text = 'China and Russia signed a gas deal. Talks go on.'\n"
        "sentences = [text[s.start : s.end] for s in split_sentences(text)]\n"
        f"model, _ = load_model(Path({str(relations / 'models' / 'relations')!r}))\n"
        "scorer = Scorer(model)\n"
        "readings = scorer.read(sentences)\n"
        "assert scorer.score(readings)[0].shape == (2, 4)\n"
        "assert scorer.score_stance(readings)\n"
        "open('done', 'w')\n"
    )
    found = heavy_after("import score_text", tmp_path, (*HEAVY, "typer"))
    assert (tmp_path / "done").exists()
    assert set(found) == NEEDED_TO_SCORE


def test_a_sheet_needs_no_scikit_learn_and_no_server(
    migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Police closed the border. Nobody knew why.")
    arguments = ["annotate", "a.txt", "--sheet", "s.csv", "--project", str(migration)]
    code = f"from framing.cli import main; main({arguments!r})"
    found = heavy_after(code, tmp_path)
    assert (tmp_path / "s.csv").is_file()
    assert not {"sklearn", "nltk", "starlette", "uvicorn"} & set(found)


def test_labelling_needs_numpy_alone(relations: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("China and Russia signed a gas deal.")
    arguments = ["label", "a.txt", "--project", str(relations)]
    code = f"from framing.cli import main; main({arguments!r})"
    found = heavy_after(code, tmp_path, (*HEAVY, "pydantic"))
    assert set(found) == NEEDED_TO_SCORE
