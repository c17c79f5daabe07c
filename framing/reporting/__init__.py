"""Results -> report: everything it shows, put together from stores and rooms.

The shape is given to it elsewhere: `framing.report` makes a page and figures of it.
"""

from framing.reporting.options import ReportOptions
from framing.reporting.run import make_report

__all__ = ["ReportOptions", "make_report"]
