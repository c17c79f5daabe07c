"""Installed from a wheel, framing brings its model, codebook and seed words."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parents[1]
BUILD = ("framing", "labels", "seeds", "models")
FILES = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE")


def python(*arguments: str, at: Path, path: Path | None = None) -> str:
    """Return what Python prints, run in a folder with packages from `path`."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if path:
        env["PYTHONPATH"] = str(path)
    command = [sys.executable, *arguments]
    ran = subprocess.run(
        command, cwd=at, env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def installed(relations: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the installed wheel, built from a copy of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    checkout = folder / "checkout"
    ignore = shutil.ignore_patterns("__pycache__")
    for name in BUILD:
        shutil.copytree(ROOT / name, checkout / name, ignore=ignore)
    for name in FILES:
        shutil.copy(ROOT / name, checkout)
    shipped = checkout / "models" / "relations"
    if not shipped.exists():
        shutil.copytree(relations / "models" / "relations", shipped)
    pip = ("-m", "pip", "--disable-pip-version-check", "--no-input")
    build = ("wheel", "--no-deps", "--no-build-isolation", "--no-index", ".")
    python(*pip, *build, "-w", str(folder), at=checkout)
    [wheel] = folder.glob("framing-*.whl")
    place = folder / "site"
    install = ("install", "--no-deps", "--no-index", "--target", str(place))
    python(*pip, *install, str(wheel), at=folder)
    shutil.rmtree(checkout)
    return place


def framing(installed: Path, at: Path, *arguments: str) -> str:
    code = f"from framing.cli import main; main({list(arguments)!r})"
    return python("-c", code, at=at, path=installed)


@pytest.mark.slow
def test_wheel_finds_its_shipped_model(installed: Path, tmp_path: Path) -> None:
    found = json.loads(framing(installed, tmp_path, "models", "list", "--json"))
    [model] = found["models"]
    assert Path(model["folder"]).is_relative_to(installed)
    assert model["codebook"].startswith("relations ")
    assert model["stance"] is True


@pytest.mark.slow
def test_wheel_finds_codebook_seed_words_and_targets(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("China and Russia signed a gas deal on Monday.")
    assert "cooperation: " in framing(installed, tmp_path, "label", "a.txt")
    ran = framing(installed, tmp_path, "score", "a.txt", "--target", "China", "-q")
    assert "Stance of sentences that name China" in ran


@pytest.mark.slow
def test_wheel_holds_no_other_texts(installed: Path) -> None:
    assert not list(installed.rglob("seeds/articles"))
    assert not list(installed.rglob("tests"))
