import shutil
import subprocess
from pathlib import Path

import pytest

from framing import project as rooms
from framing.errors import CodebookError
from framing.project import (
    Project,
    find_project,
    find_project_root,
    init_project,
    open_project,
    read_codebook_targets,
    shipped_root,
)

ROOT = Path(__file__).parents[1]


def make(folder: Path, *names: str) -> Path:
    for name in names:
        init_project(folder, name, ["security", "economy"], single=False)
    return folder


def test_without_a_study_the_shipped_project_is_found(tmp_path: Path) -> None:
    assert find_project(tmp_path) == Project(shipped_root(), "relations")


def test_checkout_is_the_shipped_project() -> None:
    assert shipped_root() == ROOT
    assert find_project(ROOT / "tests") == Project(ROOT, "relations")


def test_installed_package_brings_its_own_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "framing" / "_shipped", "relations")
    monkeypatch.setattr(rooms, "_PACKAGE", tmp_path / "framing")
    assert shipped_root() == tmp_path / "framing" / "_shipped"
    assert find_project(tmp_path).read_codebook().names == ("security", "economy")


def test_study_is_found_from_any_folder_in_it(tmp_path: Path) -> None:
    study = make(tmp_path / "study", "migration")
    inside = study / "results" / "deep"
    inside.mkdir(parents=True)
    assert find_project(inside) == Project(study, "migration")
    assert find_project_root(study / "labels") == study


def test_nearest_study_is_found(tmp_path: Path) -> None:
    make(tmp_path, "outer")
    make(tmp_path / "study", "inner")
    assert find_project(tmp_path / "study").name == "inner"


def test_named_folder_must_be_a_study_itself(tmp_path: Path) -> None:
    study = make(tmp_path / "study", "migration")
    assert open_project(study) == Project(study, "migration")
    assert open_project(study, "migration") == Project(study, "migration")
    for folder in (study / "labels", study / "typo", tmp_path):
        with pytest.raises(CodebookError) as caught:
            open_project(folder)
        assert str(caught.value).endswith(
            f"{folder.name}: no study there (labels/NAME/codebook.toml). Check it."
        )


@pytest.mark.parametrize("name", ["", "weather"])
def test_codebook_of_a_named_folder_has_to_be_clear(name: str, tmp_path: Path) -> None:
    make(tmp_path, "migration", "weapons")
    with pytest.raises(CodebookError, match=r"\(there: migration, weapons\)"):
        open_project(tmp_path, name)


def test_places_of_a_study_lie_beside_each_other(tmp_path: Path) -> None:
    project = Project(tmp_path, "migration")
    assert project.labels == tmp_path / "labels" / "migration"
    assert project.model == tmp_path / "models" / "migration"
    assert project.articles == tmp_path / "seeds" / "articles"
    assert project.seed_file is None


def test_seed_file_of_a_study_adds_to_the_words_of_its_codebook(tmp_path: Path) -> None:
    project = find_project(make(tmp_path, "migration"))
    codebook = project.read_codebook()
    assert len(project.read_seed_words(codebook).groups) == 2
    (tmp_path / "seeds" / "migration.toml").write_text(
        '[[group]]\nname = "g"\ncode = "security"\nwords = ["border*"]\n'
    )
    names = [group.name for group in project.read_seed_words(codebook).groups]
    assert names == ["security_words", "economy_words", "g"]


def test_one_of_several_codebooks_has_to_be_named(tmp_path: Path) -> None:
    make(tmp_path, "migration", "weapons")
    assert find_project(tmp_path, "weapons").name == "weapons"
    with pytest.raises(CodebookError) as caught:
        find_project(tmp_path)
    assert str(caught.value).endswith(
        ": more than one codebook (there: migration, weapons). Name it by --codebook."
    )


def test_codebook_that_is_not_there_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "migration")
    with pytest.raises(CodebookError) as caught:
        find_project(tmp_path, "weather")
    assert str(caught.value).endswith(
        ": no codebook 'weather' (there: migration). Name it by --codebook."
    )


@pytest.mark.parametrize("single", [True, False])
def test_new_study_has_a_codebook_to_fill_in(single: bool, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "study"
    project = init_project(folder, "gun-violence", ["crime", "rights_2"], single=single)
    codebook = project.read_codebook()
    assert codebook.name == "gun-violence"
    assert codebook.names == ("crime", "rights_2")
    assert codebook.coding == ("single" if single else "multiple")
    assert codebook.codes[0].seed_words == ("crime",)
    assert codebook.accepts_signature(codebook.signature)
    assert project.articles.is_dir()
    assert read_codebook_targets(codebook).names == ()


def test_labels_of_a_new_study_merge_line_by_line(tmp_path: Path) -> None:
    make(tmp_path, "migration")
    attributes = (tmp_path / ".gitattributes").read_text()
    assert "labels/**/*.jsonl merge=union" in attributes.splitlines()


@pytest.mark.skipif(not shutil.which("git"), reason="git is not there")
def test_git_keeps_the_labels_of_both_branches(tmp_path: Path) -> None:
    study = make(tmp_path / "study", "migration")
    labels = study / "labels" / "migration" / "ana.jsonl"

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        command = ["git", "-C", str(study), *who, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def commit(*lines: str) -> None:
        labels.write_text("".join(f"{line}\n" for line in lines))
        git("add", "-A")
        git("commit", "-q", "-m", "labels")

    git("init", "-q", "-b", "main")
    commit('{"n": 0}')
    git("checkout", "-q", "-b", "other")
    commit('{"n": 0}', '{"n": 1}')
    git("checkout", "-q", "main")
    commit('{"n": 0}', '{"n": 2}')
    git("merge", "-q", "-m", "merged", "other")
    assert sorted(labels.read_text().splitlines()) == [
        '{"n": 0}',
        '{"n": 1}',
        '{"n": 2}',
    ]


def test_attributes_that_are_there_stay(tmp_path: Path) -> None:
    (tmp_path / ".gitattributes").write_text("*.pdf binary\n")
    make(tmp_path, "migration")
    assert (tmp_path / ".gitattributes").read_text() == "*.pdf binary\n"


def test_new_study_does_not_write_over_a_codebook(tmp_path: Path) -> None:
    make(tmp_path, "migration")
    path = tmp_path / "labels" / "migration" / "codebook.toml"
    path.write_text("mine")
    with pytest.raises(CodebookError, match="there is a codebook already"):
        init_project(tmp_path, "migration", ["other"], single=False)
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "codes", "message"),
    [
        ("m", [], "^no code. Name each code once: --codes a,b,c."),
        ("m", ["a", "b", "a"], "^code a is there twice. Name each code once: "),
        ("", ["a"], "codebook.toml: name is missing or no text. Add it."),
        ("../m", ["a"], "name '../m' must be letters, digits, _ and -."),
        ("my study", ["a"], "name 'my study' must be letters, digits, _ and -."),
        ("m", ["a", "2b"], '"2b" cannot name a code. '),
        ("m", ["my-code"], '"my-code" cannot name a code. '),
        ("m", ["text"], '"text" cannot name a code. '),
        ("m", ["none"], '"none" cannot name a code. '),
        ("m", ["aé", "b"], "^aé, b: cannot name codes. Use letters, digits and _."),
        ("m", ['a"]'], '^a"]: cannot name codes. '),
        ("m", ["a\n"], r"^a\n: cannot name codes. "),
    ],
)
def test_name_that_cannot_be_used_is_refused_before_anything_is_made(
    name: str, codes: list[str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(CodebookError) as caught:
        init_project(tmp_path / "study", name, codes, single=False)
    found = str(caught.value)
    if message.startswith("^"):
        assert found.startswith(message[1:])
    else:
        assert message in found
    assert not (tmp_path / "study").exists()
