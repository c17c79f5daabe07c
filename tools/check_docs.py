"""Keep the pages made from data in step: docs/codebook.md, docs/commands.md.

``python tools/check_docs.py`` ends with 1 if a page is not what the data say, or if a
command is missing from the README; ``--write`` writes the pages.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

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
    ["score"],
    ["compare"],
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


def main() -> int:
    """Check the pages, or write them; return the exit code."""
    path = ROOT / "labels" / "relations" / "codebook.toml"
    pages = {
        DOCS / "codebook.md": codebook_page(tomllib.loads(path.read_text("utf-8"))),
        DOCS / "commands.md": commands_page(),
    }
    wrong = []
    for page, text in pages.items():
        if "--write" in sys.argv:
            page.write_text(text, encoding="utf-8")
        elif not page.is_file() or page.read_text(encoding="utf-8") != text:
            wrong.append(f"{page.relative_to(ROOT)} is out of step: make docs")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    wrong += [
        f"README.md does not mention framing {' '.join(command)}"
        for command in COMMANDS
        if f"framing {' '.join(command)}" not in readme
    ]
    print("\n".join(wrong) or "docs are in step")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
