"""Results -> report: everything it shows, put together from stores and rooms.

The shape is given to it elsewhere: `framing.report` makes a page and figures of it.
"""

from framing.reporting.files import (
    check_places,
    report_command,
    report_files,
    write_files,
)
from framing.reporting.options import ReportOptions
from framing.reporting.run import make_report

__all__ = [
    "ReportOptions",
    "check_places",
    "make_report",
    "report_command",
    "report_files",
    "write_files",
]
