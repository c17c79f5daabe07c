"""Make docs/report.png: the head of the report on the shipped demo corpus.

``python tools/make_picture.py`` scores seeds/demo, writes the report and has a headless
Chromium (that of FRAMING_CHROMIUM, else of the path) draw it at 1280 pixels, offline.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from typer.testing import CliRunner

from framing.cli.app import app

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "report.png"
WIDTH, HEIGHT = 1280, 1060


def make_report(folder: Path) -> Path:
    """Return the report on the demo corpus, written to a folder."""
    report, results = folder / "report.html", folder / "results"
    for command in (
        ["score", str(ROOT / "seeds" / "demo"), "-o", str(results), "-q"],
        ["report", str(results), "-o", str(report), "-q"],
    ):
        done = CliRunner().invoke(app, command)
        if done.exit_code:
            sys.exit(done.output)
    return report


def draw(report: Path) -> None:
    """Draw the first screen of a report."""
    chromium = os.environ.get("FRAMING_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.context.set_offline(True)
        page.goto(report.as_uri())
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as name:
        draw(make_report(Path(name)))
