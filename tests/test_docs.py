"""The pages: their links lead somewhere, and the README stays short."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
CHECK = SimpleNamespace(**runpy.run_path(str(ROOT / "tools" / "check_docs.py")))
PAGES = CHECK.all_pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert CHECK.broken_links(page) == []


def test_a_broken_link_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    monkeypatch.setitem(CHECK.broken_links.__globals__, "ROOT", tmp_path)
    page.write_text(
        "# One place\n[a](page.md#one-place) [b](#none) [c](no.md)", "utf-8"
    )
    assert CHECK.broken_links(page) == [
        "page.md: link #none leads nowhere",
        "page.md: link no.md leads nowhere",
    ]


def test_every_page_can_be_reached_from_the_site() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    docs = ROOT / "docs"
    pages = [str(p.relative_to(docs)) for p in PAGES if docs in p.parents]
    assert [page for page in pages if f": {page}\n" not in site] == []


def test_readme_names_every_command_and_is_short() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) < 120
    for command in CHECK.COMMANDS:
        assert f"framing {' '.join(command)}" in readme


def test_study_of_the_docs_is_that_of_the_tests() -> None:
    for path, text in CHECK.study_files().items():
        assert path.read_text(encoding="utf-8") == text


def test_what_follows_an_ellipsis_is_left_as_it_is() -> None:
    block = "$ framing models list\nmodel\n…\nlast line\n"
    lines = CHECK.run_block(block).splitlines()
    assert lines[0] == "$ framing models list"
    assert lines[1].startswith("model ")
    assert lines[2:] == ["…", "last line"]


def test_what_python_prints_is_run_anew() -> None:
    block = ">>> a = 1\n>>> a + 1\n3\n>>> for b in 'xy':\n...     print(b)\n"
    ran = CHECK.run_examples(block, {})
    assert ran == block.replace("3\n", "2\n") + "x\ny\n"
