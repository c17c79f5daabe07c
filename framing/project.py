"""Where a study keeps its things: codebook, labels, seed words and models.

A study is a folder with `labels/<codebook>/codebook.toml`, and beside it
`seeds/<codebook>.toml` and `models/<codebook>/` where there are any. The shipped
project is used wherever no study is found.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.atomic import write_atomic
from framing.codebook import Codebook, parse_codebook, read_codebook
from framing.errors import CodebookError, shown
from framing.seedwords import SeedWords, read_seed_words
from framing.targets import Targets, read_targets

_PACKAGE = Path(__file__).parent


def shipped_root() -> Path:
    """Return the folder of the shipped project, in a wheel or in a checkout."""
    inside = _PACKAGE / "_shipped"
    return inside if inside.is_dir() else _PACKAGE.parent


@dataclass(frozen=True, slots=True)
class Project:
    """One codebook of a study and the places that belong to it."""

    root: Path
    name: str

    @property
    def labels(self) -> Path:
        """Folder of the codebook and its label files."""
        return self.root / "labels" / self.name

    @property
    def model(self) -> Path:
        """Folder of the model trained on this codebook."""
        return self.root / "models" / self.name

    @property
    def articles(self) -> Path:
        """Folder of the articles that come with the study."""
        return self.root / "seeds" / "articles"

    @property
    def seed_file(self) -> Path | None:
        """The file of further seed words, if there is one."""
        path = self.root / "seeds" / f"{self.name}.toml"
        return path if path.is_file() else None

    def read_codebook(self) -> Codebook:
        """Return the codebook; see `framing.codebook.read_codebook`."""
        return read_codebook(self.labels / "codebook.toml")

    def read_seed_words(self, codebook: Codebook) -> SeedWords:
        """Return the seed words of the codebook and of the seed file."""
        return read_seed_words(codebook, self.seed_file)


@dataclass(frozen=True, slots=True)
class Study:
    """The project that we work in, with its codebook."""

    project: Project
    codebook: Codebook


def open_study(folder: Path | None = None, name: str = "") -> Study:
    """Return the study in `folder`, or the one around the current folder.

    Raises
    ------
    CodebookError
        There is none, its codebook is refused, or it has several and none is named.
    """
    if folder:
        project = open_project(folder.absolute(), name)
    else:
        project = find_project(Path.cwd(), name)
    return Study(project, project.read_codebook())


def read_codebook_targets(codebook: Codebook) -> Targets:
    """Return the targets that a codebook names, or none."""
    return read_targets(Path(codebook.targets)) if codebook.targets else Targets()


def find_project_root(start: Path) -> Path:
    """Return the folder of the study that `start` lies in, else the shipped one."""
    for folder in (start, *start.parents):
        if _codebooks(folder):
            return folder
    return shipped_root()


def open_project(root: Path, name: str = "") -> Project:
    """Return the study in exactly this folder.

    Raises
    ------
    CodebookError
        There is none, or it has several codebooks and none is named.
    """
    names = _codebooks(root)
    if not names:
        msg = f"{shown(root)}: no study there (labels/NAME/codebook.toml). Check it."
        raise CodebookError(msg)
    return Project(root, _pick(names, name, root))


def find_project(start: Path, name: str = "") -> Project:
    """Return the study that `start` lies in, else the shipped project.

    Raises
    ------
    CodebookError
        The study has several codebooks and none is named, or not the named one.
    """
    root = find_project_root(start)
    return Project(root, _pick(_codebooks(root), name, root))


def _codebooks(root: Path) -> list[str]:
    return sorted(p.parent.name for p in root.glob("labels/*/codebook.toml"))


def _pick(names: list[str], name: str, root: Path) -> str:
    if not name and len(names) == 1:
        return names[0]
    if name in names:
        return name
    there = ", ".join(names) or "none"
    what = f"no codebook {shown(name)!r}" if name else "more than one codebook"
    msg = f"{shown(root / 'labels')}: {what} (there: {there}). Name it by --codebook."
    raise CodebookError(msg)


def init_project(
    folder: Path, name: str, codes: Sequence[str], *, single: bool
) -> Project:
    """Make a study with a codebook to fill in.

    Raises
    ------
    CodebookError
        There is a codebook of that name already, or a name cannot be used.
    """
    project = Project(folder.absolute(), name)
    path = project.labels / "codebook.toml"
    if path.exists():
        msg = f"{shown(path)}: there is a codebook already. Choose another name."
        raise CodebookError(msg)
    twice = {code for code in codes if codes.count(code) > 1}
    if twice or not codes:
        what = f"code {sorted(twice)[0]} is there twice" if twice else "no code"
        msg = f"{what}. Name each code once: --codes a,b,c."
        raise CodebookError(msg)
    text = _CODEBOOK_HEAD.format(
        name=name, coding="single" if single else "multiple", names=", ".join(codes)
    ) + "".join(_CODEBOOK_ENTRY.format(code=c, title=c.title()) for c in codes)
    parse_codebook(_parse_toml(text, codes), path)
    write_atomic(path, text.encode())
    attributes = project.root / ".gitattributes"
    if not attributes.exists():
        write_atomic(attributes, _GIT_ATTRIBUTES.encode())
    project.articles.mkdir(parents=True, exist_ok=True)
    return project


def _parse_toml(text: str, codes: Sequence[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = (
            f"{shown(', '.join(codes))}: cannot name codes. Use letters, digits and _."
        )
        raise CodebookError(msg) from error


_GIT_ATTRIBUTES = """\
# Two people's labels merge line by line: both stay.
labels/**/*.jsonl merge=union
"""

_CODEBOOK_HEAD = """\
# The coding scheme of this study. Its content hash travels with labels and models.

name = "{name}"
version = "1.0"
language = "en"
unit = "one sentence"
# multiple: a sentence carries any number of codes, or none; single: exactly one.
coding = "{coding}"

# Codes: {names}. Seed words are words, stems (migra*), inflected forms (ban~),
# alternatives (border|frontier) and phrases with gaps (close <2> border); they give a
# first tagging by `framing label`, and labels improve it.
"""

_CODEBOOK_ENTRY = """
[codes.{code}]
title = "{title}"
definition = "Say in one sentence what a unit must convey to carry this code."
include = []
exclude = []
examples = []
seed_words = ["{code}"]
"""
