"""Codes and sources as the page names and numbers them."""

from dataclasses import dataclass

from framing.report.content import Report

KINDS = 8
"""Fills (a colour and a pattern each) before they begin anew."""


@dataclass(frozen=True)
class Named:
    """A code or source: `number` is its place in the report, `kind` its fill."""

    name: str
    title: str
    number: int
    about: str = ""

    @property
    def kind(self) -> int:
        """Return which of the fills it has."""
        return self.number % KINDS


def name_codes(report: Report) -> dict[str, Named]:
    """Return the codes in codebook order, by name."""
    return {
        about.code: Named(about.code, about.title or about.code, k, about.definition)
        for k, about in enumerate(report.codes)
    }


def name_sources(report: Report) -> dict[str, Named]:
    """Return the sources in the order of the mix, then any others, by name."""
    seen = [
        *report.mix["source"],
        *report.periods["source"],
        *report.stance["source"],
        *(piece.source for piece in report.evidence),
    ]
    return {s: Named(s, s, i) for i, s in enumerate(dict.fromkeys(seen))}
