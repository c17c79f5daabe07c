"""One HTML file of a report: no network, nothing beside it, same bytes for same input.

Foreign text (titles, outlets, sentences, words) only ever stands in text nodes and
quoted attributes, escaped by the template, or in JSON without a `<`. The policy in the
head allows the page's own style and script, known by their hashes, and nothing else.
"""

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from framing.report.content import Report
from framing.report.sections.actors import stance_section, targets_section
from framing.report.sections.calibration import calibration_section
from framing.report.sections.differences import changes_section, differences_section
from framing.report.sections.evidence import evidence_section
from framing.report.sections.mix import mix_section
from framing.report.sections.names import name_codes
from framing.report.sections.numbers import numbers_of
from framing.report.sections.time import time_section
from framing.report.sections.trust import trust_section
from framing.report.sections.words import words_section
from framing.report.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment

SECTIONS = {
    "mix": "The mix",
    "differences": "Who differs",
    "time": "Over time",
    "actors": "Actors",
    "evidence": "The evidence",
    "words": "The words",
    "trust": "Can I trust this?",
    "methods": "Methods",
    "record": "Model card and record",
}
"""The sections in their order; the keys of `Report.notes`, and anchors in the page."""

EMPTY = {
    "mix": "No article was scored.",
    "differences": "Nothing to compare: that takes two outlets with enough articles.",
    "time": "Nothing to show over time: that takes dates in several periods.",
    "actors": "The codebook has no targets, or no sentence names one.",
    "evidence": "There are no sentences to show.",
    "words": "The model has no words to show.",
    "trust": "Nothing was checked.",
    "methods": "There is no text on methods.",
    "record": "There is no record of the run.",
}
"""What a section without content says if the report gives no reason."""

_LOWER = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6"}


def render(report: Report) -> str:
    """Return the report as one HTML document.

    Parameters
    ----------
    report : Report
        Tables may be empty: their section then says why, by `notes` or in general.
    """
    style, script = _asset("page.css"), _asset("page.js")
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            codes=list(name_codes(report).values()),
            sections=SECTIONS,
            empty={key: report.notes.get(key) or EMPTY[key] for key in SECTIONS},
            policy=_policy(style, script),
            style=_markup(style),
            script=_markup(script),
            **_contents(report),
        )
    )


def _contents(report: Report) -> dict[str, Any]:
    """Return what each section shows."""
    codes = name_codes(report)
    evidence = evidence_section(report)
    return {
        "mix": mix_section(report),
        "mix_numbers": numbers_of(report.mix, codes),
        "differences": differences_section(report),
        "changes": changes_section(report),
        "time": time_section(report),
        "targets": targets_section(report),
        "target_numbers": numbers_of(report.targets, codes),
        "stance": stance_section(report),
        "stance_numbers": numbers_of(report.stance, codes),
        "evidence": evidence,
        "evidence_json": _markup(evidence["json"]),
        "words": words_section(report),
        "word_numbers": numbers_of(report.words, codes),
        "source_word_numbers": numbers_of(report.source_words, codes),
        "trust": trust_section(report),
        "calibration": calibration_section(report),
        "card": _markup(_card(report.card)),
    }


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{b64encode(digest).decode()}'"


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def finish(value: Any) -> Any:
        """Mark what cannot be seen in foreign text; what is ours stays."""
        if isinstance(value, str) and not isinstance(value, Markup):
            return visible(value)
        return value

    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finish,
    )
    environment.filters["drawn"] = _markup
    return environment


def _markup(text: str) -> Any:
    """Return text that the template takes as it is: ours, or made safe before."""
    from markupsafe import Markup

    return Markup(text)


def _card(markdown: str) -> str:
    """Return Markdown as HTML without links, images and HTML of its own."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.disable(["link", "image", "autolink", "reference", "html_block"])
    tokens = reader.parse(visible(markdown))
    for token in tokens:
        token.attrs.clear()  # the alignment of columns is a style the policy forbids
        token.info = ""
        if token.tag in _LOWER:
            token.tag = _LOWER[token.tag]  # below the heading of their section
    html: str = reader.renderer.render(tokens, reader.options, {})
    return html


@cache
def _asset(name: str) -> str:
    return (files("framing.report") / "assets" / name).read_text(encoding="utf-8")
