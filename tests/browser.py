"""A page that is served, and a browser to look at it with."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from framing.codebook import Codebook, read_codebook
from framing.coding.session import CodingSession, CodingUnit
from framing.web.app import make_app
from framing.web.server import make_server, open_socket

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TIME = "%Y-%m-%dT%H:%M:%SZ"
TOKEN = "token-of-this-test"
ROOT = Path(__file__).parents[1]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SENTENCES = (
    "Envoys of Norland and Sudmark signed a ten-year gas contract in the spa town.",
    "The two delegations left by separate doors.",
    "Without grain from Norland, the minister conceded, the island could not eat.",
    "Sudmark's admiral called the northern fleet a threat to every port in the strait.",
    "A ninth package of measures froze the assets of forty officials.",
    "It rained for most of the week.",
    "Both capitals promised to double joint research and to drop visas for students.",
    "Norland's press mocked the offer as a trick of a tired rival.",
    "The yards at Sandhaven depend on steel that only the neighbour sells.",
    "Trade in timber grew by a tenth, the statistical office said.",
)
"""Invented, as are the countries in them."""


def relations() -> Codebook:
    return read_codebook(ROOT / "labels" / "relations" / "codebook.toml")


def migration(*, single: bool = False) -> Codebook:
    book = read_codebook(ROOT / "tests" / "cases" / "migration.toml")
    return replace(book, coding="single") if single else book


def make_units(texts: Sequence[str] = SENTENCES) -> list[CodingUnit]:
    """One article of these sentences; countries that are named are targets."""
    units, start = [], 0
    for i, text in enumerate(texts):
        units.append(
            CodingUnit(
                doc_id="post-01",
                start=start,
                end=start + len(text),
                text=text,
                source="The Invented Post",
                date="2026-03-01",
                title="Gas, grain and a cold strait",
                before=texts[i - 1] if i else "",
                after=texts[i + 1] if i + 1 < len(texts) else "",
                targets=tuple(name for name in ("Norland", "Sudmark") if name in text),
                order="sample",
                probability=0.5,
            )
        )
        start += len(text) + 1
    return units


def clock() -> Callable[[], str]:
    """Return a clock that ticks whenever it is read."""
    start, ticks = datetime(2026, 4, 1, 9, 30, tzinfo=UTC), count()
    return lambda: (start + timedelta(seconds=next(ticks))).strftime(TIME)


def make_session(
    path: Path,
    units: Sequence[CodingUnit] | None = None,
    *,
    codebook: Codebook | None = None,
    coder: str = "ana",
) -> CodingSession:
    return CodingSession(
        make_units() if units is None else units,
        codebook or relations(),
        coder,
        path,
        now=clock(),
    )


@dataclass
class Page:
    """A page that is being served."""

    port: int
    session: CodingSession

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/#{TOKEN}"


@contextmanager
def served(
    session: CodingSession, *, port: int = 0, blind: bool = False, suggest: bool = False
) -> Iterator[Page]:
    """Serve a sitting from a thread."""
    with open_socket(port) as listener:
        port = listener.getsockname()[1]
        app = make_app(session, token=TOKEN, port=port, blind=blind, suggest=suggest)
        server = make_server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Page(port, session)
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def open_browser() -> Iterator["Browser"]:
    """Start the Chromium of this machine, or skip the test and say why."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="the Python package playwright is not there"
    )
    chromium = os.environ.get("FRAMING_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.skip("no Chromium found: install chromium or set FRAMING_CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
