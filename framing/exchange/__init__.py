"""Labels to and from other tools: doccano, Label Studio, Prodigy, tables.

    file -> members -> decisions -> taken -> settled -> plan -> label store
    labels -> files of the tool

A module per tool knows the shape of its files and nothing else: it reads decisions as
the file states them. What they are worth is decided in one place for all tools.
"""

from framing.exchange.decision import Log, Reading
from framing.exchange.exporting import Export, export_bytes, make_export
from framing.exchange.importing import (
    Coders,
    Import,
    check_names,
    plan_import,
    read_import,
    write_import,
)
from framing.exchange.taking import Rules, code_names
from framing.exchange.tools import TOOLS

__all__ = [
    "TOOLS",
    "Coders",
    "Export",
    "Import",
    "Log",
    "Reading",
    "Rules",
    "check_names",
    "code_names",
    "export_bytes",
    "make_export",
    "plan_import",
    "read_import",
    "write_import",
]
