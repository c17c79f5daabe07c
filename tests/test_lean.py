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
    *("starlette", "uvicorn"),
)
REPORT = """
import json, sys
try:
    {code}
finally:
    heavy = sorted(name for name in {heavy} if name in sys.modules)
    print(json.dumps(heavy), file=open("heavy.json", "w"))
"""


def heavy_after(code: str, folder: Path) -> list[str]:
    """Return which heavy packages are loaded after some code in a fresh Python."""
    script = REPORT.format(code=code, heavy=HEAVY)
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


def test_readers_load_nothing_heavy(tmp_path: Path) -> None:
    assert heavy_after("import framing.articles", tmp_path) == []


def test_a_wrong_rule_loads_no_scikit_learn(tmp_path: Path) -> None:
    code = "from framing.cli import main; main(['train', '--rule', 'loudest'])"
    assert "sklearn" not in heavy_after(code, tmp_path)


def test_scoring_needs_no_scikit_learn_and_no_nltk(
    relations: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("China and Russia signed a gas deal.")
    arguments = ["score", "a.txt", "-o", "results", "--project", str(relations)]
    code = f"from framing.cli import main; main({arguments!r})"
    found = heavy_after(code, tmp_path)
    assert (tmp_path / "results" / "run.json").is_file()
    assert not {"sklearn", "nltk"} & set(found)


def test_explaining_needs_no_scikit_learn_and_no_nltk(
    relations: Path, tmp_path: Path
) -> None:
    arguments = ["explain", "China and Russia agreed.", "--project", str(relations)]
    code = f"from framing.cli import main; main({arguments!r})"
    assert not {"sklearn", "nltk"} & set(heavy_after(code, tmp_path))


def test_a_sheet_needs_no_scikit_learn_and_no_server(
    migration: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Police closed the border. Nobody knew why.")
    arguments = ["annotate", "a.txt", "--sheet", "s.csv", "--project", str(migration)]
    code = f"from framing.cli import main; main({arguments!r})"
    found = heavy_after(code, tmp_path)
    assert (tmp_path / "s.csv").is_file()
    assert not {"sklearn", "nltk", "starlette", "uvicorn"} & set(found)


def test_labelling_needs_no_scikit_learn_and_no_nltk(
    relations: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("China and Russia signed a gas deal.")
    arguments = ["label", "a.txt", "--project", str(relations)]
    code = f"from framing.cli import main; main({arguments!r})"
    assert not {"sklearn", "nltk"} & set(heavy_after(code, tmp_path))
