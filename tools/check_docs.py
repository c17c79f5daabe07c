"""Keep the pages in step with what the commands do and print.

``python tools/check_docs.py`` ends with 1 if a page is not what the data say, if a
command is missing from the README or a link leads nowhere; ``--write`` writes the
pages. docs/codebook.md, docs/commands.md and the files of docs/examples/migration are
made. In the other pages what follows a command (``$ framing …`` as first line of a
block) is what it printed, run anew in a copy of the repository, one command after
another; ``…`` on a line of its own ends what is shown. The pages on Python are run as
one session, which finds the outlets of seeds/demo in ``articles/``.
"""

import csv
import io
import json
import os
import re
import runpy
import shlex
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from doctest import DocTestParser
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from typer.testing import CliRunner

from framing.articles.formats import OWN
from framing.cli.app import app

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def codebook_page(table: dict[str, Any]) -> str:
    """Return a codebook as a page for reading."""
    lines = [
        f"# Codebook: {table['name']}, version {table['version']}",
        "",
        "`labels/relations/codebook.toml` for reading; `make docs` writes this page.",
        "",
        f"Unit of coding: {table['unit']}.",
        "",
        table["intro"].strip(),
        "",
        "## Codes",
    ]
    for name, code in table["codes"].items():
        lines += ["", f"### {name}", "", code["definition"], ""]
        lines += [f"- In: {item}" for item in code["include"]]
        lines += [f"- Out: {item}" for item in code["exclude"]]
        lines += ["", "Worked examples:", ""]
        lines += [f"- {item.replace(' -> ', ' → ')}" for item in code["examples"]]
        words = ", ".join(f"`{word}`" for word in code["seed_words"])
        lines += ["", f"Seed words (more in `seeds/{table['name']}.toml`): {words}"]
    stance = table["stance"]
    lines += ["", "## Stance", "", stance["definition"], ""]
    lines += [f"- **{value}**: {stance[value]}" for value in stance["values"]]
    lines += [
        "",
        *(f"- {rule}" for rule in stance["rules"]),
        "",
        "Worked examples:",
        "",
    ]
    lines += [f"- {item.replace(' -> ', ' → ')}" for item in stance["examples"]]
    return "\n".join(lines) + "\n"


COMMANDS = (
    ["init"],
    ["read"],
    ["score"],
    ["compare"],
    ["report"],
    ["annotate"],
    ["agree"],
    ["labels", "import"],
    ["labels", "export"],
    ["labels", "audit"],
    ["labels", "need"],
    ["explain"],
    ["label"],
    ["train"],
    ["evaluate"],
    ["models", "list"],
    ["models", "show"],
    ["models", "diff"],
)


def commands_page() -> str:
    """Return the help of every command as a page."""
    lines = [
        "# Commands",
        "",
        "The help of every command; `make docs` writes this page.",
    ]
    runner = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    for command in COMMANDS:
        text = runner.invoke(app, [*command, "--help"], prog_name="framing").output
        tidy = "\n".join(line.rstrip() for line in text.strip().splitlines())
        lines += ["", f"## framing {' '.join(command)}", "", "```", tidy, "```"]
    return "\n".join(lines) + "\n"


TABLE = re.compile(r"(?<=<!-- formats -->\n).*?(?=<!-- end -->)", re.S)
BLOCK = re.compile(r"(?<=```\n)(\$ (?:framing|cp|cd|python) .*?)(?=^```$)", re.S | re.M)
RUN_PAGES = ("examples.md", "inputs.md", "own-codebook.md", "tutorial.md")
PYTHON = re.compile(r"(?<=```python\n)>>> .*?(?=^```$)", re.S | re.M)
PYTHON_PAGES = ("python.md", "howto/r-and-python.md")
SHIPPED = ("docs", "labels", "models", "seeds", "tests", "tools")
STOP = "…"


def run_page(page: str) -> str:
    """Return a page with what its commands print, run in a copy of the repository."""
    with workspace():
        return BLOCK.sub(lambda block: run_block(block[1]), page)


def run_python(pages: Iterable[str]) -> list[str]:
    """Return pages with what Python prints, one page after the other."""
    session: dict[str, Any] = {}
    with workspace() as folder:
        shutil.copytree(folder / "seeds" / "demo", "articles")
        return [
            PYTHON.sub(lambda block: run_examples(block[0], session), page)
            for page in pages
        ]


@contextmanager
def workspace() -> Iterator[Path]:
    """Work in a folder with the shipped study, which may be written to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for part in SHIPPED:
            shutil.copytree(ROOT / part, folder / part)
        with chdir(folder), patch("framing.project._PACKAGE", folder / "framing"):
            yield folder


def run_block(block: str) -> str:
    """Return the commands of a block, each with what it prints."""
    lines = []
    for part in re.split(r"^(?=\$ )", block, flags=re.M)[1:]:
        command, *shown = part.rstrip("\n").split("\n")
        printed = output(command.removeprefix("$ "))
        if STOP in shown:
            n = shown.index(STOP)
            printed = [*printed[:n], *shown[n:]]
        lines += [command, *printed]
    return "\n".join(lines) + "\n"


def run_examples(block: str, session: dict[str, Any]) -> str:
    """Return the examples of a block, each with what it prints in a session."""
    lines = []
    for example in DocTestParser().get_examples(block):
        first, *more = example.source.rstrip("\n").split("\n")
        lines += [f">>> {first}", *(f"... {line}" for line in more)]
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(example.source, "<example>", "single"), session)
        lines += [line.rstrip() for line in printed.getvalue().splitlines()]
    return "\n".join(lines) + "\n"


def output(command: str) -> list[str]:
    """Return the lines that a command prints; `| tail -N` leaves the last ones."""
    command, _, tail = command.partition(" | tail -")
    program, *words = shlex.split(command)
    if program == "cd":
        os.chdir(words[0])
    elif program == "cp":
        shutil.copy(words[0], words[1])
    elif program == "python":
        runpy.run_path(words[0])["fill"](*words[1:])
    else:
        runner = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
        done = runner.invoke(app, words, prog_name="framing")
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        text = done.stdout.rstrip().removeprefix("\n")
        lines = [line.rstrip() for line in text.splitlines()]
        return lines[-int(tail) :] if tail else lines
    return []


def study_files() -> dict[Path, str]:
    """Return the files of the study in docs/own-codebook.md, made of test cases."""
    cases, folder = ROOT / "tests" / "cases", DOCS / "examples" / "migration"
    rows = [
        json.loads(line)
        for line in (cases / "migration.jsonl").read_text("utf-8").splitlines()
    ]
    articles: dict[str, list[str]] = {}
    coded = []
    for row in rows:
        known = articles.setdefault(row["doc_id"], [row["doc_id"], row["source"], ""])
        known[2] = f"{known[2]} {row['text']}".strip()
        start = len(known[2]) - len(row["text"])
        codes = "|".join(row["codes"]) or "none"
        coded.append([row["doc_id"], start, row["source"], row["text"], codes])
    return {
        folder / "codebook.toml": (cases / "migration.toml").read_text("utf-8"),
        folder / "articles.csv": table(["doc_id", "source", "text"], articles.values()),
        folder / "coded.csv": table(
            ["doc_id", "start", "source", "text", "codes"], coded
        ),
    }


def table(header: list[str], rows: Iterable[list[Any]]) -> str:
    """Return rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([header, *rows])
    return out.getvalue()


LINK = re.compile(r"\]\(([^)\s]+)\)")


def broken_links(page: Path) -> list[str]:
    """Return the links of a page to files or headings that are not there."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.S | re.M)
    wrong = []
    for link in LINK.findall(text):
        if "://" in link:
            continue
        name, _, heading = link.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (heading and heading not in headings(path)):
            wrong.append(f"{page.relative_to(ROOT)}: link {link} leads nowhere")
    return wrong


def headings(page: Path) -> set[str]:
    """Return what the headings of a page are called in links."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.M)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in found)
    return {title.strip().replace(" ", "-") for title in plain}


def all_pages() -> list[Path]:
    """Return every page for people: the README, the changes and the docs."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


def formats_table() -> str:
    """Return our own formats, what they keep and what they lose."""
    lines = ["| format | files | kept | lost |", "|---|---|---|---|"]
    for value in OWN.values():
        module, _, name = value.partition(":")
        found = getattr(import_module(module), name)
        files = " ".join(found.suffixes)
        lines.append(f"| {found.name} | {files} | {found.keeps} | {found.loses} |")
    return "\n".join(lines) + "\n"


def write(pages: dict[Path, str]) -> None:
    """Write pages."""
    for page, text in pages.items():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")


def main() -> int:
    """Check the pages, or write them; return the exit code."""
    path = ROOT / "labels" / "relations" / "codebook.toml"
    pages = {
        DOCS / "codebook.md": codebook_page(tomllib.loads(path.read_text("utf-8"))),
        DOCS / "commands.md": commands_page(),
        **study_files(),
    }
    if "--write" in sys.argv:
        write(pages)
    for name in RUN_PAGES:
        page = run_page((DOCS / name).read_text("utf-8"))
        pages[DOCS / name] = TABLE.sub(lambda _: formats_table(), page)
    on_python = [DOCS / name for name in PYTHON_PAGES]
    ran = run_python(page.read_text("utf-8") for page in on_python)
    pages |= dict(zip(on_python, ran, strict=True))
    wrong = []
    if "--write" in sys.argv:
        write(pages)
    for page, text in pages.items():
        if not page.is_file() or page.read_text(encoding="utf-8") != text:
            wrong.append(f"{page.relative_to(ROOT)} is out of step: make docs")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    wrong += [
        f"README.md does not mention framing {' '.join(command)}"
        for command in COMMANDS
        if f"framing {' '.join(command)}" not in readme
    ]
    wrong += [link for page in all_pages() for link in broken_links(page)]
    print("\n".join(wrong) or "docs are in step")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
